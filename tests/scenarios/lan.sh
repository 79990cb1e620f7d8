#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Mail for the LAN never waits for the online state: it goes by the permanent
# route over a link without any way beyond, while mail for elsewhere waits;
# it goes with "offline" chosen by hand; it never leaves by the smart host.
# Single addresses are exceptions of the local names, both ways.
. "${0%/*}/../lib.sh"

network lan 10.7.0.1/24 02:00:00:00:07:01
sink box lan 10.7.0.1 2525
host box.lan.test 10.7.0.1
host smtp.isp.test 10.7.0.1
configure masqmail.conf '[General]' HostName=laptop.test \
	'LocalNets=*.lan.test;10.7.0.0/24' 'PermanentRoutes=near;lan' \
	'LocalAddresses=ada@isp.test' 'NotLocalAddresses=boss@laptop.test'
configure routes/lan.conf '[Relay]' Host=box.lan.test Port=2525 \
	Tls=if-possible
configure routes/near.conf '[Match]' 'Recipients=*@[10.7.*' '[Relay]' \
	Port=2525 Tls=if-possible
configure routes/isp.conf '[Relay]' Host=smtp.isp.test Port=2526
configure profiles/Lan.conf '[Match]' Subnet=10.7.0.0/24 '[Use]' Trust=yes
start_agent

waits_because()
{
	masqctl queue --json | grep -qF -- "$1"
}

# No cable: both wait, and say why.
send "$me@laptop.test" ada@box.lan.test 'to the printer'
send "$me@laptop.test" bob@far.test 'to the world'
eventually queue_has 2
eventually waits_because 'No link to the local network is up'
never sink_has box printer
masqctl explain ada@box.lan.test >"$scratch/explained"
grep -q 'It is for the local network; the permanent routes: near, lan' \
	"$scratch/explained"

# A cable that leads nowhere else.
ip address add 10.7.0.2/24 dev lan
ip link set lan up
eventually sink_has box 'to the printer'
eventually queue_has 1
eventually waits_because 'No route of the profile \"Lan\" takes this mail'
never sink_has box 'to the world'
masqctl explain ada@box.lan.test | grep -q 'Route "lan" takes it'

# A host by its address, direct.
send "$me@laptop.test" 'ada@[10.7.0.1]' 'by address'
eventually sink_has box 'by address'
masqctl log address | grep -q 'route near'

# Everything is kept here by hand, but for the LAN.
masqctl profile offline >/dev/null
send "$me@laptop.test" ada@box.lan.test 'although offline'
eventually sink_has box 'although offline'
masqctl profile auto >/dev/null

# An address of ours elsewhere comes here, one of our name leaves.
send "$me@laptop.test" "boss@laptop.test" 'to the boss'
eventually queue_has 2
masqctl explain boss@laptop.test |
	grep -q 'boss@laptop.test is one of NotLocalAddresses'
masqctl explain ada@isp.test >"$scratch/explained"
grep -q 'ada@isp.test is one of LocalAddresses' "$scratch/explained"
grep -q 'mailbox of ada' "$scratch/explained"

# A route that takes no mail for the LAN does not let it out to the world.
configure routes/lan.conf '[Match]' 'Recipients=*@other.lan.test' \
	'[Relay]' Host=box.lan.test Port=2525 Tls=if-possible
masqctl reload >/dev/null
send "$me@laptop.test" ada@box.lan.test 'kept in'
eventually waits_because 'no permanent route takes it'
never sink_has box 'kept in'
