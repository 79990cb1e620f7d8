#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host once seen with TLS gets nothing in clear any more, over restarts and
# until somebody says that this is forgotten.
. "${0%/*}/../lib.sh"

network home 10.1.0.1/24 02:00:00:00:01:01
host mx.old.test 10.1.0.1
certificate mx.old.test
there home "$PYTHON3" "$top_srcdir/tests/scenarios/starttls.py" 10.1.0.1 \
	2525 "$scratch/mx.old.test.pem" "$scratch/mx.old.test.key" \
	"$scratch/strip" "$scratch/mail" >>"$scratch/server.log" 2>&1 &
eventually answers home 10.1.0.1 2525
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=old Trust=yes
configure routes/old.conf '[Relay]' Host=MX.Old.test Port=2525 \
	Tls=if-possible
touch "$scratch/mail"
got() { grep -qF -- "$1" "$scratch/mail"; }
in_clear() { grep -qx clear "$scratch/mail"; }
waits_because() { masqctl queue --json | grep -qF -- "$1"; }

start_agent
join home 10.1.0.2/24
send ada@home.test bob@old.test 'by tls'
eventually got 'Subject: by tls'
never in_clear
masqctl hosts MX.old.test | grep -q 'Spoke TLS *mx.old.test:2525'

# Somebody takes the offer away: the mail waits, whatever was restarted.
touch "$scratch/strip"
kill_agent
start_agent
send ada@home.test bob@old.test 'in clear?'
eventually waits_because 'offered TLS before and does not now'
stop_agent
start_agent
masqctl flush >/dev/null
eventually waits_because 'offered TLS before and does not now'
never got 'in clear?'
never in_clear
id=$(masqctl queue --json | "$PYTHON3" -c 'import json, sys
print(json.load(sys.stdin)[0]["id"])')
masqctl show "$id" --transcript | grep -q ' < 250 there'
never eval 'masqctl show "$id" --transcript | grep -q "MAIL FROM"'

# It is so for good.
masqctl hosts mx.old.test --purge >/dev/null
masqctl flush >/dev/null
eventually got 'in clear?'
in_clear
