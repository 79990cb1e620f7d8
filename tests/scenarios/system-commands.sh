#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The system's service runs commands as the user that its own files name,
# with a small environment, and nobody else can name one. Secrets of a person
# come from that person's agent only.
. "${0%/*}/../system-lib.sh"

password=x7-correct-horse-battery
network home 10.1.0.1/24 02:00:00:00:01:01
submission isp home 10.1.0.1 smtp.isp.test ada "$password"
host smtp.isp.test 10.1.0.1
configure profiles/Home.conf '[Match]' 'Subnet=10.1.0.0/24' \
	'[Use]' Routes=isp

route()
{
	configure routes/isp.conf '[Relay]' Host=smtp.isp.test User=ada \
		"CaFile=$ca" "$@" '[Match]' Users=alice
}

# Else mail could still go over a connection of the route as it was.
has_hung_up()
{
	! pgrep -x smtp-out >/dev/null
}

now_route()
{
	route "$@"
	masqctl reload >/dev/null
	eventually has_hung_up
	masqctl flush >/dev/null 2>&1 || :
}

waits_because()
{
	masqctl queue --json | grep -qF -- "$1"
}

cat >"$scratch/password" <<-END
	#!/bin/sh
	exec 2>"\$HOME/asked"
	{
		id -un; id -Gn; pwd; ls -C /proc/self/fd; env
		grep -h NoNewPrivs /proc/self/status
		cut -d ' ' -f 5,6 /proc/self/stat
	} >&2
	echo $password
END
chmod 755 "$scratch/password"

# As its owner, with that owner's groups and home, and no more than needed.
route Owner=alice "PasswordCommand=$scratch/password"
start_daemon
join home 10.1.0.2/24
hand_in alice carol@far.test 'by command'
eventually sink_has isp 'by command'
asked=$scratch/homes/alice/asked
is_exactly "$(sed -n 1,3p "$asked")" \
	"$(printf '%s\n' alice alice "$scratch/homes/alice")"
is_exactly "$(sed -n 4p "$asked" | wc -w)" 4
is_exactly "$(sed -n '/=/s/=.*//p' "$asked" |
	grep -Ev '^(LANG|LANGUAGE|LC_.*|TZ|PWD|OLDPWD|SHLVL|_)$' | sort |
	tr '\n' ' ')" 'HOME HOST LOGNAME PATH ROUTE SHELL USER '
grep -q $'^NoNewPrivs:\t0' "$asked"

# With Sandbox=yes it gains no rights, and writes at home only.
now_route Owner=alice Sandbox=yes "PasswordCommand=$scratch/password"
rm "$asked"
hand_in alice carol@far.test 'in the sandbox'
eventually sink_has isp 'in the sandbox'
grep -q $'^NoNewPrivs:\t1' "$asked"

# Never as root, nor as nobody in particular.
now_route Owner=root "PasswordCommand=$scratch/password"
hand_in alice carol@far.test 'as root'
eventually waits_because 'run a command as root'
now_route "PasswordCommand=$scratch/password"
eventually waits_because 'nobody knows as whom to run it'
never test -e /root/asked

# A file that somebody else could write names no command.
route Owner=alice "PasswordCommand=$scratch/password"
chown alice "$conf/routes/isp.conf"
masqctl reload >/dev/null
masqctl flush >/dev/null 2>&1 || :
eventually waits_because 'must belong to the daemon'
chmod 664 "$conf/routes/isp.conf"
chown root "$conf/routes/isp.conf"
masqctl reload >/dev/null
masqctl flush >/dev/null 2>&1 || :
eventually waits_because 'writable by nobody else'

# Another's agent is not asked.
agent()
{
	local user=$1

	shift
	: >"$scratch/agent-$user.log"
	by "$user" python3 "$top_srcdir/tests/agent.py" \
		"$runstatedir/masqmail/agent" "$@" \
		>"$scratch/agent-$user.log" 2>&1 &
	eventually grep -q waiting "$scratch/agent-$user.log"
}
agent bob secret 'what bob would like to say'
now_route Owner=alice
chmod 644 "$conf/routes/isp.conf"
eventually waits_because 'no agent of that user'
agent alice secret "$password"
now_route Owner=alice
eventually sink_has isp 'as root'
never grep -q secret "$scratch/agent-bob.log"

# Only so many may wait.
for i in 2 3 4; do
	: >"$scratch/agent-$i.log"
	by bob python3 "$top_srcdir/tests/agent.py" \
		"$runstatedir/masqmail/agent" silent \
		>"$scratch/agent-$i.log" 2>&1 &
	eventually grep -q waiting "$scratch/agent-$i.log"
done
by bob timeout 20 python3 "$top_srcdir/tests/agent.py" \
	"$runstatedir/masqmail/agent" silent >"$scratch/agent-5.log"
grep -q 'shown out' "$scratch/agent-5.log"
