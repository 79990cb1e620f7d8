#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A command as the connection: "openssl s_client" speaks TLS, masqmail SMTP
# with its login through it; with -starttls it eats the banner. A command
# that fails makes mail wait, with its own words.
. "${0%/*}/../lib.sh"

password=x7-correct-horse
network home 10.1.0.1/24 02:00:00:00:01:01
submission isp home 10.1.0.1 smtp.isp.test ada "$password"
host smtp.isp.test 10.1.0.1
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=isp
secret isp "$password"
client="openssl s_client -quiet -verify_return_error -CAfile $ca"
client+=' -verify_hostname ${HOST}'

route()
{
	configure routes/isp.conf '[Relay]' Host=smtp.isp.test User=ada \
		"Owner=$me" "CaFile=$ca" "$@"
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

# TLS is the command's affair: in clear as far as masqmail knows.
route Tls=never Insecure=yes "Wrapper=$client -connect \${HOST}:465"
start_agent
join home 10.1.0.2/24
send ada@home.test bob@far.test 'by s_client'
eventually sink_has isp 'by s_client'
eventually queue_has 0

# It eats the banner, and part of the dialogue.
now_route Tls=never Insecure=yes InstantHelo=yes \
	"Wrapper=$client -starttls smtp -connect \${HOST}:587"
send ada@home.test bob@far.test 'by starttls'
eventually sink_has isp 'by starttls'

# A bare tunnel: TLS is ours, and Host= is what must be proven.
tunnel="exec 3<>/dev/tcp/10.1.0.1/587; cat <&3 & exec cat >&3"
now_route Tls=required "Wrapper=bash -c '$tunnel'"
send ada@home.test bob@far.test 'through a tunnel'
eventually sink_has isp 'through a tunnel'
masqctl routes --json | grep -q 'verified'

# Without Insecure= no password goes through it in clear.
now_route Tls=never "Wrapper=$client -connect \${HOST}:465"
send ada@home.test bob@far.test 'not in clear'
eventually waits_because 'not in clear'
eventually waits_because 'password'
sink_got isp 3

# What it complains with is told.
now_route Tls=never Insecure=yes \
	"Wrapper=bash -c 'echo the line is dead >&2; exit 1'"
eventually waits_because 'the line is dead'
now_route Tls=never Insecure=yes Wrapper=/no/such/program
eventually waits_because '/no/such/program'

now_route Tls=never Insecure=yes "Wrapper=$client -connect \${HOST}:465"
eventually sink_has isp 'not in clear'
eventually queue_has 0
sink_got isp 4
