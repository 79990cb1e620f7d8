#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The third classic set-up: a notebook between home (the provider), the
# office (its own server, also by VPN from elsewhere) and a place without the
# Internet that has a server of its own. Each message's way is asserted.
. "${0%/*}/../lib.sh"

network home 10.1.0.1/24 02:00:00:00:01:01
network office 10.2.0.1/24 02:00:00:00:02:01
network hut 10.3.0.1/24 02:00:00:00:03:01
there home ip address add 10.1.0.25/24 dev wire
there home ip address add 10.2.0.25/24 dev wire
there office ip address add 10.2.0.25/24 dev wire
submission isp home 10.1.0.25 smtp.isp.test ada geheim
submission corp office 10.2.0.25 mail.corp.test ada.l topsecret
sink hut hut 10.3.0.1
host smtp.isp.test 10.1.0.25
host mail.corp.test 10.2.0.25
configure masqmail.conf '[General]' HostName=laptop.test

# The company's mail goes by its own server only, there or over the VPN.
configure routes/corp.conf '[Match]' 'Senders=*@corp.test' LastRoute=yes \
	'[Relay]' Host=mail.corp.test User=ada.l "CaFile=$ca" "Owner=$me"
configure routes/corp-vpn.conf '[Match]' 'Senders=*@corp.test' \
	'Needs=vpn:corp0' LastRoute=yes \
	'[Relay]' Host=10.1.0.1 Port=2525 Tls=never Insecure=yes
configure routes/isp.conf '[Relay]' Host=smtp.isp.test User=ada \
	"CaFile=$ca" "Owner=$me"
configure routes/hut.conf '[Relay]' Host=10.3.0.1 Port=25 Tls=never \
	Insecure=yes
secret corp topsecret
secret isp geheim
configure profiles/home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' \
	'Routes=corp-vpn;isp' Trust=yes
configure profiles/office.conf '[Match]' \
	'Gateway=10.2.0.1 02:00:00:00:02:01' '[Use]' 'Routes=corp;isp'
start_agent

profile_is()
{
	masqctl status --json | grep "\"profile\": *\"$1\"" >/dev/null
}

says()
{
	local text=$1

	shift
	masqctl "$@" | grep -F -- "$text" >/dev/null
}

# On the train: all of it waits.
send ada@home.test bob@far.test private-1.
send ada@corp.test bob@far.test business-1.
queue_has 2

# At home the private mail goes by the provider; the company's waits for the
# VPN and says so, and goes by nothing else.
join home 10.1.0.2/24
eventually profile_is home
eventually sink_has isp private-1.
eventually queue_has 1
says 'is used only while vpn:corp0 is there' explain bob@far.test \
	--sender ada@corp.test
never sink_has isp business-1.
if ip tuntap add corp0 mode tun 2>/dev/null; then
	sink vpn home 10.1.0.1 2525
	ip link set corp0 up
	"$PYTHON3" - <<-'END' &
	import fcntl, struct, time
	tun = open('/dev/net/tun', 'r+b', buffering=0)
	fcntl.ioctl(tun, 0x400454ca, struct.pack('16sH', b'corp0', 0x1001))
	time.sleep(120)
	END
	ip address add 10.9.9.2/32 dev corp0
	eventually sink_has vpn business-1.
	eventually queue_has 0
	kill $!
	ip link del corp0 2>/dev/null || :
fi
leave home
eventually profile_is ''

# In the office its own server takes the company's mail.
send ada@corp.test bob@far.test business-2.
join office 10.2.0.2/24
eventually profile_is office
eventually sink_has corp business-2.
never sink_has isp business-2.
leave office
eventually profile_is ''

# In the hut there is no way beyond, but a server: once the place is known,
# the private mail goes by it.
ip address add 10.3.0.2/24 dev hut
ip link set hut up
send ada@home.test bob@far.test private-2.
send ada@corp.test bob@far.test business-3.
eventually says 'no way beyond it' networks
configure profiles/hut.conf '[Match]' Subnet=10.3.0.0/24 '[Use]' Routes=hut
reload_agent
eventually profile_is hut
# A subnet is no strong sign: nothing is told in clear there,
eventually says 'which this network is not trusted with' explain bob@far.test
never sink_has hut private-2.
# but by TLS, with a certificate that proves the server, it goes.
there hut ip address add 10.3.0.25/24 dev wire
host mail.hut.test 10.3.0.25
submission inn hut 10.3.0.25 mail.hut.test guest welcome
configure routes/hut.conf '[Match]' 'Senders=*@home.test' \
	'[Relay]' Host=mail.hut.test User=guest "CaFile=$ca" "Owner=$me"
secret hut welcome
reload_agent
eventually sink_has inn private-2.
eventually queue_has 1
never sink_has inn business-3.
leave hut
eventually profile_is ''

# Back in the office the rest goes, by its server.
join office 10.2.0.2/24
eventually sink_has corp business-3.
eventually queue_has 0
