#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A slip in the configuration: file, group, key and the nearest known key are
# named where people look, what was right before stays in force, and the
# agent lives, also when it was started with it.
. "${0%/*}/../lib.sh"

sink isp here 127.0.0.1 2600
configure masqmail.conf '[General]' HostName=laptop.test
configure routes/isp.conf '[Relay]' Host=127.0.0.1 Port=2600 Tls=never \
	Insecure=yes
configure profiles/default.conf '[Use]' Routes=isp Trust=yes
network home 10.1.0.1/24 02:00:00:00:01:01
join home 10.1.0.2/24
start_agent

log_has()
{
	grep -q -- "$1" "$HOME/agent.log"
}

# names FILE GROUP KEY NEAREST: in masqctl reload, in status and in the log.
names()
{
	local word text

	never masqctl reload >"$scratch/reload" 2>&1
	masqctl status >"$scratch/status"
	for text in "$scratch/reload" "$scratch/status" "$HOME/agent.log"; do
		for word in "$@"; do
			grep -qF -- "$word" "$text" ||
				{ echo "no $word"; cat "$text"; return 1; }
		done
	done
}

# The reload is refused: the old settings are in force.
configure profiles/default.conf '[Use]' Rotues=other Trust=yes
names profiles/default.conf '[Use]' Rotues Routes
cat "$scratch/reload"
send "$me@laptop.test" bob@far.test 'by the old settings'
eventually sink_has isp 'by the old settings'

# A route's file is read by its worker too: mail for it waits, and says why.
no_worker()
{
	! pgrep -x smtp-out >/dev/null
}
eventually no_worker
configure routes/isp.conf '[Relay]' Hots=10.9.9.9 Port=2600 Tls=never
names routes/isp.conf '[Relay]' Hots Host
send "$me@laptop.test" bob@far.test 'waits for its route'
eventually sh -c 'masqctl queue --json | grep -q "has no key Hots"'
never sink_has isp 'waits for its route'

# The same by the file alone, which is watched, and by SIGHUP.
configure masqmail.conf '[Generall]' HostName=other.test
eventually log_has Generall
configure masqmail.conf '[General]' HostName=laptop.test SizeLimit=lots
reload_agent
eventually log_has SizeLimit
names masqmail.conf SizeLimit lots
cat "$scratch/reload"

# Started with it: it serves, and mail waits rather than goes astray.
configure masqmail.conf '[General]' HostNam=laptop.test
stop_agent
start_agent
names routes/isp.conf '[Relay]' Hots Host masqmail.conf '[General]' HostNam
masqctl routes | grep broken >/dev/null
send "$me@laptop.test" "$me@laptop.test" 'to myself'
eventually sh -c 'masqctl queue --json | grep -q "has no key HostNam"'

# Put right, all is well again.
configure masqmail.conf '[General]' HostName=laptop.test
configure routes/isp.conf '[Relay]' Host=127.0.0.1 Port=2600 Tls=never \
	Insecure=yes
configure profiles/default.conf '[Use]' Routes=isp Trust=yes
masqctl reload
never sh -c 'masqctl status | grep -q "isp.conf"'
send "$me@laptop.test" bob@far.test 'by the new settings'
eventually sink_has isp 'by the new settings'

# A value that cannot be is told with the name of its file, too.
configure routes/isp.conf '[Relay]' Host=10.9.9.9 Tls=never
names routes/isp.conf Insecure
configure routes/isp.conf '[Relay]' Host=127.0.0.1 '[Rewrite]' From=::::
names routes/isp.conf '[Rewrite]' 'no rule'
configure routes/isp.conf '[Relay]' Host=127.0.0.1
configure profiles/default.conf '[Use]' Routes=isp
configure masqmail.conf '[General]' HostName=laptop.test Listen=lan:25x
masqctl reload
masqctl log | grep 'Listen=lan:25x' >/dev/null
