"""DNS messages as octets, for questions and answers that no library would make or read."""

import socket
import struct


def wire_name(text):
    """A name in the zone file's notation, absolute."""
    out, label, i = b'', b'', 0
    text = text if text.endswith('.') and not text.endswith('\\.') else text + '.'
    text = '' if text == '.' else text
    while i < len(text):
        if text[i] == '\\':
            if text[i + 1].isdigit():
                label += bytes([int(text[i + 1:i + 4])])
                i += 4
            else:
                label += text[i + 1].encode()
                i += 2
        elif text[i] == '.':
            out += bytes([len(label)]) + label
            label = b''
            i += 1
        else:
            label += text[i].encode()
            i += 1
    return out + b'\0'


def read_name(p, at):
    out, end = [], None
    for _ in range(200):
        n = p[at]
        if n >= 0xc0:
            end = end or at + 2
            at = (n & 0x3f) << 8 | p[at + 1]
        elif n == 0:
            return b'.'.join(out).lower(), end or at + 1
        else:
            out.append(p[at + 1:at + 1 + n].replace(b'.', b'\\.'))
            at += 1 + n
    raise ValueError('a name without end')


# octets before each name in the data
NAMES_AT = {2: (0,), 3: (0,), 4: (0,), 5: (0,), 6: (0, 0), 7: (0,), 8: (0,), 9: (0,), 12: (0,),
            14: (0, 0), 15: (2,), 17: (0, 0), 18: (2,), 21: (2,), 26: (2, 0), 33: (6,),
            36: (2,), 39: (0,), 47: (0,), 64: (2,), 65: (2,), 107: (2,)}
OPT, TSIG = 41, 250


def read_rdata(p, at, n, kind):
    end, parts = at + n, []
    if kind == TSIG:  # of which each has its own time and signature
        name, at = read_name(p, at)
        return name, p[end - 4:end]
    if kind == 35:  # the name is behind three strings
        k = at + 4
        for _ in range(3):
            k += 1 + p[k]
        parts.append(p[at:k])
        name, at = read_name(p, k)
        parts.append(name)
    for skip in NAMES_AT.get(kind, ()):
        parts.append(p[at:at + skip])
        name, at = read_name(p, at + skip)
        parts.append(name)
    return tuple(parts + [p[at:end]])


PARTS = ('rcode', 'flags', 'question', 'answer', 'authority', 'additional', 'opt')
SILENCE = ('silent',) * len(PARTS)


def read_opt(p, at, klass, ttl, n):
    codes, end = [], at + n
    while at < end:
        code, size = struct.unpack('!2H', p[at:at + 4])
        codes.append(code)
        at += 4 + size
    # cookies, keepalive and EDE are for each to give or not
    return klass, ttl >> 16 & 255, ttl & 0xffff, tuple(c for c in codes
                                                       if c not in (10, 11, 15))


def read_message(p):
    """What can be compared, part by part; raises where it is not in form."""
    if p is None:
        return SILENCE
    _, flags, *counts = struct.unpack('!6H', p[:12])
    at, opt, sections, extended = 12, None, [], 0
    for _ in range(counts[0]):
        _, at = read_name(p, at)
        at += 4
    question = p[12:at]
    for count in counts[1:]:
        section = []
        for _ in range(count):
            owner, at = read_name(p, at)
            kind, klass, ttl, n = struct.unpack('!HHIH', p[at:at + 10])
            if kind == OPT:
                opt = read_opt(p, at + 10, klass, ttl, n)
                extended = ttl >> 24
            else:
                section.append((owner, kind, klass, ttl, read_rdata(p, at + 10, n, kind)))
            at += 10 + n
        if len(set(section)) != len(section):
            section.append('twice')
        sections.append(frozenset(section))
    if at != len(p):
        raise ValueError(f'octets left over: {p.hex()}')
    return (flags & 15 | extended << 4, flags >> 4 << 4, question, *sections, opt)


class Client:
    """Packets of any kind to one server, many on their way at once."""

    def __init__(self, port):
        self.port = port
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.udp.connect(('127.0.0.1', port))
        self.streams = []

    def close(self):
        self.udp.close()

    def send(self, p, tcp):
        if not tcp:
            self.udp.send(p)
            return
        s = socket.create_connection(('127.0.0.1', self.port), timeout=5)
        self.streams.append(s)
        try:
            s.sendall(struct.pack('!H', len(p)) + p)
            s.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it may hang up; what it has said is there

    def receive_udp(self, ids, seconds):
        """The answers by id; those without one are missing."""
        found = {}
        self.udp.settimeout(seconds)
        try:
            while len(found) < len(ids):
                got = self.udp.recv(65535)
                if got[:2] in ids:
                    found[got[:2]] = got
        except socket.timeout:
            pass
        return found

    def receive_tcp(self, seconds):
        """The first answer of each connection, in order; None where there is none."""
        streams, self.streams = self.streams, []
        return [first_of(s, seconds) for s in streams]


def first_of(s, seconds):
    with s:
        try:
            s.settimeout(seconds)
            stream = s.makefile('rb')
            head = stream.read(2)
            return stream.read(struct.unpack('!H', head)[0]) if len(head) == 2 else None
        except OSError:
            return None
