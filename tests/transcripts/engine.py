# SPDX-License-Identifier: GPL-2.0-or-later
"""The engine's end of a worker's socket, with a queue of fake jobs: answers
Job, Fetch, Verdict and Report, and keeps what it was told."""

import socket
import struct
import threading

import gvariant

CALLS = {'Job': '()', 'Ahead': '()', 'Fetch': '(st)', 'Verdict': '(ua{sv})',
         'Report': '(a{sv})'}
PACKET = '(ysuv)'
PACKET_MAX = 96 * 1024
DATA_MAX = 64 * 1024


class Job:
    def __init__(self, number, sender, recipients, options, message):
        self.id = '0-%04d' % number
        self.sender = sender
        self.recipients = recipients    # of (address, options)
        self.options = options
        self.message = message
        self.declared = len(message)

    def reply(self, trusted, seen):
        v = gvariant.Variant
        people = [(n, address, options)
                  for n, (address, options) in enumerate(self.recipients)]
        return {'id': v('s', self.id), 'size': v('t', self.declared),
                'sender': v('s', self.sender), 'route': v('s', 'test'),
                'recipients': v('a(usa{ss})', people),
                'options': v('a{ss}', self.options),
                'own-names': v('as', ['laptop', 'localhost']),
                'tls-seen': v('as', seen),
                'trusted': v('b', trusted)}


class Engine(threading.Thread):
    def __init__(self, jobs, trusted):
        super().__init__(daemon=True)
        self.socket, self.worker = socket.socketpair(
            socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.jobs = list(jobs)
        self.trusted = trusted
        self.seen = []          # hosts known to have had TLS
        self.job = None
        self.told = []          # of (method, number, dictionary)
        self.sent = []          # bytes told by Report
        self.speeds = []
        self.transcripts = {}   # of each job's id, lists of lines
        self.fault = None

    def run(self):
        try:
            while True:
                packet = self.socket.recv(PACKET_MAX + 1)
                if not packet:
                    return
                self.answer(packet)
        except (ConnectionError, BrokenPipeError):
            return
        except Exception as error:      # told by the player
            self.fault = error
            self.socket.close()

    def answer(self, packet):
        kind, name, serial, _ = gvariant.decode(PACKET, packet)
        # The body once more, by the type that it must have.
        body = packet_body(packet, CALLS[name])
        assert chr(kind) == 'c', 'not a call'
        if name == 'Fetch':
            identity, offset = body
            assert identity == self.job.id, 'fetched another job'
            data = self.job.message[offset:offset + DATA_MAX]
            self.socket.send(b'd' + data)
            return
        values = getattr(self, 'take_' + name.lower())(*body)
        out = '(a{sv})' if name in ('Job', 'Ahead') else '()'
        self.socket.send(gvariant.encode(PACKET, (
            ord('r'), name, serial, gvariant.Variant(out, values))))

    def take_job(self):
        self.job = self.jobs.pop(0) if self.jobs else None
        return (self.job.reply(self.trusted, self.seen)
                if self.job else {},)

    def take_ahead(self):
        return (self.jobs[0].reply(self.trusted, self.seen)
                if self.jobs else {},)

    def take_verdict(self, number, status):
        assert number < len(self.job.recipients), 'no such recipient'
        self.told.append(('verdict', number, status))
        return ()

    def take_report(self, facts):
        if 'sent' in facts:
            self.sent.append(facts['sent'])
        elif 'transcript' in facts:
            self.transcripts[facts['id']] = facts['transcript']
        elif 'speed' in facts:
            self.speeds.append(facts['speed'])
        else:
            self.told.append(('report' if 'fault' in facts else 'facts',
                              None, facts))
        return ()

    def hang_up(self):
        self.socket.shutdown(socket.SHUT_RDWR)


def packet_body(packet, kind):
    """The body of a packet, which must be of the type kind."""
    size = gvariant.offset_size(len(packet))
    variant = packet[variant_start(packet, size):-size]
    cut = variant.rindex(b'\0')
    assert variant[cut + 1:].decode() == kind, 'a body of another type'
    return gvariant.decode(kind, variant[:cut])


def variant_start(packet, size):
    name_end = int.from_bytes(packet[-size:], 'little')
    serial_end = gvariant.aligned(name_end, 4) + struct.calcsize('I')
    return gvariant.aligned(serial_end, 8)
