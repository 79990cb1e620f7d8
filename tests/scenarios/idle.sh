#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# While there is nothing to do no process of ours wakes up: not with an empty
# queue, not with one that waits for a network, and not because the neighbours
# on a busy LAN come and go. IDLE_SECONDS=60 looks longer.
. "${0%/*}/../lib.sh"

seconds=${IDLE_SECONDS:-8}
network cafe 10.9.0.1/24 02:00:00:00:09:01
start_agent
configure ../../second/.config/masqmail/profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01'
as second start_agent
as second send ada@home.test bob@far.test 'waits for a network'

ours()
{
	local agent

	for agent in "$(cat "$scratch/home/agent.pid")" \
		"$(cat "$scratch/second/agent.pid")"; do
		echo "$agent"
		pgrep -P "$agent"
	done
}

# A process that returned from poll() has run, and one that has run was
# switched to: one line for each thread of ours.
switches()
{
	local pid

	for pid in $(ours); do
		grep -H ctxt_switches "/proc/$pid"/task/*/status
	done
}

# Two agents of two processes each, the engines with one more thread.
settled()
{
	is_exactly "$(ours | wc -l)" 4 && before=$(switches) && sleep 1 &&
		is_exactly "$(switches)" "$before"
}

neighbours_come_and_go()
{
	local i

	while sleep 0.1; do
		i=$((RANDOM % 200 + 10))
		ip neighbour replace "10.9.0.$i" lladdr 02:00:00:00:00:aa \
			dev cafe nud reachable
		ip neighbour delete "10.9.0.$i" dev cafe
	done
}

nobody_wakes()
{
	local before

	eventually settled
	before=$(switches)
	sleep "$1"
	diff <(echo "$before") <(switches)
}

memory()
{
	local pid

	for pid in "$@"; do
		cat "/proc/$pid/smaps_rollup"
	done | awk '/^Pss:/ { sum += $2 } END { print sum }'
}

# Offline; then in a foreign network with much ado.
nobody_wakes 2
join cafe 10.9.0.2/24
eventually sh -c 'masqctl networks | grep -q 02:00:00:00:09:01'
neighbours_come_and_go &
noise=$!
nobody_wakes "$seconds"
kill $noise
is_exactly "$(switches | wc -l)" 12
as second queue_has 1

as second stop_agent
agent=$(cat "$HOME/agent.pid")
pss=$(memory "$agent" "$(pgrep -P "$agent")")
echo "one agent takes $pss KiB"
[ -n "${SANITIZED-}" ] || [ "$pss" -lt 6144 ]
