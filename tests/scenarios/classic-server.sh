#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The second classic set-up: a small server, and workstations that forward
# all they have to it. The server keeps the people's mail, gives mail of the
# LAN to its machines, and knows the way to the provider. It serves the LAN
# while the place is trusted, the machines of its own subnet, and no others.
. "${0%/*}/../system-lib.sh"

network lan 192.168.7.2/24 02:00:00:00:07:02
network isp 10.5.0.1/24 02:00:00:00:05:01
there isp ip address add 10.5.0.25/24 dev wire
there isp ip address add 192.168.9.9/24 dev wire
submission isp isp 10.5.0.25 smtp.isp.test ada geheim
sink desk lan 192.168.7.2
host smtp.isp.test 10.5.0.25

configure masqmail.conf '[General]' HostName=server.test \
	'Listen=loopback:25;lan:25' 'LocalNets=lan.test;*.lan.test' \
	PermanentRoutes=desk
configure routes/desk.conf '[Relay]' Host=192.168.7.2 Port=25 Tls=never \
	Insecure=yes
configure routes/isp.conf '[Relay]' Host=smtp.isp.test User=ada "CaFile=$ca"
secret isp geheim
configure profiles/server.conf '[Match]' \
	'Gateway=10.5.0.1 02:00:00:00:05:01' '[Use]' Routes=isp Trust=yes
start_daemon
ip address add 192.168.7.1/24 dev lan
ip link set lan up

# A forwarder knows one thing: give it to the server.
forward()
{
	there lan "$PYTHON3" - "$@" <<-'END'
	import smtplib, sys
	sender, recipient, subject = sys.argv[1:4]
	with smtplib.SMTP('192.168.7.1', 25, timeout=20) as smtp:
	    smtp.sendmail(sender, [recipient],
	                  'Subject: %s\r\n\r\nx\r\n' % subject)
	END
}

# Not before the place is known and trusted.
eventually masqctl status
never answers lan 192.168.7.1 25
join isp 10.5.0.2/24
eventually answers lan 192.168.7.1 25

# All directions: to people here, to the LAN, to the world.
forward ada@desk.lan.test alice@server.test to-alice
eventually mailbox_has alice 1
forward ada@desk.lan.test ben@desk.lan.test to-ben
eventually sink_has desk to-ben
forward ada@desk.lan.test carol@far.test to-carol
eventually sink_has isp to-carol
never sink_has desk to-carol
printf 'Subject: from-the-server\n\nx\n' |
	by alice sendmail -i ben@desk.lan.test
eventually sink_has desk from-the-server

# The provider's side is 10.5.0.0/24, private too: a neighbour there may,
# who comes from another subnet may not.
relayed()
{
	there isp "$PYTHON3" - "$1" <<-'END'
	import smtplib, sys
	with smtplib.SMTP('10.5.0.2', 25, timeout=20,
	                  source_address=(sys.argv[1], 0)) as smtp:
	    smtp.sendmail('x@far.test', ['victim@other.test'],
	                  'Subject: spam\r\n\r\nx\r\n')
	END
}
ip route add 192.168.9.0/24 via 10.5.0.1
never relayed 192.168.9.9 2>/dev/null
never sink_has isp spam

# The provider is lost: far mail waits, the LAN is not served by a place
# that is not trusted any more, and is told nothing in clear.
leave isp
waits_for_trust()
{
	masqctl explain ben@desk.lan.test |
		grep -F 'this network is not trusted with' >/dev/null
}
closed()
{
	! answers lan 192.168.7.1 25
}
eventually closed
by alice sendmail -i carol@far.test <<<'Subject: later'
printf 'Subject: still-near\n\nx\n' |
	by alice sendmail -i ben@desk.lan.test
eventually waits_for_trust
never sink_has desk still-near
never sink_has isp later
join isp 10.5.0.2/24
eventually sink_has isp later
eventually sink_has desk still-near
eventually answers lan 192.168.7.1 25
