#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Weeks on the real programs, under a clock that the test moves: two weeks
# without a network, two weeks with the lid closed, four days with a wrong
# password. Nothing is returned, nobody is warned for time that did not count,
# and a wrong password is told of once.
SCENARIO_SECONDS=${SCENARIO_SECONDS:-400}
. "${0%/*}/../lib.sh"
patience=90

# Preloaded before the sanitizers it would not do.
fake=$(echo /usr/lib/*/faketime/libfaketime.so.1)
[ -e "$fake" ] || { echo 'SKIP: no libfaketime here'; exit 77; }

# The engine alone lives in another time; its workers and their certificates
# do not. While the file "asleep" is there, time passes as in sleep: by the
# wall clock alone.
mv "$scratch/libexec/engine" "$scratch/libexec/real-engine"
cat >"$scratch/libexec/engine" <<-END
	#!/bin/sh
	[ ! -e '$scratch/asleep' ] || export FAKETIME_DONT_FAKE_MONOTONIC=1
	FAKETIME_TIMESTAMP_FILE='$spool/state/clock' FAKETIME_NO_CACHE=1 \\
	LD_PRELOAD='$fake' exec '$scratch/libexec/real-engine' "\$@"
END
chmod 755 "$scratch/libexec/engine"
mkdir -p "$spool/state"
chmod 700 "$spool" "$spool/state"

# later HOURS: so long after the beginning it is now. Local mail goes on, and
# it shows that the engine has looked.
ticks=0
later()
{
	echo "+$1h" >"$spool/state/.clock"
	mv "$spool/state/.clock" "$spool/state/clock"
	send "$me@laptop.test" "$me@laptop.test" "tick $1"
	ticks=$((ticks + 1))
	eventually has_subject 'tick ' $ticks
}

# has_subject TEXT N: so many in the mailbox
has_subject()
{
	local found

	found=$(grep -l "^Subject: $1" "$HOME"/Maildir/new/* | wc -l)
	is_exactly "$found" "$2"
}

# arrived ID: by the engine's own clock
arrived()
{
	masqctl show "$1" --json | "$PYTHON3" -c '
import json, sys
print(json.load(sys.stdin)["arrived"])'
}

queued_id()
{
	masqctl queue --json "$1" | "$PYTHON3" -c '
import json, sys
print(json.load(sys.stdin)[0]["id"])'
}

nobody_heard()
{
	has_subject 'Not delivered' 0
	has_subject 'Still not delivered' 0
}

network home 10.1.0.1/24 02:00:00:00:01:01
submission isp home 10.1.0.1 smtp.isp.test ada geheim
host smtp.isp.test 10.1.0.1
configure masqmail.conf '[General]' HostName=laptop.test
configure routes/isp.conf '[Relay]' Host=smtp.isp.test User=ada "CaFile=$ca"
secret isp geheim
configure profiles/default.conf '[Use]' Routes=isp Trust=yes
echo +0h >"$spool/state/clock"

# ---- two weeks without a network, awake
start_agent
send "$me@laptop.test" bob@far.test patience
for ((day = 1; day <= 14; day++)); do
	later $((day * 24))
done
send "$me@laptop.test" carol@far.test 'two weeks later'
first=$(arrived "$(queued_id to:bob)")
last=$(arrived "$(queued_id to:carol)")
[ $((last - first)) -gt $((13 * 86400)) ]
nobody_heard
join home 10.1.0.2/24
eventually sink_got isp 2
nobody_heard

# ---- a month without a network: held, and told here; never returned
leave home
send "$me@laptop.test" bob@far.test month
later 400
later $((400 + 31 * 24))
eventually has_subject 'Still not delivered' 1
is_held()
{
	masqctl queue is:held | grep -q month
}
eventually is_held
has_subject 'Not delivered' 0
masqctl release --all
join home 10.1.0.2/24
eventually sink_got isp 3

# ---- two weeks asleep, with the network there and a server that is not
stop_agent
touch "$scratch/asleep"
rm -r "$HOME/Maildir"
ticks=0
echo +1200h >"$spool/state/clock"
configure routes/isp.conf '[Relay]' Host=smtp.isp.test Port=2699 User=ada \
	"CaFile=$ca"
start_agent
send "$me@laptop.test" bob@far.test lid
was_tried()
{
	grep -q 'route=isp fault=' "$HOME/agent.log"
}
eventually was_tried
later $((1200 + 14 * 24))
nobody_heard
configure routes/isp.conf '[Relay]' Host=smtp.isp.test User=ada "CaFile=$ca"
sink_got_after()
{
	masqctl flush >/dev/null
	sink_got isp "$1"
}
eventually sink_got_after 4
nobody_heard

# ---- four days with a wrong password, where time counts at once
stop_agent
rm -r "$HOME/Maildir" "$scratch/asleep"
: >"$HOME/agent.log"
ticks=0
echo +2000h >"$spool/state/clock"
secret isp wrong
start_agent
for i in 1 2 3; do
	send "$me@laptop.test" "bob$i@far.test" "letter $i"
done
refused()
{
	[ "$(grep -c 'route=isp fault=route' "$HOME/agent.log")" -ge "$1" ]
}
eventually refused 1
for hour in 1 2 4 8 16 24 36; do
	later $((2000 + hour))
done
# The server answers a wrong password ever more slowly.
for hour in 48 72 96; do
	later $((2000 + hour))
	eventually refused $((hour / 24))
done
has_subject 'Not delivered yet' 1
has_subject 'Not delivered:' 0
queue_has 3
is_exactly "$(masqctl log --limit 5000 --json | "$PYTHON3" -c '
import json, sys
print(sum(1 for row in json.load(sys.stdin)
          if row["event"] == "route" and row["problem"]))')" 1
secret isp geheim
eventually sink_got_after 7
has_subject 'Not delivered:' 0
eventually queue_has 0
