#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two known networks, each with its own smart host behind TLS and a login:
# mail flows while the machine moves between them, each message leaves by
# the route of the network it is on, and none is lost.
. "${0%/*}/../lib.sh"

messages=${MESSAGES:-60}
network home 10.1.0.1/24 02:00:00:00:01:01
network work 10.2.0.1/24 02:00:00:00:02:01
submission isp home 10.1.0.1 smtp.isp.test ada geheim
submission corp work 10.2.0.1 smtp.corp.test ada.l topsecret
host smtp.isp.test 10.1.0.1
host smtp.corp.test 10.2.0.1

place()
{
	configure "routes/$2.conf" '[Relay]' "Host=$3" "User=$4" \
		"CaFile=$ca" "Owner=$me"
	secret "$2" "$5"
	configure "profiles/$1.conf" '[Match]' "Gateway=$6" '[Use]' "Routes=$2"
}
place Home isp smtp.isp.test ada geheim '10.1.0.1 02:00:00:00:01:01'
place Work corp smtp.corp.test ada.l topsecret '10.2.0.1 02:00:00:00:02:01'
start_agent

for ((i = 0; i < messages; i++)); do
	send ada@home.test "bob$i@far.test" "early-$i."
done
queue_has "$messages"

# From the default route to the first mail that has left by it.
visit()
{
	local begin

	send ada@home.test carol@far.test "for-$3-$4."
	begin=$(date +%s%N)
	join "$1" "$2"
	eventually sink_has "$3" "for-$3-$4."
	echo "$1: mail went after $((($(date +%s%N) - begin) / 1000000)) ms"
	leave "$1"
}

mail_all_the_time()
{
	local i=0

	while [ -e "$scratch/load" ]; do
		i=$((i + 1))
		send ada@home.test dave@far.test "late-$i."
		echo "late-$i." >>"$scratch/ledger"
	done
}
touch "$scratch/load"
mail_all_the_time &
visit home 10.1.0.2/24 isp 1
visit work 10.2.0.2/24 corp 2
visit home 10.1.0.2/24 isp 3
rm "$scratch/load"
wait $!
join work 10.2.0.2/24
eventually queue_has 0

for ((i = 0; i < messages; i++)); do
	sink_has isp "early-$i." || sink_has corp "early-$i."
done
while read -r token; do
	sink_has isp "$token" || sink_has corp "$token"
done <"$scratch/ledger"
echo "$(wc -l <"$scratch/ledger") messages handed in on the way"
never sink_has isp for-corp
never sink_has corp for-isp
