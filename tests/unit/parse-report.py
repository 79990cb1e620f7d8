# SPDX-License-Identifier: GPL-2.0-or-later
"""Read a delivery status notification as a stranger would and print what it
says, one fact a line, for test-report to compare."""
import email
import email.policy
import sys


def main():
    with open(sys.argv[1], 'rb') as file:
        raw = file.read()
    assert b'\n' not in raw.replace(b'\r\n', b''), 'a bare LF'
    assert b'\r' not in raw.replace(b'\r\n', b''), 'a bare CR'
    assert max(map(len, raw.split(b'\r\n'))) <= 998, 'a line too long'
    message = email.message_from_bytes(raw, policy=email.policy.SMTP)
    for name in ('From', 'To', 'Subject', 'Auto-Submitted', 'In-Reply-To'):
        print(f'{name}={message[name]}')
    assert message['Message-ID'] and message['Date'] and not message.defects
    assert message.get_content_type() == 'multipart/report'
    print('report-type=' + message.get_param('report-type'))
    parts = list(message.iter_parts())
    assert len(parts) == 3, parts
    assert parts[0].get_content_type() == 'text/plain'
    for line in parts[0].get_content().splitlines():
        print('text:' + line)
    print('status-type=' + parts[1].get_content_type())
    if parts[1].get_content_type() == 'message/delivery-status':
        blocks = parts[1].get_payload()
    else:
        text = parts[1].get_payload()[0].as_bytes().decode('utf-8')
        blocks = [email.message_from_string(block, policy=email.policy.SMTPUTF8)
                  for block in text.replace('\r\n', '\n').split('\n\n')
                  if block.strip()]
    for block in blocks:
        for name, value in block.items():
            if not name.endswith('-Date'):
                print(f'{name}={value}')
        print('--')
    print('original-type=' + parts[2].get_content_type())
    start = raw.index(b'\r\n\r\n', raw.rindex(b'Content-Type: ' +
                      parts[2].get_content_type().encode())) + 4
    end = raw.rindex(b'\r\n--' + message.get_boundary().encode() + b'--')
    print('original-bytes=' + repr(raw[start:end])[2:-1])
    print('encoding=' + str(message['Content-Transfer-Encoding']))


main()
