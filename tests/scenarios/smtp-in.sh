#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SMTP over loopback into a real mailbox: by python's smtplib, by raw bytes
# that try to smuggle, and with a client that nobody can identify.
. "${0%/*}/../lib.sh"

configure masqmail.conf '[General]' HostName=laptop.test \
	Listen=loopback:2525 SizeLimit=1M
start_agent
eventually answers here 127.0.0.1 2525

"$PYTHON3" - "$me" <<'END'
import smtplib, sys
me = sys.argv[1] + '@laptop.test'
for host in ('127.0.0.1', '::1'):
    with smtplib.SMTP(host, 2525) as smtp:
        smtp.ehlo('client.test')
        for word in ('pipelining', '8bitmime', 'smtputf8', 'dsn',
                     'enhancedstatuscodes', 'size'):
            assert smtp.has_extn(word), word
        assert smtp.esmtp_features['size'] == '1048576'
        for i in range(3):
            smtp.sendmail(me, [me], f'Subject: number {i} by {host}\r\n\r\n'
                          '.dot\r\nFrom here\r\ngr\u00fc\u00dfe\r\n'
                          .encode(), ['BODY=8BITMIME'])
        try:
            smtp.sendmail(me, [me], b'x' * 2000000)
            raise SystemExit('two megabytes were taken')
        except smtplib.SMTPResponseException as error:
            assert error.smtp_code == 552, error
        smtp.noop()
END
eventually delivered_to_maildir 6
maildir_has 'number 2 by ::1'
maildir_has 'Return-Path: <'"$me"'@laptop.test>'
maildir_has 'Delivered-To: '"$me"'@laptop.test'
maildir_has 'Received: from client.test ([127.0.0.1])'
maildir_has 'Message-ID: <'
eventually queue_has 0

# Nothing behind a false end of data is run; the message is refused whole.
"$PYTHON3" - "$me" <<'END'
import socket, sys
me = sys.argv[1] + '@laptop.test'
def talk(data):
    link = socket.create_connection(('127.0.0.1', 2525))
    file = link.makefile('rb')
    def answer():
        line = file.readline()
        while line[3:4] == b'-':
            line = file.readline()
        return line[:3].decode()
    assert answer() == '220'
    for line in ('EHLO x', f'MAIL FROM:<{me}>', f'RCPT TO:<{me}>', 'DATA'):
        link.sendall(line.encode() + b'\r\n')
        code = answer()
    assert code == '354', code
    for piece in data:
        link.sendall(piece)
    code = answer()
    link.sendall(b'QUIT\r\n')
    assert answer() == '221'
    return code
evil = f'MAIL FROM:<{me}>\r\nRCPT TO:<{me}>\r\nDATA\r\nevil\r\n.\r\n'.encode()
for end in (b'\n.\n', b'\n.\r\n', b'\r\n.\n', b'\r.\r', b'\r\n.\0\r\n',
            b'\r\n.\r', b'\r.\r\n'):
    for data in ([b'smuggled' + end + evil],
                 [bytes([c]) for c in b'smuggled' + end + evil]):
        assert talk(data) == '554', end
END
never maildir_has evil
is_exactly "$(count "$HOME"/Maildir/new/*)" 6

# Root over TCP could be anybody who closed early: local mailboxes only.
if [ "$(id -u)" -eq 0 ]; then
	"$PYTHON3" - "$me" <<'END'
import smtplib, sys
with smtplib.SMTP('127.0.0.1', 2525) as smtp:
    smtp.ehlo()
    smtp.mail(sys.argv[1] + '@laptop.test')
    code, text = smtp.rcpt('bob@far.test')
    assert code == 550 and text.startswith(b'5.7.1'), (code, text)
END
fi
queue_has 0
