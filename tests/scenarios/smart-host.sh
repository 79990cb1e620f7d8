#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A smart host with TLS and a login, by every mechanism that Dovecot knows.
# Whatever is wrong with it makes mail wait and says why: nothing goes in
# clear, nothing comes back, and the password is nowhere but in its file.
. "${0%/*}/../lib.sh"

password=x7-correct-horse
network home 10.1.0.1/24 02:00:00:00:01:01
submission isp home 10.1.0.1 smtp.isp.test ada "$password"
host smtp.isp.test 10.1.0.1
host other.isp.test 10.1.0.1
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=isp
secret isp "$password"

route()
{
	configure routes/isp.conf '[Relay]' User=ada "CaFile=$ca" \
		"Owner=$(id -un)" "$@"
}

now_route()
{
	route "$@"
	masqctl reload >/dev/null
	masqctl flush >/dev/null 2>&1 || :
}

waits_because()
{
	masqctl queue --json | grep -qF -- "$1"
}

logins()
{
	grep -c "Login: user=<ada>.*method=$1" "$scratch/isp.log" || :
}

route Host=smtp.isp.test
start_agent
join home 10.1.0.2/24

# The mechanisms.
for mechanism in PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256; do
	now_route Host=smtp.isp.test "Auth=${mechanism,,}"
	send ada@home.test bob@far.test "by $mechanism"
	eventually sink_has isp "by $mechanism"
	[ "$(logins "$mechanism")" -ge 1 ]
done

# The strongest by itself, and TLS from the first byte.
now_route Host=smtp.isp.test Tls=implicit
before=$(logins SCRAM-SHA-256)
send ada@home.test bob@far.test 'implicitly'
eventually sink_has isp 'implicitly'
[ "$(logins SCRAM-SHA-256)" -gt "$before" ]
masqctl routes --json | grep -q 'TLSv1.3 verified, login by SCRAM-SHA-256'
eventually queue_has 0

# A certificate for another name: both are told.
now_route Host=other.isp.test
send ada@home.test bob@far.test 'wrong name'
eventually waits_because \
	'answered for other.isp.test has a certificate for smtp.isp.test'

# One by an authority that nobody knows.
now_route Host=smtp.isp.test CaFile=
eventually waits_because 'was made by nobody this computer trusts'

# A password that is not right.
secret isp not-the-password
now_route Host=smtp.isp.test
eventually waits_because 'refused the login of ada'

# A port where nobody is.
now_route Host=smtp.isp.test Port=5870
eventually waits_because 'refused the connection'

never sink_has isp 'wrong name'
queue_has 1
secret isp "$password"
now_route Host=smtp.isp.test
eventually sink_has isp 'wrong name'
eventually queue_has 0
sleep 0.2
is_exactly "$(grep -rlF 'wrong name' "$scratch/isp.mail" | wc -l)" 1

# Many messages, few connections.
leave home
before=$(logins SCRAM-SHA-256)
for i in {1..60}; do
	send ada@home.test bob@far.test "many $i."
done
queue_has 60
join home 10.1.0.2/24
eventually queue_has 0
for i in {1..60}; do
	sink_has isp "many $i."
done
[ $(($(logins SCRAM-SHA-256) - before)) -le 6 ]

# The password is in no log and no queue, and after the login in nobody's
# memory: not even the worker's that waits for more mail.
never grep -rqF -- "$password" "$spool" "$HOME/agent.log"
knows_password()
{
	"${PYTHON3:-python3}" - "$1" "$password" <<-'END'
	import sys
	pid, secret = sys.argv[1], sys.argv[2].encode()
	try:
	    memory = open('/proc/%s/mem' % pid, 'rb')
	    maps = list(open('/proc/%s/maps' % pid))
	    for line in maps:
	        where, rights = line.split()[:2]
	        start, end = (int(text, 16) for text in where.split('-'))
	        if 'r' not in rights or '[v' in line:
	            continue
	        memory.seek(start)
	        if secret in memory.read(end - start):
	            print('process %s knows the password' % pid)
	            sys.exit(0)
	except (OSError, ValueError) as error:
	    print('process %s not looked at: %s' % (pid, error))
	sys.exit(1)
	END
}
knows_password $$
send ada@home.test bob@far.test 'the last one'
eventually sink_has isp 'the last one'
agent=$(cat "$HOME/agent.pid")
pgrep -P "$agent" smtp-out
for pid in "$agent" $(pgrep -P "$agent"); do
	never knows_password "$pid"
done
