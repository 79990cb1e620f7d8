#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Names that stand for others: root's mail reaches a human, a list leads
# here and far away, an edit of the file reaches what waits, and a circle is
# returned with the way it goes.
. "${0%/*}/../system-lib.sh"

network home 10.1.0.1/24 02:00:00:00:01:01
sink far home 10.1.0.1
configure routes/far.conf '[Relay]' Host=10.1.0.1 Port=25 Tls=never \
	Insecure=yes
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=far Trust=yes
start_daemon

explains()
{
	masqctl explain "$1" >"$scratch/explain.out"
	grep -qF -- "$2" "$scratch/explain.out"
}

queue_says()
{
	masqctl queue --json | grep -qF -- "$1"
}

aliases()
{
	printf '%s\n' "$@" >/etc/aliases.new
	mv /etc/aliases.new /etc/aliases
}

# Nobody wrote an aliases file: the first who can log in reads root's mail.
letter root@laptop.test root 'cron: nothing to do' | sendmail -i root
eventually mailbox_has alice 1
grep -q 'cron: nothing to do' /var/mail/alice
grep -q 'Delivered-To: alice@laptop.test' /var/mail/alice
eventually queue_has 0
hand_in bob Postmaster@laptop.test 'to whom it concerns'
eventually mailbox_has alice 2
explains root "Root's mail goes to alice."

# A list with a target here and one elsewhere, which waits for a network.
aliases 'root: bob' 'Team: alice, bob, carol@far.test' 'bob: \bob'
hand_in alice team@laptop.test 'for the team'
eventually mailbox_has alice 3
eventually mailbox_has bob 1
eventually queue_has 1
queue_says carol@far.test
explains team 'The mail goes to carol@far.test.'
join home 10.1.0.2/24
eventually sink_has far 'for the team'
sink_has far '<carol@far.test>'
eventually queue_has 0

# Who gets it twice gets it once.
by alice sendmail -i -f alice@laptop.test root bob <<-'END'
	Subject: once

	Once.
	END
eventually mailbox_has bob 2
eventually queue_has 0
mailbox_has bob 2

# A line that cannot be used: nothing is run, nothing is returned, all is
# said. The edit that mends it is seen at once.
aliases 'tickets: "|echo a > /tmp/never"' 'wrong line'
hand_in alice tickets 'a ticket'
eventually queue_says 'line 1: \"tickets\" has a command with'
masqctl status | grep -q 'line 2 has no "name:"'
never newaliases
never test -e /tmp/never
mailbox_has alice 3
aliases 'tickets: bob'
newaliases
eventually mailbox_has bob 3
grep -q 'a ticket' /var/mail/bob
eventually queue_has 0

# Held back by hand, the file edited meanwhile: the edit counts.
aliases 'later: never there'
hand_in alice later 'held back'
eventually queue_says 'no address'
masqctl hold --all
aliases 'later: bob'
explains later 'The mail goes to bob@laptop.test.'
mailbox_has bob 3
masqctl release --all
eventually mailbox_has bob 4
never test -e /tmp/never

# In a list of its own.
mkdir -p /etc/mail
echo 'bob # only he' >/etc/mail/staff
aliases 'staff: :include:/etc/mail/staff'
hand_in alice staff 'to the staff'
eventually mailbox_has bob 5
printf 'no address\n' >/etc/mail/staff
hand_in alice staff 'to the new staff'
eventually queue_says 'includes /etc/mail/staff, whose line 1'
printf 'alice\n' >/etc/mail/staff
eventually mailbox_has alice 4
grep -q 'to the new staff' /var/mail/alice

# Thrown away, refused, and round in a circle.
aliases 'noreply: :blackhole:' 'old: :fail: She left; ask bob.' \
	'one: two' 'two: bob, three' 'three: one'
hand_in alice noreply 'to nobody'
eventually queue_has 0
hand_in alice old 'to the old one'
eventually mailbox_has alice 5
grep -q 'She left; ask bob.' /var/mail/alice
hand_in alice one 'round and round'
eventually mailbox_has alice 6
tr -s '\n ' ' ' </var/mail/alice | grep -q 'one -> two -> three -> one'
mailbox_has bob 5

# A report that cannot be returned is the postmaster's; if that one fails
# as well it is told in the log, and nothing goes round for ever.
aliases 'old: :fail: She left.' 'postmaster: :fail: Nobody does this.'
letter '<>' old 'about nothing' | sendmail -i -f '<>' old
eventually grep -q 'A report to the postmaster could not be delivered' \
	"$scratch/masqmaild.log"
eventually queue_has 0
is_exactly "$(grep -c 'report to the postmaster could' \
	"$scratch/masqmaild.log")" 1
mailbox_has alice 6

# A file that cannot be read is not an empty one.
chmod 600 /etc/aliases
hand_in bob alice 'patience'
eventually queue_says 'The aliases cannot be read'
chmod 644 /etc/aliases
eventually mailbox_has alice 7

# What was expanded is so after a crash as well.
leave home
aliases 'both: bob, carol@far.test'
hand_in alice both 'twice'
eventually mailbox_has bob 6
eventually queue_has 1
kill_daemon
aliases 'both: alice'
start_daemon
queue_has 1
mailbox_has bob 6
mailbox_has alice 7
