#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Delivery through Dovecot's LMTP, by its socket and by TCP: each recipient
# has an answer of its own.
. "${0%/*}/../lib.sh"

network home 10.1.0.1/24 02:00:00:00:01:01
cat >"$scratch/isp.extra" <<-END
	protocols = submission lmtp
	auth_username_format = %Ln
	service lmtp {
	  user = $me
	  unix_listener $scratch/lmtp {
	    mode = 0666
	  }
	  inet_listener lmtp {
	    address = 10.1.0.1
	    port = 24
	  }
	}
END
submission isp home 10.1.0.1 smtp.isp.test ada geheim
host mail.isp.test 10.1.0.1
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' 'Routes=socket;port' \
	Trust=yes
configure routes/socket.conf '[Match]' 'Recipients=*@socket.test' '[Relay]' \
	Protocol=lmtp "Host=$scratch/lmtp"
configure routes/port.conf '[Match]' 'Recipients=*@port.test' '[Relay]' \
	Protocol=lmtp Host=mail.isp.test Tls=never Insecure=yes
start_agent
join home 10.1.0.2/24

mailbox_has()
{
	grep -rqF -- "$1" "$scratch/isp/mail"
}

failed_because()
{
	masqctl log | grep -qF -- "$1"
}

for way in socket port; do
	printf 'Subject: by %s\n\nHello.\n' $way |
		sendmail -i -f ada@home.test ada@$way.test nobody@$way.test
	eventually mailbox_has "by $way"
	# The other one is refused, by itself, and its sender is told.
	eventually failed_because "to=<nobody@$way.test>"
done
masqctl log | grep -F 'to=<nobody@socket.test>' | grep -F 'failed'
masqctl log | grep -F 'to=<ada@socket.test>' | grep -F "$scratch/lmtp"

# Many at once, in one conversation, each in its mailbox once.
for i in {1..20}; do
	send ada@home.test ada@socket.test "no. $i."
done
all_are_there()
{
	local i

	for i in {1..20}; do
		[ "$(cat "$scratch"/isp/mail/new/* |
			grep -cxF "Subject: no. $i.")" = 1 ] ||
			return 1
	done
}
eventually all_are_there

# A socket that is not there makes mail wait.
configure routes/socket.conf '[Match]' 'Recipients=*@socket.test' '[Relay]' \
	Protocol=lmtp "Host=$scratch/no-such-socket"
masqctl reload >/dev/null
send ada@home.test ada@socket.test 'later'
waits()
{
	masqctl queue --json | grep -qF 'No such file'
}
eventually waits
