#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Mailboxes that others put something in the place of: at least twelve ways
# to have mail written to where it does not belong. It goes nowhere wrong,
# waits with the reason, and follows once the place is right again.
export SCENARIO_SECONDS=${SCENARIO_SECONDS:-400}
. "${0%/*}/../system-lib.sh"

homes=$scratch/homes
chmod 755 "$homes/alice" "$homes/bob"
# bob's; what must never grow, whoever could write to it.
victim=$homes/bob/victim
by bob sh -c 'umask 000; echo untouched >~/victim; mkdir -m 777 ~/trap
	mkdir -m 777 ~/trap/tmp ~/trap/new ~/trap/cur'
# As on many systems: everybody may make files where the mailboxes are.
chmod 1777 /var/mail
start_daemon

queue_says()
{
	masqctl queue --json | grep -qF -- "$1"
}

is_untouched()
{
	is_exactly "$(cat "$victim")" untouched &&
		is_exactly "$(find "$homes/bob/trap" -type f | wc -l)" 0
}

number=0
# attack REASON: a letter to alice waits for that, and then arrives
attack()
{
	number=$((number + 1))
	hand_in bob alice "attack-$number-"
	eventually queue_says "$1"
	is_untouched
}

# arrives FILE...: after the place was put right
arrives()
{
	masqctl flush >/dev/null
	eventually grep -qrs "Subject: attack-$number-" "$@"
	eventually queue_has 0
	is_untouched
}

clean_spool()
{
	rm -rf /var/mail/alice /var/mail/alice.lock
}

# 1 to 6: what stands for the mailbox is something else.
ln -s "$victim" /var/mail/alice
attack 'is a symbolic link'
clean_spool
arrives /var/mail/alice

clean_spool
by bob ln -s "$homes/bob/nothing" /var/mail/alice
attack 'is a symbolic link'
never test -e "$homes/bob/nothing"
clean_spool
arrives /var/mail/alice

clean_spool
cp "$victim" /var/mail/target
chmod 666 /var/mail/target
chown bob /var/mail/target
ln /var/mail/target /var/mail/alice
attack 'has several names'
is_exactly "$(cat /var/mail/target)" untouched
rm /var/mail/target
clean_spool
arrives /var/mail/alice

clean_spool
by bob sh -c 'umask 000; mkfifo /var/mail/alice'
attack 'is not an ordinary file'
clean_spool
arrives /var/mail/alice

clean_spool
by bob sh -c 'umask 000; mkdir /var/mail/alice'
attack '/var/mail/alice'
is_exactly "$(find /var/mail/alice -type f | wc -l)" 0
clean_spool
arrives /var/mail/alice

clean_spool
by bob sh -c 'umask 000; : >/var/mail/alice'
attack 'does not belong to the recipient'
is_exactly "$(stat -c %s /var/mail/alice)" 0
clean_spool
arrives /var/mail/alice

# 7: her own, but open to all: anybody might rewrite her mail.
chmod 666 /var/mail/alice
attack 'can be written by everybody'
chmod 600 /var/mail/alice
arrives /var/mail/alice

# 8: a device that would swallow it.
if mknod -m 666 /var/mail/device c 1 3 2>/dev/null &&
	: 2>/dev/null >/var/mail/device; then
	clean_spool
	mv /var/mail/device /var/mail/alice
	chown alice /var/mail/alice
	attack 'is not an ordinary file'
	clean_spool
	arrives /var/mail/alice
fi
rm -f /var/mail/device

# 9: her old dot lock is a link to another's file: nothing is written there.
by alice ln -s "$homes/bob/lock" /var/mail/alice.lock
touch -h -d '1 hour ago' /var/mail/alice.lock
number=$((number + 1))
hand_in bob alice "attack-$number-"
eventually grep -q "attack-$number-" /var/mail/alice
never test -e "$homes/bob/lock"
eventually queue_has 0

# The same for a Maildir.
configure masqmail.conf '[Local]' Delivery=maildir
masqctl reload

own_maildir()
{
	rm -rf "$homes/alice/Maildir"
}

# 10 to 14: the Maildir, or a part of it, is another's.
ln -s "$homes/bob/trap" "$homes/alice/Maildir"
attack 'Maildir'
own_maildir
arrives "$homes/alice/Maildir/new"

own_maildir
by alice ln -s "$homes/bob/trap" "$homes/alice/Maildir"
attack 'does not belong to the recipient'
own_maildir
arrives "$homes/alice/Maildir/new"

own_maildir
by alice mkdir -p "$homes/alice/Maildir/tmp" "$homes/alice/Maildir/cur"
by alice ln -s "$homes/bob/trap/new" "$homes/alice/Maildir/new"
attack 'is not a directory'
own_maildir
arrives "$homes/alice/Maildir/new"

own_maildir
by alice mkdir -p "$homes/alice/Maildir/new" "$homes/alice/Maildir/cur"
by alice mkfifo "$homes/alice/Maildir/tmp"
attack 'is not a directory'
own_maildir
arrives "$homes/alice/Maildir/new"

own_maildir
mkdir -m 777 "$homes/alice/Maildir"
attack 'does not belong to the recipient'
own_maildir
arrives "$homes/alice/Maildir/new"

# 15: her whole home was replaced by another's.
mv "$homes/alice" "$homes/kept"
ln -s bob/trap "$homes/alice"
chmod 777 "$homes/bob"
attack 'does not belong to the recipient'
rm "$homes/alice"
mv "$homes/kept" "$homes/alice"
chmod 755 "$homes/bob"
arrives "$homes/alice/Maildir/new"

# 16: directories that are swapped while mail is delivered. alice's own
# program does it, as often as it can; her mail may end in any directory of
# hers, and none of it in what is another's, whatever the moment.
own_maildir
cat >"$scratch/swap" <<'END'
import ctypes, os, sys, time
os.setgroups([])
os.setresgid(1001, 1001, 1001)
os.setresuid(1001, 1001, 1001)
libc = ctypes.CDLL(None, use_errno=True)
home, trap = os.fsencode(sys.argv[1]), os.fsencode(sys.argv[2])
os.chdir(home)

def swap(name, target):
    """At no moment is there none: RENAME_EXCHANGE, there and back."""
    link = name + b'.trap'
    try:
        os.symlink(target, link)
        libc.renameat2(-100, link, -100, name, 2)
        time.sleep(0.001)
        libc.renameat2(-100, link, -100, name, 2)
        os.unlink(link)
    except OSError:
        pass

end = time.monotonic() + 6
while time.monotonic() < end:
    swap(b'Maildir', trap)
    swap(b'Maildir/new', trap + b'/new')
    swap(b'Maildir/tmp', trap + b'/tmp')
END
by alice mkdir -p "$homes/alice/Maildir/new" "$homes/alice/Maildir/tmp"
"$PYTHON3" "$scratch/swap" "$homes/alice" "$homes/bob/trap" &
swapper=$!
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	hand_in bob alice "swapped-$i-"
done
wait "$swapper"
all_swapped_arrived()
{
	masqctl flush >/dev/null
	is_exactly "$(grep -rl 'Subject: swapped-' "$homes/alice" |
		grep -c /new/)" 12
}
patience=60 eventually all_swapped_arrived
is_untouched
[ "$number" -ge 14 ]
