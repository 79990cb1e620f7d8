#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An agent for tests, of the kind common/agent.h describes.

    agent.py SOCKET secret SECRET   answers each request with that
    agent.py SOCKET mistype SECRET  only the second time, when refused
    agent.py SOCKET no SENTENCE     knows it not
    agent.py SOCKET silent          never answers
    agent.py SOCKET speak           says something it was not asked

Prints "waiting" once it waits, then each request on one line."""

import os
import socket
import sys


def main(path, how, what=''):
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.connect(path)
    print('waiting', flush=True)
    if how == 'speak':
        connection.send(b'hello')
    while True:
        try:
            text, fds, _, _ = socket.recv_fds(connection, 4096, 2)
        except ConnectionResetError:
            text = b''
        if not text:
            print('shown out', flush=True)
            return
        print(text.decode().replace('\n', '; '), flush=True)
        answer = socket.socket(fileno=fds[1])
        if how == 'secret':
            os.write(fds[0], what.encode())
            answer.send(b'ok')
        elif how == 'mistype':
            right = b'refused yes' in text
            os.write(fds[0], what.encode() if right else b'oops')
            answer.send(b'ok')
        elif how == 'no':
            answer.send(b'no ' + what.encode())
        else:
            answer.recv(1)      # until nobody waits any more
            print('given up', flush=True)
        os.close(fds[0])
        answer.close()


main(*sys.argv[1:])
