#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A hotel with a sign-in page: the name service gives every name the address
# of the page, which answers the ports of mail with a certificate of its own
# and would gladly take a password. The agent sees what it is: its routes
# wait, no try is counted, and on the wire there is no password and no mail.
# When somebody has signed in, all of it is delivered within two seconds of
# the word, and by itself at the next probe.
. "${0%/*}/../lib.sh"

network hotel 10.9.0.1/24 02:00:00:00:09:01
there hotel ip address add 10.9.0.25/24 dev wire
submission isp hotel 10.9.0.25 smtp.isp.test ada geheim
certificate portal.test
route()
{
	configure "routes/$1.conf" '[Match]' "Recipients=$2" '[Relay]' \
		Host=smtp.isp.test "Tls=$3" User=ada Auth=plain "CaFile=$ca" \
		"Owner=$me"
	secret "$1" geheim
}
route starttls '*@far.test' required
route implicit '*@other.test' implicit
configure profiles/default.conf '[Use]' 'Routes=starttls;implicit'
printf 'nameserver 10.9.0.1\noptions timeout:2 attempts:1\n' \
	>"$scratch/resolv.conf"

portal()
{
	there hotel "$PYTHON3" "$top_srcdir/tests/scenarios/portal.py" \
		10.9.0.1 "$scratch/portal.test.pem" \
		"$scratch/portal.test.key" "$scratch/portal.log" \
		smtp.isp.test=10.9.0.25 &
	eventually [ -s "$scratch/portal.log.pid" ]
	portal=$(cat "$scratch/portal.log.pid")
	eventually answers hotel 10.9.0.1 465
	eventually answers hotel 10.9.0.1 587
	: >"$scratch/portal.log"
}

says()
{
	local text=$1

	shift
	masqctl "$@" | grep -F -- "$text" >/dev/null
}

portal_has()
{
	grep -F -- "$1" "$scratch/portal.log" >/dev/null
}

connections()
{
	grep -c '^connection' "$scratch/portal.log" || :
}

more_connections_than()
{
	[ "$(connections)" -gt "$1" ]
}

# No try, no mark of a failure, on any message.
nothing_counted()
{
	masqctl queue --json | "$PYTHON3" -c '
import json, sys
rows = json.load(sys.stdin)
print(len(rows), sum(row["tries"] for row in rows),
      sum(row["last-try"] for row in rows))' >"$scratch/counted"
	is_exactly "$(cat "$scratch/counted")" "$1 0 0"
}

# The password as it is, and as AUTH PLAIN and LOGIN would write it.
nothing_told()
{
	local word

	never portal_has "secret 587 b'A"
	never portal_has "secret 465 b'A"
	never portal_has AUTH
	never portal_has MAIL
	for word in geheim "$(printf '\0ada\0geheim' | base64)" \
		"$(printf geheim | base64)"; do
		never grep -aqF -- "$word" "$scratch/portal.log" \
			"$scratch/portal.log.wire"
	done
}

portal
start_agent
for i in 1 2 3; do
	send ada@home.test "bob$i@far.test" "far-$i."
	send ada@home.test "bob$i@other.test" "other-$i."
done
send ada@home.test "$me" near
join hotel 10.9.0.2/24
eventually says 'answers in place of mail servers' status
eventually portal_has 'connection 587'
says 'perhaps it wants a sign-in' explain bob@far.test
says 'answers in place of mail servers' routes
# Its name service gave it away, whatever the certificate said.
eventually says 'answers every question with the same address' status
delivered_to_maildir 1
nothing_counted 6

# By hand it is probed at once, once for each route; a new mail is no reason.
before=$(connections)
masqctl flush >/dev/null
eventually more_connections_than $before
eventually says 'sign-in' status
send ada@home.test bob4@far.test far-4.
eventually queue_has 7
nothing_counted 7
[ "$(connections)" -le $((before + 6)) ]

# Another kind: it cuts every connection.
kill -USR2 "$portal"
masqctl flush >/dev/null
eventually portal_has 'cut 587'
eventually says 'sign-in' status
nothing_counted 7
nothing_told
[ -s "$scratch/portal.log.wire" ]

# Somebody signs in, and the network says so.
kill -USR1 "$portal"
begin=$(date +%s%N)
masqctl hint internet
eventually sink_has isp far-1.
took=$((($(date +%s%N) - begin) / 1000000))
echo "delivered $took ms after it was opened"
[ -n "${SANITIZED-}" ] || [ $took -lt 2000 ]
eventually queue_has 0
sink_got isp 7
never says 'sign-in' status
nothing_told

# Nobody says anything: then the next probe finds out, after half a minute.
leave hotel
eventually says 'There is no network' status
kill "$portal"
rm "$scratch/portal.log.pid"
portal
send ada@home.test bob5@far.test far-5.
join hotel 10.9.0.2/24
eventually says 'sign-in' status
begin=$SECONDS
kill -USR1 "$portal"
patience=60
eventually sink_has isp far-5.
echo "delivered $((SECONDS - begin)) s after it was opened"
nothing_told

# A word of the network is enough, before anything was tried.
leave hotel
eventually says 'There is no network' status
join hotel 10.9.0.2/24
send ada@home.test bob6@far.test far-6.
eventually sink_has isp far-6.
masqctl hint portal http://sign-in.test/
says 'wants a sign-in in the browser first: http://sign-in.test/' status
send ada@home.test bob7@far.test far-7.
eventually says 'http://sign-in.test/' explain bob7@far.test
nothing_counted 1
masqctl hint internet
eventually sink_has isp far-7.
