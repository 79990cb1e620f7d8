#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The other names of sendmail, and its other work than sending.
. "${0%/*}/../lib.sh"

configure masqmail.conf '[General]' 'HostName=laptop.test'
start_agent

none_waits() { is_exactly "$(mailq)" "Mail queue is empty"; }
id_of() { mailq | sed -n "s/^\\([0-9A-Z-]*\\)[ *!] .*  $1\$/\\1/p"; }
marked() { mailq | grep -q "^$1$2 "; }
gone() { ! mailq | grep -q "^$1"; }

# Nothing to do is no failure, and nothing is said.
for name in 'sendmail -q' 'sendmail -q15m' 'sendmail -qff' runq 'sendmail -bi' \
	'sendmail -qR x.test'; do
	is_exactly "$($name 2>&1)" ""
done
none_waits
for name in hoststat purgestat 'sendmail -bh' 'sendmail -bH'; do
	is_exactly "$($name 2>&1)" ""
done
sendmail -bV | grep -q '^masqmail [0-9]'
sendmail --help | grep -q '^  -t  '

# Single messages.
echo x | sendmail -f one@x.test far@x.test
echo x | sendmail -v -f two@x.test far@x.test 2>"$scratch/err"
one=$(id_of one@x.test)
two=$(id_of two@x.test)
grep -q "queued as $two" "$scratch/err"
mailq | grep -q '^-- [0-9]* Kbytes in 2 Requests\.$'
sendmail -Mf "$one"
eventually marked "$one" '!'
sendmail -Mt "$one"
eventually marked "$one" ' '
sendmail -qI "$one"
sendmail -M "$one" "$two"
mailrm "$one"
eventually gone "$one"
sendmail -Mrm "$two"
eventually none_waits
code=0
mailrm 2>"$scratch/err" || code=$?
is_exactly $code 64
code=0
mailrm 0-0001 2>"$scratch/err" || code=$?
never is_exactly $code 0

# A message is returned to its sender at once.
echo x | sendmail -f "$me" far@x.test
sendmail -Mg "$(id_of "$me@laptop.test")"
eventually delivered_to_maildir 1
maildir_has 'Return-Path: <>'

# Where would it go?
sendmail -bv far@x.test "$me" >"$scratch/out"
grep -q '^far@x.test: ' "$scratch/out"
grep -q "^$me@laptop.test: " "$scratch/out"
eventually none_waits

# UUCP says who sent it in the first line.
printf 'From ada Thu Feb 29 13:37:00 2024 remote from far\nTo: x\n\nhello\n' |
	rmail "$me"
eventually delivered_to_maildir 2
maildir_has 'Return-Path: <far!ada@laptop.test>'
