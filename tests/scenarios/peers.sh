#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The servers and networks that other scenarios rely on do what they should.
. "${0%/*}/../lib.sh"

network cafe 10.1.0.1/24 02:00:00:00:01:01
submission isp cafe 10.1.0.1 smtp.isp.test ada geheim
host smtp.isp.test 10.1.0.1

never answers here 10.1.0.1 587
join cafe 10.1.0.2/24
eventually answers here 10.1.0.1 587

converse()
{
	local i

	for i in 'EHLO laptop.test' "AUTH PLAIN $(printf '\0ada\0geheim' |
		base64)" 'MAIL FROM:<ada@isp.test>' 'RCPT TO:<bob@far.test>' \
		'DATA' $'Subject: tea\r\n\r\nat five\r\n.' 'QUIT'; do
		printf '%s\r\n' "$i"
		sleep 0.3
	done
}
converse | openssl s_client -quiet -starttls smtp -verify_return_error \
	-CAfile "$ca" -verify_hostname smtp.isp.test \
	-connect smtp.isp.test:587 >"$scratch/dialogue.log" 2>&1
eventually sink_got isp 1
sink_has isp 'at five'
sink_has isp 'X-Mail-Args: <ada@isp.test>'

leave cafe
never answers here 10.1.0.1 587
