#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Mail that waits in a queue nobody owns any more is listed, checked and
# brought into a Maildir; from a copy of the queue as well.
. "${0%/*}/../lib.sh"

start_agent
send ada@laptop.test bob@far.test 'first one'
send ada@laptop.test carol@far.test 'second one'
eventually queue_has 2
stop_agent

masqctl queue --offline "$spool/queue" >"$scratch/list"
is_exactly "$(grep -c '@far.test' "$scratch/list")" 2
masqctl queue --offline "$spool/queue" check >/dev/null

masqctl queue --offline "$spool/queue" export "$scratch/saved" >/dev/null
is_exactly "$(count "$scratch"/saved/new/*)" 2
grep -rq 'Subject: second one' "$scratch/saved/new"
grep -rq 'X-Masqmail-Recipient: carol@far.test (waiting)' "$scratch/saved/new"
never grep -rq $'\r' "$scratch/saved/new"

masqctl --json queue --offline "$spool/queue" |
	python3 -c 'import json, sys; assert len(json.load(sys.stdin)) == 2'

# A copy is a queue, and an agent goes on with it.
cp -a "$spool/queue" "$scratch/copy"
rm -rf "$spool/queue"
mkdir -p "$spool/queue"
(cd "$scratch/copy" && tar cf - .) | (cd "$spool/queue" && tar xf -)
start_agent
eventually queue_has 2

# What is damaged is told, and the rest is there.
stop_agent
segment=$(ls "$spool"/queue/*.seg | head -n 1)
printf 'XXXX' | dd of="$segment" bs=1 seek=300 conv=notrunc status=none
never masqctl queue --offline "$spool/queue" check 2>/dev/null
start_agent
eventually queue_has 1
