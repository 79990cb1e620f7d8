# SPDX-License-Identifier: GPL-2.0-or-later
"""A network with a sign-in page, for portal.sh. Usage:

    portal.py ADDRESS CERTIFICATE KEY LOG HOST=ADDRESS...

Until SIGUSR1 comes (somebody signed in) the name service on ADDRESS answers
every name with ADDRESS, and there every connection to port 465 or 587 meets
TLS of another name; SIGUSR2 makes it cut connections instead. Afterwards
names are the given HOSTs' only. What clients say goes to LOG; all frames of
the wire go to LOG.wire, its process id to LOG.pid."""

import os
import signal
import socket
import ssl
import struct
import sys
import threading

address, certificate, key, log_path = sys.argv[1:5]
names = dict(word.split('=') for word in sys.argv[5:])
state = {'open': False, 'cut': False}
log_file = open(log_path, 'a', buffering=1)
lock = threading.Lock()
signal.signal(signal.SIGUSR1, lambda *_: state.update(open=True))
signal.signal(signal.SIGUSR2, lambda *_: state.update(cut=True))

with open(log_path + '.pid', 'w') as file:
    file.write(str(os.getpid()))


def log(*words):
    with lock:
        print(*words, file=log_file)


def name_of(query):
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    return '.'.join(labels).lower(), at + 5


def answer(query):
    name, end = name_of(query)
    kind = struct.unpack('>H', query[end - 4:end - 2])[0]
    found = names.get(name) if state['open'] else address
    log('asked', name, kind, '->', found)
    head, records, code = query[:2], b'', 0
    if not found:
        code = 3
    elif kind == 1:
        records = (b'\xc0\x0c\0\1\0\1\0\0\0\0\0\4' +
                   socket.inet_aton(found))
    return (head + struct.pack('>HHHHH', 0x8180 | code, 1,
                               1 if records else 0, 0, 0) +
            query[12:end] + records)


def serve_names():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, 53))
    while True:
        query, peer = server.recvfrom(2048)
        try:
            server.sendto(answer(query), peer)
        except (IndexError, struct.error, OSError) as error:
            log('bad query', error)


def pretend(client, port):
    """SMTP and TLS as a proxy of a hotel would speak them."""
    if state['cut']:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                          struct.pack('ii', 1, 0))
        log('cut', port)
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    lines = client.makefile('rb')
    if port == 587:
        client.sendall(b'220 portal ESMTP\r\n')
        while True:
            line = lines.readline()
            log('clear', port, line)
            if not line:
                return
            if line.upper().startswith(b'STARTTLS'):
                client.sendall(b'220 go on\r\n')
                break
            client.sendall(b'250-portal\r\n250-AUTH PLAIN LOGIN\r\n'
                           b'250 STARTTLS\r\n')
    with context.wrap_socket(client, server_side=True) as secure:
        secure.sendall(b'220 portal ESMTP\r\n' if port == 465 else b'')
        while True:
            line = secure.recv(4096)
            log('secret', port, line)
            if not line:
                return
            secure.sendall(b'250-portal\r\n250 AUTH PLAIN LOGIN\r\n')


def serve(client, port):
    log('connection', port)
    try:
        with client:
            client.settimeout(20)
            pretend(client, port)
    except OSError as error:
        log('ended', port, error)


def serve_port(port):
    server = socket.create_server((address, port))
    while True:
        client, _ = server.accept()
        threading.Thread(target=serve, args=(client, port),
                         daemon=True).start()


def record_wire():
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                         socket.htons(3))
    wire.bind(('wire', 0))
    with open(log_path + '.wire', 'ab', buffering=0) as frames:
        while True:
            frames.write(wire.recv(65536))


for task in (serve_names, record_wire):
    threading.Thread(target=task, daemon=True).start()
for port in (465, 587):
    threading.Thread(target=serve_port, args=(port,), daemon=True).start()
while True:
    signal.pause()
