"""dnsd against NSD, Knot and BIND, question by question: where these agree, dnsd says the
same.

As a program: dns_differential.py [--every N] [--show N] [--world NAME] [--way NAME]."""

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
OTHERS = ['nsd', 'knot', 'bind']
TYPES = [1, 2, 5, 6, 12, 15, 16, 28, 33, 35, 39, 43, 46, 47, 48, 50, 51, 64, 65, 255, 257, 65280]


def packet(name, kind, size, dnssec):
    """size 0: without EDNS"""
    p = struct.pack('!6H', 0, 0, 1, 0, 0, int(size > 0))
    p += wire_name(name) + struct.pack('!2H', kind, 1)
    if size > 0:
        p += struct.pack('!BHHIH', 0, 41, size, 0x8000 if dnssec else 0, 0)
    return p


def around(name):
    """The name, what is above and below it, and what is nearly it."""
    labels = name.split('.')
    yield from (name, 'nope.' + name, 'a.b.' + name, name.swapcase(),
                name.replace('*', 'star'), 'zzz' + name, '0' + name, '\\001.' + name,
                '*.' + name)
    yield from ('.'.join(labels[i:]) or '.' for i in range(1, len(labels)))


def questions(name, dnssec, every):
    names = {x for owner in owners(name) for x in around(owner)}
    names = sorted(x for x in names if x[0] != '.' or x == '.')
    names = [x for x in names if len(wire_name(x)) <= 255
             and max(map(len, x.split('.'))) < 64]
    sizes = [(0, False), (512, False), (1232, False), (4096, False)]
    if dnssec:
        sizes = [(0, False), (1232, True), (4096, True)]
    asked = [(packet(n, t, s, d), False) for n in names for t in TYPES for s, d in sizes]
    asked += [(p, True) for p, _ in asked[::7]]
    random.Random(1).shuffle(asked)
    return asked[::every]


def check(name, way, every):
    need(*OTHERS)
    asked = questions(name, way != 'plain', every)
    with side_by_side(world(name, way), OTHERS) as servers:
        found = compare(servers, asked, 10)
    assert not found.differ, found.text()
    assert found.agreed > len(asked) / 3


def test_an_unsigned_zone():
    check('example', 'plain', 20)


def test_a_zone_signed_with_nsec():
    check('example', 'nsec', 40)


def test_a_zone_signed_with_nsec3():
    check('example', 'optout', 40)


def test_what_each_reads_in_service_bindings():
    need(*OTHERS)
    asked = [(packet(name, kind, size, False), size == 0) for name in owners('services')
             for kind in (64, 65) for size in (0, 1232)]
    with side_by_side(world('services', 'plain'), OTHERS) as servers:
        found = compare(servers, asked, 10)
    assert not found.differ, found.text()
    assert found.agreed == len(asked), f'{found.agreed} of {len(asked)} agreed upon'


def value(name, default):
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else default


def main():
    for name in value('--world', ','.join(WORLDS)).split(','):
        for way in value('--way', ','.join(WAYS)).split(','):
            asked = questions(name, way != 'plain', int(value('--every', '10')))
            with side_by_side(world(name, way), OTHERS) as servers:
                found = compare(servers, asked, int(value('--show', '20')))
            print(f'{name} {way}: {found.asked} asked, {found.agreed} agreed upon, '
                  f'{len(found.differ)} differ', flush=True)


if __name__ == '__main__':
    main()
