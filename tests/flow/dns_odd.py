"""Questions that nobody sensible asks: odd header bits, opcodes, counts, classes, types, EDNS,
names, signatures and cuts, over UDP and TCP, to dnsd and to NSD, Knot and BIND. Where these
agree, dnsd says the same.

As a program: dns_odd.py [--count N] [--seed N] [--show N] [--world NAME] [--way NAME]."""

import os
import random
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lib.consensus import compare, side_by_side  # noqa: E402
from lib.nameservers import need  # noqa: E402
from lib.rich_zones import WAYS, WORLDS, owners, world  # noqa: E402
from lib.wire import wire_name  # noqa: E402

SECONDS = 180
SEED = 20261121  # the same questions each time; others by hand, and in the long run
OTHERS = ['nsd', 'knot', 'bind']
TYPES = [1, 1, 1, 2, 5, 6, 15, 16, 28, 33, 39, 43, 46, 47, 48, 50, 51, 64, 65, 99, 257, 0, 3, 24, 25,
         30, 38, 41, 103, 128, 249, 250, 251, 252, 253, 254, 255, 256, 32768, 65280, 65535]
CLASSES = [1] * 12 + [0, 2, 3, 4, 254, 255, 65280]
SIZES = [0, 1, 11, 12, 17, 40, 100, 511, 512, 513, 600, 800, 1000, 1220, 1231, 1232, 1233, 1400,
         4096, 65535]
OPTIONS = [(3, b''), (3, b'x'), (8, b'\0\1\x18\0\x0a\0\0'), (9, b''), (10, b'12345678'),
           (11, b''), (11, b'\0\1'), (12, b'\0' * 16), (13, b''), (14, b'\0\1'), (15, b'\0\0'),
           (65001, b''), (65001, b'abcdef'), (20292, b'\0' * 40), (5, b'\x08'), (6, b'\1\2'),
           (8, b'\0\2\x38\0' + b'\x20' * 7), (8, b''), (8, b'\0\1\x20\x21\0'), (10, b'1234567'),
           (10, b'12345678' * 5), (10, b'1' * 41), (17, b'\3com\0'), (18, b'\0'), (19, b''),
           (0, b''), (65535, b'\xff' * 100)]
ALGORITHMS = ['hmac-sha256.', 'hmac-md5.sig-alg.reg.int.', 'hmac-sha1.', 'gss-tsig.', 'nope.', '.']

# what dnsd once answered otherwise than all the others: over TCP, octets
FOUND = [
    (True, '123400000001000000000002076578616d706c6503636f6d0000fc000100002904d0000000000005'
            '0003000561036b65790000fa00ff00000000003d0b686d61632d7368613235360000006000000001'
            '2c00200000000000000000000000000000000000000000000000000000000000000000123400000000'),
    (False, 'c6770303000100000000000103636f6d00ffff00000000290001000080000000'),
    (True, 'a14900030001000000000001066d7877696c64076578616d706c6503636f6d0000fa000100002901'
            'fc0000800000001695d5fbd16db5181510fa5662b9d659a1'),
    (False, 'ce0b01000001000000000003076d78616c696173076578616d706c6503636f6d000005000100ff00'
            '0001000000000004616263640000290001000080000043fde90000000a0029313131313131313131'
            '31313131313131313131313131313131313131313131313131313131313131310003000178000d00'
            '000011000503636f6d00c00c00fa00ff00000000001a086773732d7473696700000000000000012c'
            '0000cb6d00000000bf9346'),
    (False, '1e2f0300000000000000000200002900000000ffff0006000600020102036b65790000fa00ff0000'
            '0000003b09686d61632d73686131000000ffffffff012c0020000000000000000000000000000000'
            '000000000000000000000000000000000082a100120000'),
    (True, 'aa9b010000010000000000020464656570047465537400002e00013f616161616161616161616161'
            '61616161616161616161616161616161616161616161616161616161616161616161616161616161'
            '61616161616161616161613f61616161616161616161616161616161616161616161616161616161'
            '61616161616161616161616161616161616161616161616161616161616161616161613f61616161'
            '61616161616161616161616161616161616161616161616161616161616161616161616161616161'
            '616161616161616161616161616161616161613f6161616161616161616161616161616161616161'
            '61616161616161616161616161616161616161616161616161616161616161616161616161616161'
            '61616100000100010000000000046162636400002903e8000080000000'),
    (False, '86470100000100000001000103683137057372763630046465657004744573740000fb00ff010005'
            '646c6f6e670464656570047465737400ff000001000000000004616263640000290320ff01400000'
            '18000b0000000c001000000000000000000000000000000000'),
    (True, '286900000001000000000002012a0177056f7448657204746573740000fb00010000290000010040'
            '00000a001300000006000201020000fa00ff000000000000'),
    (False, '8f0300100001000000000002042d636f6d0000feff00c00cff000001000000000004616263640000'
            '290001ff0080000000'),
    (False, 'b2160100000100000000000103746f32056f74486572047465735400000100010000290000000080'
            '00001600080007000118000a000000080007000118000a0000'),
    (True, 'e20825200001000000000000056f7468657204746573740034480004'),
    (False, 'c1d400200001000000000000036e657400a3ca0003'),
    (False, '33b800000001000000000002012a0000001900fe00ff000001000000000004616263640000290200'
            '0002e0280049000a000731323334353637000e000200014f44002800000000000000000000000000'
            '000000000000000000000000000000000000000000000000000000000b00020001000b00020001'),
    (False, 'e53a0020000100000000000105636261636b056f7468657204746573740000320001000029572701'
            '00ffff002c000a002831323334353637383132333435363738313233343536373831323334353637'
            '383132333435363738'),
    (False, 'd3a900100000000000000002000029003b000080000000087472616e73666572036b65790000fa00'
            'ff00000000002a0b686d61632d736861323536000000ffffffff012c002000000000000000000000'
            '000000000000000000'),
    (False, '89a8002000010000000100010174026b780464454570047465737400ff0000010161016101610161'
            '01610161016101610161016101610161016101610161016101610161016101610161016101610161'
            '01610161016101610161016101610161016101610161016101610161016101610161016101610161'
            '01610161016101610161016101610161016101610161016101610161016101610161016101610161'
            '01610161016101610161016101610161016101610161016101610161016101610161016101610161'
            '01610161016101610161016101610161016101610161016101610161016101610161016101610161'
            '01610161016101610161016101610161016101610161016101610161016101610161016101610161'
            '016101610161016100ff0000010000000000046162636400002904d00000ffff0000'),
    (False, 'bba40100000100000000000103746f32056f74686572047445537400003200010000290064010080'
            '000000'),
    (False, 'ee8200100001000000000000012a0177056f7468657204744553740000320001'),
    (False, 'fb2004000001000000000001056269674d78076578616d706c6503636f4d00ba5600010000fa00ff'
            '00000000002d0b686d61632d73686132353600000000000001012c00100000000000000000000000'
            '00000000002b5700120000'),
    (False, 'a48b01000001000000000002036d7838054249676d78076578416d706c6503636f6d00b2e7000100'
            '002903e80000800000000000fa00ff00000000003700000000000000012c00200000000000000000'
            '000000000000000000000000000000000000000000000000455000000006000000000000'),
    (False, '83ea0000000100000000000206616c69415333076578416d704c6503436f6d000026000100002903'
            'e8000000010000087472616e73666572036b65790000fa00ff00000000002a086773732d74736967'
            '000000ffffffff012c0010000000000000000000000000000000009ff400000000'),
    (False, '8f0e0320000100000000000201410161016101610141016101610161016101610161016101610161'
            '016101410141016101610141016101610161016104696e666f076578616d706c6503636f6d000005'
            '000100002901ff0000ffff0000c00c00fa00ff000000000026046e6f706500000000000001012c00'
            '1000000000000000000000000000000000434100000000'),
    (False, 'ec5122000001000000000001076578616d706c6503636f6d000401000100'),
    (False, '18e200200001000000000002046e6f70650666616d694c590474657374000080000400002901ff01'
            '0280000053000c001000000000000000000000000000000000000a00073132333435363700130000'
            '000d0000000a00283132333435363738313233343536373831323334353637383132333435363738'
            '3132333435363738c00c00fa00ff00000000002500000000000001012c0014000000000000000000'
            '0000000000000000000000cc230012000055b1cbe775aa543c411073312870'),
    (False, '4fe601200001000000000002027a7a001b3a000100002904d000ff80000071ffff0064ffffffffff'
            'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'
            'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'
            'ffffffffffffffffffffffffffffff000800050001202100c00c00fa00ff00000000002b08686d61'
            '632d6d6435077369672d616c670372656703696e7400000000000000012c000100f99800000000c2'
            'a9'),
]


class Maker:
    def __init__(self, seed, name='example'):
        self.random = random.Random(seed)
        self.origins = [x + '.' if x != '.' else x for x in WORLDS[name]]
        self.names = owners(name) + self.origins * 5 + [
            '.', 'com.', 'example.org.', 'elsewhere.net.', 'nope.' + self.origins[0]]

    def often(self, chance):
        return self.random.random() < chance

    def name(self):
        r = self.random
        name = r.choice(self.names)
        if self.often(.25):
            name = r.choice(['nope.', '*.', 'a.b.', 'zz', '_x._y.', '\\000.', '\\255\\.z.',
                             'a.' * r.randrange(1, 60), 'x.y.z.', '*.*.', '-']) + name
        if self.often(.05):
            name = name.split('.', 1)[1] or '.'
        name = ''.join(c.upper() if self.often(.1) else c for c in name)
        wire = wire_name(name if name[0] != '.' else '.')
        if len(wire) > 255:
            wire = b'\0'
        if self.often(.02):
            wire = r.choice([b'\xc0\x0c', b'\xc0\x00', b'\x40' + b'a' * 64 + b'\0',
                             (b'\x3f' + b'a' * 63) * 4 + b'\0', b'\x80', b'\xff\xff', b'',
                             (b'\1a' * 127) + b'\0', (b'\1a' * 128) + b'\0'])
        return wire

    def question(self):
        r = self.random
        kind = r.choice(TYPES) if not self.often(.1) else r.randrange(65536)
        return self.name() + struct.pack('!2H', kind, r.choice(CLASSES))

    def opt(self):
        r = self.random
        options = b''
        for _ in range(r.choice([0, 0, 0, 1, 1, 2, 5])):
            code, value = r.choice(OPTIONS)
            options += struct.pack('!2H', code, len(value)) + value
        if self.often(.05):
            options += r.choice([b'\0', b'\0\3', b'\0\3\0', b'\0\3\0\5ab', b'\xff\xff\xff\xff'])
        version = r.choice([0] * 8 + [1, 2, 255])
        bits = r.choice([0, 0x8000, 0x8000, 0x8000, 0x4000, 0xffff, 1, r.randrange(65536)])
        extended = r.choice([0] * 8 + [1, 255])
        size = r.choice(SIZES) if not self.often(.3) else r.randrange(
            r.choice([600, 1300, 65536]))
        owner = b'\0' if not self.often(.03) else r.choice([b'\1a\0', b'\xc0\x0c'])
        return owner + struct.pack('!HHBBHH', 41, size, extended, version, bits,
                                   len(options)) + options

    def record(self):
        r = self.random
        return r.choice([b'\0', b'\xc0\x0c', self.name()]) + struct.pack(
            '!HHIH', r.choice([1, 6, 16, 255, 65280]), r.choice([1, 255]), 0, 4) + b'abcd'

    def signature(self):
        """What has the shape of a TSIG, more or less."""
        r = self.random
        mac = bytes(r.choice([0, 1, 16, 20, 32, 32, 32]))
        other = bytes(r.choice([0, 0, 0, 6]))
        data = wire_name(r.choice(ALGORITHMS)) + struct.pack('!HIHH', 0, r.choice(
            [0, 1, 1763700000, 0xffffffff]), 300, len(mac)) + mac
        data += struct.pack('!3H', r.randrange(65536), r.choice([0, 0, 18]), len(other)) + other
        if self.often(.1):
            data = data[:r.randrange(len(data))]
        klass, ttl = r.choice([(255, 0)] * 6 + [(1, 0), (255, 1)])
        key = r.choice([b'\3key\0', b'\0', b'\xc0\x0c', wire_name('transfer.key.')])
        return key + struct.pack('!HHIH', 250, klass, ttl, len(data)) + data

    def flags(self):
        r = self.random
        opcode = 0 if not self.often(.12) else r.randrange(16)
        flags = opcode << 11
        for bit, chance in ((0x0400, .05), (0x0200, .05), (0x0100, .4), (0x0080, .05),
                            (0x0040, .05), (0x0020, .2), (0x0010, .2), (0x8000, .01)):
            flags |= bit if self.often(chance) else 0
        return flags | (r.randrange(16) if self.often(.03) else 0)

    def packet(self):
        r = self.random
        flags = self.flags()
        questions = 1 if not self.often(.04) else r.choice([0, 2, 3])
        counts = [questions, 0, 0, 0]
        body = b''.join(self.question() for _ in range(questions))
        for section in (1, 2):
            if self.often(.02):
                counts[section] = 1
                body += self.record() if self.often(.8) else self.opt()
        more = [self.record] * r.choice([0] * 30 + [1])
        more += [self.opt] * r.choice([0] * 6 + [1] * 20 + [2])
        more += [self.signature] * r.choice([0] * 30 + [1, 1, 2])
        if self.often(.03):
            r.shuffle(more)
        counts[3] += len(more)
        body += b''.join(make() for make in more)
        if self.often(.02):
            counts[r.randrange(4)] += r.choice([1, 2, 65535 - 3])
        if self.often(.03):
            body += bytes(r.randrange(256) for _ in range(r.randrange(1, 20)))
        p = struct.pack('!6H', r.randrange(65536), flags, *[c & 0xffff for c in counts]) + body
        if self.often(.04):
            p = p[:r.randrange(len(p) + 1)]
        return p

    def packets(self, count):
        """With whether it goes over TCP."""
        return [(self.packet(), number % 5 == 0) for number in range(count)]


def ask(name, way, seed, count, show):
    with side_by_side(world(name, way), OTHERS) as servers:
        return compare(servers, Maker(seed, name).packets(count), show)


def check(name, way, seed=SEED, count=400):
    need(*OTHERS)
    found = ask(name, way, seed, count, 10)
    assert not found.differ, f'seed {seed}: {found.text()}'
    assert found.agreed > count / 10


def test_questions_that_once_made_a_difference():
    need(*OTHERS)
    with side_by_side(world('example', 'plain'), OTHERS) as servers:
        found = compare(servers, [(bytes.fromhex(p), tcp) for tcp, p in FOUND], 20)
    assert not found.differ, found.text()


def test_odd_questions_to_an_unsigned_zone():
    check('example', 'plain')


def test_odd_questions_to_a_zone_signed_with_nsec3():
    check('example', 'nsec3')


def test_odd_questions_to_a_parent_and_its_child():
    check('family', 'nsec')


def long_odd_questions_that_were_never_asked():
    for name in WORLDS:
        for way in WAYS:
            check(name, way, random.randrange(1 << 30), 3000)


def value(name, default):
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else default


def main():
    count, seed, show = (int(value(*x)) for x in (('--count', '3000'), ('--seed', '1'),
                                                  ('--show', '20')))
    for name in value('--world', ','.join(WORLDS)).split(','):
        for way in value('--way', ','.join(WAYS)).split(','):
            found = ask(name, way, seed, count, show)
            print(f'{name} {way}: {count} asked, {found.agreed} agreed upon, '
                  f'{len(found.differ)} differ', flush=True)


if __name__ == '__main__':
    main()
