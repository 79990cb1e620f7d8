# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# As lib.sh, for scenarios of the system's service: masqmaild as root with
# its users masqmail, masqmail-net and masqmail-in, and the people alice and
# bob. They are of this scenario only: it has its own passwd and group,
# /etc, /run, /var/spool, /var/mail, and the prefix with "make install" in
# it. One uid in a user namespace is not enough for that, so it takes root or
# a range in /etc/subuid; else the scenario is skipped.
#
#	start_daemon, stop_daemon, kill_daemon
#	by USER COMMAND...	as alice, bob or root
#	mailbox_has USER N	messages in /var/mail/USER
#	runs_as PROGRAM USER	all its processes, and at least one
system_mode=yes
# shellcheck source=tests/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

# What configure was told, from the makefile it wrote.
read_directories()
{
	local name

	for name in prefix exec_prefix sysconfdir localstatedir runstatedir; do
		eval "$name=\"$(sed -n "s/^$name = //p" \
			"$top_builddir/Makefile")\""
	done
}

make_users()
{
	cat >"$scratch/etc/passwd" <<-END
	root:x:0:0:root:/root:/bin/sh
	nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
	masqmail:x:901:901::$localstatedir/spool/masqmail:/usr/sbin/nologin
	masqmail-net:x:902:902::/nonexistent:/usr/sbin/nologin
	masqmail-in:x:903:903::/nonexistent:/usr/sbin/nologin
	alice:x:1001:1001:Alice:$scratch/homes/alice:/bin/sh
	bob:x:1002:1002:Bob:$scratch/homes/bob:/bin/sh
	END
	cat >"$scratch/etc/group" <<-END
	root:x:0:
	mail:x:8:
	nogroup:x:65534:
	masqmail:x:901:
	masqmail-net:x:902:
	masqmail-in:x:903:
	alice:x:1001:
	bob:x:1002:
	END
	mkdir -p "$scratch/homes"
	install -d -m 700 -o 1001 -g 1001 "$scratch/homes/alice"
	install -d -m 700 -o 1002 -g 1002 "$scratch/homes/bob"
}

# The rest of /etc that programs look at, and nothing of this machine's mail.
make_etc()
{
	local file

	mkdir -p "$scratch/etc"
	for file in ld.so.cache ld.so.conf ld.so.conf.d localtime services \
		protocols ssl alternatives; do
		[ ! -e "/etc/$file" ] || cp -a "/etc/$file" "$scratch/etc/"
	done
	printf 'passwd: files\ngroup: files\nhosts: files dns\n' \
		>"$scratch/etc/nsswitch.conf"
	echo laptop.test >"$scratch/etc/mailname"
	ln "$scratch/hosts" "$scratch/etc/hosts"
	ln "$scratch/resolv.conf" "$scratch/etc/resolv.conf"
}

install_programs()
{
	if [ "$prefix" = /usr ] || [ ! -d "$prefix" ]; then
		echo "SKIP: the prefix $prefix cannot be replaced"
		exit 77
	fi
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C "$top_builddir" \
		install DESTDIR="$scratch/root" >"$scratch/install.out" 2>&1
	mount --bind "$scratch/root$prefix" "$prefix"
	if ! setpriv --reuid 1001 --regid 1001 --clear-groups \
		test -x "$prefix/sbin/masqmail"; then
		echo "SKIP: the prefix $prefix is not for everybody"
		exit 77
	fi
	PATH=$prefix/sbin:$prefix/bin:$PATH
}

read_directories
umask 022
make_etc
make_users
mount --bind "$scratch/etc" /etc
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /var/spool
mount -t tmpfs -o mode=2775,gid=8 tmpfs /var/mail
install_programs
unset XDG_CONFIG_HOME XDG_STATE_HOME XDG_RUNTIME_DIR MASQMAIL_LIBEXEC
export HOME=/root
conf=$sysconfdir/masqmail
spool=$localstatedir/spool/masqmail
mkdir -p "$conf" "$localstatedir/spool" "$runstatedir"

by()
{
	local user=$1 home

	shift
	home=$(awk -F: -v user="$user" '$1 == user { print $6 }' /etc/passwd)
	setpriv --reuid "$user" --regid "$user" --init-groups \
		env -i HOME="$home" USER="$user" PATH="$PATH" LANG=C.UTF-8 \
		ASAN_OPTIONS="$ASAN_OPTIONS" "$@"
}

daemon_answers()
{
	[ -S "$runstatedir/masqmail/submit" ] && mailq >/dev/null 2>&1
}

start_daemon()
{
	masqmaild </dev/null >>"$scratch/masqmaild.log" 2>&1 &
	echo $! >"$scratch/masqmaild.pid"
	eventually daemon_answers
}

daemon_is_gone()
{
	! kill -0 "$(cat "$scratch/masqmaild.pid")" 2>/dev/null
}

stop_daemon()
{
	kill "$(cat "$scratch/masqmaild.pid")"
	eventually daemon_is_gone
}

kill_daemon()
{
	kill -9 "$(cat "$scratch/masqmaild.pid")"
	eventually daemon_is_gone
}

# letter FROM TO SUBJECT: a message for sendmail
letter()
{
	printf 'From: %s\nTo: %s\nSubject: %s\n\nHello.\n' "$@"
}

# hand_in USER TO SUBJECT
hand_in()
{
	letter "$1@laptop.test" "$2" "$3" |
		by "$1" sendmail -i -f "$1@laptop.test" "$2"
}

mailbox_has()
{
	[ -e "/var/mail/$1" ] &&
		is_exactly "$(grep -c '^From ' "/var/mail/$1")" "$2"
}

# The uids of all processes of PROGRAM, real, effective, saved and for files.
runs_as()
{
	local process name uids found=no

	for process in /proc/[0-9]*; do
		read -r name <"$process/comm" || continue
		[ "$name" = "$1" ] || continue
		uids=$(awk '/^Uid:/ { print $2, $3, $4, $5 }' \
			"$process/status") || continue
		[ "$uids" = "$(id -u "$2") $(id -u "$2") $(id -u "$2") \
$(id -u "$2")" ] || return 1
		found=yes
	done 2>/dev/null
	[ "$found" = yes ]
}
