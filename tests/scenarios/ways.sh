#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Other ways to a smart host: the DNS names it (SRV), a SOCKS proxy finds it,
# a chosen own address reaches it, the file hosts or the name server knows it.
. "${0%/*}/../lib.sh"
. "${0%/*}/../dns-lib.sh"
patience=${PATIENCE:-40}

network net 10.1.0.1/24 02:00:00:00:01:01
for i in 11 12; do
	there net ip address add "10.1.0.$i/24" dev wire
done
submission isp net 10.1.0.11 smtp.isp.test ada geheim
sink plain net 10.1.0.12
zone test <<END
smtp.isp A 10.1.0.11
_submissions._tcp.isp SRV 0 0 4650 smtp.isp
_submissions._tcp.isp SRV 1 0 465 smtp.isp
_submission._tcp.starttls SRV 0 0 587 smtp.isp
_submissions._tcp.starttls SRV 0 0 0 .
_submissions._tcp.none SRV 0 0 0 .
known A 10.1.0.12
xn--bcher-kva A 10.1.0.12
END
name_server ours here 127.0.0.1
name_server theirs net 10.1.0.1
resolver 127.0.0.1
secret isp geheim
configure masqmail.conf '[General]' HostName=laptop.test
configure profiles/Net.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=isp Trust=yes

route()
{
	configure routes/isp.conf '[Relay]' "CaFile=$ca" "$@"
	masqctl reload >/dev/null || : # some are meant to be wrong
	masqctl flush >/dev/null 2>&1 || :
}

# goes SINK TEXT: a message arrives there.
goes()
{
	send ada@home.test bob@far.test "$2."
	eventually sink_has "$1" "$2."
	eventually queue_has 0
}

waits_because()
{
	masqctl queue --json | grep -qF -- "$1"
}

start_agent
join net 10.1.0.2/24
ip address add 10.1.0.7/24 dev net

# SRV: TLS from the first byte is preferred, and the next host follows.
route Host=srv:isp.test User=ada "Owner=$me"
goes isp by-srv
masqctl explain bob@far.test | grep -F 'the DNS names for isp.test'
grep -F 'host=smtp.isp.test:465' "$HOME/agent.log"
# The name of another domain's server counts when it was validated ...
route Host=srv:starttls.test User=ada "Owner=$me"
goes isp by-starttls
grep -F 'host=smtp.isp.test:587' "$HOME/agent.log"
# ... and not when a network says so.
resolver 10.1.0.1
route Host=srv:starttls.test User=ada "Owner=$me"
send ada@home.test bob@far.test forged.
eventually waits_because \
	'smtp.isp.test is the server for starttls.test, but its certificate is'
never sink_has isp forged.
resolver 127.0.0.1
route Host=srv:none.test User=ada "Owner=$me"
eventually waits_because 'none.test names no server for handing in mail'
route Host=srv:isp.test User=ada "Owner=$me"
eventually sink_has isp forged.
eventually queue_has 0

# A name with letters of its own (IDNA).
route Host=Bücher.test Port=25 Tls=if-possible
goes plain among-books

# The own address, and the name to greet with.
route Host=known.test Port=25 Tls=if-possible SourceAddress=10.1.0.7 \
	Helo=other.test
goes plain from-seven
grep -rqF 'X-Client-Addr: 10.1.0.7' "$scratch/plain.mail"
grep -rqF 'X-Helo-Args: other.test' "$scratch/plain.mail"
route Host=known.test Port=25 Tls=if-possible SourceAddress=10.9.9.9
send ada@home.test bob@far.test nowhere.
eventually waits_because 'There is no way to known.test from this network'
route Host=known.test Port=25 Tls=if-possible SourceAddress=seven
eventually waits_because 'SourceAddress= should be an IPv4 or an IPv6'
route Host=known.test Port=25 Tls=if-possible
eventually sink_has plain nowhere.
eventually queue_has 0

# Who is asked for a name.
host known.test 10.1.0.1
route Host=known.test Port=25 Tls=if-possible
send ada@home.test bob@far.test asked.
eventually waits_because 'known.test refused the connection'
route Host=known.test Port=25 Tls=if-possible 'Resolver=dns;hosts'
eventually sink_has plain asked.
eventually queue_has 0
host filed.test 10.1.0.12
route Host=filed.test Port=25 Tls=if-possible 'Resolver=dns;hosts'
goes plain filed
route Host=filed.test Port=25 Tls=if-possible Resolver=system
goes plain by-the-system
route Host=mx Resolver=hosts
send ada@home.test bob@filed.test by-the-file.
eventually sink_has plain by-the-file.
route Host=filed.test Port=25 Tls=if-possible Resolver=dns
send ada@home.test bob@far.test unfiled.
eventually waits_because 'No address is known for filed.test'
route Host=filed.test Port=25 Tls=if-possible Resolver=dsn
eventually waits_because 'Resolver= knows hosts, dns and system, not dsn'

# SOCKS: a name that only the proxy knows, with a login and without.
cp "$scratch/hosts" "$scratch/proxy.hosts"
echo '10.1.0.12 hidden.test' >>"$scratch/proxy.hosts"
echo '10.1.0.11 smtp.isp.test' >>"$scratch/proxy.hosts"

proxy()
{
	local port=$1

	shift
	exec_there net unshare --mount bash -c \
		'mount --bind "$1" /etc/hosts; shift; exec microsocks "$@"' \
		proxy "$scratch/proxy.hosts" -i 10.1.0.1 -p "$port" "$@" \
		>>"$scratch/proxy.log" 2>&1 &
	eventually answers net 10.1.0.1 "$port"
}
proxy 1080
proxy 1081 -u tor -P onion
stop_name_server ours
route Host=hidden.test Port=25 Tls=if-possible Proxy=socks5://10.1.0.1
eventually sink_has plain unfiled.
goes plain by-proxy
never grep -qF 'X-Client-Addr: 10.1.0.2' \
	"$(grep -rlF by-proxy. "$scratch/plain.mail")"
route Host=smtp.isp.test Tls=implicit User=ada "Owner=$me" \
	Proxy=socks5://tor@10.1.0.1:1081
send ada@home.test bob@far.test guarded.
eventually waits_because 'the proxy refuses the login of tor'
never sink_has isp guarded.
printf 'geheim\nonion\n' >"$conf/secrets/isp"
route Host=smtp.isp.test Tls=implicit User=ada "Owner=$me" \
	Proxy=socks5://tor@10.1.0.1:1081
eventually sink_has isp guarded.
eventually queue_has 0
route Host=unknown.test Port=25 Tls=if-possible Proxy=socks5://10.1.0.1
send ada@home.test bob@far.test lost.
eventually waits_because 'unknown.test cannot be reached (the proxy says'
route Host=hidden.test Port=25 Tls=if-possible Proxy=socks5://10.1.0.12:25
eventually waits_because 'what answers does not speak SOCKS 5'
route Host=hidden.test Port=25 Tls=if-possible Proxy=socks5://10.1.0.1:1082
eventually waits_because 'The proxy of the route isp does not help'
route Host=hidden.test Port=25 Tls=if-possible Proxy=http://10.1.0.1:1080
eventually waits_because 'Proxy= should be socks5://'
never sink_has plain lost.
route Host=hidden.test Port=25 Tls=if-possible Proxy=socks5://10.1.0.1
eventually sink_has plain lost.
