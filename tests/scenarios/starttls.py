# SPDX-License-Identifier: GPL-2.0-or-later
"""A mail server that offers STARTTLS, unless the file STRIP exists.

	starttls.py ADDRESS PORT CERTIFICATE KEY STRIP MAIL

Each message is appended to the file MAIL, behind a line "tls" or "clear".
"""

import os
import socket
import ssl
import sys
import threading

ADDRESS, PORT, CERTIFICATE, KEY, STRIP, MAIL = sys.argv[1:]


def talk(connection):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)
    secure = False
    stream = connection.makefile('rwb', buffering=0)

    def say(line):
        stream.write(line.encode() + b'\r\n')

    say('220 there')
    while line := stream.readline():
        verb = line.split()[0].upper() if line.split() else b''
        if verb == b'EHLO':
            if secure or os.path.exists(STRIP):
                say('250 there')
            else:
                say('250-there')
                say('250 STARTTLS')
        elif verb == b'STARTTLS':
            say('220 go')
            connection = context.wrap_socket(connection, server_side=True)
            stream = connection.makefile('rwb', buffering=0)
            secure = True
        elif verb == b'DATA':
            say('354 go')
            text = b''
            while (line := stream.readline()) not in (b'.\r\n', b''):
                text += line
            with open(MAIL, 'ab') as mail:
                mail.write((b'tls\n' if secure else b'clear\n') + text)
            say('250 ok')
        elif verb == b'QUIT':
            say('221 bye')
            return
        else:
            say('250 ok')


def serve(connection):
    try:
        with connection:
            talk(connection)
    except (OSError, ssl.SSLError):
        pass


with socket.create_server((ADDRESS, int(PORT))) as listener:
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],),
                         daemon=True).start()
