#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The system's service: each program runs as its own user, everybody has
# their own mail, and the drop directory knows who left what.
. "${0%/*}/../system-lib.sh"

network home 10.1.0.1/24 02:00:00:00:01:01
submission isp home 10.1.0.1 smtp.isp.test ada geheim
host smtp.isp.test 10.1.0.1
configure routes/isp.conf '[Relay]' Host=smtp.isp.test User=ada \
	"CaFile=$ca" Owner=alice
secret isp geheim
configure profiles/Home.conf '[Match]' 'Subnet=10.1.0.0/24' \
	'[Use]' Routes=isp

start_daemon
runs_as masqmaild root
runs_as engine masqmail
is_exactly "$(stat -c '%a %U' "$spool"/{queue,state,drop})" \
	$'700 masqmail\n700 masqmail\n1733 root'

# From one person to another, with a mailbox that was not there.
hand_in alice bob 'tea at five'
eventually mailbox_has bob 1
grep -q 'tea at five' /var/mail/bob
is_exactly "$(stat -c '%a %U %G' /var/mail/bob)" '660 bob mail'

# What waits is seen by whom it belongs to, and by root.
hand_in alice carol@far.test 'far away'
is_exactly "$(by alice masqctl queue --json | grep -c far.test)" 1
is_exactly "$(masqctl queue --json | grep -c far.test)" 1
never by bob grep -r . "$spool/queue"
is_exactly "$(by bob masqctl queue --json | grep -c far.test || :)" 0
far=$(masqctl queue --json to:carol@far.test | "$PYTHON3" -c 'import json, sys
print(json.load(sys.stdin)[0]["id"])')

# By the route of its owner, with a secret that only root can read.
join home 10.1.0.2/24
eventually sink_has isp 'far away'
sink_has isp 'X-Mail-Args: <alice@laptop.test>'

# What was said then is told to whom it belongs, the password to nobody; of
# the hosts everybody sees those of routes, and only root forgets them.
transcript() { "$@" masqctl show "$far" --transcript; }
tells() { transcript "$@" 2>/dev/null | grep -q '< 250 '; }
eventually tells by alice
tells env
never tells by bob
never eval 'transcript env | grep -q geheim'
by bob masqctl hosts | grep -q '^smtp.isp.test:587 '
by bob hoststat | grep -q '^smtp.isp.test:587 '
code=0
by bob masqctl hosts --purge 2>/dev/null || code=$?
is_exactly "$code" 77
code=0
by bob purgestat 2>/dev/null || code=$?
is_exactly "$code" 77
masqctl hosts | grep -q '^smtp.isp.test:587 '

# By SMTP on loopback.
exec 5<>/dev/tcp/127.0.0.1/25
read -r -u 5 greeting
is_exactly "${greeting%%[ -]*}" 220
runs_as smtp-in masqmail-in
exec 5>&-

# Nobody is there: the message waits, readable by none but its sender.
stop_daemon
hand_in bob alice 'while you were away'
is_exactly "$(stat -c '%a %U' "$spool"/drop/*)" '600 bob'
never by alice ls "$spool/drop"
start_daemon
eventually mailbox_has alice 1
grep -q 'while you were away' /var/mail/alice
is_exactly "$(stat -c '%a %U %G' /var/mail/alice)" '660 alice mail'
is_exactly "$(count "$spool"/drop/*)" 0
