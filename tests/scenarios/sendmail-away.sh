#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# While the daemon is away, mail is left in the drop directory, and nothing
# of it is lost; large messages need little memory either way.
. "${0%/*}/../lib.sh"

configure masqmail.conf '[General]' 'HostName=laptop.test'

dropped()
{
	is_exactly "$(count "$spool"/drop/*)" "$1"
}

# Before the daemon ever ran.
printf 'To: %s\nBcc: %s\nSubject: early\n\nbody\n' "$me" "$me" |
	sendmail -t -i -f ada@x.test >"$scratch/out" 2>&1
is_exactly "$(cat "$scratch/out")" ""
dropped 1
# Refusals need no daemon.
never sendmail 'two words' </dev/null 2>/dev/null
never sendmail </dev/null 2>/dev/null
dropped 1
is_exactly "$(stat -c %a "$spool"/drop/*)" 600
start_agent
eventually delivered_to_maildir 1
eventually dropped 0
maildir_has 'Subject: early'
maildir_has 'Return-Path: <ada@x.test>'
never maildir_has Bcc

# 25 MB, to a daemon and to none: the memory is the same.
head -c 18000000 /dev/urandom | base64 >"$scratch/large"
# little_memory COMMAND...: with 8 MB for all its data.
little_memory()
{
	(
		# Sanitizers take memory of their own.
		[ "${SANITIZED-}" = yes ] || ulimit -d 8192
		"$@"
	)
}
little_memory sendmail "$me" <"$scratch/large"
eventually delivered_to_maildir 2
stop_agent
little_memory sendmail "$me" <"$scratch/large"
dropped 1
start_agent
eventually delivered_to_maildir 3
eventually dropped 0
for file in "$HOME"/Maildir/new/*; do
	[ "$(stat -c %s "$file")" -gt 20000000 ] || continue
	sed '1,/^$/d' "$file" | cmp - "$scratch/large"
done

# A listing without a daemon says so.
stop_agent
code=0
mailq 2>"$scratch/err" || code=$?
is_exactly $code 75
grep -q 'does not answer' "$scratch/err"
printf 'NOOP\n' | sendmail -bs >"$scratch/out" 2>/dev/null || code=$?
grep -q '^421 ' "$scratch/out"

# Neither a daemon nor a drop directory: the caller must try again.
rm -rf "$spool"
touch "$spool"
code=0
sendmail "$me" </dev/null 2>"$scratch/err" || code=$?
is_exactly $code 75
grep -q 'drop directory' "$scratch/err"
