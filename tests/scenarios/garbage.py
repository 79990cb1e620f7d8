# SPDX-License-Identifier: GPL-2.0-or-later
"""What hostile and broken clients say to the agent, a function for each.
Usage: garbage.py NAME. Each ends when the agent has answered an ordinary
client afterwards, on the same socket family, within the patience of one."""

import os
import random
import resource
import socket
import sys
import time

from caller import BODIES, Caller, PACKET_MAX, packet

chance = random.Random(4711)
PORT = 2525


def alone(data):
    """A connection of its own for one packet; what it answers."""
    caller = Caller()
    try:
        caller.send(data)
        # A half packet must not leave the engine waiting for the rest.
        caller.socket.shutdown(socket.SHUT_WR)
        return caller.answer()
    except (BrokenPipeError, ConnectionResetError):
        return '', ''
    finally:
        caller.socket.close()


def truncated():
    for name in BODIES:
        whole = packet(name)
        for size in range(1, len(whole)):
            kind, _ = alone(whole[:size])
            assert kind in ('', 'e'), (name, size, kind)


def flipped():
    for name in BODIES:
        if name in ('Watch', 'Reload'):
            continue
        for _ in range(20):
            data = bytearray(packet(name))
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            alone(bytes(data))


def binary():
    for _ in range(300):
        alone(chance.randbytes(chance.choice((1, 2, 7, 30, 500, 9000))))
    for data in (b'', b'd', b'c', b'\0', b'n' * 40,
                 packet('Status', kind='r'), packet('Status', kind='n'),
                 packet('Sttus', (), body='()'), packet('Hello', (), body='()'),
                 packet('Commit', (2 ** 64 - 1,)), packet('Commit'),
                 b'd' + bytes(60000)):
        assert alone(data)[0] in ('', 'e'), data[:20]


def long():
    for size in (PACKET_MAX, PACKET_MAX + 1, 190000):
        for first in b'cd':
            assert alone(bytes([first]) + bytes(size)) == ('', '')


def roles():
    """What only workers may: an error, and the connection goes on."""
    caller = Caller()
    for name in ('Job', 'Verdict', 'Report'):
        assert caller.call(name) == ('e', name)
    assert caller.call('Status') == ('r', 'Status')


def many():
    """Far more connections than one user may have."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    callers = []
    for _ in range(1000):
        try:
            callers.append(Caller())
        except (ConnectionRefusedError, BlockingIOError):
            pass
    print(len(callers), 'connections; close this to go on', flush=True)
    sys.stdin.readline()


def deaf():
    """Asks for everything and reads nothing."""
    watcher, asker = Caller(), Caller()
    watcher.call('Watch')
    asker.socket.setblocking(False)
    try:
        for _ in range(100000):
            asker.send(packet('List', (['id', 'subject'], {}, '', 1000)))
        raise SystemExit('a peer that reads nothing was never stopped')
    except BlockingIOError:
        pass
    for i in range(300):
        caller = Caller()
        caller.submit('ada@home.test', 'bob@far.test', b'Subject: x\r\n\r\n')
        caller.socket.close()


def talk(data):
    with socket.create_connection(('127.0.0.1', PORT), 20) as link:
        try:
            link.sendall(data)
            link.shutdown(socket.SHUT_WR)
            while link.recv(65536):
                pass
        except OSError:     # it may well have hung up on us
            pass


def smtp():
    dialogue = (b'EHLO x\r\nMAIL FROM:<ada@home.test>\r\nRCPT TO:<%s>\r\n'
                b'DATA\r\nSubject: cut\r\n\r\nx\r\n.\r\n' %
                sys.argv[2].encode())
    for size in range(0, len(dialogue) - 1, 3):
        talk(dialogue[:size])
    for _ in range(30):
        talk(chance.randbytes(chance.choice((1, 40, 3000, 100000))))
    talk(b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + bytes(600))
    talk(b'EHLO ' + b'x' * 1000000 + b'\r\n')
    talk(b'\r\n' * 10000)


def drop():
    folder, good = sys.argv[2], 'masqmail-drop 1 %s %d %s\n'

    def leave(name, data, mode=0o600):
        path = os.path.join(folder, name)
        fd = os.open(path + '~', os.O_CREAT | os.O_WRONLY, 0o200)
        text = data(name, os.fstat(fd).st_ino) if callable(data) else data
        os.write(fd, text)
        os.fchmod(fd, mode)
        os.close(fd)
        os.rename(path + '~', path)

    names = ('%032x' % chance.getrandbits(128) for _ in range(100))
    leave(next(names), b'')
    leave(next(names), chance.randbytes(5000))
    leave(next(names), b'masqmail-drop 1 ')
    leave(next(names), b'x' * 3000000)
    leave('not a name', b'x')
    for block in (b'', b'Sender: ', b'Sender: a@b\n\n', b'Sender: x\nRec',
                  b'Recipient: \xff\xfe\n\nx', b'Option-: \n\n', b'\0' * 99,
                  b'Sender: a@b.test\n' + b'Recipient: c@d.test\n' * 60000):
        leave(next(names), lambda name, inode: (
            good % (name, inode, '%032x' % chance.getrandbits(128))
        ).encode() + block)
    os.symlink('/etc/passwd', os.path.join(folder, next(names)))
    os.mkfifo(os.path.join(folder, next(names)), 0o600)
    os.mkdir(os.path.join(folder, next(names)))


def is_served():
    try:
        return Caller().call('Status') == ('r', 'Status')
    except OSError:
        return False


globals()[sys.argv[1]]()
# It may still be at hanging up on all those before.
end = time.monotonic() + 20
while not is_served():
    assert time.monotonic() < end
    time.sleep(0.05)
