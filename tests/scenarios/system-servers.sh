#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Postfix and OpenSMTPD as smart hosts, with TLS and each way to log in that
# they offer; Dovecot's are in logins.sh.
: "${SCENARIO_SECONDS:=400}" # each connection lingers for a while
. "${0%/*}/../system-lib.sh"

if [ ! -x "$peers/usr/sbin/smtpd" ]; then
	echo "SKIP: OpenSMTPD is not among the peers"
	exit 77
fi
passwords='plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256'
password=x7-correct-horse-battery
network home 10.1.0.1/24 02:00:00:00:01:01
there home ip address add 10.1.0.3/24 dev wire
there home ip address add 10.1.0.4/24 dev wire
host smtp.post.test 10.1.0.3
host smtp.open.test 10.1.0.4
certificate smtp.post.test
certificate smtp.open.test
cat >>/etc/passwd <<-END
	postfix:x:911:911::/nonexistent:/usr/sbin/nologin
	opensmtpd:x:912:912::/var/lib/opensmtpd/empty:/usr/sbin/nologin
	opensmtpq:x:913:913::/var/lib/opensmtpd/empty:/usr/sbin/nologin
END
cat >>/etc/group <<-END
	postfix:x:911:
	postdrop:x:914:
	opensmtpd:x:912:
	opensmtpq:x:913:
END

# Whom Postfix asks about logins, and where both of them send on to.
cat >"$scratch/isp.extra" <<-END
	auth_mechanisms = $passwords
	service auth {
	  inet_listener {
	    address = 10.1.0.1
	    port = 12345
	  }
	}
END
submission isp home 10.1.0.1 smtp.isp.test ada "$password"

# ---- Postfix

folder=$scratch/postfix
mkdir -p "$folder/data" "$folder/queue/pid"
for name in active bounce corrupt defer deferred flush hold incoming private \
	saved trace maildrop public; do
	install -d -m 700 -o postfix "$folder/queue/$name"
done
chgrp postdrop "$folder/queue/maildrop" "$folder/queue/public"
chmod 1730 "$folder/queue/maildrop"
chmod 710 "$folder/queue/public"
chown postfix "$folder/data"
cat >"$folder/main.cf" <<-END
	compatibility_level = 3.6
	queue_directory = $folder/queue
	data_directory = $folder/data
	command_directory = $peers/usr/sbin
	daemon_directory = $peers/usr/lib/postfix/sbin
	shlib_directory = $peers/usr/lib/postfix
	import_environment = LD_LIBRARY_PATH MAIL_CONFIG
	maillog_file = $scratch/postfix-mail.log
	maillog_file_prefixes = $scratch
	inet_interfaces = 10.1.0.3
	inet_protocols = ipv4
	myhostname = smtp.post.test
	mydestination =
	relayhost = [10.1.0.1]:25
	smtp_dns_support_level = disabled
	alias_maps =
	alias_database =
	smtpd_relay_restrictions = permit_sasl_authenticated,
	  reject_unauth_destination
	smtpd_sasl_auth_enable = yes
	smtpd_sasl_type = dovecot
	smtpd_sasl_path = inet:10.1.0.1:12345
	smtpd_sasl_security_options = noanonymous
	smtpd_tls_auth_only = yes
	smtpd_tls_cert_file = $scratch/smtp.post.test.pem
	smtpd_tls_key_file = $scratch/smtp.post.test.key
	smtpd_tls_loglevel = 1
	smtpd_tls_received_header = yes
END
cat >"$folder/master.cf" <<-END
	587 inet n - n - - smtpd -o smtpd_tls_security_level=encrypt
	465 inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
	pickup unix n - n 60 1 pickup
	cleanup unix n - n - 0 cleanup
	qmgr unix n - n 300 1 qmgr
	tlsmgr unix - - n 1000? 1 tlsmgr
	rewrite unix - - n - - trivial-rewrite
	bounce unix - - n - 0 bounce
	defer unix - - n - 0 bounce
	trace unix - - n - 0 bounce
	proxymap unix - - n - - proxymap
	smtp unix - - n - - smtp
	relay unix - - n - - smtp
	error unix - - n - - error
	retry unix - - n - - error
	anvil unix - - n - 1 anvil
	postlog unix-dgram n - n - 1 postlogd
END
there home env LD_LIBRARY_PATH="$peers/usr/lib/postfix" \
	"$peers/usr/lib/postfix/sbin/master" -c "$folder" -d \
	>"$scratch/postfix.log" 2>&1 &
eventually answers home 10.1.0.3 587
eventually answers home 10.1.0.3 465

# ---- OpenSMTPD

mount -t tmpfs -o mode=755 tmpfs /var/lib
mkdir -p /var/lib/opensmtpd/empty
install -d -m 711 /var/spool/smtpd
chmod 600 "$scratch/smtp.open.test.key"
printf 'ada %s\n' "$(openssl passwd -6 "$password")" >"$scratch/logins"
cat >"$scratch/smtpd.conf" <<-END
	pki open cert "$scratch/smtp.open.test.pem"
	pki open key "$scratch/smtp.open.test.key"
	table logins file:$scratch/logins
	listen on 10.1.0.4 port 25 hostname smtp.open.test
	listen on 10.1.0.4 port 587 tls-require pki open auth <logins> \\
	  hostname smtp.open.test
	listen on 10.1.0.4 port 465 smtps pki open auth <logins> \\
	  hostname smtp.open.test
	action out relay host smtp://10.1.0.1:25
	match auth from any for any action out
	match from src 10.1.0.2 for any action out
END
there home "$peers/usr/sbin/smtpd" -d -T smtp -f "$scratch/smtpd.conf" \
	>"$scratch/opensmtpd.log" 2>&1 &
eventually answers home 10.1.0.4 587
eventually answers home 10.1.0.4 465

# In Debian 12 it accepts TLS but never finishes a handshake: OpenSSL 3 does
# not find the key that it keeps in another process (its issue 1239).
opensmtpd_has_tls()
{
	there home openssl s_client -connect 10.1.0.4:465 -CAfile "$ca" \
		-verify_return_error </dev/null >/dev/null 2>&1
}

# ---- masqmail

configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=isp Trust=yes
secret isp "$password"

# Else mail could still go over a connection of the route as it was.
has_hung_up()
{
	! pgrep -x smtp-out >/dev/null
}

now_route()
{
	configure routes/isp.conf '[Relay]' User=ada "CaFile=$ca" \
		Owner=alice "$@"
	masqctl reload >/dev/null 2>&1 || :
	eventually has_hung_up
	masqctl flush >/dev/null 2>&1 || :
}

waits_because()
{
	masqctl queue --json | grep -qF -- "$1"
}

# each_login HOST MECHANISM...
each_login()
{
	local host=$1 mechanism tls

	shift
	for mechanism in "$@"; do
		for tls in required implicit; do
			now_route "Host=$host" "Auth=$mechanism" "Tls=$tls"
			hand_in alice bob@far.test "$host $mechanism $tls"
			eventually sink_has isp "$host $mechanism $tls"
		done
	done
}

now_route Host=smtp.post.test
start_daemon
join home 10.1.0.2/24

# shellcheck disable=SC2086 # a list
each_login smtp.post.test $passwords
is_exactly "$(grep -c 'sasl_method=' "$scratch/postfix-mail.log")" 12
is_exactly "$(grep -c 'TLS connection established from' \
	"$scratch/postfix-mail.log")" 12
for mechanism in $passwords; do
	is_exactly "$(grep -ci "sasl_method=$mechanism," \
		"$scratch/postfix-mail.log")" 2
done
servers=smtp.post.test
if opensmtpd_has_tls; then
	servers+=' smtp.open.test'
	each_login smtp.open.test plain login
	is_exactly "$(grep -c 'authentication user=ada result=ok' \
		"$scratch/opensmtpd.log")" 4
else
	# The password stays here, and the mail too.
	now_route Host=smtp.open.test
	hand_in alice bob@far.test 'to a broken server'
	eventually waits_because 'No secure connection to smtp.open.test'
	configure routes/isp.conf '[Relay]' Host=smtp.open.test Port=25 \
		Tls=never Insecure=yes
	masqctl reload >/dev/null
	masqctl flush >/dev/null 2>&1 || :
	eventually sink_has isp 'to a broken server'
	never grep -q "AUTH" "$scratch/opensmtpd.log"
fi

# What they say of a wrong password makes the mail wait, and the route too.
for server in $servers; do
	secret isp 'not the right one'
	now_route "Host=$server"
	hand_in alice bob@far.test "wrong at $server"
	eventually waits_because "$server refused the login of ada"
	is_exactly "$(masqctl queue --json | grep -c far.test)" 1
	secret isp "$password"
	now_route "Host=$server"
	eventually sink_has isp "wrong at $server"
done

# And without a login nothing is relayed, and nothing comes back for it.
now_route Host=smtp.post.test Auth=none
hand_in alice bob@far.test 'without a login'
eventually waits_because 'Relay access denied'
never mailbox_has alice 1
