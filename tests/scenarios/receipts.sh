#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Receipts that were asked for (RFC 3461): relayed where the next hop knows
# no DSN, delivered here, expanded for a name of several; none from us where
# the next hop gives them, and none where nobody asked.
. "${0%/*}/../lib.sh"

network home 10.1.0.1/24 02:00:00:00:01:01
configure masqmail.conf '[General]' HostName=laptop.test \
	Listen=none
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' \
	'Routes=knows;isp' Trust=yes
configure routes/isp.conf '[Relay]' Host=10.1.0.1 Port=25 Tls=never \
	Insecure=yes
configure routes/knows.conf '[Match]' 'Recipients=*@knows.test' '[Relay]' \
	Host=10.1.0.1 Port=26 Tls=never Insecure=yes
there home "$PYTHON3" "$top_srcdir/tests/scenarios/counting-sink.py" \
	10.1.0.1 25 0 "$scratch/counts" >>"$scratch/sink.log" 2>&1 &
sink knows home 10.1.0.1 26
eventually answers home 10.1.0.1 25
start_agent
join home 10.1.0.2/24

receipt_has()
{
	local file

	for file in "$HOME"/Maildir/new/*; do
		tr -d '\r' <"$file" | tr '\n' '|' |
			grep -qF "|Final-Recipient: rfc822; $2|Action: $1|" &&
			return
	done
	return 1
}

ask()
{
	printf 'Subject: %s\n\nHello.\n' "$1" |
		sendmail -i -N success,failure -V envelope-7 \
			-f "$me@laptop.test" "${@:2}"
}

plain_has()
{
	grep -q " $1$" "$scratch/counts.order"
}

ask relayed bob@far.test
eventually receipt_has relayed bob@far.test
grep -qx 'Original-Envelope-Id: envelope-7' "$HOME"/Maildir/new/*
grep -qx 'Status: 2\.[0-9.]*' "$HOME"/Maildir/new/*
eventually queue_has 0

# Of one message with recipients here and there one receipt tells.
rm "$HOME"/Maildir/new/*
ask both dora@far.test "$me@laptop.test"
eventually receipt_has relayed dora@far.test
receipt_has delivered "$me@laptop.test"
eventually delivered_to_maildir 2

# A name of several: one word for it, none for those behind it.
rm "$HOME"/Maildir/new/*
echo "bob@far.test, $me" >"$HOME/.forward"
ask several "$me@laptop.test"
eventually receipt_has expanded "$me@laptop.test"
eventually plain_has several
eventually queue_has 0
delivered_to_maildir 2
never receipt_has relayed bob@far.test
never receipt_has delivered "$me@laptop.test"
rm "$HOME/.forward" "$HOME"/Maildir/new/*

# Not asked for, or not wanted.
printf 'Subject: quiet\n\nHello.\n' |
	sendmail -i -f "$me@laptop.test" eve@far.test
printf 'Subject: never\n\nHello.\n' |
	sendmail -i -N never -f "$me@laptop.test" eve@far.test
eventually plain_has never 2>/dev/null
eventually plain_has quiet
eventually queue_has 0
delivered_to_maildir 0

# The next hop gives it itself, and is told all it needs for that.
ask passed-on bob@knows.test
eventually sink_has knows 'Subject: passed-on'
sink_has knows 'NOTIFY=SUCCESS,FAILURE'
sink_has knows 'ENVID=envelope-7'
eventually queue_has 0
delivered_to_maildir 0

# A crash between delivery and receipt forgets neither.
ask crash frank@far.test
kill_agent
start_agent
eventually receipt_has relayed frank@far.test
eventually queue_has 0
