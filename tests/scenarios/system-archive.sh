#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copies that nobody addressed: all mail to an archive, but in no circle; and
# the sender's own, which is kept only of what was sent.
. "${0%/*}/../system-lib.sh"

homes=$scratch/homes
network home 10.1.0.1/24 02:00:00:00:01:01
sink far home 10.1.0.1
sink strict home 10.1.0.1 2525 -f RCPT
configure routes/far.conf '[Match]' 'Recipients=*@far.test;*@vault.test' \
	'[Relay]' Host=10.1.0.1 Port=25 Tls=never Insecure=yes
configure routes/strict.conf '[Relay]' Host=10.1.0.1 Port=2525 Tls=never \
	Insecure=yes
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' 'Routes=far;strict' \
	Trust=yes
install -d -m 700 -o nobody -g nogroup "$scratch/archive"
configure masqmail.conf '[General]' "Archive=$scratch/archive/all" \
	'[Local]' SentCopy=Maildir/.Sent '[Local bob]' SentCopy=
start_daemon

archived()
{
	is_exactly "$(grep -rl "^Subject: $1" "$scratch/archive/all/new" |
		wc -l)" "$2"
}

kept()
{
	is_exactly "$(grep -rl "^Subject: $1" \
		"$homes/alice/Maildir/.Sent/cur" 2>/dev/null | wc -l)" "$2"
}

# Local mail: in the archive once, in the sender's folder once, as read mail
# without the marks of a delivery.
hand_in alice bob 'to bob'
eventually mailbox_has bob 1
eventually archived 'to bob' 1
eventually kept 'to bob' 1
is_exactly "$(count "$homes/alice/Maildir/.Sent/new"/*)" 0
is_exactly "$(basename "$homes/alice/Maildir/.Sent/cur"/*:2,S |
	sed 's/.*://')" 2,S
never grep -q '^Delivered-To:' "$homes/alice/Maildir/.Sent/cur"/*
is_exactly "$(stat -c '%U' "$homes/alice/Maildir/.Sent/cur"/*)" alice
is_exactly "$(stat -c '%U' "$scratch/archive/all/new"/*)" nobody
eventually queue_has 0
# Who wants none has none.
hand_in bob alice 'from bob'
eventually mailbox_has alice 1
eventually queue_has 0
never test -e "$homes/bob/Maildir"

# Far mail waits for a network: it is archived at once, kept when it is sent.
hand_in alice carol@far.test 'far away'
eventually archived 'far away' 1
queue_has 1
kept 'far away' 0
masqctl explain alice >/dev/null
join home 10.1.0.2/24
eventually sink_has far 'far away'
eventually kept 'far away' 1
eventually queue_has 0

# What nobody got is not kept; the bounce comes without delay.
hand_in alice carol@strict.test 'refused'
eventually mailbox_has alice 2
grep -q 'refused' /var/mail/alice
eventually archived 'refused' 2 # and its report, which has its header
eventually queue_has 0
kept 'refused' 0

# An archive elsewhere: its failing is nobody's bounce, and what comes from
# it or goes there is not sent there once more.
configure masqmail.conf '[General]' Archive=all@vault.test
masqctl reload >/dev/null
hand_in alice bob 'to the vault'
eventually sink_has far 'to the vault'
sink_has far '<all@vault.test>'
eventually queue_has 0
hand_in alice all@vault.test 'straight there'
eventually sink_has far 'straight there'
eventually queue_has 0
letter all@vault.test bob 'from the vault' |
	by bob sendmail -i -f all@vault.test bob
eventually grep -q 'from the vault' /var/mail/bob
eventually queue_has 0
never sink_has far 'from the vault'
configure masqmail.conf '[General]' Archive=nobody@strict.test
masqctl reload >/dev/null
count=$(grep -c '^From ' /var/mail/alice)
hand_in alice bob 'no vault'
eventually grep -q 'no vault' /var/mail/bob
eventually queue_has 0
mailbox_has alice "$count"
