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
# Root over TCP could be anybody who closed early: nobody of ours.
[ "$(id -u)" -eq 0 ] || maildir_has 'Message-ID: <'
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

# recipient ADDRESS [COMMAND...]: the answer to RCPT, asked by COMMAND
recipient()
{
	local address=$1

	shift
	# shellcheck disable=SC2016 # expanded there
	"$@" bash -c 'exec 3<>/dev/tcp/127.0.0.1/2525
		read -r line <&3
		for line in "HELO x" "MAIL FROM:<a@x.test>" "RCPT TO:<$1>"; do
			printf "%s\r\n" "$line" >&3
			read -r answer <&3
		done
		printf "%s\n" "$answer"' - "$address"
}
if [ "$(id -u)" -eq 0 ]; then
	# Neither root over TCP, nor another user of this machine, may relay.
	other='setpriv --reuid 65534 --regid 65534 --clear-groups'
	for who in '' "$other"; do
		# shellcheck disable=SC2086 # words
		recipient bob@far.test $who | grep -q '^550 5.7.1'
		# shellcheck disable=SC2086 # words
		recipient "$me@laptop.test" $who | grep -q '^250 2.1.5'
	done
else
	recipient bob@far.test | grep -q '^250 2.1.5'
fi

# Half a hundred at once, many messages, none lost or doubled.
"$PYTHON3" - "$me" <<'END'
import smtplib, sys, threading
me = sys.argv[1] + '@laptop.test'
failures = []
def work(n):
    try:
        for i in range(5):
            with smtplib.SMTP('127.0.0.1', 2525, timeout=30) as smtp:
                smtp.sendmail(me, [me], f'Subject: load {n}-{i}\r\n\r\nx\r\n')
    except Exception as error:
        failures.append(error)
threads = [threading.Thread(target=work, args=(n,)) for n in range(20)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not failures, failures
END
eventually delivered_to_maildir 106
eventually queue_has 0
is_exactly "$(grep -rho '^Subject: load .*' "$HOME/Maildir/new" |
	sort -u | wc -l)" 100
