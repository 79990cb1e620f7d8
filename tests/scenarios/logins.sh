#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every way to log in that Dovecot's submission server offers: passwords by
# all its mechanisms, a certificate, and tokens of OAuth that run out.
: "${SCENARIO_SECONDS:=400}" # each connection lingers for a while
. "${0%/*}/../lib.sh"

passwords='plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256'
password=x7-correct-horse-battery
network home 10.1.0.1/24 02:00:00:00:01:01
make_ca
mkdir -p "$scratch/keys/default/HS256"
printf 'the key of all tokens' | base64 -w 0 \
	>"$scratch/keys/default/HS256/default"
cat >"$scratch/oauth.conf" <<-END
	introspection_mode = local
	local_validation_key_dict = fs:posix:prefix=$scratch/keys/
	username_attribute = email
END
cat >"$scratch/isp.extra" <<-END
	auth_mechanisms = $passwords external xoauth2 oauthbearer
	ssl_ca = <$ca
	ssl_verify_client_cert = yes
	ssl_require_crl = no
	auth_ssl_username_from_cert = yes
	passdb {
	  driver = oauth2
	  mechanisms = xoauth2 oauthbearer
	  args = $scratch/oauth.conf
	}
	passdb {
	  driver = static
	  mechanisms = external
	  args = nopassword=y
	}
END
submission isp home 10.1.0.1 smtp.isp.test ada "$password"
host smtp.isp.test 10.1.0.1
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=isp
secret isp "$password"
cd "$scratch"

# token SECONDS: one that is good for so long
token()
{
	"$PYTHON3" - "$1" <<-'END'
		import base64, hashlib, hmac, json, sys, time

		def code(data):
		    return base64.urlsafe_b64encode(data).rstrip(b'=')

		def pack(value):
		    return code(json.dumps(value).encode())

		now = int(time.time())
		text = pack({'alg': 'HS256', 'typ': 'JWT'}) + b'.' + pack(
		    {'email': 'ada', 'sub': 'ada', 'iat': now - 3600,
		     'nbf': now - 3600, 'exp': now + int(sys.argv[1])})
		mark = hmac.new(b'the key of all tokens', text, hashlib.sha256)
		print((text + b'.' + code(mark.digest())).decode())
	END
}

# Else mail could still go over a connection of the route as it was.
has_hung_up()
{
	! pgrep -x smtp-out >/dev/null
}

now_route()
{
	configure routes/isp.conf '[Relay]' User=ada "CaFile=$ca" \
		Host=smtp.isp.test "Owner=$(id -un)" "$@"
	masqctl reload >/dev/null
	eventually has_hung_up
	masqctl flush >/dev/null 2>&1 || :
}

waits_because()
{
	masqctl queue --json | grep -qF -- "$1"
}

# logged_in MECHANISM: the last of all logins was by it
logged_in()
{
	grep 'Login: user=<ada>' "$scratch/isp.log" | tail -n 1 |
		grep -q "method=$1,"
}

configure routes/isp.conf '[Relay]' Host=smtp.isp.test User=ada \
	"CaFile=$ca" "Owner=$(id -un)"
start_agent
join home 10.1.0.2/24

for mechanism in ${passwords^^}; do
	for tls in required implicit; do
		now_route "Auth=$mechanism" "Tls=$tls"
		send ada@home.test bob@far.test "by $mechanism, $tls"
		eventually sink_has isp "by $mechanism, $tls"
		eventually logged_in "$mechanism"
	done
done

# The strongest by itself; DIGEST-MD5 never is.
now_route
send ada@home.test bob@far.test 'by the best'
eventually sink_has isp 'by the best'
eventually logged_in SCRAM-SHA-256

# A certificate, which only the daemon reads.
certificate ada
cat ada.pem ada.key >"$conf/ada.pem"
chmod 644 "$conf/ada.pem"
now_route Auth=EXTERNAL Certificate=ada.pem
send ada@home.test bob@far.test 'by certificate'
eventually waits_because 'mode 0600'
chmod 600 "$conf/ada.pem"
now_route Auth=EXTERNAL Certificate=ada.pem
eventually sink_has isp 'by certificate'
eventually logged_in EXTERNAL

# With its key in another file, and before all passwords.
cp ada.pem "$conf/ada.pem"
cp ada.key "$conf/ada.key"
chmod 600 "$conf/ada.key" "$conf/ada.pem"
now_route "Certificate=$conf/ada.pem" Key=ada.key Tls=implicit
send ada@home.test bob@far.test 'by key'
eventually sink_has isp 'by key'
eventually logged_in EXTERNAL

# A key that is none of it.
openssl genpkey -algorithm ED25519 -out "$conf/other.key"
chmod 600 "$conf/other.key"
now_route "Certificate=$conf/ada.pem" Key=other.key
send ada@home.test bob@far.test 'by another key'
eventually waits_because 'Key= is not the key of Certificate='
now_route
eventually sink_has isp 'by another key'

# Tokens.
token 3600 >token.good
token -60 >token.old
for mechanism in XOAUTH2 OAUTHBEARER; do
	now_route "Auth=$mechanism" "TokenCommand=cat $scratch/token.good"
	send ada@home.test bob@far.test "by $mechanism"
	eventually sink_has isp "by $mechanism"
	eventually logged_in "$mechanism"
done
now_route "TokenCommand=cat $scratch/token.good"
send ada@home.test bob@far.test 'by any token'
eventually sink_has isp 'by any token'
eventually logged_in OAUTHBEARER

# One that has run out is asked for once more.
cat >helper <<-END
	#!/bin/sh
	echo "\${REFUSED:-no}" >>$scratch/asked
	cat $scratch/token.\$([ "\${REFUSED-}" ] && echo good || echo old)
END
chmod 755 helper
for mechanism in XOAUTH2 OAUTHBEARER; do
	: >asked
	now_route "Auth=$mechanism" "TokenCommand=$scratch/helper"
	send ada@home.test bob@far.test "by a new $mechanism"
	eventually sink_has isp "by a new $mechanism"
	is_exactly "$(cat asked)" $'no\nyes'
done

# And not for ever: the route pauses, the mail waits.
now_route "TokenCommand=cat $scratch/token.old"
send ada@home.test bob@far.test 'too old'
eventually waits_because 'refused the login of ada'
queue_has 1
now_route
eventually sink_has isp 'too old'

# No secret has got anywhere it does not belong.
never grep -rq -e "$password" -e "$(cat token.good)" -e "$(cat token.old)" \
	"$HOME/agent.log" "$spool"
