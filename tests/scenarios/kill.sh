#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The parent or the engine is killed again and again under load: whatever
# sendmail answered with 0 arrives, and no worker outlives its engine.
. "${0%/*}/../lib.sh"

kills=${KILLS:-10}
network home 10.1.0.1/24 02:00:00:00:01:01
sink relay home 10.1.0.1 25
configure routes/relay.conf '[Relay]' Host=10.1.0.1 Port=25 Tls=never \
	Insecure=yes
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=relay Trust=yes
join home 10.1.0.2/24
start_agent

# Each sender writes down what was acknowledged.
sender()
{
	local n=0

	while [ -e "$scratch/load" ]; do
		n=$((n + 1))
		send ada@laptop.test "$2" "token-$1-$n." 2>/dev/null &&
			echo "token-$1-$n." >>"$scratch/ledger.$1"
	done
	return 0
}
touch "$scratch/load"
senders=()
for i in 1 2 3; do
	sender $i "bob$i@far.test" & senders+=($!)
	sender local$i "$me" & senders+=($!)
done

engine()
{
	pgrep -P "$(cat "$HOME/agent.pid")" -f '^engine ' | head -n 1
}

# A worker whose parent is init was left behind.
no_orphans()
{
	never pgrep -P 1 -f '^(engine|smtp-out|smtp-in|local|report)( |$)'
}
for ((i = 0; i < kills; i++)); do
	sleep "0.$((RANDOM % 9))"
	# The engine that was killed just now comes back after a pause.
	if ((RANDOM % 2)) || ! kill -9 "$(engine)" 2>/dev/null; then
		kill_agent
	fi
	eventually no_orphans
	agent_is_gone && start_agent
done

rm "$scratch/load"
wait "${senders[@]}"
agent_is_gone && start_agent
eventually agent_answers
masqctl flush >/dev/null
patience=60 eventually queue_has 0

"$PYTHON3" - "$scratch" "$HOME" <<'END'
import glob, re, sys
arrived = set()
for path in (glob.glob(sys.argv[1] + '/relay.mail/*') +
             glob.glob(sys.argv[2] + '/Maildir/new/*')):
    arrived.update(re.findall(r'token-\w+-\d+\.', open(path).read()))
tokens = [line.strip() for path in glob.glob(sys.argv[1] + '/ledger.*')
          for line in open(path)]
lost = [token for token in tokens if token not in arrived]
print('%d acknowledged, %d lost' % (len(tokens), len(lost)))
assert tokens and not lost, lost
END
