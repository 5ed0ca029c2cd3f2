"""Questions that nobody sensible asks: odd header bits, opcodes, counts, classes, types, EDNS,
names and cuts, over UDP and TCP, to dnsd and to NSD, Knot and BIND. Where those that are there
agree, dnsd says the same.

As a program: dns_odd.py [--count N] [--seed N] [--show N] [--way plain|nsec|nsec3|optout]."""

import contextlib
import os
import random
import socket
import struct
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from dns_differential import NSEC3, ZONE, owners, read_name, read_rdata, wire_name  # noqa: E402
from dns_differential import big_records, zone_text  # noqa: E402
from lib.daemon import Daemon  # noqa: E402
from lib.nameservers import NameServer, need  # noqa: E402

SECONDS = 180
SEED = 20261121  # the same questions each time; others by hand, and in the long run
OTHERS = ['nsd', 'knot', 'bind']
ORIGIN = 'example.com'
WAYS = {'plain': None, 'nsec': [], 'nsec3': NSEC3, 'optout': NSEC3 + ['-p']}
TYPES = [1, 1, 1, 2, 5, 6, 15, 16, 28, 33, 39, 43, 46, 47, 48, 50, 51, 64, 65, 99, 257, 0, 3, 24, 25,
         30, 38, 41, 103, 128, 249, 250, 251, 252, 253, 254, 255, 256, 32768, 65280, 65535]
CLASSES = [1] * 12 + [0, 2, 3, 4, 254, 255, 65280]
SIZES = [0, 1, 100, 511, 512, 513, 600, 800, 1000, 1220, 1231, 1232, 1233, 1400, 4096, 65535]
OPTIONS = [(3, b''), (3, b'x'), (8, b'\0\1\x18\0\x0a\0\0'), (9, b''), (10, b'12345678'),
           (11, b''), (11, b'\0\1'), (12, b'\0' * 16), (13, b''), (14, b'\0\1'), (15, b'\0\0'),
           (65001, b''), (65001, b'abcdef'), (20292, b'\0' * 40)]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        names = [ORIGIN if x == '@' else f'{x}.{ORIGIN}'
                 for x in owners(ZONE + big_records())]
        self.names = names + ['', 'com', 'example.org', 'elsewhere.net', 'nope.' + ORIGIN]

    def often(self, chance):
        return self.random.random() < chance

    def name(self):
        r = self.random
        name = r.choice(self.names)
        if self.often(.2):
            name = r.choice(['nope.', '*.', 'a.b.', 'zz', '_x._y.', '\\000.', '\\255\\.z.']) + name
        name = ''.join(c.upper() if self.often(.1) else c for c in name)
        wire = wire_name(name or '.')
        if len(wire) > 255:
            wire = b'\0'
        if self.often(.02):
            wire = r.choice([b'\xc0\x0c', b'\xc0\x00', b'\x40' + b'a' * 64 + b'\0',
                             (b'\x3f' + b'a' * 63) * 4 + b'\0', b'\x80', b'\xff\xff', b'',
                             (b'\1a' * 127) + b'\0', (b'\1a' * 128) + b'\0'])
        return wire

    def question(self):
        return self.name() + struct.pack('!2H', self.random.choice(TYPES),
                                         self.random.choice(CLASSES))

    def opt(self):
        r = self.random
        options = b''
        for _ in range(r.choice([0, 0, 0, 1, 1, 2, 5])):
            code, value = r.choice(OPTIONS)
            options += struct.pack('!2H', code, len(value)) + value
        if self.often(.05):
            options += r.choice([b'\0', b'\0\3', b'\0\3\0', b'\0\3\0\5ab', b'\xff\xff\xff\xff'])
        version = r.choice([0] * 8 + [1, 2, 255])
        bits = r.choice([0, 0x8000, 0x8000, 0x8000, 0x4000, 0xffff, 1])
        extended = r.choice([0] * 8 + [1, 255])
        owner = b'\0' if not self.often(.03) else r.choice([b'\1a\0', b'\xc0\x0c'])
        return owner + struct.pack('!HHBBHH', 41, r.choice(SIZES), extended, version, bits,
                                   len(options)) + options

    def record(self):
        r = self.random
        return r.choice([b'\0', b'\xc0\x0c', self.name()]) + struct.pack(
            '!HHIH', r.choice([1, 6, 16, 255, 65280]), r.choice([1, 255]), 0, 4) + b'abcd'

    def packet(self):
        r = self.random
        opcode = 0 if not self.often(.12) else r.randrange(16)
        flags = opcode << 11
        for bit, chance in ((0x0400, .05), (0x0200, .05), (0x0100, .4), (0x0080, .05),
                            (0x0040, .05), (0x0020, .2), (0x0010, .2), (0x8000, .01)):
            flags |= bit if self.often(chance) else 0
        flags |= r.randrange(16) if self.often(.03) else 0
        questions = 1 if not self.often(.04) else r.choice([0, 2, 3])
        counts = [questions, 0, 0, 0]
        body = b''.join(self.question() for _ in range(questions))
        for section in (1, 2):
            if self.often(.02):
                counts[section] = 1
                body += self.record() if self.often(.8) else self.opt()
        for _ in range(r.choice([0] * 30 + [1])):
            counts[3] += 1
            body += self.record()
        for _ in range(r.choice([0] * 6 + [1] * 20 + [2])):
            counts[3] += 1
            body += self.opt()
        if self.often(.02):
            counts[r.randrange(4)] += r.choice([1, 2, 65535 - 3])
        if self.often(.03):
            body += bytes(r.randrange(256) for _ in range(r.randrange(1, 20)))
        p = struct.pack('!6H', r.randrange(65536), flags, *[c & 0xffff for c in counts]) + body
        if self.often(.04):
            p = p[:r.randrange(len(p) + 1)]
        return p


# ---- answers ----

PARTS = ('head', 'question', 'answer', 'authority', 'additional', 'opt')


def read(p):
    """None for silence; else what is compared, part by part."""
    if p is None:
        return (None,) * len(PARTS)
    _, flags, *counts = struct.unpack('!6H', p[:12])
    at, opt, sections = 12, None, []
    for _ in range(counts[0]):
        _, at = read_name(p, at)
        at += 4
    question = p[12:at]
    for count in counts[1:]:
        section = []
        for _ in range(count):
            owner, at = read_name(p, at)
            kind, klass, ttl, n = struct.unpack('!HHIH', p[at:at + 10])
            if kind == 41:
                codes, end, k = [], at + 10 + n, at + 10
                while k < end:
                    code, size = struct.unpack('!2H', p[k:k + 4])
                    codes.append(code)
                    k += 4 + size
                # cookies, keepalive and EDE are for each to give or not
                opt = (ttl >> 16 & 255, ttl & 0xffff,
                       tuple(c for c in codes if c not in (10, 11, 15)))
                flags |= ttl >> 24 << 20
            else:
                section.append((owner, kind, klass, ttl, read_rdata(p, at + 10, n, kind)))
            at += 10 + n
        if len(set(section)) != len(section):
            section.append('twice')
        sections.append(frozenset(section))
    if at != len(p):
        raise ValueError(f'octets left over: {p.hex()}')
    return (flags, question, *sections, opt)


def read_theirs(p):
    """NSD 4.6.1 sends heads that count a question which is not there."""
    try:
        return read(p)
    except (IndexError, struct.error):
        return ('unreadable',) * len(PARTS)


class Client:
    def __init__(self, port):
        self.port = port
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.connect(('127.0.0.1', port))

    def over_udp(self, p, seconds):
        self.udp.settimeout(seconds)
        self.udp.send(p)
        try:
            while True:
                got = self.udp.recv(65535)
                if got[:2] == p[:2]:
                    return got
        except socket.timeout:
            return None

    def over_tcp(self, p, seconds):
        try:
            with socket.create_connection(('127.0.0.1', self.port), timeout=5) as s:
                s.settimeout(seconds)
                s.sendall(struct.pack('!H', len(p)) + p)
                s.shutdown(socket.SHUT_WR)
                stream = s.makefile('rb')
                head = stream.read(2)
                return stream.read(struct.unpack('!H', head)[0]) if len(head) == 2 else None
        except OSError:
            return None

    def ask(self, p, tcp, seconds):
        return (self.over_tcp if tcp else self.over_udp)(p, seconds)


def one(ours, theirs, p, tcp, seconds):
    """What is wrong with our answer, the answers, and whether the others agree."""
    raw = ours.ask(p, tcp, seconds)
    mine, say = read(raw), [read_theirs(c.ask(p, tcp, seconds)) for c in theirs]
    if len({a[0] for a in say}) > 1:
        return [], mine, say, False
    wrong = ['head'] if mine[0] != say[0][0] else []
    # what is behind TC is not compared
    cut = any(isinstance(a[0], int) and a[0] & 0x200 for a in say + [mine])
    wrong += [PARTS[i] for i in range(1, len(PARTS)) if len({a[i] for a in say}) == 1
              and mine[i] != say[0][i] and not (cut and i in (2, 3, 4)) and not wrong]
    if raw is not None and not tcp and len(raw) > 1232:
        wrong.append('size')
    return wrong, mine, say, True


def compare(way, count, seed, others, show=20):
    maker, differ, same = Maker(seed), [], 0
    with contextlib.ExitStack() as running:
        folder = running.enter_context(tempfile.TemporaryDirectory(prefix='onebox-odd-'))
        os.chmod(folder, 0o755)
        path = os.path.join(folder, ORIGIN + '.zone')
        text = zone_text(WAYS[way])
        with open(path, 'w') as f:
            f.write(f'$ORIGIN {ORIGIN}.\n{text}')
        theirs = [Client(running.enter_context(NameServer(k, ORIGIN, path)).port)
                  for k in others]
        ours = Client(running.enter_context(
            Daemon('dnsd', ['dns-udp', 'dns-tcp'], zones={ORIGIN: text},
                   sets=['dnsd.threads=1'])).port)
        for number in range(count):
            p, tcp = maker.packet(), number % 5 == 0
            wrong, mine, say, is_same = one(ours, theirs, p, tcp, .3)
            if wrong:
                # once more, should one only have been slow
                wrong, mine, say, is_same = one(ours, theirs, p, tcp, 2)
            same += is_same
            if wrong:
                differ.append((p, tcp, wrong, mine, say[0]))
                if len(differ) <= show:
                    print_difference(*differ[-1])
    return differ, same


def print_difference(p, tcp, wrong, mine, theirs):
    print('tcp' if tcp else 'udp', p.hex(), wrong)
    for i, part in enumerate(PARTS):
        if part in wrong:
            print(f'    {part}: {show_part(mine[i])}, not {show_part(theirs[i])}')


def show_part(value):
    return f'{value:#x}' if isinstance(value, int) else str(value)[:300]


def check(way, seed=SEED):
    need('nsd', 'knot', 'bind')
    differ, same = compare(way, 150, seed, OTHERS)
    assert not differ, f'{len(differ)} differ; seed {seed}'
    assert same > 30


def test_odd_questions_to_an_unsigned_zone():
    check('plain')


def test_odd_questions_to_a_zone_signed_with_nsec3():
    check('nsec3')


def long_odd_questions_that_were_never_asked():
    for way in WAYS:
        check(way, random.randrange(1 << 30))


def main():
    number = {a: int(sys.argv[sys.argv.index(a) + 1]) if a in sys.argv else default
              for a, default in (('--count', 3000), ('--seed', 1), ('--show', 20))}
    ways = [sys.argv[sys.argv.index('--way') + 1]] if '--way' in sys.argv else WAYS
    for way in ways:
        differ, same = compare(way, number['--count'], number['--seed'],
                               OTHERS, number['--show'])
        print(f'{way}: {number["--count"]} asked, of {same} the heads agreed upon, '
              f'{len(differ)} differ')


if __name__ == '__main__':
    main()
