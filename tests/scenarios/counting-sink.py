#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An SMTP server that counts: counting-sink.py ADDRESS PORT DELAY FILE.

After each connection FILE has, as words: connections, messages, turns (how
often it had answered all that was there and had to wait for more), and the
most commands it found waiting at once. FILE.order has a line "RECIPIENT
SUBJECT" for each message. Each answer comes DELAY ms late, as on a slow line.
"""

import socket
import sys
import threading
import time


class Counts:
    def __init__(self, path):
        self.lock = threading.Lock()
        self.path = path
        self.connections = self.messages = self.turns = self.most = 0
        self.order = []

    def write(self):
        with open(self.path + '.order', 'w') as file:
            file.writelines(line + '\n' for line in self.order)
        with open(self.path, 'w') as file:
            print(self.connections, self.messages, self.turns, self.most,
                  file=file)


class Talk:
    def __init__(self, connection, counts, delay):
        self.connection = connection
        self.counts = counts
        self.delay = delay
        self.buffer = b''
        self.answers = b''
        self.recipient = ''
        self.data = None
        self.counted = False

    def run(self):
        self.connection.sendall(b'220 sink.test ESMTP\r\n')
        try:
            while self.turn():
                pass
        except ConnectionResetError:
            pass
        self.connection.close()
        with self.counts.lock:
            self.counts.write()

    def turn(self):
        """All that came, and what is said to it; FALSE at the end."""
        received = self.connection.recv(65536)
        self.count(received)
        self.buffer += received
        lines = self.buffer.split(b'\r\n')
        self.buffer = lines.pop()
        commands = 0
        for line in lines:
            commands += self.data is None
            self.take(line)
        with self.counts.lock:
            self.counts.turns += bool(self.answers)
            self.counts.most = max(self.counts.most, commands)
        if self.answers:
            time.sleep(self.delay)
            self.connection.sendall(self.answers)
        over = self.answers.startswith(b'221')
        self.answers = b''
        return received and not over

    def count(self, received):
        """Who only looks whether we are there is no connection."""
        if received and not self.counted:
            self.counted = True
            with self.counts.lock:
                self.counts.connections += 1

    def take(self, line):
        if self.data is None:
            self.command(line.decode())
        elif line == b'.':
            subject = next(d for d in self.data if d.startswith('Subject: '))
            with self.counts.lock:
                self.counts.messages += 1
                self.counts.order.append(self.recipient + ' ' + subject[9:])
            self.data = None
            self.answers += b'250 2.0.0 taken\r\n'
        else:
            self.data.append(line.decode())

    def command(self, line):
        verb = line.split()[0].upper()
        if verb == 'EHLO':
            self.answers += (b'250-sink.test\r\n250-8BITMIME\r\n'
                             b'250 PIPELINING\r\n')
        elif verb == 'DATA':
            self.data = []
            self.answers += b'354 go\r\n'
        elif verb == 'QUIT':
            self.answers = b'221 bye\r\n'
        else:
            if verb == 'RCPT':
                self.recipient = line.split('<')[1].split('>')[0]
            self.answers += b'250 ok\r\n'


def main(address, port, delay, path):
    counts = Counts(path)
    listener = socket.create_server((address, int(port)), backlog=64)
    while True:
        connection, _ = listener.accept()
        talk = Talk(connection, counts, int(delay) / 1000)
        threading.Thread(target=talk.run, daemon=True).start()


main(*sys.argv[1:])
