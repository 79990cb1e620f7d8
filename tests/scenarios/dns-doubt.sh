#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the DNS says is believed as far as it can be: a name server that is
# away costs nothing, one of a network that is not trusted makes no mail
# come back, and who answers must prove it by what was validated here.
. "${0%/*}/../lib.sh"
. "${0%/*}/../dns-lib.sh"
patience=${PATIENCE:-40}

network net 10.1.0.1/24 02:00:00:00:01:01
there net ip address add 10.1.0.12/24 dev wire
there net ip address add 10.1.0.13/24 dev wire
certificate mx.dane.test
unsigned_zone open <<END
plain MX 10 mx.plain
mx.plain A 10.1.0.12
END
zone test <<END
dane MX 10 mx.dane
mx.dane A 10.1.0.13
_25._tcp.mx.dane TLSA $(fingerprint "$scratch/mx.dane.test.pem")
guest MX 10 mx.dane
visitor MX 10 mx.dane
nomail MX 0 .
END
sink plain net 10.1.0.12
tls_sink dane net 10.1.0.13 mx.dane.test
name_server ours here 127.0.0.1
name_server theirs net 10.1.0.1

configure masqmail.conf '[General]' HostName=laptop.test RetryFirst=1h
configure routes/direct.conf '[Relay]' Tls=required "CaFile=$ca"
configure profiles/Net.conf '[Match]' Gateway=10.1.0.1 '[Use]' Routes=direct
resolver 127.0.0.1
start_agent
join net 10.1.0.2/24

to()
{
	send "$me@laptop.test" "bob@$1" "for-$1."
}

waits_because()
{
	masqctl queue --json | grep -qF -- "$1"
}

tries_are()
{
	is_exactly "$(masqctl queue --json | "$PYTHON3" -c '
import json, sys
print(sum(row["tries"] for row in json.load(sys.stdin)))')" "$1"
}

goes()
{
	masqctl flush >/dev/null 2>&1 || :
	eventually sink_has "$1" "$2"
	eventually queue_has 0
}

# A name server that is gone, and one that does not answer.
stop_name_server ours
to dane.test
eventually waits_because 'The name service of this network does not answer'
tries_are 0
name_server ours here 127.0.0.1
goes dane for-dane.test
resolver_options='timeout:1 attempts:1' resolver 127.0.0.1
kill -STOP "$(cat "$scratch/ours.pid")"
to guest.test
eventually waits_because 'The name service of this network does not answer'
tries_are 0
kill -CONT "$(cat "$scratch/ours.pid")"
resolver 127.0.0.1
goes dane for-guest.test
never grep -q . "$scratch"/plain.mail/*

# Not trusted, but validated here: that is final.
to nosuch.test
eventually maildir_has for-nosuch.test
to nomail.test
eventually maildir_has for-nomail.test
eventually queue_has 0
# Nothing validates what is not signed.
to nosuch.open
eventually waits_because 'no mail can go to nosuch.open. This network is not'
# Who does not prove it gets nothing.
to plain.open
eventually waits_because 'mx.plain.open does not offer TLS'
never grep -q . "$scratch"/plain.mail/*

# The name server of such a network, whatever it says of validation.
resolver 10.1.0.1
to elsewhere.test
eventually waits_because 'no mail can go to elsewhere.test. This network'
to nomail.test
eventually waits_because 'no mail can go to nomail.test. This network is not'
to visitor.test
eventually waits_because \
	'mx.dane.test is the server for visitor.test, but its certificate is'
never sink_has dane for-visitor.test
# The name of the domain itself, and what lies in it, needs no validation.
to dane.test
eventually sink_got dane 3
never grep -q . "$scratch"/plain.mail/*

# A route that demands no proof is not tried at all here, and that is told.
configure routes/direct.conf '[Relay]' Host=mx
masqctl reload >/dev/null
masqctl explain bob@plain.open | grep -F 'does not insist on verified TLS'
to plain.open
eventually waits_because 'does not insist on verified TLS'
never grep -q . "$scratch"/plain.mail/*
# The same place, trusted.
configure profiles/Net.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=direct Trust=yes
masqctl reload >/dev/null
eventually sink_has plain for-plain.open
