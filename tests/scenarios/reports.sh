#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What people are told of mail that fails or is late: in their language, by
# their own templates, in a mailbox here when nothing goes out, once. Python
# reads it by its fields, mutt shows it to a human.
. "${0%/*}/../lib.sh"

sink refuses here 127.0.0.1 2603 -f RCPT
route()
{
	configure "routes/$1.conf" '[Match]' "Recipients=*@$1.test" \
		'[Relay]' Host=127.0.0.1 "Port=$2" Tls=never Insecure=yes
}
route bad 2603
route down 2699
configure profiles/default.conf '[Use]' 'Routes=bad;down' Trust=yes
configure masqmail.conf '[General]' HostName=laptop.test Language=en \
	RetryFirst=1s RetryMax=2s 'WarnAfter=2s;2d'
network home 10.1.0.1/24 02:00:00:00:01:01
join home 10.1.0.2/24
start_agent
masqctl profile default

# newest: the mailbox's last one
newest()
{
	local all=("$HOME"/Maildir/new/*)

	echo "${all[-1]}"
}

parts_of()
{
	"$PYTHON3" - "$@" <<-'END'
	import email, email.policy, sys
	with open(sys.argv[1], 'rb') as file:
	    mail = email.message_from_binary_file(file,
	                                          policy=email.policy.default)
	assert mail.get_content_type() == 'multipart/report', mail
	assert not mail.defects and mail['Auto-Submitted'] == 'auto-replied'
	assert mail['Return-Path'] == '<>'
	people, status, original = mail.iter_parts()
	fields = [dict(part.items()) for part in status.get_payload()]
	print('Subject:', mail['Subject'])
	print(people.get_content())
	for field in fields:
	    for name, value in field.items():
	        print(name + ': ' + value)
	END
}

# Where a paragraph is broken into lines does not matter.
says()
{
	tr -s ' \n' ' ' <"$scratch/parts" | grep -F -- "$1" >/dev/null || {
		echo "does not say: $1"
		cat "$scratch/parts"
		return 1
	}
}

# ---- in the language of who sent it
LANG=de_DE.UTF-8 LC_ALL='' send "$me@laptop.test" bob@bad.test 'Grüße'
eventually delivered_to_maildir 1
parts_of "$(newest)" >"$scratch/parts"
says 'Subject: Nicht zugestellt: Grüße'
says 'konnte nicht an bob@bad.test'
says 'Die Gegenseite hat sie nicht angenommen.'
says 'Der Server 127.0.0.1:2603 antwortete: 500 5.3.0 Error: command failed'
says 'Action: failed'
rm "$HOME"/Maildir/new/*

# ---- by one's own words; the reason comes all the same
configure templates/bounce 'Subject: Oh${:subject}' '' 'Dear ${to}!'
send "$me@laptop.test" bob@bad.test tea
eventually delivered_to_maildir 1
parts_of "$(newest)" >"$scratch/parts"
says 'Subject: Oh: tea'
says 'Dear bob@bad.test!'
says '127.0.0.1 refuses mail for bob@bad.test.'
rm "$HOME"/Maildir/new/* "$conf/templates/bounce"

# ---- late: told once, and not to who asked for failures only
printf 'Subject: quiet\n\nx\n' |
	sendmail -i -N failure -f "$me@laptop.test" eve@down.test
send "$me@laptop.test" bob@down.test late
eventually delivered_to_maildir 1
parts_of "$(newest)" >"$scratch/parts"
says 'Subject: Not delivered yet: late'
says 'Final-Recipient: rfc822; bob@down.test'
says 'Action: delayed'
says 'Status: 4.'
says 'Will-Retry-Until: '
cp "$(newest)" "$scratch/delay"
stop_agent
tried=$(grep -c 'route=down fault=host' "$HOME/agent.log")
tried_again()
{
	[ "$(grep -c 'route=down fault=host' "$HOME/agent.log")" -gt "$tried" ]
}
start_agent
eventually tried_again
send "$me@laptop.test" "$me@laptop.test" 'looked again'
eventually delivered_to_maildir 2
maildir_has 'Subject: looked again'
masqctl delete --all >/dev/null
rm "$HOME"/Maildir/new/*

# ---- its sender's address is far away, and nothing goes there: told here
send ada@far.test bob@bad.test away
eventually delivered_to_maildir 1
parts_of "$(newest)" >"$scratch/parts"
says 'Subject: Not delivered: away'
grep -q "^Delivered-To: $me@laptop.test" "$(newest)" ||
	masqctl log | grep -q "to=<$me@laptop.test>"
masqctl queue | grep -q ada@far.test
masqctl delete --all >/dev/null
rm "$HOME"/Maildir/new/*

# ---- a report that fails is the postmaster's; what fails then is logged
printf 'Subject: from nobody\n\nx\n' | sendmail -i -f '' bob@bad.test
eventually delivered_to_maildir 1
parts_of "$(newest)" >"$scratch/parts"
says 'Subject: Nobody could be told: from nobody'
grep -q '^To: postmaster@laptop.test' "$(newest)"
eventually queue_has 3 # in the trash
rm "$HOME"/Maildir/new/*

# ---- and a human reads it
command -v mutt >/dev/null || {
	echo 'SKIP: no mutt here'
	exit 77
}
send "$me@laptop.test" bob@bad.test 'for mutt'
eventually delivered_to_maildir 1
cp "$scratch/delay" "$HOME/Maildir/new/1.delay"
cat >"$scratch/muttrc" <<-END
	set folder="$HOME" spoolfile="$HOME/Maildir" mbox_type=Maildir
	set pager=builtin quit=yes move=no confirmappend=no header=no
	set delete=no sleep_time=0 wait_key=no print=yes sort=subject
	set print_command="cat >>$scratch/printed" print_decode=yes
	set print_split=no index_format="%C %s" charset=UTF-8
END
# All messages printed as mutt shows them; what it cannot take apart it could
# not print.
TERM=xterm "$PYTHON3" - "$scratch/muttrc" <<'END'
import os, pty, select, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execvp('mutt', ['mutt', '-n', '-F', sys.argv[1], '-e',
                       'push "<tag-pattern>~A<enter><tag-prefix>'
                       '<print-message><quit>"'])
end = time.monotonic() + 60
while time.monotonic() < end:
    if select.select([fd], [], [], 1)[0]:
        try:
            if not os.read(fd, 65536):
                break
        except OSError:
            break
END
cp "$scratch/printed" "$scratch/parts"
says 'Subject: Not delivered: for mutt'
says 'could not be delivered to bob@bad.test.'
says '127.0.0.1 refuses mail for bob@bad.test'
says 'Final-Recipient: rfc822; bob@bad.test'
says 'Subject: Not delivered yet: late'
says 'Action: delayed'
never grep -q 'unsupported\|could not be shown' "$scratch/printed"
