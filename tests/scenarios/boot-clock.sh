#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The clock that counts since boot is another at each boot: two weeks ahead,
# as after a long sleep, then far behind. A message that waits at a place
# with a network grows no older by either, nobody is warned, and its route's
# clock goes on where it was.
. "${0%/*}/../lib.sh"

unshare --time --boottime 1209600 --monotonic 1209600 true || {
	echo "SKIP: this kernel has no time namespaces"
	exit 77
}
network home 10.1.0.1/24 02:00:00:00:01:01
configure routes/isp.conf '[Relay]' Host=10.1.0.1 Port=25 Tls=never \
	Insecure=yes
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=isp Trust=yes

profile_is()
{
	masqctl status --json | grep "\"profile\": *\"$1\"" >/dev/null
}
# tried N: so many attempts have failed, all by the server that is not there
tried()
{
	[ "$(grep -c 'route=isp fault=host' "$HOME/agent.log")" -ge "$1" ]
}
not_told()
{
	queue_has "$1"
	never grep -E ': (failed|returned) | by=report' "$HOME/agent.log"
	never test -e "$HOME/Maildir/new"
}
later_agent()
{
	unshare --time --boottime "$1" --monotonic "$1" masqmaild --user \
		</dev/null >>"$HOME/agent.log" 2>&1 &
	echo $! >"$HOME/agent.pid"
	eventually agent_answers
	eventually profile_is Home
}

join home 10.1.0.2/24
start_agent
eventually profile_is Home
send ada@home.test bob@far.test 'through the ages'
eventually queue_has 1
eventually tried 1
stop_agent
later_agent 1209600
eventually tried 2
not_told 1
send ada@home.test bob@far.test 'from the future'
eventually queue_has 2
stop_agent
start_agent
eventually profile_is Home
eventually tried 3
not_told 2
sink isp home 10.1.0.1
masqctl flush
eventually sink_has isp 'through the ages'
eventually sink_has isp 'from the future'
