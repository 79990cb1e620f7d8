#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# smtpsend: the worker's dialogue by hand, its transcript, its exit codes.
. "${0%/*}/../lib.sh"

password=x7-correct-horse
network home 10.1.0.1/24 02:00:00:00:01:01
submission isp home 10.1.0.1 smtp.isp.test ada "$password"
sink refusing home 10.1.0.1 2526 -f rcpt
sink slow home 10.1.0.1 2527 -q rcpt
sink boxes home 10.1.0.1 24 -L
host smtp.isp.test 10.1.0.1
join home 10.1.0.2/24
echo "$password" >"$scratch/password"
smtpsend=$scratch/libexec/smtpsend

# exits CODE OPTION...: what it says is in out and err
exits()
{
	local want=$1 code=0

	shift
	printf 'Subject: by hand\n\n.dots\nand a line' |
		"$smtpsend" "$@" >"$scratch/out" 2>"$scratch/err" || code=$?
	is_exactly "$code" "$want" || { cat "$scratch/out" "$scratch/err"
		return 1; }
}
says() { grep -qF -- "$1" "$scratch/out" || { cat "$scratch/out"; false; }; }
shows() { grep -qF -- "$1" "$scratch/err" || { cat "$scratch/err"; false; }; }

# In clear, to two; every line with its time.
exits 0 --host 10.1.0.1 --from ada@home.test bob@far.test eve@far.test
says 'bob@far.test: delivered 250 2.0.0 Ok'
says 'eve@far.test: delivered 250 2.0.0 Ok'
shows ' * connected to 10.1.0.1:25 [10.1.0.1]'
shows ' > MAIL FROM:<ada@home.test>'
shows ' > RCPT TO:<eve@far.test>'
shows ' bytes of the message)'
shows ' > QUIT'
grep -Eq '^  [0-9]\.[0-9]{3}  > EHLO ' "$scratch/err"
never grep -q 'by hand' "$scratch/err"
eventually sink_has isp 'Subject: by hand'
sink_has isp 'X-Mail-Args: <ada@home.test>' || sink_has isp 'ada@home.test'

# By TLS and a login; the password is nowhere.
exits 0 --host smtp.isp.test --port 587 --tls required --ca-file "$ca" \
	--user ada --password-file "$scratch/password" --auth plain \
	--from ada@home.test --helo laptop.test carl@far.test
says 'carl@far.test: delivered'
shows ' > EHLO laptop.test'
shows ' > STARTTLS'
shows ' * TLSv1.'
shows ' > AUTH PLAIN ········'
never grep -q "$password" "$scratch/err" "$scratch/out"
exits 0 --host smtp.isp.test --tls implicit --ca-file "$ca" -q \
	--user ada --password-file "$scratch/password" dave@far.test
is_exactly "$(cat "$scratch/err")" ""

# LMTP answers for each.
exits 0 --lmtp --host 10.1.0.1 --tls never bob@far.test eve@far.test
shows ' > LHLO '
is_exactly "$(grep -c ' < 250 2.[0-9.]* Ok' "$scratch/err")" 5
says 'eve@far.test: delivered 250'

# What goes wrong, by sysexits.
exits 64 bob@far.test
shows '--host is missing'
exits 64 --host 10.1.0.1
exits 64 --host 10.1.0.1 --set Nonsense bob@far.test
exits 64 --host 10.1.0.1 --password-file x bob@far.test
exits 71 --host 10.1.0.1 --user ada --password-file /nowhere bob@far.test
exits 69 --host 10.1.0.1 --port 2526 bob@far.test
says 'bob@far.test: failed 500'
exits 75 --host 10.1.0.1 --port 2527 bob@far.test
exits 75 --host 10.1.0.1 --port 2599 bob@far.test
says 'bob@far.test: deferred'
exits 77 --host smtp.isp.test --port 587 --tls required bob@far.test
shows 'certificate'
echo wrong >"$scratch/wrong"
exits 77 --host smtp.isp.test --port 587 --tls required --ca-file "$ca" \
	--user ada --password-file "$scratch/wrong" bob@far.test
shows ' < 535 '
exits 77 --host 10.1.0.1 --set Unknown=key bob@far.test
