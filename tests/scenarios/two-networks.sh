#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two known networks, each with its own smart host behind TLS and a login.
# 200 messages are handed in offline, by sendmail and by SMTP; mail flows
# while the machine moves from one to the other three times. Each message
# leaves by the route of the network it is on; none is lost, and none comes
# twice but where a connection was cut between the final dot and its answer.
ordinary_user=yes
. "${0%/*}/../lib.sh"

messages=${MESSAGES:-200}
network home 10.1.0.1/24 02:00:00:00:01:01
network work 10.2.0.1/24 02:00:00:00:02:01
submission isp home 10.1.0.1 smtp.isp.test ada geheim
submission corp work 10.2.0.1 smtp.corp.test ada.l topsecret
host smtp.isp.test 10.1.0.1
host smtp.corp.test 10.2.0.1
configure masqmail.conf '[General]' HostName=laptop.test \
	Listen=loopback:2525

place()
{
	configure "routes/$2.conf" '[Relay]' "Host=$3" "User=$4" \
		"CaFile=$ca" "Owner=$me"
	secret "$2" "$5"
	configure "profiles/$1.conf" '[Match]' "Gateway=$6" '[Use]' "Routes=$2"
}
place Home isp smtp.isp.test ada geheim '10.1.0.1 02:00:00:00:01:01'
place Work corp smtp.corp.test ada.l topsecret '10.2.0.1 02:00:00:00:02:01'
start_agent

# by_smtp N TEXT: over one connection, each acknowledged one in the ledger.
by_smtp()
{
	"$PYTHON3" - "$@" <<-'END'
	import smtplib, sys
	with smtplib.SMTP('127.0.0.1', 2525) as smtp:
	    for i in range(int(sys.argv[1])):
	        smtp.sendmail('ada@home.test', ['bob%d@far.test' % i],
	                      'Subject: %s-%d.\r\n\r\nx\r\n' % (sys.argv[2], i))
	        print('%s-%d.' % (sys.argv[2], i), flush=True)
	END
}
by_smtp $((messages / 2)) early-smtp >"$scratch/ledger.early-smtp"
for ((i = 0; i < messages / 2; i++)); do
	send ada@home.test "bob$i@far.test" "early-$i."
	echo "early-$i." >>"$scratch/ledger.early"
done
queue_has $((messages / 2 * 2))

connected()
{
	there "$1" ss -Htn state established sport = :587 | grep . >/dev/null
}

# From the default route to the first connection and to all of the mail.
best=999999
visit()
{
	local begin first

	send ada@home.test carol@far.test "for-$3-$4."
	echo "for-$3-$4." >>"$scratch/ledger.for"
	begin=$(date +%s%N)
	join "$1" "$2"
	eventually connected "$1"
	first=$((($(date +%s%N) - begin) / 1000000))
	eventually sink_has "$3" "for-$3-$4."
	echo "$1: connected after $first ms, through with the queue after" \
		"$((($(date +%s%N) - begin) / 1000000)) ms"
	[ "$first" -ge "$best" ] || best=$first
	leave "$1"
}

mail_all_the_time()
{
	local i=0

	while [ -e "$scratch/load" ]; do
		i=$((i + 1))
		send ada@home.test dave@far.test "late-$i."
		echo "late-$i." >>"$scratch/ledger.late"
		by_smtp 3 "late-smtp-$i" >>"$scratch/ledger.late-smtp"
	done
}
# A network that goes away in the middle of it all.
join work 10.2.0.2/24
eventually connected work
eventually sink_has corp early
leave work

touch "$scratch/load"
mail_all_the_time &
visit home 10.1.0.2/24 isp 1
visit work 10.2.0.2/24 corp 2
visit home 10.1.0.2/24 isp 3
rm "$scratch/load"
wait $!
[ -n "${SANITIZED-}" ] || [ "$best" -lt 1500 ] # a busy machine may be slow once
join work 10.2.0.2/24
eventually queue_has 0

# Of each exactly one copy, and one more for each connection so cut.
cut=$(grep -c 'after the whole message was sent' "$HOME/agent.log" || :)
"$PYTHON3" - "$scratch" "$cut" <<'END'
import collections, glob, re, sys
copies = collections.Counter()
for path in glob.glob(sys.argv[1] + '/*.mail/*'):
    copies.update(re.findall(r'^Subject: (\S+)', open(path).read(), re.M))
tokens = [line.strip() for path in glob.glob(sys.argv[1] + '/ledger.*')
          for line in open(path)]
lost = [token for token in tokens if not copies[token]]
extra = sum(copies[token] - 1 for token in tokens if copies[token])
print('%d messages, %d lost, %d extra copies, %s connections cut after the dot'
      % (len(tokens), len(lost), extra, sys.argv[2]))
assert len(set(tokens)) == len(tokens) and not lost, lost
assert extra <= int(sys.argv[2])
END
never sink_has isp for-corp
never sink_has corp for-isp
