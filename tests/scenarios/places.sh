#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The agent knows where it is: by the gateway, not by its address; by the
# better way out when there are two; by a VPN on top; and a choice by hand
# holds as long as it said, also over a restart. What is not trusted is told
# nothing in clear.
. "${0%/*}/../lib.sh"

network home 10.1.0.1/24 02:00:00:00:01:01
network cafe 10.1.0.1/24 02:00:00:00:07:07
network dock 10.2.0.1/24 02:00:00:00:02:01
sink lan home 10.1.0.1
sink spy cafe 10.1.0.1
configure routes/lan.conf '[Relay]' Host=10.1.0.1 Port=25 Tls=never \
	Insecure=yes
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=lan Trust=yes
configure profiles/Work.conf '[Match]' 'Gateway=02:00:00:00:02:01'
configure profiles/Corp.conf '[Match]' 'Vpn=corp*' '[Use]' Routes=lan

profile_is()
{
	masqctl status --json | grep "\"profile\": *\"$1\"" >/dev/null
}

says()
{
	local text=$1

	shift
	masqctl "$@" | grep -F -- "$text" >/dev/null
}

start_agent
eventually says 'There is no network' status
send ada@home.test bob@far.test first

# The same addresses, another router: not home, and nothing is said.
join cafe 10.1.0.2/24
eventually says 'no profile matches it' networks
says 'No profile is known for this network' explain bob@far.test
leave cafe
join home 10.1.0.2/24
eventually sink_has lan first
profile_is Home

# A pin names the profile, not the trust.
# What decided, sign by sign, and what would be at another place.
says '+ gateway 10.1.0.1 02:00:00:00:01:01 (32)' explain bob@far.test
says 'Only "Home" matches here, score 32.' explain bob@far.test
says 'home 10.1.0.2/24' explain bob@far.test
says 'If Work were chosen here' explain bob@far.test --profile Work
says '- gateway MAC 02:00:00:00:02:01 (32)' networks --profile Work
says 'If offline were chosen here: 0 messages could go' networks \
	--profile offline
leave home
eventually profile_is ''
masqctl profile Home --until changed
join cafe 10.1.0.2/24
eventually profile_is Home
send ada@home.test bob@far.test second
eventually says 'this network is not trusted with' explain bob@far.test
says 'chosen by hand' networks
stop_agent
start_agent
eventually profile_is Home
eventually says 'this network is not trusted with' explain bob@far.test
never sink_has spy second

# Until the network changes: not a pulled cable, another network.
masqctl profile offline
profile_is offline || profile_is ''
says '"offline" was chosen by hand' networks
leave cafe
sleep 1.5
join cafe 10.1.0.2/24
sleep 1.5
says '"offline" was chosen by hand' networks
leave cafe
join home 10.1.0.2/24
eventually profile_is Home
eventually sink_has lan second

# Two ways out: the better one says where we are.
ip address add 10.2.0.2/24 dev dock
ip link set dock up
ip route add default via 10.2.0.1 dev dock metric 50
ip route change default via 10.1.0.1 dev home metric 600 2>/dev/null || {
	ip route del default via 10.1.0.1 dev home
	ip route add default via 10.1.0.1 dev home metric 600
}
eventually profile_is Work
says 'the preferred way out' networks
ip link set dock down
eventually profile_is Home

# A VPN on top of it is heavier than any place.
if ip tuntap add corp0 mode tun 2>/dev/null; then
	ip link set corp0 up
	"${PYTHON3:-python3}" - <<-'END' &
	import fcntl, struct, time
	tun = open('/dev/net/tun', 'r+b', buffering=0)
	fcntl.ioctl(tun, 0x400454ca, struct.pack('16sH', b'corp0', 0x1001))
	time.sleep(60)
	END
	vpn=$!
	ip address add 10.9.9.2/32 dev corp0
	eventually profile_is Corp
	says 'fits better, score 64' networks
	kill $vpn
	eventually profile_is Home
fi
leave home
eventually profile_is ''
