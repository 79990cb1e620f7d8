# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What scenarios are written with. A scenario is a bash script that begins
#
#	. "${0%/*}/../lib.sh"
#
# and then reads as sentences. It runs the programs of the build tree, as one
# user's own agent, in a folder of its own and in private network, mount and
# process namespaces, as root or as anybody: nothing of the machine is
# touched, and all that was started is gone when it ends. It ends at the
# first command that fails; a failure shows the logs.
#
# The agent
#	configure FILE LINE...	write below the configuration directory
#	secret ROUTE PASSWORD
#	start_agent, stop_agent, kill_agent, reload_agent
#	as NAME COMMAND...	with another home, such as a second agent's
#	send FROM TO [SUBJECT [FILE]]	by sendmail; FILE: the message
# Networks (the laptop is where the script runs)
#	network NAME ROUTER/BITS MAC	a wire that hangs loose
#	join NAME ADDRESS/BITS		plug it in: address and default route
#	leave NAME			pull it out
#	host NAME ADDRESS		an entry of /etc/hosts
#	there NETWORK COMMAND...	run in that network, or "here"
# Other people's servers, in NETWORK or "here"
#	sink NAME NETWORK ADDRESS [PORT [OPTION...]]	postfix's smtp-sink
#	submission NAME NETWORK ADDRESS HOST USER PASSWORD
#		Dovecot with STARTTLS on port 587, TLS on port 465 and AUTH; its
#		certificate is for HOST, by the CA in $ca. What it takes
#		arrives in the sink NAME. Settings in $scratch/NAME.extra
#		come last.
# Checks; each is a command that succeeds or not
#	eventually COMMAND...	try until it succeeds, at most $patience s
#	never COMMAND...	it must not succeed now
#	delivered_to_maildir N, maildir_has TEXT
#	sink_got NAME N, sink_has NAME TEXT
#	queue_has N
#	is_exactly A B
# Not pipefail: who writes to grep -q may well be cut off.
set -eEu
shopt -s nullglob

top_srcdir=$(cd "${top_srcdir:-${BASH_SOURCE[0]%/*}/..}" && pwd)
top_builddir=$(cd "${top_builddir:-$PWD}" && pwd)
peers=${MASQMAIL_PEERS:-$top_srcdir/.peers}
patience=${PATIENCE:-20}
export PYTHON3=${PYTHON3:-python3}
scenario_seconds=${SCENARIO_SECONDS:-180}

# Once more, in namespaces. Root is root there; anybody else stays what they
# are, but may set up networks; for system-lib.sh they become root there, and
# have other users beside if /etc/subuid gives them some. With
# ordinary_user=yes root is an ordinary user there: who comes over TCP as root
# could be anybody, and may send mail to this machine only.
if [ "${system_mode-}" = yes ]; then
	who=(--map-root-user --map-auto)
elif [ "$(id -u)" -eq 0 ]; then
	who=(--map-user=1000 --map-group=1000 --keep-caps)
else
	who=(--map-current-user --keep-caps)
fi
enter_namespaces()
{
	local script
	local -a how=(--net --mount --pid --ipc --uts --fork --kill-child
		--mount-proc --propagation private)

	script=$(cd "${0%/*}" && pwd)/${0##*/}
	[ "$(id -u)" -eq 0 ] && [ "${ordinary_user-}" != yes ] ||
		how=(--user "${who[@]}" "${how[@]}")
	if ! unshare "${how[@]}" true; then
		echo "SKIP: this machine allows no such namespaces"
		exit 77
	fi
	export MASQMAIL_NAMESPACE=yes top_srcdir top_builddir
	exec timeout -k 5 "$scenario_seconds" \
		unshare "${how[@]}" bash "$script" "$@"
}
[ "${MASQMAIL_NAMESPACE-}" = yes ] || enter_namespaces "$@"
unset MASQMAIL_NAMESPACE

# An ordinary user may have no name on this machine.
make_a_name()
{
	local file

	file=$(mktemp "${TMPDIR:-/tmp}/masqmail-test.XXXXXX")
	cat /etc/passwd >"$file"
	echo "ordinary:x:$(id -u):$(id -g)::/nowhere:/bin/sh" >>"$file"
	chmod 644 "$file"
	mount --bind "$file" /etc/passwd
	rm "$file"
}
id -un >/dev/null 2>&1 || make_a_name
me=$(id -un)
ip link set lo up
hostname laptop.test
scratch=$(mktemp -d "${TMPDIR:-/tmp}/masqmail-test.XXXXXX")
chmod 755 "$scratch"
ca=$scratch/ca.pem

finish()
{
	local code=$?

	trap - EXIT
	if [ "$code" -eq 0 ] && sanitizer_complained; then
		code=1
	fi
	if [ "$code" -ne 0 ]; then
		echo "FAILED (exit code $code)"
		show_logs
	fi
	[ -n "${KEEP_SCRATCH-}" ] || remove_scratch
	exit "$code"
}

# Daemons may still be writing there; they end with this namespace.
remove_scratch()
{
	local i

	for i in {1..20}; do
		! rm -rf "$scratch" 2>/dev/null || return 0
		sleep 0.1
	done
}

# A daemon that ended so was started again, and the scenario went on.
sanitizer_complained()
{
	grep -E 'ERROR: \w+Sanitizer|: runtime error: ' "$scratch"/*/agent.log \
		"$scratch"/*.log
}

show_logs()
{
	local file

	for file in "$scratch"/*/agent.log "$scratch"/*.log; do
		printf -- '--- %s\n' "${file#"$scratch"/}"
		tail -n 60 "$file"
	done
}

where()
{
	printf '%s line %s: %s\n' "${BASH_SOURCE[1]##*/}" "${BASH_LINENO[0]}" \
		"$BASH_COMMAND"
}
trap where ERR
trap finish EXIT
trap 'exit 1' INT TERM

# ---- the programs of the build tree

built()
{
	local folder

	for folder in . client tui daemon daemon/engine daemon/worker; do
		[ ! -f "$top_builddir/$folder/$1" ] ||
			[ ! -x "$top_builddir/$folder/$1" ] || {
			echo "$top_builddir/$folder/$1"
			return
		}
	done
}

link_programs()
{
	local name file

	mkdir -p "$scratch/libexec" "$scratch/bin"
	for name in engine forward-run mservdetect queue-offline smtp-out \
		smtp-in smtp-in-tls smtpsend local report; do
		file=$(built $name)
		[ -z "$file" ] || ln -s "$file" "$scratch/libexec/$name"
	done
	for name in masqmaild masqmail masqctl masqtui; do
		file=$(built $name)
		[ -z "$file" ] || ln -s "$file" "$scratch/bin/$name"
	done
	for name in sendmail mailq runq mailrm newaliases rmail smtpd hoststat \
		purgestat; do
		file=$(built masqmail)
		[ -z "$file" ] || ln -s "$file" "$scratch/bin/$name"
	done
}
link_programs
export MASQMAIL_LIBEXEC=$scratch/libexec
export PATH=$scratch/bin:$PATH:/usr/sbin:/sbin
export PYTHONPATH=$top_srcdir/tests PYTHONDONTWRITEBYTECODE=1 # caller.py
# Leaks are looked for by the unit tests; here nobody could say so.
export ASAN_OPTIONS=detect_leaks=0:abort_on_error=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export LANG=C.UTF-8 LC_ALL=C.UTF-8

# The names of hosts are those of the scenario; there is no DNS.
printf '127.0.0.1 localhost laptop.test\n::1 localhost\n' >"$scratch/hosts"
printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' \
	>"$scratch/resolv.conf"
mount --bind "$scratch/hosts" /etc/hosts
mount --bind "$scratch/resolv.conf" /etc/resolv.conf

host()
{
	printf '%s %s\n' "$2" "$1" >>"$scratch/hosts"
}

# ---- agents

set_home()
{
	export HOME=$scratch/$1
	export XDG_CONFIG_HOME=$HOME/.config XDG_STATE_HOME=$HOME/.local/state
	export XDG_RUNTIME_DIR=$HOME/run
	mkdir -p "$XDG_CONFIG_HOME/masqmail" "$XDG_STATE_HOME"
	mkdir -p -m 700 "$XDG_RUNTIME_DIR"
	conf=$XDG_CONFIG_HOME/masqmail
	spool=$XDG_STATE_HOME/masqmail
}
set_home home

as()
{
	local before=${HOME##*/} code=0

	set_home "$1"
	shift
	"$@" || code=$?
	set_home "$before"
	return $code
}

configure()
{
	local file=$conf/$1

	shift
	mkdir -p "${file%/*}"
	printf '%s\n' "$@" >"$file"
}

secret()
{
	configure "secrets/$1" "$2"
	chmod 600 "$conf/secrets/$1"
}

agent_answers()
{
	[ -S "$XDG_RUNTIME_DIR/masqmail/submit" ] && mailq >/dev/null 2>&1
}

start_agent()
{
	masqmaild --user "$@" </dev/null >>"$HOME/agent.log" 2>&1 &
	echo $! >"$HOME/agent.pid"
	eventually agent_answers
}

agent_is_gone()
{
	! kill -0 "$(cat "$HOME/agent.pid")" 2>/dev/null
}

stop_agent()
{
	kill "$(cat "$HOME/agent.pid")"
	eventually agent_is_gone
}

kill_agent()
{
	kill -9 "$(cat "$HOME/agent.pid")"
	eventually agent_is_gone
}

reload_agent()
{
	kill -HUP "$(cat "$HOME/agent.pid")"
}

# send FROM TO [SUBJECT [FILE]]
send()
{
	if [ $# -gt 3 ]; then
		sendmail -i -f "$1" "$2" <"$4"
	else
		printf 'From: %s\nTo: %s\nSubject: %s\n\nHello.\n' \
			"$1" "$2" "${3-hello}" | sendmail -i -f "$1" "$2"
	fi
}

# ---- networks

# Others are reached through a process that holds their namespace.
network()
{
	local name=$1 router=$2 mac=$3 holder

	unshare --net sleep infinity &
	holder=$!
	echo $holder >"$scratch/$name.holder"
	eventually holds_another_network $holder
	ip link add "$name" type veth peer name wire netns $holder
	there "$name" ip link set lo up
	there "$name" ip link set wire address "$mac"
	there "$name" ip address add "$router" dev wire
	there "$name" ip link set wire up
	echo "${router%/*}" >"$scratch/$name.router"
}

holds_another_network()
{
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

there()
{
	local name=$1

	shift
	if [ "$name" = here ]; then
		"$@"
	else
		nsenter --net="/proc/$(cat "$scratch/$name.holder")/ns/net" "$@"
	fi
}

join()
{
	ip address add "$2" dev "$1"
	ip link set "$1" up
	ip route add default via "$(cat "$scratch/$1.router")" dev "$1"
}

leave()
{
	ip link set "$1" down
	ip address flush dev "$1"
}

# ---- servers

answers()
{
	there "$1" bash -c "exec 3<>/dev/tcp/$2/$3" 2>/dev/null
}

# sink NAME NETWORK ADDRESS [PORT [OPTION...]]
sink()
{
	local name=$1 network=$2 address=$3 port=${4:-25}
	local -a user=()

	shift $(($# < 4 ? $# : 4))
	[ "$(id -u)" -ne 0 ] || user=(-u root)
	mkdir -p "$scratch/$name.mail"
	there "$network" env LD_LIBRARY_PATH="$peers/usr/lib/postfix" \
		"$peers/usr/sbin/smtp-sink" "${user[@]}" "$@" \
		-d "$scratch/$name.mail/%H%M%S." "$address:$port" 100 \
		>>"$scratch/$name.log" 2>&1 &
	echo $! >"$scratch/$name.$port.pid"
	eventually answers "$network" "$address" "$port"
}

# stop_sink NAME [PORT]
stop_sink()
{
	kill "$(cat "$scratch/$1.${2:-25}.pid")"
	wait "$(cat "$scratch/$1.${2:-25}.pid")" 2>/dev/null || :
}

make_ca()
{
	[ ! -e "$ca" ] || return 0
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
		-nodes -days 2 -subj '/CN=Test CA' -keyout "$scratch/ca.key" \
		-out "$ca" 2>/dev/null
}

# certificate HOST: $scratch/HOST.pem and HOST.key
certificate()
{
	make_ca
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
		-subj "/CN=$1" -keyout "$scratch/$1.key" \
		-out "$scratch/$1.csr" 2>/dev/null
	openssl x509 -req -days 2 -in "$scratch/$1.csr" -CA "$ca" \
		-CAkey "$scratch/ca.key" -CAcreateserial \
		-extfile <(echo "subjectAltName=DNS:$1") \
		-out "$scratch/$1.pem" 2>/dev/null
}

dovecot_configuration()
{
	local folder=$1 address=$2 host=$3 login=$me uid

	uid=$(id -u)
	# As root it insists on others; as anybody else it stays that.
	[ "$uid" -ne 0 ] || { login=nobody uid=65534; }
	cat <<-END
	base_dir = $folder/run
	state_dir = $folder/state
	libexec_dir = $peers/usr/lib/dovecot
	mail_plugin_dir = $peers/usr/lib/dovecot/modules
	import_environment = LD_LIBRARY_PATH=$peers/usr/lib/dovecot
	log_path = $folder.log
	protocols = submission
	listen = $address
	default_internal_user = $me
	default_internal_group = $(id -gn)
	default_login_user = $login
	ssl = required
	ssl_cert = <$scratch/$host.pem
	ssl_key = <$scratch/$host.key
	mail_location = maildir:$folder/mail
	submission_relay_host = $address
	submission_relay_port = 25
	auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
	passdb {
	  driver = passwd-file
	  args = $folder/users
	}
	userdb {
	  driver = static
	  args = uid=$uid gid=$uid home=$folder/mail
	}
	service submission-login {
	  chroot =
	  inet_listener submission {
	    port = 587
	  }
	  inet_listener submissions {
	    port = 465
	    ssl = yes
	  }
	}
	service anvil {
	  chroot =
	}
	service stats {
	  chroot =
	}
	END
}

# submission NAME NETWORK ADDRESS HOST USER PASSWORD
submission()
{
	local name=$1 network=$2 address=$3 host=$4 folder=$scratch/$1

	mkdir -p "$folder/run" "$folder/state" "$folder/mail"
	chmod 777 "$folder/mail"
	certificate "$host"
	printf '%s:{PLAIN}%s::::::\n' "$5" "$6" >"$folder/users"
	{
		dovecot_configuration "$folder" "$address" "$host"
		[ ! -e "$folder.extra" ] || cat "$folder.extra"
	} >"$folder/dovecot.conf"
	sink "$name" "$network" "$address"
	there "$network" env LD_LIBRARY_PATH="$peers/usr/lib/dovecot" \
		"$peers/usr/sbin/dovecot" -F -c "$folder/dovecot.conf" \
		>>"$folder.log" 2>&1 &
	echo $! >"$folder.pid"
	eventually answers "$network" "$address" 587
	eventually answers "$network" "$address" 465
}

# ---- checks

eventually()
{
	local end=$((SECONDS + patience))

	until "$@"; do
		if [ $SECONDS -ge $end ]; then
			echo "not within $patience s: $*"
			return 1
		fi
		sleep 0.05
	done
}

never()
{
	if "$@"; then
		echo "must not be: $*"
		return 1
	fi
}

is_exactly()
{
	[ "$1" = "$2" ]
}

count()
{
	echo $#
}

delivered_to_maildir()
{
	is_exactly "$(count "$HOME"/Maildir/new/*)" "$1"
}

maildir_has()
{
	grep -rqF -- "$1" "$HOME/Maildir/new"
}

# A message is whole when the sink has answered its final dot; what it still
# writes has no end yet.
sink_got()
{
	is_exactly "$(count "$scratch/$1.mail"/*)" "$2"
}

sink_has()
{
	grep -rqF -- "$2" "$scratch/$1.mail"
}

queue_has()
{
	is_exactly "$(masqctl queue --json | "$PYTHON3" -c '
import json, sys
print(len(json.load(sys.stdin)))')" "$1"
}
