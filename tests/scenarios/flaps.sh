#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A loose plug: the link goes down and up a thousand times in ten seconds,
# its default route with it. That is no thousand arrivals: the agent follows
# at most a few times, works little, keeps nothing of it, and is where it
# should be soon after. Then a cable, a VLAN and WireGuard come on top, where
# this kernel has them.
. "${0%/*}/../lib.sh"

network home 10.1.0.1/24 02:00:00:00:01:01
network dock 10.2.0.1/24 02:00:00:00:02:01
sink isp home 10.1.0.1
configure routes/isp.conf '[Relay]' Host=10.1.0.1 Port=25 Tls=never \
	Insecure=yes
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=isp Trust=yes
configure profiles/Dock.conf '[Match]' 'Gateway=10.2.0.1 02:00:00:00:02:01'
configure profiles/Corp.conf '[Match]' 'Vpn=wg*'
start_agent
engine=$(pgrep -P "$(cat "$HOME/agent.pid")" -x engine)

profile_is()
{
	masqctl status --json | grep "\"profile\": *\"$1\"" >/dev/null
}
switches() { grep -c ': profile ' "$HOME/agent.log" || :; }
files() { ls "/proc/$engine/fd" | wc -l; }
files_are() { is_exactly "$(files)" "$1"; }
memory() { awk '$1 == "VmData:" { print $2 }' "/proc/$engine/status"; }
# In hundredths of a second.
worked() { awk '{ print $14 + $15 }' "/proc/$engine/stat"; }

flap()
{
	local i

	for i in 1 2 3 4 5 6 7 8 9 10; do
		echo link set home down
		echo link set home up
		echo route add default via 10.1.0.1 dev home
	done | ip -batch - >/dev/null
}
flap_often()
{
	local i

	for ((i = 0; i < 100; i++)); do
		flap
		sleep 0.05
	done
}

join home 10.1.0.2/24
eventually profile_is Home
flap_often
eventually profile_is Home
files=$(files)
memory=$(memory)
before=$(switches)
worked=$(worked)
flap_often
worked=$(($(worked) - worked))
eventually profile_is Home
after=$(switches)
echo "switches: $((after - before)), worked: $worked hundredths of a second," \
	"memory: $memory KB before, $(memory) after"
[ $((after - before)) -le 6 ]
eventually files_are "$files"
[ -n "${SANITIZED-}" ] || {
	[ "$worked" -lt 500 ]
	[ "$(memory)" -le $((memory + 512)) ]
}
send ada@home.test bob@far.test 'after all that'
eventually sink_has isp 'after all that'

# Docked: the cable is the better way out while it is plugged in.
ip route del default dev home
ip route add default via 10.1.0.1 dev home metric 600
ip address add 10.2.0.2/24 dev dock
ip link set dock up
ip route add default via 10.2.0.1 dev dock metric 100
eventually profile_is Dock
if ip link add link home name home.7 type vlan id 7 2>/dev/null; then
	ip link set home.7 up
	ip link del home.7
else
	echo "this kernel has no VLANs"
fi
ip link set dock down
eventually profile_is Home
if ip link add wg0 type wireguard 2>/dev/null; then
	ip address add 10.9.9.2/32 dev wg0
	ip link set wg0 up
	eventually profile_is Corp
	ip link del wg0
	eventually profile_is Home
else
	echo "this kernel has no WireGuard"
fi
