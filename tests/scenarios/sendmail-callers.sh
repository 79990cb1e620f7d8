#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every command line that programs of Debian 12 pass to sendmail: silent, exit
# status 0, delivered to the right people from the right sender.
. "${0%/*}/../lib.sh"

configure masqmail.conf '[General]' 'HostName=laptop.test'
start_agent
messages=0

# called SENDER INPUT WORD...: hand INPUT in by "sendmail WORD...", and find
# it delivered once more, from SENDER.
called()
{
	local sender=$1 input=$2

	shift 2
	printf "$input" | sendmail "$@" >"$scratch/out" 2>"$scratch/err"
	is_exactly "$(cat "$scratch/out" "$scratch/err")" ""
	messages=$((messages + 1))
	eventually delivered_to_maildir $messages
	is_exactly "$(newest '^Return-Path:')" "Return-Path: <$sender>"
}

# The line of the newest message that begins so.
newest()
{
	local file newest=

	for file in "$HOME"/Maildir/new/*; do
		[ -z "$newest" ] || [ "$file" -nt "$newest" ] || continue
		newest=$file
	done
	sed -n '/^$/q; p' "$newest" | grep -i -- "$1" || :
}

mine=$me@laptop.test
plain="Subject: hello\n\nbody\n"
listed="To: $me\nSubject: hello\n\nbody\n"

# mutt, neomutt; and the receipt that was asked for
printf "$plain" | sendmail -oem -oi -B8BITMIME -f "$mine" \
	-N success,delay -R hdrs -- "$me"
messages=2
eventually delivered_to_maildir $messages
grep -q "^Return-Path: <$mine>" "$HOME"/Maildir/new/*
grep -q '^Action: delivered' "$HOME"/Maildir/new/*
# git send-email
called ada@x.test "$plain" -f ada@x.test -i "$me"
# cron of Debian
called "$mine" "$plain" -FCronDaemon -i -B8BITMIME -oem "$me"
is_exactly "$(newest '^From:')" "From: CronDaemon <$mine>"
# cronie
called "$mine" "$listed" -FCronDaemon -i -odi -oem -oi -t -f "$me"
# at, systemd-cron
called "$mine" "$plain" -i "$me"
called "$mine" "$plain" -i -B8BITMIME "$me"
# bsd-mailx, s-nail
called ada@x.test "$listed" -i -t -f ada@x.test -m
called ada@x.test "$plain" -i -m -f ada@x.test -F 'Ada L.' -- "$me"
is_exactly "$(newest '^From:')" 'From: "Ada L." <ada@x.test>'
# GNU mailutils
called ada@x.test "$listed" -oi -f ada@x.test -t
# Emacs: message.el, sendmail.el
called ada@x.test "$plain" -oi -f ada@x.test -oem -odb "$me"
called ada@x.test "$listed" -oi -f ada@x.test -oA/nowhere -oep -odi -t
# PHP: header in CRLF, body mixed
called www@x.test "To: $me\r\nSubject: php\r\n\r\none\ntwo\r\n" \
	-t -i -fwww@x.test
# mdadm, logwatch: no -i
called "$mine" "$listed" -t
# apt-listchanges, unattended-upgrades
called "$mine" "$listed" -oi -t
# fail2ban
called fail2ban@laptop.test "$plain" -f fail2ban "$me"
# scripts
called ada@x.test "$plain" -oi -f ada@x.test "$me"
# if-up.d
sendmail -q >"$scratch/out" 2>&1
is_exactly "$(cat "$scratch/out")" ""

# alpine speaks SMTP on a pipe, with LF or CRLF.
for end in '\n' '\r\n'; do
	printf "EHLO x$end%s$end%s$end%s$end%s$end$end%s$end.${end}QUIT$end" \
		"MAIL FROM:<ada@x.test>" "RCPT TO:<$me>" DATA \
		"Subject: alpine" "hello" |
		sendmail -bs -odb -oem >"$scratch/out"
	messages=$((messages + 1))
	eventually delivered_to_maildir $messages
	grep -q '^250 2.0.0 Ok: queued as' "$scratch/out"
done

# wmbiff and its kin count lines of mailq.
is_exactly "$(mailq)" "Mail queue is empty"
