#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A smart host refuses a recipient for good: the sender is told, once, in
# words and in fields; the bounce of a bounce goes nowhere.
. "${0%/*}/../lib.sh"

sink isp here 127.0.0.1 2600 -f RCPT
configure masqmail.conf '[General]' HostName=laptop.test
configure routes/isp.conf '[Relay]' Host=127.0.0.1 Port=2600 Tls=never \
	Insecure=yes
configure profiles/default.conf '[Use]' Routes=isp Trust=yes
network home 10.1.0.1/24 02:00:00:00:01:01
join home 10.1.0.2/24
start_agent
masqctl profile default

send "$me@laptop.test" bob@far.test 'tea at five'
eventually delivered_to_maildir 1
maildir_has 'Subject: Not delivered: tea at five'
maildir_has 'Return-Path: <>'
maildir_has 'Auto-Submitted: auto-replied'
maildir_has 'Final-Recipient: rfc822; bob@far.test'
maildir_has 'Action: failed'
maildir_has 'Status: 5.'
maildir_has 'text/rfc822-headers'
eventually queue_has 0
is_exactly "$(count "$HOME"/Maildir/new/*)" 1

"$PYTHON3" - "$HOME"/Maildir/new/* <<'END'
import email, email.policy, sys
with open(sys.argv[1], 'rb') as file:
    message = email.message_from_binary_file(file, policy=email.policy.default)
assert not message.defects and message.get_content_type() == 'multipart/report'
parts = list(message.iter_parts())
assert [part.get_content_type() for part in parts] == [
    'text/plain', 'message/delivery-status', 'text/rfc822-headers']
assert parts[0].get_content().startswith('Your message')
END

# NOTIFY=NEVER: nobody wants to know.
printf 'Subject: quiet\n\nx\n' |
	sendmail -i -N never -f "$me@laptop.test" eve@far.test
eventually queue_has 0
is_exactly "$(count "$HOME"/Maildir/new/*)" 1
