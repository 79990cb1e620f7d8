#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What users say of their own mail: .forward to others, to programs and to
# files, and what is wrong with one; sub-addresses; programs and files of the
# aliases, as a user who owns nothing.
. "${0%/*}/../system-lib.sh"

queue_says()
{
	masqctl queue --json | grep -qF -- "$1"
}

aliases()
{
	printf '%s\n' "$@" >/etc/aliases.new
	mv /etc/aliases.new /etc/aliases
}

# forward USER NAME LINE...: write a .forward as that user
forward()
{
	local user=$1 name=$2

	shift 2
	printf '%s\n' "$@" | by "$user" sh -c \
		"cat >~/.new && chmod 600 ~/.new && mv ~/.new ~/$name"
}

unforward()
{
	by "$1" sh -c 'rm -f ~/.forward*'
}

# Writes what it reads, who it is and what it was told, as one file.
cat >"$scratch/take" <<'END'
#!/bin/sh
{
	echo "uid=$(id -u) gid=$(id -g) groups=$(id -G) home=$HOME"
	echo "fds=$(ls /proc/self/fd | tr '\n' ' ')"
	echo "args=$*"
	env | sort
	echo "---"
	cat
} >"$1.new" && mv "$1.new" "$1"
exit ${2:-0}
END
chmod 755 "$scratch/take"
homes=$scratch/homes
chmod 755 "$homes/alice" "$homes/bob"
start_daemon

# To another, and a copy at home; none of that goes to the aliases twice.
forward alice .forward '# on holiday' 'bob@laptop.test, \alice'
hand_in bob alice 'for two'
eventually mailbox_has bob 1
eventually mailbox_has alice 1
eventually queue_has 0
grep -q 'Delivered-To: bob@laptop.test' /var/mail/bob
grep -q 'the .forward of alice@laptop.test: bob@laptop.test, the mailbox' \
	"$scratch/masqmaild.log"

# Who names themselves means their mailbox.
forward alice .forward alice
hand_in bob alice 'myself'
eventually mailbox_has alice 2

# Round in a circle, and with the way it goes.
forward alice .forward bob
forward bob .forward alice@localhost
hand_in alice alice 'round'
forward_fails()
{
	grep -q 'alice@laptop.test -> bob@laptop.test -> alice@localhost' \
		"$scratch/masqmaild.log"
}
eventually forward_fails
eventually queue_has 0
unforward bob
unforward alice

# A program: as its user, with nothing of ours, told what it may know.
forward alice .forward "\"|$scratch/take $homes/alice/got\""
hand_in bob 'alice+lists.x@laptop.test' 'to a program'
eventually test -e "$homes/alice/got"
grep -q '^uid=1001 gid=1001 groups=1001 home=.*/alice$' "$homes/alice/got"
grep -q '^fds=0 1 2 3 $' "$homes/alice/got"
grep -q '^SENDER=bob@laptop.test$' "$homes/alice/got"
grep -q '^RECIPIENT=alice+lists.x@laptop.test$' "$homes/alice/got"
grep -q '^EXTENSION=lists.x$' "$homes/alice/got"
grep -q '^Subject: to a program$' "$homes/alice/got"
grep -q '^Return-Path: <bob@laptop.test>$' "$homes/alice/got"
never grep -q MASQMAIL "$homes/alice/got"
eventually queue_has 0

# It says "later": it is tried again; "no": the mail is returned.
rm "$homes/alice/got"
forward alice .forward "\"|$scratch/take $homes/alice/got 75\""
hand_in bob alice 'later'
eventually queue_says 'to be tried again later'
# The .forward is gone meanwhile: the mailbox takes it, nothing is lost.
unforward alice
masqctl flush >/dev/null
eventually grep -q 'Subject: later' /var/mail/alice
forward alice .forward "\"|$scratch/take $homes/alice/got 67\""
count=$(grep -c '^From ' /var/mail/bob)
hand_in bob alice 'never'
eventually mailbox_has bob $((count + 1))
tr -s '\n ' ' ' </var/mail/bob | grep -q 'there is no such recipient'

# .forward+x for alice+x only; strangers choose x, but no path.
unforward alice
forward alice .forward+work "\"|$scratch/take $homes/alice/work\""
hand_in bob alice+Work@laptop.test 'to work'
eventually test -e "$homes/alice/work"
count=$(grep -c '^From ' /var/mail/alice)
hand_in bob '"alice+/../work"@laptop.test' 'no path'
eventually mailbox_has alice $((count + 1))
unforward alice

# Files: an mbox and a Maildir of one's own, by path.
forward alice .forward '~/in-file' "$homes/alice/In/Dir/" /dev/null
hand_in bob alice 'to files'
eventually grep -qs 'Subject: to files' "$homes/alice/in-file"
eventually grep -qrs 'Subject: to files' "$homes/alice/In/Dir/new"
is_exactly "$(stat -c '%U %a' "$homes/alice/in-file")" 'alice 600'
is_exactly "$(stat -c '%U' "$homes/alice/In/Dir/new/"*)" alice
eventually queue_has 0
forward alice .forward /dev/null
hand_in bob alice 'to nobody'
eventually queue_has 0

# Another's file is no place, even if it could be written.
by bob sh -c 'umask 000; echo mine >~/open'
forward alice .forward "$homes/bob/open"
hand_in bob alice 'not into that'
eventually queue_says 'does not belong to the recipient'
is_exactly "$(cat "$homes/bob/open")" mine
unforward alice
masqctl flush >/dev/null
eventually queue_has 0

# A .forward that may be somebody else's, or that is wrong, is not guessed at.
refuses()
{
	hand_in bob alice "refused: $1"
	eventually queue_says "$2"
	unforward alice
	by alice chmod 755 "$homes/alice"
	masqctl flush >/dev/null
	eventually grep -q "Subject: refused: $1" /var/mail/alice
	eventually queue_has 0
}
forward alice .forward bob
by alice chmod 666 "$homes/alice/.forward"
refuses 'open to all' 'can be written by others'
forward alice .forward bob
by alice chmod 777 "$homes/alice"
refuses 'an open home' 'the home directory can be written by others'
printf 'bob\n' >"$homes/alice/.forward"
chown bob "$homes/alice/.forward"
refuses "another's" 'belongs to somebody else'
by alice mkfifo "$homes/alice/.forward"
refuses 'a pipe' 'is not an ordinary file'
ln -s "$homes/bob/.profile" "$homes/alice/.forward"
refuses "a link of root's" 'symbolic links'
forward alice .forward 'not an address'
refuses 'nonsense' 'line 1 has the target'
forward alice .forward ':include:/etc/passwd'
refuses 'a list' 'only the aliases file'
forward alice .forward '|echo a > b'
refuses 'for a shell' 'no shell runs it'
head -c 70000 /dev/zero | tr '\0' '#' |
	by alice sh -c 'umask 077; cat >~/.forward'
refuses 'large' 'is too large'
# A link of one's own is fine.
by alice sh -c 'umask 077; mkdir ~/dots; echo bob >~/dots/f
	ln -s dots/f ~/.forward'
count=$(grep -c '^From ' /var/mail/bob)
hand_in bob alice 'by a link'
eventually mailbox_has bob $((count + 1))
unforward alice

# Too many.
seq -f 'n%g@laptop.test' 101 | by alice sh -c 'umask 077; cat >~/.forward'
hand_in bob alice 'too many'
eventually grep -q 'stands for more than 100 addresses' \
	"$scratch/masqmaild.log"
unforward alice
eventually queue_has 0

# Programs and files of the aliases: as nobody, one after the other.
install -d -m 777 "$scratch/free"
install -d -m 755 -o nobody -g nogroup "$scratch/lists"
aliases "tickets: \"|$scratch/take $scratch/free/ticket\", bob" \
	"log: $scratch/lists/log" "dir: $scratch/lists/dir/" \
	"two: \"|$scratch/take $scratch/free/one\"," \
	"	\"|$scratch/take $scratch/free/two\"" \
	"*@localhost: \"|$scratch/take $scratch/free/any 0 \${LOCAL}\""
newaliases
count=$(grep -c '^From ' /var/mail/bob)
hand_in alice tickets 'a ticket'
eventually test -e "$scratch/free/ticket"
grep -q '^uid=65534 ' "$scratch/free/ticket"
never grep -q '^uid=.* groups=.*\<8\>' "$scratch/free/ticket"
eventually mailbox_has bob $((count + 1))
hand_in alice two 'both'
eventually test -e "$scratch/free/one"
eventually test -e "$scratch/free/two"
hand_in alice log 'into a file'
hand_in alice dir 'into a Maildir'
eventually grep -q 'Subject: into a file' "$scratch/lists/log"
eventually grep -qr 'Subject: into a Maildir' "$scratch/lists/dir/new"
is_exactly "$(stat -c %U "$scratch/lists/log")" nobody
never test -e /var/mail/nobody
hand_in alice 'whoever@localhost' 'to any'
eventually test -e "$scratch/free/any"
grep -q '^args=.*/any 0 whoever$' "$scratch/free/any"
# A user's mail is never for a catch-all.
count=$(grep -c '^From ' /var/mail/bob)
hand_in alice 'bob@localhost' 'to bob'
eventually mailbox_has bob $((count + 1))
eventually queue_has 0

# The line is another when its turn comes again: what it says now is done.
aliases "later: \"|$scratch/take $scratch/free/never 75\""
hand_in alice later 'edited'
eventually queue_says 'to be tried again later'
aliases 'later: bob'
rm "$scratch/free/never"
count=$(grep -c '^From ' /var/mail/bob)
masqctl flush >/dev/null
eventually mailbox_has bob $((count + 1))
never test -e "$scratch/free/never"

# As root nothing is run, whatever the configuration says.
configure masqmail.conf '[Local]' PipeUser=root
masqctl reload
aliases "never: \"|$scratch/take $scratch/free/asroot\""
hand_in alice never 'as root'
eventually queue_says 'It must not be root.'
never test -e "$scratch/free/asroot"
configure masqmail.conf '[Local]'
masqctl reload
masqctl flush >/dev/null
eventually test -e "$scratch/free/asroot"
grep -q '^uid=65534 ' "$scratch/free/asroot"
eventually queue_has 0

# A circle by way of other machines: it was here too often.
forward alice .forward carol@far.test
{
	for i in 1 2 3 4; do
		printf 'Received: from x by Laptop.Test (masqmail) id %s;\n' $i
		printf '\tMon, 23 Nov 2026 00:00:00 +0000\n'
	done
	letter bob@laptop.test alice@laptop.test 'again and again'
} | by bob sendmail -i -f bob@laptop.test alice
eventually grep -q 'sent on from here' /var/mail/bob
eventually queue_has 0
unforward alice

# Whose primary group is mail keeps the mailbox of all others.
echo "carol:x:1003:8:Carol:$homes/carol:/bin/sh" >>/etc/passwd
install -d -m 700 -o 1003 -g 8 "$homes/carol"
hand_in alice carol 'in the group mail'
eventually mailbox_has carol 1
never test -e "$homes/carol/Maildir"

# Root's mail to whom the configuration says; sub-addresses by '-' too.
aliases
configure masqmail.conf '[General]' RootMail=bob 'Separator=+-' \
	'[Local]' EnvelopeTo=yes
masqctl reload
count=$(grep -c '^From ' /var/mail/bob)
hand_in alice root 'for the owner'
eventually mailbox_has bob $((count + 1))
grep -q '^Envelope-To: root@laptop.test$' /var/mail/bob
hand_in alice bob-news 'by a hyphen'
eventually mailbox_has bob $((count + 2))
