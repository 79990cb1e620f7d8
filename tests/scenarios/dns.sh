#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Direct to the servers that a real name server names: the best first, as
# RFC 5321 has it; what is final comes back, what is not waits; each domain
# is a next hop of its own; TLSA records of a signed zone decide.
. "${0%/*}/../lib.sh"
. "${0%/*}/../dns-lib.sh"
patience=${PATIENCE:-40}

network net 10.1.0.1/24 02:00:00:00:01:01
for i in {10..20}; do
	there net ip address add "10.1.0.$i/24" dev wire
done
# A machine may know no IPv6; then nothing of it can lead astray.
there net ip address add fd00::1/64 dev wire nodad || :
certificate mx.dane.test
certificate mx.liar.test
certificate mx.ta.test
cat "$ca" >>"$scratch/mx.ta.test.pem"

authority()
{
	openssl x509 -in "$ca" -outform DER | sha256sum | cut -d' ' -f1
}
unsigned_zone open <<END
plain MX 10 mx.plain
mx.plain A 10.1.0.12
claims MX 10 mx.claims
mx.claims A 10.1.0.12
_25._tcp.mx.claims TLSA 3 1 1 $(printf '%064d' 0)
END
zone test <<END
sorted MX 30 mx.wrong
sorted MX 10 dead.sorted
sorted MX 20 mx.sorted
dead.sorted A 10.1.0.20
mx.sorted A 10.1.0.11
mx.wrong A 10.1.0.10
implicit A 10.1.0.11
alias CNAME sorted
chained MX 10 chain1
chain1 CNAME chain2
chain2 CNAME mx.sorted
roundabout CNAME roundabout2
roundabout2 CNAME roundabout
nomail MX 0 .
bare TXT "nothing but words"
worse MX 10 mx.sorted
worse MX 20 laptop
worse MX 30 mx.wrong
ours MX 10 laptop
ours MX 20 mx.wrong
oursbyaddress MX 10 alsolaptop
alsolaptop A 10.1.0.2
laptop A 10.1.0.2
broken MX 10 nowhere.broken
busy MX 10 mx.busy
busy MX 20 mx.sorted
mx.busy A 10.1.0.16
dead MX 10 dead.sorted
six MX 10 mx.six
mx.six AAAA fd00:dead::1
mx.six A 10.1.0.11
dane MX 10 mx.dane
mx.dane A 10.1.0.13
_25._tcp.mx.dane TLSA $(fingerprint "$scratch/mx.dane.test.pem")
liar MX 10 mx.liar
mx.liar A 10.1.0.14
_25._tcp.mx.liar TLSA $(fingerprint "$scratch/mx.dane.test.pem")
stripped MX 10 mx.stripped
mx.stripped A 10.1.0.12
_25._tcp.mx.stripped TLSA $(fingerprint "$scratch/mx.dane.test.pem")
odd MX 10 mx.odd
mx.odd A 10.1.0.14
_25._tcp.mx.odd TLSA 1 1 1 $(printf '%064d' 0)
aliased MX 10 other.dane
other.dane CNAME mx.dane
ta MX 10 mx.ta
mx.ta A 10.1.0.15
_25._tcp.mx.ta TLSA 2 0 1 $(authority)
wrongta MX 10 mx.wrongta
mx.wrongta A 10.1.0.15
_25._tcp.mx.wrongta TLSA 2 0 1 $(authority)
lame MX 10 mx.lame
mx.lame A 10.1.0.14
_tcp.mx.lame NS ns.nowhere
ns.nowhere A 10.1.0.99
second MX 10 mx.liar
second MX 20 mx.dane
END
zone bogus <<END
x MX 10 mx.x
mx.x A 10.1.0.11
END
# A zone whose signatures are another key's.
sed -i 's/^\(bogus.*DNSKEY.*13 \)..../\1AAAA/' "$scratch/zones/anchors"

sink wrong net 10.1.0.10
sink good net 10.1.0.11
sink plain net 10.1.0.12
sink busy net 10.1.0.16 25 -f connect
tls_sink dane net 10.1.0.13 mx.dane.test
tls_sink liar net 10.1.0.14 mx.liar.test
tls_sink ta net 10.1.0.15 mx.ta.test
name_server dns here 127.0.0.1
resolver 127.0.0.1

configure masqmail.conf '[General]' HostName=laptop.test RetryFirst=1h
configure routes/direct.conf '[Relay]' Host=mx
configure profiles/Net.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=direct Trust=yes
start_agent
ip address add fd00::2/64 dev net nodad || :
join net 10.1.0.2/24
ip -6 route add default via fd00::1 dev net || :

to()
{
	send "$me@laptop.test" "bob@$1" "for-$1."
}

waits_because()
{
	masqctl queue --json | grep -qF -- "$1"
}

# comes_back DOMAIN CODE
comes_back()
{
	local file

	for file in "$HOME"/Maildir/new/*; do
		if grep -qF "for-$1." "$file" && grep -qF "$2" "$file"; then
			return 0
		fi
	done
	return 1
}

# The best that answers, in whatever way its name is written.
domains=(sorted.test implicit.test alias.test chained.test worse.test
	busy.test six.test SORTED.Test '[10.1.0.11]')
for domain in "${domains[@]}"; do
	to "$domain"
done
for domain in "${domains[@]}"; do
	eventually sink_has good "for-$domain."
done
never grep -rq Subject "$scratch/wrong.mail"
eventually queue_has 0

# Final: the answer is validated, and the place is trusted beside.
to nosuch.test
eventually comes_back nosuch.test 5.1.2
to bare.test
eventually comes_back bare.test 5.1.2
to nomail.test
eventually comes_back nomail.test 5.1.10
to ours.test
eventually comes_back ours.test 5.4.6
to oursbyaddress.test
eventually comes_back oursbyaddress.test 5.4.6

# Not final: each waits for its own reason, and delays no other.
to broken.test
to roundabout.test
to x.bogus
to dead.test
eventually waits_because 'None of the mail servers that broken.test names'
eventually waits_because 'The name servers cannot say where roundabout.test'
eventually waits_because 'The name servers cannot say where x.bogus'
eventually waits_because 'refused the connection'
to sorted.test
eventually sink_got good 10
eventually queue_has 4

# DANE. What the unsigned zone claims is no proof, and no hindrance.
to dane.test
to odd.test
to plain.open
to claims.open
eventually sink_has dane for-dane.test
eventually sink_has liar for-odd.test
eventually sink_has plain for-plain.open
eventually sink_has plain for-claims.open
grep -rq '^X-Tls: TLSv1.3' "$scratch/dane.mail"
grep -rq '^X-Tls: TLSv1.3' "$scratch/liar.mail"
to second.test
eventually sink_has dane for-second.test
# At the end of a CNAME, and by the authority above, for that name only.
to aliased.test
to ta.test
eventually sink_has dane for-aliased.test
eventually sink_has ta for-ta.test
to wrongta.test
eventually waits_because 'mx.wrongta.test is the server for'
# Whether there are records must be known.
to lame.test
eventually waits_because 'the name servers fail for its TLSA records (DANE)'
never sink_has ta for-wrongta
never sink_has liar for-lame
to liar.test
eventually waits_because 'is not the one that its TLSA records name (DANE)'
to stripped.test
eventually waits_because 'mx.stripped.test does not offer TLS'
never sink_has liar for-liar
never sink_has plain for-stripped
# How it was secured is told.
eventually grep -rqF 'TLSv1.3 verified by DANE' "$spool"
