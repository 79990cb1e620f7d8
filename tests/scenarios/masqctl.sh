#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# masqctl on a living agent: every command, in words and as JSON, and the
# exit codes that scripts go by.
. "${0%/*}/../lib.sh"

# exits CODE COMMAND...
exits()
{
	local want=$1 code=0

	shift
	"$@" >"$scratch/out" 2>"$scratch/err" || code=$?
	is_exactly "$code" "$want" || { cat "$scratch/err"; return 1; }
}

is_json()
{
	"$PYTHON3" -c 'import json, sys
for line in open(sys.argv[1]).read().replace(",\n ", ",").splitlines():
    json.loads(line)' "$scratch/out"
}

exits 69 masqctl status
grep -q 'Start it with' "$scratch/err"
exits 64 masqctl qeue
grep -q '“queue” perhaps' "$scratch/err"
exits 64 masqctl hold
exits 64 masqctl status --since 1h
exits 0 masqctl --help
exits 0 masqctl help protocol
exits 0 masqctl config --help

configure masqmail.conf '[General]' HostName=laptop.test
configure routes/isp.conf '[Relay]' Host=smtp.isp.test
configure profiles/Home.conf '[Match]' Gateway=10.1.0.1 '[Use]' Routes=isp
start_agent

exits 0 masqctl queue
grep -q 'Nothing waits' "$scratch/out"
printf 'Subject: \033[2Jescape\n\nx\n' | sendmail -i bob@far.test
send "$me@laptop.test" eve@far.test 'tea'
eventually queue_has 2

# A flush of a route nobody's mail goes by is for none of them.
exits 0 masqctl flush --route nowhere --json
grep -q '"done":\[\]' "$scratch/out"
exits 0 masqctl flush --json
never grep -q '"done":\[\]' "$scratch/out"

exits 0 masqctl queue
grep -q 'bob@far.test' "$scratch/out"
grep -q ' waits ' "$scratch/out"
never grep -q $'\033' "$scratch/out"
exits 0 masqctl queue --json
is_json
never grep -q $'\033' "$scratch/out"
id=$(masqctl queue --json |
	"$PYTHON3" -c 'import json, sys
print([m["id"] for m in json.load(sys.stdin) if m["subject"] == "tea"][0])')

exits 0 masqctl show "$id"
grep -q 'eve@far.test' "$scratch/out"
exits 64 masqctl show nonsense!
exits 1 masqctl show 1-0000
for command in status profile networks routes log "show $id" \
	'explain bob@far.test' "explain $id"; do
	# shellcheck disable=SC2086 # words
	exits 0 masqctl $command
	[ -s "$scratch/out" ]
	# shellcheck disable=SC2086 # words
	exits 0 masqctl $command --json
	is_json
done

exits 0 masqctl hold "$id" --reason 'not yet'
# The flush may have an attempt under way: it is shown first, and a message
# being sent cannot be deleted.
is_held() { masqctl queue --json | grep -q '"state":"held"'; }
eventually is_held
exits 0 masqctl delete "$id"
exits 0 masqctl restore "$id"
exits 0 masqctl release "$id"
exits 1 masqctl hold 1-0000
grep -q '1-0000: ' "$scratch/err"
exits 0 masqctl flush
exits 1 masqctl profile Nowhere
exits 0 masqctl profile Home --for 1h
masqctl status | grep -q 'Home.*chosen by hand until'
masqctl status --json | grep -q '"pin-until":"time"'
exits 0 masqctl profile Home --until-change
exits 0 masqctl profile auto
masqctl status | grep -q 'follows the network'

masqctl watch --json >"$scratch/watched" &
watcher=$!
watched()
{
	grep -q "\"event\":\"$1\"" "$scratch/watched"
}
sleep 0.3
send "$me@laptop.test" "$me@laptop.test" 'to be seen'
eventually watched Message
eventually watched Log
kill $watcher
"$PYTHON3" -c 'import json, sys
for line in open(sys.argv[1]):
    assert set(json.loads(line)) == {"event", "body"}' "$scratch/watched"

configure routes/broken.conf '[Relay]' Hsot=x
exits 1 masqctl reload
grep -q 'Host' "$scratch/err"
exits 0 masqctl status
