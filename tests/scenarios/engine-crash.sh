#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The engine itself is ended at a call that changes the queue, and the queue
# left as a power cut leaves it (tests/crash/preload.c says in which ways).
# It comes back, and all that sendmail answered with 0 arrives. A few points
# here; POINTS=all takes all of them (make check-crash).
. "${0%/*}/../lib.sh"

preload=$top_builddir/tests/crash/crash-preload.so
[ -e "$preload" ] || exit 77
modes=(keep drop names order torn zero)
step=4
[ "${POINTS-}" != all ] || step=1
patience=60

# The engine that reads its point once, and after that lives.
engine=$(readlink "$MASQMAIL_LIBEXEC/engine")
rm "$MASQMAIL_LIBEXEC/engine"
cat >"$MASQMAIL_LIBEXEC/engine" <<END
#!/bin/bash
echo \$\$ >$scratch/engine.pid
if mv $scratch/point $scratch/point.taken 2>/dev/null; then
	export \$(cat $scratch/point.taken) LD_PRELOAD=$preload
	export CRASH_DIR=$spool/queue CRASH_GRAVE=$spool/grave
fi
exec -a engine $engine "\$@"
END
chmod +x "$MASQMAIL_LIBEXEC/engine"

network home 10.1.0.1/24 02:00:00:00:01:01
sink relay home 10.1.0.1 25
configure routes/relay.conf '[Relay]' Host=10.1.0.1 Port=25 Tls=never \
	Insecure=yes
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=relay Trust=yes
join home 10.1.0.2/24
mkdir -p "$spool/grave"
head -c 300000 /dev/zero | tr '\0' x | fold -w 70 >"$scratch/large"

hand_in()
{
	send ada@laptop.test "$2" "token-$1." 2>/dev/null &&
		echo "token-$1." >>"$scratch/ledger"
	return 0
}

hand_in_large()
{
	{
		printf 'From: ada@laptop.test\nSubject: token-%s.\n\n' "$1"
		cat "$scratch/large"
	} >"$scratch/letter"
	sendmail -i -f ada@laptop.test "$me" <"$scratch/letter" 2>/dev/null &&
		echo "token-$1." >>"$scratch/ledger"
	return 0
}

is_over()
{
	! kill -0 "$1" 2>/dev/null || queue_has 0 2>/dev/null
}

# Two lives: one that is cut short at the point, if it comes to it, and one in
# which all that is left arrives.
live_until()
{
	local pid

	echo "CRASH_AT=$1 CRASH_MODE=$2" >"$scratch/point"
	start_agent_to_die
	pid=$(cat "$scratch/engine.pid")
	hand_in "$1-$2-1" "$me"
	hand_in "$1-$2-2" bob@far.test
	hand_in_large "$1-$2-3"
	hand_in "$1-$2-4" "$me"
	eventually is_over "$pid"
	kill -0 "$pid" 2>/dev/null || deaths=$((deaths + 1))
	kill_agent 2>/dev/null
	start_agent
	masqctl flush >/dev/null
	eventually queue_has 0
	eventually no_drops
	kill_agent 2>/dev/null
	rm -f "$spool"/grave/*
}

# It may die before it answers.
start_agent_to_die()
{
	masqmaild --user </dev/null >>"$HOME/agent.log" 2>&1 &
	echo $! >"$HOME/agent.pid"
	eventually test -e "$scratch/point.taken"
	rm "$scratch/point.taken"
}

no_drops()
{
	is_exactly "$(count "$spool"/drop/*)" 0
}

# In short each mode has its turn, at every fourth point.
deaths=0 turn=0
for ((at = 1; at < 46; at += step)); do
	if [ $step -eq 1 ]; then
		for mode in "${modes[@]}"; do
			live_until $at "$mode"
		done
	else
		live_until $at "${modes[turn++ % ${#modes[@]}]}"
	fi
done

subjects()
{
	grep -rhoE 'Subject: token-[^ ]*' "$scratch/relay.mail" \
		"$HOME/Maildir/new"
}
lost=0
while read -r token; do
	grep -rqF "$token" "$scratch/relay.mail" "$HOME/Maildir/new" ||
		{ echo "lost: $token"; lost=$((lost + 1)); }
done <"$scratch/ledger"
echo "$(wc -l <"$scratch/ledger") acknowledged, $deaths deaths, $lost lost"
is_exactly $lost 0
[ $deaths -gt 5 ]

# At most one more copy for a death.
subjects | sort | uniq -c | sort -rn | sed -n 1,3p
is_exactly "$(subjects | sort | uniq -c | awk '$1 > 2' | wc -l)" 0

# The large ones are whole.
lines=$(grep -c . "$scratch/large")
for letter in $(grep -l '^xxxxx' "$HOME"/Maildir/new/*); do
	is_exactly "$(grep -c '^x' "$letter")" "$lines"
done
