#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A login by Kerberos: no password anywhere, only a ticket of the user's.
. "${0%/*}/../lib.sh"

libraries=$(echo "$peers"/usr/lib/*-linux-gnu)
modules=$peers/usr/lib/dovecot/modules/auth
if [ ! -x "$peers/usr/sbin/krb5kdc" ] ||
	[ ! -e "$modules/libmech_gssapi.so" ]; then
	echo "SKIP: Kerberos is not among the peers"
	exit 77
fi

# Where Dovecot looks for it is built in: a layer over /usr/lib, here only.
mkdir "$scratch/layer"
mount -t tmpfs tmpfs "$scratch/layer"
mkdir -p "$scratch/layer/upper/dovecot/modules" "$scratch/layer/work"
cp -r "$modules" "$scratch/layer/upper/dovecot/modules/"
if ! mount -t overlay overlay /usr/lib -o "lowerdir=/usr/lib,upperdir=\
$scratch/layer/upper,workdir=$scratch/layer/work"; then
	echo "SKIP: this machine has no overlays"
	exit 77
fi

network home 10.1.0.1/24 02:00:00:00:01:01
host smtp.isp.test 10.1.0.1
cat >"$scratch/krb5.conf" <<-END
	[libdefaults]
	default_realm = ISP.TEST
	dns_lookup_kdc = false
	dns_lookup_realm = false
	dns_canonicalize_hostname = false
	rdns = false
	[realms]
	ISP.TEST = {
	  kdc = 10.1.0.1
	}
	[domain_realm]
	.isp.test = ISP.TEST
	[dbmodules]
	db_module_dir = $libraries/krb5/plugins/kdb
END
cat >"$scratch/kdc.conf" <<-END
	[realms]
	ISP.TEST = {
	  database_name = $scratch/principal
	  key_stash_file = $scratch/stash
	  acl_file = $scratch/acl
	}
END
export KRB5_CONFIG=$scratch/krb5.conf KRB5_KDC_PROFILE=$scratch/kdc.conf
export KRB5CCNAME=FILE:$scratch/ticket

kerberos()
{
	local program=$1

	shift
	env LD_LIBRARY_PATH="$libraries" "$peers/usr/$program" "$@" \
		>>"$scratch/kerberos.log" 2>&1
}
kerberos sbin/kdb5_util create -s -r ISP.TEST -P master
kerberos sbin/kadmin.local -q 'addprinc -pw geheim ada'
kerberos sbin/kadmin.local -q 'addprinc -randkey smtp/smtp.isp.test'
kerberos sbin/kadmin.local -q "ktadd -k $scratch/keytab smtp/smtp.isp.test"
there home env LD_LIBRARY_PATH="$libraries" "$peers/usr/sbin/krb5kdc" -n \
	>>"$scratch/kerberos.log" 2>&1 &

cat >"$scratch/isp.extra" <<-END
	auth_mechanisms = plain gssapi
	auth_krb5_keytab = $scratch/keytab
	auth_gssapi_hostname = "\$ALL"
	import_environment = LD_LIBRARY_PATH=$peers/usr/lib/dovecot KRB5_CONFIG
END
submission isp home 10.1.0.1 smtp.isp.test ada 'no password is used'
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=isp
configure routes/isp.conf '[Relay]' Host=smtp.isp.test User=ada \
	"CaFile=$ca" "Owner=$(id -un)" Auth=GSSAPI
start_agent
join home 10.1.0.2/24

waits_because()
{
	masqctl queue --json | grep -qF -- "$1"
}

# No ticket yet: it waits, and nothing else is tried.
send ada@home.test bob@far.test 'by ticket'
eventually waits_because 'gss_init_sec_context'
never sink_has isp 'by ticket'

echo geheim | kerberos bin/kinit ada
masqctl flush >/dev/null
eventually sink_has isp 'by ticket'
grep -q 'Login: user=<ada.*method=GSSAPI' "$scratch/isp.log"
