#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Conditions choose among three routes when the mail is to go; LastRoute
# waits for its own; an owner edits recipients and sender, and sends one
# message by another route; both survive a restart. Each route writes our
# own addresses its way, and the queue keeps what was handed in.
. "${0%/*}/../lib.sh"

network home 10.1.0.1/24 02:00:00:00:01:01
for name in isp work big; do
	host "smtp.$name.test" 10.1.0.1
done
sink isp home 10.1.0.1 2525
sink work home 10.1.0.1 2526
sink big home 10.1.0.1 2527

# The wire is a known one, so that its plain servers may be used.
route()
{
	local name=$1 port=$2

	shift 2
	configure "routes/$name.conf" "$@" '[Relay]' "Host=smtp.$name.test" \
		"Port=$port" Tls=if-possible
}
route work 2526 '[Match]' 'From=*@work.test' 'NotSenders=<>' \
	'[Rewrite]' "From=$me:first.last@work.test"
route big 2527 '[Match]' MinSize=20K
route isp 2525 '[Rewrite]' Domain=home.test
configure masqmail.conf '[General]' HostName=laptop.test
configure profiles/Home.conf '[Match]' 'Gateway=10.1.0.1' \
	'[Use]' 'Routes=work;big;isp' Trust=yes
start_agent
join home 10.1.0.2/24

id_of()
{
	masqctl queue --json | "$PYTHON3" -c 'import json, sys
print([m["id"] for m in json.load(sys.stdin)
       if m["subject"] == sys.argv[1]][0])' "$1"
}

in_queue()
{
	masqctl queue --json | grep -qF -- "\"subject\":\"$1\""
}

# By the From header, by size, and what is left.
send ada@work.test bob@far.test 'for work'
head -c 30000 /dev/zero | tr '\0' x | fold >"$scratch/body"
{ printf 'Subject: large one\n\n'; cat "$scratch/body"; } >"$scratch/large"
send "$me@laptop.test" bob@far.test '' "$scratch/large"
send "$me@laptop.test" bob@far.test 'for the isp'
eventually sink_has work 'for work'
eventually sink_has big 'large one'
eventually sink_has isp 'for the isp'
eventually queue_has 0

# Our own addresses, by domain in one route and untouched in another.
sink_has isp "X-Mail-Args: <$me@home.test>"
sink_has isp "From: $me@home.test"
sink_has isp 'To: bob@far.test'
sink_has big "X-Mail-Args: <$me@laptop.test>"

# What takes only the last route waits for it.
configure routes/work.conf '[Match]' 'From=*@work.test' 'Vpn=tun*' \
	LastRoute=yes '[Relay]' Host=smtp.work.test Port=2526 \
	Tls=if-possible
masqctl reload >/dev/null
send ada@work.test ben@far.test 'waits for the tunnel'
send ada@work.test carol@far.test 'goes another way'
eventually queue_has 2
masqctl queue --json | grep -q 'only while the VPN tun\* is up'
masqctl explain bob@far.test --from ada@work.test |
	grep -q 'It says LastRoute'
masqctl explain bob@far.test --from ada@work.test --size 1M |
	grep -q 'It says LastRoute'
masqctl explain bob@far.test --size 1M | grep -q 'Route "big" takes it'

# Edits, on one that waits.
edited=$(id_of 'waits for the tunnel')
masqctl edit "$edited" --add dave@far.test,eve@far.test \
	--remove ben@far.test --sender "$me@laptop.test"
masqctl show "$edited" >"$scratch/shown"
grep -q dave@far.test "$scratch/shown"
never masqctl edit "$edited" --remove ben@far.test 2>"$scratch/why"
grep -q 'is not one who still waits' "$scratch/why"
never masqctl edit "$edited" --add 'no address' 2>"$scratch/why"
grep -q 'is not a mail address' "$scratch/why"
never masqctl edit "$edited" --remove dave@far.test,eve@far.test \
	2>"$scratch/why"
grep -q 'delete it instead' "$scratch/why"
never masqctl reroute nowhere "$edited" 2>"$scratch/why"
grep -q 'There is no route' "$scratch/why"
never masqctl reroute auto "$edited" 2>"$scratch/why"
grep -q 'Nobody chose a route' "$scratch/why"

# A route by hand, while there is no network: it is kept over a restart.
leave home
masqctl reroute isp "$edited"
stop_agent
start_agent
eventually queue_has 2
masqctl explain "$edited" | grep -q 'Its owner chose the route "isp"'
join home 10.1.0.2/24
eventually sink_has isp 'waits for the tunnel'
sink_has isp 'X-Rcpt-Args: <dave@far.test>'
sink_has isp 'X-Rcpt-Args: <eve@far.test>'
never sink_has isp 'X-Rcpt-Args: <ben@far.test>'
eventually queue_has 1

# ... and taken back again.
other=$(id_of 'goes another way')
masqctl hold "$other" >/dev/null
masqctl reroute isp "$other"
masqctl explain "$other" | grep -q 'Its owner chose the route "isp"'
masqctl reroute auto "$other"
masqctl release "$other" >/dev/null
masqctl queue --json | grep -q 'only while the VPN'
never sink_has isp 'goes another way'
never masqctl reroute isp "$edited" 2>"$scratch/why"
grep -q 'no such message' "$scratch/why"

# What is finished is found again: by words, sender, recipient, route, id.
found()
{
	masqctl log "$@" --json | "$PYTHON3" -c 'import json, sys
rows = [row for line in sys.stdin for row in json.loads(line)]
print(*sorted(row["subject"] for row in rows), sep=";")'
}
is_exactly "$(found TUNNEL waits)" 'waits for the tunnel'
is_exactly "$(found --from ada@work.test)" 'for work'
is_exactly "$(found --to eve@far.test)" 'waits for the tunnel'
is_exactly "$(found --route isp)" 'for the isp;waits for the tunnel'
is_exactly "$(found --route isp --limit 1)" 'waits for the tunnel'
is_exactly "$(found no such words)" ''
masqctl log tunnel >"$scratch/out"
grep -q 'ben@far.test=removed dave@far.test=delivered' "$scratch/out"
grep -q 'route isp, smtp.isp.test:2525, profile Home, home 10.1.0.2/24' \
	"$scratch/out"
masqctl log "$edited" | grep -q 'dave@far.test=delivered'
masqctl log --id "$edited" --since 1h | grep -q 'waits for the tunnel'
never masqctl log --id '!' 2>/dev/null
