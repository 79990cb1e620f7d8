#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Garbage on every socket, and in the drop directory: it costs whoever sends
# it their connection. The same engine goes on, in bounded memory, and serves
# everybody else meanwhile.
. "${0%/*}/../lib.sh"

configure masqmail.conf '[General]' HostName=laptop.test \
	Listen=loopback:2525
start_agent
engine=$(pgrep -P "$(cat "$HOME/agent.pid")")
garbage=$top_srcdir/tests/scenarios/garbage.py

# Somebody else, all the time, and how long they wait at most.
touch "$scratch/load"
meanwhile()
{
	local n=0

	while [ -e "$scratch/load" ]; do
		timeout 10 bash -c 'printf "Subject: meanwhile\n\nx\n" |
			sendmail -i -f "$1" "$1"' - "$me@laptop.test"
		n=$((n + 1))
		sleep 0.2
	done
	echo "$n messages meanwhile"
	echo $n >"$scratch/meanwhile"
}
meanwhile &
other=$!

for attack in truncated flipped binary long roles deaf; do
	"$PYTHON3" "$garbage" $attack
done
"$PYTHON3" "$garbage" smtp "$me@laptop.test"

mkfifo "$scratch/hold"
"$PYTHON3" "$garbage" many <"$scratch/hold" >"$scratch/many" &
many=$!
exec 3>"$scratch/hold"
eventually grep -q connections "$scratch/many"
timeout 10 bash -c 'printf "Subject: crowded\n\nx\n" |
	sendmail -i -f "$1" "$1"' - "$me@laptop.test"
exec 3>&-
wait $many

# Whatever lies in the drop directory, what is good is taken.
"$PYTHON3" "$garbage" drop "$spool/drop"
send "$me@laptop.test" "$me@laptop.test" 'after all that'
eventually maildir_has 'after all that'
maildir_has crowded
never maildir_has 'Subject: cut'

rm "$scratch/load"
wait $other
eventually delivered_to_maildir $(($(cat "$scratch/meanwhile") + 2))
is_exactly "$engine" "$(pgrep -P "$(cat "$HOME/agent.pid")" -f '^engine')"
peak=$(awk '/^VmHWM/ { print $2 }' "/proc/$engine/status")
echo "the engine took at most $peak KiB"
[ -n "${SANITIZED-}" ] || [ "$peak" -lt 32768 ]
