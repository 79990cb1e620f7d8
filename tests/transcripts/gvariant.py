# SPDX-License-Identifier: GPL-2.0-or-later
"""GVariant's serialisation, as the wire uses it, from its specification:
no code is shared with what is tested. Values: int, bool, str, list, dict
(of dictionaries), tuple, and Variant."""

import struct

BASIC = {'y': 'B', 'b': '?', 'u': 'I', 'i': 'i', 't': 'Q', 'x': 'q', 'd': 'd'}


class Variant:
    def __init__(self, kind, value):
        self.kind = kind
        self.value = value


def split(kinds):
    """The complete types that follow each other in kinds."""
    found, start, depth = [], 0, 0
    for i, c in enumerate(kinds):
        if c in '({':
            depth += 1
        elif c in ')}':
            depth -= 1
        if depth == 0 and c != 'a':
            found.append(kinds[start:i + 1])
            start = i + 1
    return found


def alignment(kind):
    c = kind[0]
    if c in BASIC:
        return struct.calcsize('<' + BASIC[c])
    if c in 'sg':
        return 1
    if c == 'v':
        return 8
    if c == 'a':
        return alignment(kind[1:])
    return max([alignment(k) for k in split(kind[1:-1])] or [1])


def fixed_size(kind):
    """Bytes of a type whose values all have one size, else 0."""
    c = kind[0]
    if c in BASIC:
        return struct.calcsize('<' + BASIC[c])
    if c in '({':
        at = 0
        for k in split(kind[1:-1]):
            if not fixed_size(k):
                return 0
            at = aligned(at, alignment(k)) + fixed_size(k)
        return aligned(at, alignment(kind)) or 1
    return 0


def aligned(at, to):
    return (at + to - 1) // to * to


def pad(data, to):
    data.extend(bytes(aligned(len(data), to) - len(data)))


def offset_size(size):
    return next(n for n, most in ((1, 0xff), (2, 0xffff), (4, 0xffffffff))
                if size <= most)


def with_offsets(data, offsets):
    for n in (1, 2, 4):
        if offset_size(len(data) + n * len(offsets)) == n:
            break
    for offset in offsets:
        data.extend(offset.to_bytes(n, 'little'))
    return bytes(data)


def encode(kind, value):
    c = kind[0]
    if c in BASIC:
        return struct.pack('<' + BASIC[c], value)
    if c in 'sg':
        return value.encode() + b'\0'
    if c == 'v':
        return encode(value.kind, value.value) + b'\0' + value.kind.encode()
    if c == 'a':
        return encode_array(kind[1:], value)
    return encode_tuple(kind, value)


def encode_array(kind, values):
    data, ends = bytearray(), []
    items = values.items() if isinstance(values, dict) else values
    for value in items:
        pad(data, alignment(kind))
        data += encode(kind, value)
        ends.append(len(data))
    if fixed_size(kind) or not ends:
        return bytes(data)
    return with_offsets(data, ends)


def encode_tuple(kind, values):
    kinds = split(kind[1:-1])
    data, ends = bytearray(), []
    for i, (k, value) in enumerate(zip(kinds, values)):
        pad(data, alignment(k))
        data += encode(k, value)
        if not fixed_size(k) and i + 1 < len(kinds):
            ends.insert(0, len(data))
    if fixed_size(kind):
        pad(data, alignment(kind))
        return bytes(data) or b'\0'
    return with_offsets(data, ends)


def decode(kind, data):
    c = kind[0]
    if c in BASIC:
        return struct.unpack('<' + BASIC[c], data)[0]
    if c in 'sg':
        return data[:-1].decode()
    if c == 'v':
        cut = data.rindex(b'\0')
        return decode(data[cut + 1:].decode(), data[:cut])
    if c == 'a':
        values = decode_array(kind[1:], data)
        return dict(values) if kind[1] == '{' else values
    return decode_tuple(kind, data)


def decode_array(kind, data):
    size = fixed_size(kind)
    if size:
        return [decode(kind, data[i:i + size])
                for i in range(0, len(data), size)]
    if not data:
        return []
    n = offset_size(len(data))
    first = int.from_bytes(data[-n:], 'little')
    values, start = [], 0
    for at in range(first, len(data), n):
        end = int.from_bytes(data[at:at + n], 'little')
        start = aligned(start, alignment(kind))
        values.append(decode(kind, data[start:end]))
        start = end
    return values


def decode_tuple(kind, data):
    kinds = split(kind[1:-1])
    n = offset_size(len(data))
    values, at, table = [], 0, len(data)
    for i, k in enumerate(kinds):
        at = aligned(at, alignment(k))
        if fixed_size(k):
            end = at + fixed_size(k)
        elif i + 1 < len(kinds):
            table -= n
            end = int.from_bytes(data[table:table + n], 'little')
        else:
            end = table
        values.append(decode(k, data[at:end]))
        at = end
    return tuple(values)
