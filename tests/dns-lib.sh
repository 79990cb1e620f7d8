# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A real name server for scenarios: unbound, which validates, with zones of
# the scenario's own. After lib.sh:
#
#	zone NAME <<END		the zone NAME, signed; SOA and NS are made
#	unsigned_zone NAME <<END	the same, but not signed
#	name_server NAME NETWORK ADDRESS	serve all zones there
#	stop_name_server NAME
#	resolver ADDRESS...	what /etc/resolv.conf names, with
#		$resolver_options
#	fingerprint FILE	TLSA data of a certificate: "3 1 1" and the sum
#	tls_sink NAME NETWORK ADDRESS HOST	a mail server with STARTTLS on
#		port 25; its certificate is $scratch/HOST.pem
export PATH=$PATH:$peers/usr/bin:$peers/usr/sbin

# To be put into the background: its process is that of the command.
exec_there()
{
	local network=$1

	shift
	[ "$network" != here ] || exec "$@"
	exec nsenter --net="/proc/$(cat "$scratch/$network.holder")/ns/net" \
		"$@"
}

zone_text()
{
	printf '$ORIGIN %s.\n$TTL 60\n' "$1"
	printf '@ IN SOA ns h 1 3600 600 86400 60\n@ IN NS ns\n'
	printf 'ns IN A 192.0.2.53\n'
	cat
}

zone()
{
	local key

	mkdir -p "$scratch/zones"
	zone_text "$1" >"$scratch/zones/$1"
	key=$(cd "$scratch/zones" && ldns-keygen -a ECDSAP256SHA256 -k "$1.")
	(cd "$scratch/zones" && ldns-signzone -f "$1.zone" "$1" "$key")
	cat "$scratch/zones/$key.key" >>"$scratch/zones/anchors"
}

unsigned_zone()
{
	mkdir -p "$scratch/zones"
	zone_text "$1" >"$scratch/zones/$1.zone"
	echo "$1" >>"$scratch/zones/insecure"
}

unbound_configuration()
{
	local file name

	cat <<-END
	server:
	  interface: $1
	  port: 53
	  do-daemonize: no
	  username: ""
	  chroot: ""
	  directory: "$scratch/zones"
	  pidfile: ""
	  use-syslog: no
	  logfile: ""
	  num-threads: 1
	  module-config: "validator iterator"
	  access-control: 0.0.0.0/0 allow
	  trust-anchor-file: "$scratch/zones/anchors"
	END
	touch "$scratch/zones/insecure"
	while read -r name; do
		printf '  domain-insecure: "%s."\n' "$name"
	done <"$scratch/zones/insecure"
	for file in "$scratch"/zones/*.zone; do
		name=${file##*/}
		name=${name%.zone}
		printf '  local-zone: "%s." nodefault\n' "$name"
	done
	for file in "$scratch"/zones/*.zone; do
		name=${file##*/}
		printf 'auth-zone:\n  name: "%s."\n  zonefile: "%s"\n' \
			"${name%.zone}" "$file"
		printf '  for-downstream: no\n  for-upstream: yes\n'
	done
	printf 'remote-control:\n  control-enable: no\n'
}

name_server()
{
	local name=$1 network=$2 address=$3

	unbound_configuration "$address" >"$scratch/$name.conf"
	exec_there "$network" unbound -d -c "$scratch/$name.conf" \
		>>"$scratch/$name.log" 2>&1 &
	echo $! >"$scratch/$name.pid"
	eventually answers "$network" "$address" 53
}

stop_name_server()
{
	kill -CONT "$(cat "$scratch/$1.pid")"
	kill "$(cat "$scratch/$1.pid")"
	wait "$(cat "$scratch/$1.pid")" 2>/dev/null || :
}

resolver()
{
	printf 'nameserver %s\n' "$@" >"$scratch/resolv.conf"
	echo "options ${resolver_options-}" >>"$scratch/resolv.conf"
}

fingerprint()
{
	printf '3 1 1 %s\n' "$(openssl x509 -in "$1" -noout -pubkey |
		openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1)"
}

tls_sink()
{
	local name=$1 network=$2 address=$3 host=$4

	mkdir -p "$scratch/$name.mail"
	exec_there "$network" "$PYTHON3" "$top_srcdir/tests/tls-sink" \
		"$address" 25 "$scratch/$host.pem" "$scratch/$host.key" \
		"$scratch/$name.mail" >>"$scratch/$name.log" 2>&1 &
	echo $! >"$scratch/$name.25.pid"
	eventually answers "$network" "$address" 25
}
