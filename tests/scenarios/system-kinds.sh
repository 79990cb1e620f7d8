#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What must not be: delivery as root, another's drop file, more rights for a
# program than it needs. And a bounce, which is written by nobody's friend.
. "${0%/*}/../system-lib.sh"

network home 10.1.0.1/24 02:00:00:00:01:01
sink strict home 10.1.0.1 25 -f RCPT
configure routes/strict.conf '[Relay]' Host=10.1.0.1 Port=25 Tls=never \
	Insecure=yes
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=strict Trust=yes
start_daemon

has_given_up()
{
	local process

	for process in /proc/[0-9]*; do
		[ "$(cat "$process/comm")" != "$1" ] ||
			is_exactly "$(grep NoNewPrivs "$process/status")" \
				$'NoNewPrivs:\t1'
	done 2>/dev/null
}
has_given_up engine

# Refused far away: the sender hears of it.
join home 10.1.0.2/24
hand_in alice carol@far.test 'nobody wants this'
eventually mailbox_has alice 1
grep -q 'nobody wants this' /var/mail/alice
grep -q 'carol@far.test' /var/mail/alice

# Root's mail is for the first person, and never written by root.
hand_in bob root 'to the superuser'
eventually mailbox_has alice 2
grep -q 'to the superuser' /var/mail/alice
never test -e /var/mail/root

# A file of somebody else, renamed into the directory, is not taken.
stop_daemon
hand_in bob alice 'forged'
mkdir -m 777 "$scratch/open"
mv "$spool"/drop/* "$scratch/open/"
by alice ln "$scratch/open"/* "$spool/drop/" 2>/dev/null || :
mv "$scratch/open"/* "$spool/drop/0123456789abcdef0123456789abcdef"
start_daemon
hand_in bob alice 'true'
eventually mailbox_has alice 3
never grep -q 'forged' /var/mail/alice
grep -q 'not taken' "$scratch/masqmaild.log"

# Where there is no person yet, it waits and says so.
waits_for_a_person()
{
	masqctl queue --json | grep -q 'Nobody is known who reads root'
}
sed -i '/^alice:/d; /^bob:/d' /etc/passwd
letter root@laptop.test root 'is there anybody' | sendmail -i root
eventually waits_for_a_person
