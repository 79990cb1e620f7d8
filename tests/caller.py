# SPDX-License-Identifier: GPL-2.0-or-later
"""The wire's calling side, for scenarios: whole calls, and bare packets for
what no client of ours would say."""

import os
import socket
import sys

sys.path.append(os.path.join(os.path.dirname(__file__), 'transcripts'))
import gvariant  # noqa: E402 (its folder is known only now)

PACKET = '(ysuv)'
PACKET_MAX = 96 * 1024
BODIES = {'Hello': '(u)', 'Submit': '(sa{sv})', 'Recipient': '(sa{sv})',
          'Describe': '(a{sv})', 'Commit': '(t)', 'Reset': '()',
          'List': '(asa{sv}su)', 'Show': '(s)', 'Act': '(sasa{sv})',
          'Status': '()', 'Profile': '(sa{sv})', 'Profiles': '()',
          'Routes': '()', 'Networks': '()', 'Explain': '(sa{sv})',
          'Log': '(a{sv})', 'Reload': '()', 'Watch': '()', 'Job': '()',
          'Fetch': '(st)', 'Learn': '(sa{sv})',
          'Forget': '(s)', 'Rename': '(ss)', 'Online': '(s)',
          'Hint': '(a{sv})', 'Verdict': '(ua{sv})', 'Report': '(a{sv})'}
EXAMPLES = {'(u)': (1,), '(sa{sv})': ('x', {}), '(a{sv})': ({},),
            '(t)': (0,), '()': (), '(asa{sv}su)': ([], {}, '', 9),
            '(s)': ('x',), '(ss)': ('x', 'y'),
            '(sasa{sv})': ('hold', ['x'], {}), '(st)': ('x', 0),
            '(ua{sv})': (0, {})}


def packet(name, values=None, kind='c', serial=1, body=None):
    body = body or BODIES[name]
    values = EXAMPLES[body] if values is None else values
    return gvariant.encode(PACKET, (ord(kind), name, serial,
                                    gvariant.Variant(body, values)))


class Caller:
    def __init__(self, path=None):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(20)
        self.socket.connect(path or os.path.join(
            os.environ['XDG_RUNTIME_DIR'], 'masqmail', 'submit'))

    def send(self, data):
        self.socket.send(data)

    def answer(self):
        """(kind, name) of the next packet; ('', '') at the end."""
        try:
            data = self.socket.recv(PACKET_MAX)
        except ConnectionError:
            data = b''
        if not data:
            return '', ''
        return chr(data[0]), data[1:data.index(b'\0')].decode()

    def call(self, name, values=None):
        self.send(packet(name, values))
        return self.answer()

    def submit(self, sender, recipient, message):
        """As sendmail does: only Commit waits for the answers."""
        self.send(packet('Submit', (sender, {})))
        self.send(packet('Recipient', (recipient, {})))
        self.send(b'd' + message)
        answers = [self.answer() for name in range(2)]
        answers.append(self.call('Commit', (len(message),)))
        assert answers == [('r', 'Submit'), ('r', 'Recipient'),
                           ('r', 'Commit')], answers
