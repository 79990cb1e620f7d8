#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In the guest of wifi-vm: the real agent walks between places with real
# nl80211 events. Networks: home (two access points), far (the name of home,
# another router), cafe (open).
set -eu
export HOME=/root XDG_CONFIG_HOME=/root/conf XDG_STATE_HOME=/root/state
export XDG_RUNTIME_DIR=/run/root MASQMAIL_LIBEXEC=/usr/libexec/masqmail
conf=$XDG_CONFIG_HOME/masqmail
log=/root/agent.log
mkdir -p "$conf/routes" "$conf/profiles" "$XDG_STATE_HOME" /root/sink
mkdir -p -m 700 "$XDG_RUNTIME_DIR"

failed()
{
	echo "places: FAILED"
	cat "$log"
	masqctl networks
	masqctl queue
}
trap failed EXIT

say()
{
	read -r up _ </proc/uptime
	echo "[$up] $*"
}

# Try until it succeeds, but not for ever: an emulated machine is slow.
eventually()
{
	tries=300
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { echo "it never came: $*"; exit 1; }
		sleep 0.1
	done
}

profile_is()
{
	masqctl status --json | grep -q "\"profile\": *\"$1\""
}

waits()
{
	masqctl explain ada@far.example | grep -q "$1"
}

sink_has()
{
	grep -rq "Subject: $1" /root/sink
}

send()
{
	printf 'From: root@laptop\nTo: ada@far.example\nSubject: %s\n\nx\n' \
		"$1" | sendmail -i ada@far.example
}

switches()
{
	grep -c ': profile ' "$log" || :
}

wakeups()
{
	awk '$1 == "voluntary_ctxt_switches:" { print $2 }' \
		"/proc/$engine/status"
}

# The smallest SMTP server, one file a message.
cat >/root/serve <<'END'
#!/bin/sh
echo "220 home"
while read -r line; do
	case $line in
	[Dd][Aa][Tt][Aa]*)
		echo "354 go on"
		while read -r line && [ "${line%?}" != . ]; do
			echo "$line"
		done >"/root/sink/$$"
		echo "250 2.0.0 kept" ;;
	[Qq][Uu][Ii][Tt]*)
		echo "221 2.0.0 bye"
		exit ;;
	*)
		echo "250 2.0.0 ok" ;;
	esac
done
END
chmod 755 /root/serve
wifi-at home nc -ll -p 25 -e /root/serve &

# A relay in clear text: only where the place is known for sure.
printf '[Relay]\nHost=10.0.1.1\nPort=25\nTls=never\nInsecure=yes\n' \
	>"$conf/routes/lan.conf"
printf '[Match]\nSsid=home\nGateway=02:00:00:00:00:00\n' \
	>"$conf/profiles/Home.conf"
printf '[Use]\nRoutes=lan\nTrust=yes\n' >>"$conf/profiles/Home.conf"
printf '[Match]\nSsid=cafe\n[Use]\nRoutes=lan\nTrust=yes\n' \
	>"$conf/profiles/Cafe.conf"
printf '[Match]\nVpn=wg*\n' >"$conf/profiles/Corp.conf"
masqmaild --user </dev/null >"$log" 2>&1 &
eventually masqctl status 2>/dev/null

say "offline, mail waits"
profile_is "" || profile_is offline
send one
waits "There is no network"

say "home is recognised by its name and its gateway"
wifi-join home
eventually profile_is Home
eventually sink_has one
masqctl networks | grep 'Wi-Fi name "home"'
masqctl networks | grep 'gateway MAC 02:00:00:00:00:00'

say "roaming is no switch"
sleep 12
before=$(switches)
wifi-roam home
send two
eventually sink_has two
profile_is Home
[ "$(switches)" = "$before" ]

say "the name of home with another router is not home"
wifi-join far
eventually waits "No profile is known for this network"
send three
sleep 2
! sink_has three

say "at the cafe nothing is said in clear"
wifi-join cafe
eventually profile_is Cafe
eventually waits "which this network is not trusted with"

say "while nothing changes nothing wakes, whatever the air carries"
sleep 10
engine=$(pidof engine)
before=$(wakeups)
ping -c 10 10.0.3.1 >/dev/null
after=$(wakeups)
echo "$before $after"
[ "$before" = "$after" ]

say "out of range, and back"
wifi-range cafe out
eventually waits "There is no network"
wifi-range cafe in
eventually wifi-status
wifi-join cafe
eventually profile_is Cafe
! sink_has three

say "two weeks of sleep: all is looked at anew, and no message is older"
date -s "@$(($(date +%s) + 1209600))" >/dev/null
eventually profile_is Cafe
eventually waits "which this network is not trusted with"
masqctl queue | grep 'three'
! grep ': failed ' "$log"

say "a VPN and a VLAN on top of it all"
ip link add wg0 type wireguard
ip address add 10.9.9.2/32 dev wg0
ip link set wg0 up
eventually profile_is Corp
ip link add link wlan1 name wlan1.7 type vlan id 7 && ip link set wlan1.7 up
ip link del wg0
eventually profile_is Cafe

say "home again: what waited goes"
wifi-join home
eventually profile_is Home
eventually sink_has three
trap - EXIT
say "places: all as expected"
