#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What sendmail does to a message and its recipients, and what it refuses.
. "${0%/*}/../lib.sh"

configure masqmail.conf '[General]' 'HostName=laptop.test'
start_agent
messages=0
mine=$me@laptop.test

# mail INPUT WORD...: hand INPUT (as printf spells it) in.
mail()
{
	local input=$1

	shift
	printf "$input" | sendmail "$@"
}

# arrives: one more message is delivered to me; its text is $arrived.
arrives()
{
	local file newest=

	messages=$((messages + 1))
	eventually delivered_to_maildir $messages
	for file in "$HOME"/Maildir/new/*; do
		[ -z "$newest" ] || [ "$file" -nt "$newest" ] || continue
		newest=$file
	done
	arrived=$(cat "$newest"; echo .)
	arrived=${arrived%.}
}

has() { grep -q -- "$1" <<<"$arrived"; }
body() { sed '1,/^$/d' <<<"$arrived"; }

# refused CODE TEXT INPUT WORD...: with that exit status, saying TEXT in one
# line, and nothing is queued.
refused()
{
	local code=$1 text=$2 got=0

	shift 2
	mail "$@" >"$scratch/out" 2>"$scratch/err" || got=$?
	is_exactly $got "$code"
	is_exactly "$(wc -l <"$scratch/err")" 1
	grep -qF -- "$text" "$scratch/err"
	is_exactly "$(cat "$scratch/out")" ""
	eventually none_waits
}

# waiting ADDRESS...: exactly these wait, and are taken out of the queue.
waiting()
{
	eventually these_wait "$@"
	mailq | sed -n 's/^\([0-9A-Z-]*\)[ *!] .*@.*/\1/p' |
		xargs -r mailrm
	eventually none_waits
}

these_wait()
{
	is_exactly "$(mailq | sed -n 's/^ *\([^ ()]*@[^ ()]*\)$/\1/p' | sort)" \
		"$([ $# -eq 0 ] || printf '%s\n' "$@" | sort)"
}

none_waits()
{
	is_exactly "$(mailq)" "Mail queue is empty"
}

# The header is completed, in the right words.
mail 'Subject: x\n\nbody\n' "$me"
arrives
has '^Date: [A-Z][a-z][a-z], [0-9]* [A-Z][a-z][a-z] 20[0-9][0-9] '
has '^Message-ID: <[^@ ]*@laptop.test>$'
has "^From: .*$mine>\\?\$"
has '^To: undisclosed-recipients:;$'
has '^Received: by laptop.test (masqmail, from userid '
# With no header at all there is only a body.
mail 'just a line\n' "$me"
arrives
is_exactly "$(body)" "just a line"
# What is there stays as it is.
head='Subject:  odd \n\tfolding\nX-y : 1\nFROM: a@b\ndate: never\n'
head+="MESSAGE-id: <1@2>\ncC: $me\n"
mail "$head\nbody\n" -t
arrives
has '^Subject:  odd $'
has '^	folding$'
is_exactly "$(grep -ciE '^(from|date|message-id|to):' <<<"$arrived")" 3
# -G leaves the header alone.
mail 'Subject: x\n\nbody\n' -G "$me"
arrives
never has '^From:'
never has '^Message-ID:'

# Bcc is never seen by anybody.
mail "To: $me\nBcc: a@x.test\nbCC : b@x.test,\n c@x.test\nSubject: b\n\nx\n" -t
arrives
never grep -qi 'bcc\|x\.test' <<<"$arrived"
waiting a@x.test b@x.test c@x.test
mail "Bcc: $me\n\nx\n" -t
arrives
has '^To: undisclosed-recipients:;$'

# -t and arguments add up, each recipient once.
mail "To: $me, A <a@x.test>\n\nx\n" -oi -t b@x.test a@X.TEST "'c'@x.test"
arrives
waiting a@X.TEST b@x.test "'c'@x.test"
# A resent message goes only to those of its first block.
mail "Resent-To: $me\nResent-From: r@x.test\nReceived: old\n"\
"Resent-To: z@x.test\nTo: y@x.test\nFrom: f@x.test\n\nx\n" -t
arrives
has '^Resent-Message-ID:'
has '^Resent-Date:'
waiting
# An address is an address.
mail 'x\n' -f -x@y.test -- "$me"
arrives
has '^Return-Path: <-x@y.test>'
mail 'x\n' -- -oQ/tmp@x.test '|touch/x@x.test' /etc/passwd@x.test
waiting -oQ/tmp@x.test '|touch/x@x.test' /etc/passwd@x.test
mail 'x\n' 'Bob <a@x.test>, "C, D" <c@x.test>' g:d@x.test,e@x.test\;
waiting a@x.test c@x.test d@x.test e@x.test

# The null sender.
for null in '' '<>'; do
	mail 'x\n' -f "$null" "$me"
	arrives
	has '^Return-Path: <>'
done

# Where a message ends.
mail 'one\n.\ntwo\n' "$me"
arrives
is_exactly "$(body)" one
mail 'one\n.\ntwo\n' -i "$me"
arrives
is_exactly "$(body | xargs)" "one . two"
mail '\n..\n.x\n' -i "$me"
arrives
is_exactly "$(body | xargs)" ".. .x"

# Lines as people end them.
mail 'Subject: mixed\r\n\r\none\ntwo\r\nthree\r\r\nfour' -i "$me"
arrives
is_exactly "$(body | xargs)" "one two three four"
never grep -q $'\r' <<<"$arrived"
# A progress bar of cron's: no mail may carry a lone CR.
mail '\n10%%\r20%%\rdone\n' -i "$me"
arrives
is_exactly "$(body)" "10% 20% done"
# From a mailbox file.
mail 'From ada Thu Feb 29 13:37:00 2024\nSubject: kept\n\nx\n' "$me"
arrives
has '^Subject: kept$'
never has '^From ada'
mail 'From here on all is well.\n' "$me"
arrives
is_exactly "$(body)" 'From here on all is well.'
# 8 bit anywhere.
mail 'Subject: Gr\303\274\303\237e\n\n\303\244\n' -F 'J\303\266rg' "$me"
arrives
has '^Subject: Grüße$'
is_exactly "$(body)" ä
mail 'x\n' -F Jörg "$me"
arrives
has '^From: =?UTF-8?Q?J=C3=B6rg?= <'
# One logical header each, whatever the callers say.
mail 'x\n' -F $'x\nBcc: evil@x.test' "$me"
arrives
never has '^Bcc'
waiting
# Nothing at all.
mail '' "$me"
arrives

# What is refused, and how.
refused 64 'no recipients' 'x\n'
refused 64 'no recipients' 'Subject: x\n\nx\n' -t
refused 64 '-Z: unknown option' 'x\n' -Z "$me"
refused 64 '-B' 'x\n' -B 9BIT "$me"
refused 65 'NUL' 'x\0y\n' "$me"
refused 65 'carriage return' 'Subject: a\rb\n\nx\n' "$me"
refused 65 '"two words"' 'x\n' 'two words' "$me" 'a@@b'
refused 65 '"a@@b"' 'x\n' 'two words' "$me" 'a@@b'
refused 65 'To: ' 'To: a b\n\nx\n' -t
refused 65 'sender' 'x\n' -f 'a b' "$me"
refused 65 'sender' 'x\n' -f 'a@b, c@d' "$me"
refused 65 'sender' 'x\n' -f $'a@b\nRCPT TO:<c@d>' "$me"
refused 67 'no user nobody-1 here' 'x\n' nobody-1 "$me" nobody-2
refused 67 'nobody-2@laptop.test' 'x\n' nobody-1 "$me" nobody-2
refused 78 nowhere 'x\n' -C /nowhere "$me"
code=0
{ printf 'X-y: '; head -c 1100000 /dev/zero | tr '\0' y; } |
	sendmail "$me" 2>"$scratch/err" || code=$?
is_exactly $code 65
grep -q 'header is larger' "$scratch/err"
code=0
sendmail "$me" <&- 2>"$scratch/err" || code=$?
is_exactly $code 65
grep -q 'standard input is closed' "$scratch/err"
mail 'x\n' "$me" >&-
arrives
mail 'x\n' "$me" 2>&-
arrives
never mail 'x\n' -oeq 'a b' 2>"$scratch/err"
is_exactly "$(cat "$scratch/err")" ""
# Options that named files for others open none.
mail 'x\n' -X "$scratch/trace" -D "$scratch/debug" -oQ"$scratch/q" "$me"
arrives
never test -e "$scratch/trace" -o -e "$scratch/debug" -o -e "$scratch/q"

# A stranger on a network connection must not get the rights of whoever
# runs inetd.
"${PYTHON3:-python3}" - >"$scratch/out" <<'END'
import socket, subprocess
server = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(server.getsockname())
peer = server.accept()[0]
for words in ['sendmail', '-bs'], ['smtpd']:
    done = subprocess.run(words, stdin=peer, stdout=peer,
                          stderr=subprocess.PIPE)
    print(done.returncode, b'Listen' in done.stderr)
END
is_exactly "$(cat "$scratch/out")" "$(printf '78 True\n78 True')"

# A thousand recipients.
# shellcheck disable=SC2046
mail 'x\n' $(seq -f 'r%g@x.test' 1000)
shown=$(mailq | grep -c '^  *r[0-9]*@x.test$')
mailq | grep -q "^  *and $((1000 - shown)) more\$"
mailrm "$(mailq | sed -n 's/^\([0-9A-Z-]*\)[ *!] .*@.*/\1/p')"
