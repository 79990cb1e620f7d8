#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is known of each next hop: one that swallows every packet delays no
# other, what was learnt outlives a restart and can be forgotten, and what was
# said to each is told, without a password.
. "${0%/*}/../lib.sh"

password=x7-correct-horse
network home 10.1.0.1/24 02:00:00:00:01:01
submission isp home 10.1.0.1 smtp.isp.test ada "$password"
sink direct home 10.1.0.1 2525
host smtp.isp.test 10.1.0.1
host live.test 10.1.0.1
host dead.test 10.1.0.9
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' 'Routes=isp;direct' \
	Trust=yes
configure routes/isp.conf '[Match]' 'Recipients=*@isp.test' '[Relay]' \
	Host=smtp.isp.test User=ada Auth=plain "CaFile=$ca" "Owner=$me"
secret isp "$password"
direct()
{
	configure routes/direct.conf '[Relay]' Port=2525 Resolver=hosts \
		Tls=never Insecure=yes "$@"
}

queue_of() { masqctl queue --json "$@"; }
is_sending() { queue_of "to:$1" | grep -q '"state":"sending"'; }
waits_for_host() { queue_of "to:$1" | grep -q '"state":"retry"'; }
id_to()
{
	queue_of "to:$1" | "$PYTHON3" -c 'import json, sys
print(json.load(sys.stdin)[0]["id"])'
}
# field NAME KEY
field()
{
	masqctl hosts --json "$1" | "$PYTHON3" -c 'import json, sys
rows = json.load(sys.stdin)
print(rows[0][sys.argv[1]] if rows else "")' "$2"
}
knows() { masqctl hosts | grep -q "^$1 "; }
tells() { masqctl show "$1" --transcript | grep -qF -- "$2"; }

direct
start_agent
join home 10.1.0.2/24
# Nobody answers there, and nobody says that nobody does.
ip neighbour replace 10.1.0.9 lladdr 02:00:00:00:09:09 dev home nud permanent

# One route, two next hops: the black hole holds its own worker only.
for n in 1 2 3; do
	send ada@home.test "n$n@dead.test" "lost $n"
done
eventually is_sending n1@dead.test
for n in 1 2 3; do
	send ada@home.test "n$n@live.test" "found $n"
done
eventually sink_got direct 3
is_sending n1@dead.test

# Its silence is told, and it is left in peace; the other is not.
stop_agent
direct Timeout=2
start_agent
eventually waits_for_host n1@dead.test
eventually knows dead.test
[ "$(field dead.test until)" -gt "$(date +%s)" ]
is_exactly "$(field live.test until)" 0
is_exactly "$(field live.test sent)" 3
is_exactly "$(field live.test host)" 10.1.0.1:2525 ||
	is_exactly "$(field live.test host)" live.test:2525
lost=$(id_to n1@dead.test)
send ada@home.test n4@live.test 'found 4'
eventually sink_got direct 4
masqctl routes | grep -q direct
masqctl routes --json | grep -q '"auth":"plain"'

# A login is told without its password, to people and on disk.
id=$(send ada@home.test bob@isp.test secret 2>&1)
id=$(printf 'Subject: secret\n\nx\n' |
	sendmail -v -i -f ada@home.test eve@isp.test 2>&1 | sed 's/.* //')
eventually sink_has isp 'eve@isp.test'
eventually tells "$id" '> AUTH PLAIN ········'
tells "$id" '< 235 '
tells "$id" '> MAIL FROM:<ada@home.test>'
tells "$id" '> RCPT TO:<eve@isp.test>'
tells "$id" ' bytes of the message)'
masqctl show "$id" --transcript --json | grep -q '"tls":"TLSv1.[23] verified"'
masqctl hosts smtp.isp.test | grep -q 'Spoke TLS *smtp.isp.test:587, verified'
hoststat | grep -Eq '^smtp.isp.test:587 +0\+00:0[0-9]:[0-9]{2} 250 OK$'
hoststat dead.test | grep -q '^dead.test '
never eval 'hoststat dead.test | grep -q isp'

# It outlives a restart; of mail that is gone nothing is kept on disk.
eventually tells "$lost" '* '
stop_agent
never grep -r "$password" "$spool"
never grep -r "$(printf '\0ada\0%s' "$password" | base64)" "$spool"
is_exactly "$(stat -c %a "$spool/state/hosts")" 600
start_agent
knows smtp.isp.test:587
knows live.test
tells "$lost" '* '
code=0
masqctl show "$id" --transcript 2>/dev/null || code=$?
[ "$code" -ne 0 ]
is_deleted() { masqctl delete "$1" >/dev/null 2>&1; }
eventually is_deleted "$lost"
tells "$lost" '* '

# Forgotten: one, then all, and what waited for them is tried again.
masqctl hosts live.test --purge | grep -q 1
never knows live.test
code=0
masqctl hosts live.test --purge 2>/dev/null || code=$?
is_exactly "$code" 68
purgestat
never knows smtp.isp.test:587
stop_agent
never grep -q smtp.isp.test "$spool/state/hosts"
