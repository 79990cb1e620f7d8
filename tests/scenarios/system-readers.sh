#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is delivered is read back by others: mutt, Dovecot and Python read the
# mbox and the Maildir; several write to one mbox while a reader locks and
# rewrites it; procmail, dovecot-lda and a sieve filter take mail as the MDA;
# a full disk makes it wait.
export SCENARIO_SECONDS=${SCENARIO_SECONDS:-400}
. "${0%/*}/../system-lib.sh"

homes=$scratch/homes
chmod 755 "$homes/alice" "$homes/bob"
for program in usr/bin/procmail usr/lib/dovecot/dovecot-lda \
	usr/lib/dovecot/modules/lib90_sieve_plugin.so; do
	[ -e "$peers/$program" ] || {
		echo "SKIP: no $program"
		exit 77
	}
done
command -v mutt >/dev/null || {
	echo 'SKIP: no mutt here'
	exit 77
}
# Where everybody can reach it; not in what is removed in the end.
mkdir /run/peers
mount --bind "$peers" /run/peers
mount -o remount,bind,ro /run/peers
peers=/run/peers
cat >"$scratch/dovecot.conf" <<-END
	base_dir = $scratch/nowhere
	libexec_dir = $peers/usr/lib/dovecot
	mail_plugin_dir = $peers/usr/lib/dovecot/modules
	import_environment = LD_LIBRARY_PATH=$peers/usr/lib/dovecot
	log_path = /dev/stderr
	ssl = no
	postmaster_address = postmaster@laptop.test
	mbox_read_locks = fcntl
	mbox_write_locks = fcntl dotlock
	mail_privileged_group = mail
	protocol lda {
	  mail_plugins = sieve
	}
	plugin {
	  sieve = ~/.dovecot.sieve
	}
END
cat >"$scratch/dove" <<-END
	#!/bin/sh
	# dove PROGRAM MAIL_LOCATION ARGUMENT...
	export LD_LIBRARY_PATH=$peers/usr/lib/dovecot
	program=\$1 location=\$2
	shift 2
	exec $peers/usr/\$program -c $scratch/dovecot.conf \\
		-o "mail_location=\$location" "\$@"
END
chmod 755 "$scratch/dove"

# As a mail reader that may lock: with the group mail.
reads()
{
	local user=$1

	shift
	setpriv --reuid "$user" --regid "$user" --groups mail \
		env -i HOME="$homes/$user" USER="$user" PATH="$PATH" \
		TERM=xterm LANG=C.UTF-8 "$@"
}

dovecot_reads() # LOCATION
{
	reads alice "$scratch/dove" bin/doveadm "$1" fetch \
		'hdr.subject body' mailbox INBOX 2>"$scratch/doveadm.log"
}

# All that mutt shows of the mailbox, printed.
mutt_reads()
{
	rm -f "$homes/alice/printed"
	cat >"$homes/alice/muttrc" <<-END
		set folder="$homes/alice" spoolfile="$1" pager=builtin quit=yes
		set move=no header=no sleep_time=0 wait_key=no print=yes
		set print_command="cat >>$homes/alice/printed" print_decode=yes
		set print_split=no charset=UTF-8 read_only=yes
	END
	reads alice /usr/bin/python3 - "$homes/alice/muttrc" <<-'END'
	import os, pty, select, sys, time
	pid, fd = pty.fork()
	if pid == 0:
	    os.execvp('mutt', ['mutt', '-R', '-n', '-F', sys.argv[1], '-e',
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
}

start_daemon

# ---- what is hard to keep in an mbox
hard_letter()
{
	cat <<-END
		From: bob@laptop.test
		To: alice@laptop.test
		Subject: hard $1

		From the first line on
		>From the second
		>>From the third

		From bob Thu Jan  1 00:00:00 1970
		.
		the end of $1
	END
}
for kind in mbox maildir; do
	configure masqmail.conf '[Local]' Delivery=$kind
	masqctl reload >/dev/null
	for i in 1 2 3; do
		hard_letter $kind-$i | by bob sendmail -i alice
	done
	eventually queue_has 0
done
mailbox_has alice 3
is_exactly "$(count "$homes/alice/Maildir/new"/*)" 3
for place in mbox:/var/mail/alice maildir:$homes/alice/Maildir; do
	kind=${place%%:*}
	location=$place
	[ $kind = maildir ] ||
		location=mbox:$homes/alice/folders:INBOX=/var/mail/alice
	dovecot_reads "$location" >"$scratch/read"
	is_exactly "$(grep -c "^hdr.subject: hard $kind-" "$scratch/read")" 3
	is_exactly "$(grep -c "^the end of $kind-" "$scratch/read")" 3
	mutt_reads "${place#*:}"
	is_exactly "$(grep -c "^Subject: hard $kind-" "$homes/alice/printed")" 3
	is_exactly "$(grep -c "^the end of $kind-" "$homes/alice/printed")" 3
	is_exactly "$(grep -c '^>*From the first line' \
		"$homes/alice/printed")" 3
done

# ---- many writers and a reader, all with locks
configure masqmail.conf '[Local]' Delivery=mbox
masqctl reload >/dev/null
rm -f /var/mail/alice
cat >"$scratch/numbered" <<'END'
import sys
name = sys.argv[1]
print(f'From: bob@laptop.test\nTo: alice@laptop.test\nSubject: {name}\n')
for line in range(400):
    # Dovecot's own writer leaves such lines as they are.
    start = 'From ' if line % 50 == 0 and name.startswith('ours') else ''
    print(f'{start}{name} {line}')
END
cat >"$scratch/look" <<'END'
import mailbox, os, sys, time
end = time.monotonic() + 300
while not os.path.exists(sys.argv[1]) and time.monotonic() < end:
    try:
        box = mailbox.mbox('/var/mail/alice', create=False)
        box.lock()
        # Nobody writes while this is ours, and nothing is half there.
        size = os.stat('/var/mail/alice').st_size
        time.sleep(0.01)
        for message in box:
            name = message['Subject']
            assert message.get_payload().rstrip().endswith(f'{name} 399')
        assert os.stat('/var/mail/alice').st_size == size, 'not locked'
        box.unlock()
        open(os.path.expanduser('~/looked'), 'w').close()
    except (mailbox.ExternalClashError, mailbox.NoSuchMailboxError):
        pass
    time.sleep(0.02)
END
reads alice /usr/bin/python3 "$scratch/look" "$scratch/done" &
reader=$!
inbox=mbox:$homes/alice/folders:INBOX=/var/mail/alice
# A mail program that writes into what it has read.
while [ ! -e "$scratch/done" ]; do
	reads alice "$scratch/dove" bin/doveadm "$inbox" flags add '\Seen' \
		mailbox INBOX all
	reads alice "$scratch/dove" bin/doveadm "$inbox" flags remove \
		'\Seen' mailbox INBOX all
	sleep 0.2
done 2>>"$scratch/doveadm.log" &
marker=$!
for i in $(seq 6); do
	/usr/bin/python3 "$scratch/numbered" "lda-$i" |
		reads alice "$scratch/dove" lib/dovecot/dovecot-lda \
			"$inbox" -e -f bob@laptop.test 2>>"$scratch/lda.log"
done &
writer=$!
for i in $(seq 12); do
	/usr/bin/python3 "$scratch/numbered" "ours-$i" |
		by bob sendmail -i alice
done
wait "$writer"
is_drained()
{
	masqctl flush >/dev/null
	queue_has 0
}
patience=200 eventually is_drained
eventually test -e "$homes/alice/looked"
touch "$scratch/done"
wait "$reader"
wait "$marker" || :
cat >"$scratch/whole" <<'END'
import mailbox, re
box = mailbox.mbox('/var/mail/alice')
seen = set()
for message in box:
    name = message['Subject']
    lines = message.get_payload().rstrip('\n').split('\n')
    lines = [re.sub('^>*From ', '', line) for line in lines]
    assert lines == [f'{name} {n}' for n in range(400)], name
    assert name not in seen, name
    seen.add(name)
assert seen == {f'lda-{n}' for n in range(1, 7)} | \
    {f'ours-{n}' for n in range(1, 13)}, seen
END
/usr/bin/python3 "$scratch/whole"
dovecot_reads "$inbox" >"$scratch/read"
is_exactly "$(grep -c '^hdr.subject: ours-' "$scratch/read")" 12
is_exactly "$(grep -c '^hdr.subject: lda-' "$scratch/read")" 6

# ---- real programs as the MDA, as their user
configure masqmail.conf '[Local]' Delivery=maildir \
	'[Local alice]' "Mda=$peers/usr/bin/procmail -t -f \${SENDER}" \
	'[Local bob]' "Mda=$scratch/dove lib/dovecot/dovecot-lda \
maildir:~/Mail -e -f \${SENDER} -a \${RECIPIENT}"
masqctl reload >/dev/null
by alice sh -c 'umask 077; cat >~/.procmailrc' <<-END
	MAILDIR=$homes/alice
	DEFAULT=$homes/alice/sorted/
	:0
	* ^Subject:.*list
	lists
END
hand_in bob alice 'by procmail'
hand_in bob alice 'to the list'
eventually grep -qrs 'Subject: by procmail' "$homes/alice/sorted/new"
eventually grep -qs 'Subject: to the list' "$homes/alice/lists"
is_exactly "$(stat -c '%U %G' "$homes/alice/lists")" 'alice alice'
by bob sh -c 'umask 077; cat >~/.dovecot.sieve' <<-END
	require ["fileinto", "mailbox"];
	if header :contains "Subject" "sieve" {
		fileinto :create "Sieved";
	}
END
hand_in alice bob 'by dovecot-lda'
hand_in alice bob 'for the sieve'
eventually grep -qrs 'Subject: by dovecot-lda' "$homes/bob/Mail/new"
eventually grep -qrs 'Subject: for the sieve' "$homes/bob/Mail/.Sieved/new"
grep -qr '^Delivered-To: bob@laptop.test' "$homes/bob/Mail/new"
eventually queue_has 0

# An MDA that is not there, or that fails, loses nothing.
queue_says()
{
	masqctl queue --json | grep -qF -- "$1"
}
configure masqmail.conf '[Local]' Delivery=maildir Mda=/nonexistent/mda
masqctl reload >/dev/null
hand_in bob alice 'patience'
eventually queue_says '/nonexistent/mda'
configure masqmail.conf '[Local]' Delivery=maildir
masqctl reload >/dev/null
masqctl flush >/dev/null
eventually grep -qrs 'Subject: patience' "$homes/alice/Maildir/new"

# ---- a full home: later, whole, and nothing is left of the first try
mount -t tmpfs -o size=64k,uid=1001,gid=1001,mode=755 tmpfs "$homes/alice"
{
	letter bob@laptop.test alice@laptop.test large
	seq 20000
} | by bob sendmail -i -f bob@laptop.test alice
eventually queue_says 'The disk is full'
is_exactly "$(find "$homes/alice" -type f | wc -l)" 0
mount -o remount,size=8m "$homes/alice"
masqctl flush >/dev/null
eventually grep -qrs '^20000$' "$homes/alice/Maildir/new"
eventually queue_has 0
configure masqmail.conf '[Local]' Delivery=mbox Mbox=box
masqctl reload >/dev/null
hand_in bob alice 'small one'
eventually grep -qs 'Subject: small one' "$homes/alice/box"
sum=$(md5sum <"$homes/alice/box")
by alice sh -c 'head -c 20m /dev/zero >~/filler 2>/dev/null || :'
{
	letter bob@laptop.test alice@laptop.test large
	seq 20000
} | by bob sendmail -i -f bob@laptop.test alice
eventually queue_says 'The disk is full'
is_exactly "$(md5sum <"$homes/alice/box")" "$sum"
rm "$homes/alice/filler"
masqctl flush >/dev/null
eventually grep -qs '^20000$' "$homes/alice/box"
umount "$homes/alice"
