#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Mail that shall not leave yet: the undo window, sending later by option,
# header and SMTP, holding until a time, the trash. All of it survives a
# restart; nobody's flush sends what was to wait.
ordinary_user=yes
. "${0%/*}/../lib.sh"

sink isp here 127.0.0.1 2604
configure masqmail.conf '[General]' HostName=laptop.test \
	Listen=127.0.0.1:2527
configure routes/isp.conf '[Relay]' Host=127.0.0.1 Port=2604 Tls=never \
	Insecure=yes
configure profiles/default.conf '[Use]' Routes=isp Trust=yes
network home 10.1.0.1/24 02:00:00:00:01:01
join home 10.1.0.2/24
start_agent
masqctl profile default
masqctl undo-window | grep -q 'leaves at once'

# id_of SUBJECT, state_of ID, why_of ID
id_of()
{
	masqctl queue --json "subject:\"$1\"" | "$PYTHON3" -c '
import json, sys
print(json.load(sys.stdin)[-1]["id"])'
}

field_of()
{
	masqctl show "$1" --json | "$PYTHON3" -c '
import json, sys
print(json.load(sys.stdin)[sys.argv[1]])' "$2"
}

is_in_state()
{
	is_exactly "$(field_of "$1" state)" "$2"
}

# ---- the undo window: one's own choice, kept over a restart
masqctl undo-window 10m | grep -q '10m'
stop_agent
start_agent
masqctl undo-window | grep -q '10m'
send me@home.test bob@far.test 'sent too early'
id=$(id_of 'sent too early')
is_in_state "$id" undo
[ "$(field_of "$id" next-try)" -gt $(($(date +%s) + 300)) ]
masqctl flush
is_in_state "$id" undo
masqctl undo
is_in_state "$id" held
field_of "$id" why | grep -q 'You took it back'
never masqctl undo "$id"
masqctl release "$id"
eventually sink_has isp 'Subject: sent too early'
# By its id it goes at once.
send me@home.test bob@far.test 'no doubt'
masqctl flush "$(id_of 'no doubt')"
eventually sink_has isp 'Subject: no doubt'
masqctl undo-window 1s
send me@home.test bob@far.test 'a moment'
eventually sink_has isp 'Subject: a moment'
masqctl undo-window default

# ---- later, by every way in
printf 'Subject: by option\n\nx\n' |
	sendmail --at 2h -f me@home.test b@far.test
printf 'Subject: by header\nDeferred-Delivery: %s\n\nx\n' \
	"$(LC_ALL=C date -d 'now + 2 hours' -R)" |
	sendmail -f me@home.test b@far.test
never sh -c "printf 'Deferred-Delivery: soon\n\nx\n' |
	sendmail -f me@home.test b@far.test 2>/dev/null"
never sendmail --at 'never ever' b@far.test </dev/null 2>/dev/null
queue_has 2
by_smtp()
{
	"$PYTHON3" - "$@" <<-'END'
	import smtplib, sys, email.utils, time
	with smtplib.SMTP('127.0.0.1', 2527) as smtp:
	    smtp.ehlo()
	    known = smtp.has_extn('futurerelease')
	    if sys.argv[1] == 'known':
	        sys.exit(0 if known else 1)
	    when = email.utils.formatdate(time.time() + 7200)
	    smtp.sendmail('me@home.test', ['b@far.test'],
	                  'Subject: %s\r\nDeferred-Delivery: %s\r\n\r\nx\r\n'
	                  % (sys.argv[1], when))
	END
}
by_smtp known
by_smtp 'by smtp'
queue_has 3
id=$(id_of 'by option')
masqctl flush
is_in_state "$id" waits
is_exactly "$(field_of "$id" wait)" not-before
stop_agent
start_agent
is_in_state "$id" waits
never sink_has isp Deferred-Delivery
masqctl later "$(id_of 'by header')" --at 1s
eventually sink_has isp 'Subject: by header'
never sink_has isp 'by option'
masqctl flush "$id"
eventually sink_has isp 'Subject: by option'
never sink_has isp Deferred-Delivery
masqctl delete --all >/dev/null

# ---- a message left in the drop directory keeps its time
stop_agent
printf 'Subject: by drop\n\nx\n' | sendmail --at 1h -f me@home.test b@far.test
start_agent
dropped()
{
	masqctl queue 'by drop' | grep -q .
}
eventually dropped
is_in_state "$(id_of 'by drop')" waits
never sink_has isp 'by drop'
masqctl delete "$(id_of 'by drop')"

# ---- held until a time
leave home
send me@home.test bob@far.test 'held for a moment'
id=$(id_of 'held for a moment')
masqctl hold "$id" --for 12s --reason 'let it rest'
field_of "$id" why | grep -q 'let it rest'
is_in_state "$id" held
stop_agent
start_agent
patience=60 eventually is_in_state "$id" waits
join home 10.1.0.2/24
eventually sink_has isp 'Subject: held for a moment'

# ---- the trash, and back
leave home
send me@home.test bob@far.test 'not so bad'
id=$(id_of 'not so bad')
masqctl delete "$id"
stop_agent
start_agent
is_in_state "$id" trash
masqctl restore "$id"
join home 10.1.0.2/24
eventually sink_has isp 'Subject: not so bad'

# ---- flush one destination, one sender
configure routes/isp.conf '[Relay]' Host=127.0.0.1 Port=2699 Tls=never \
	Insecure=yes
reread()
{
	masqctl routes --json | grep -q 2699
}
eventually reread
for to in anna berta; do
	for from in me you; do
		send "$from@home.test" "$to@far.test" "$from to $to"
	done
done
counts()
{
	masqctl flush "$@" | grep -q "^$expected message"
}
expected=2 counts --to anna@
expected=2 counts --sender me@home
expected=1 counts --sender me@home --to berta
