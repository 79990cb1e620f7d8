#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Which mail takes the next route after an attempt: what a server will not
# take because of who we are, and what could not be handed to it at all. A
# recipient or message that is refused for itself comes back at once. With
# OnConnectError=bounce mail comes back that no other route takes.
. "${0%/*}/../lib.sh"

network home 10.1.0.1/24 02:00:00:00:01:01
for name in strict picky isp dead; do
	host "smtp.$name.test" 10.1.0.1
done
sink strict home 10.1.0.1 2525 -f RCPT -B '550 5.7.1 relaying denied'
sink picky home 10.1.0.1 2526 -f RCPT -B '550 5.1.1 no such user'
sink isp home 10.1.0.1 2527

route()
{
	local name=$1 port=$2

	shift 2
	configure "routes/$name.conf" "$@" '[Relay]' "Host=smtp.$name.test" \
		"Port=$port" Tls=if-possible "${relay[@]}"
}
relay=()
route strict 2525 '[Match]' 'Recipients=*@far.test;*@last.test'
route picky 2526 '[Match]' 'Recipients=*@picky.test'
relay=(OnConnectError=bounce)
route dead 2599 '[Match]' 'Recipients=*@dead.test;*@other.test'
relay=()
route isp 2527 '[Match]' \
	'Recipients=*@far.test;*@picky.test;*@other.test'
configure masqmail.conf '[General]' HostName=laptop.test
configure profiles/Home.conf '[Match]' 'Gateway=10.1.0.1' \
	'[Use]' 'Routes=strict;picky;dead;isp' Trust=yes
start_agent
join home 10.1.0.2/24

# "Relaying denied" is about us: the next route has it.
send "$me@laptop.test" bob@far.test 'refused by strict'
eventually sink_has isp 'refused by strict'
eventually queue_has 0
masqctl log --to bob@far.test | grep -q 'route isp'

# "No such user" is about the recipient: no other route is asked.
send "$me@laptop.test" bob@picky.test 'refused by picky'
eventually maildir_has 'no such user'
never sink_has isp 'refused by picky'

# Refused by the last one, it comes back in the end.
send "$me@laptop.test" bob@last.test 'refused by all'
eventually queue_has 1
masqctl explain "$(masqctl queue --json | "$PYTHON3" -c 'import json, sys
print(json.load(sys.stdin)[0]["id"])')" | grep -q 'Route "strict"'
masqctl delete --all >/dev/null

# Nobody answers: mail comes back, unless another route takes it.
send "$me@laptop.test" bob@dead.test 'nobody there'
eventually maildir_has 'returns mail then, and no other route takes it'
send "$me@laptop.test" bob@other.test 'somebody there'
eventually sink_has isp 'somebody there'
