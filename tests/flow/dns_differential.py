"""dnsd against NSD and Knot, question by question: where these two agree, dnsd says the
same. Without them (packages nsd and knot) the tests are skipped.

As a program: dns_differential.py [--bind] [--every N] [--show N], which also asks BIND
and prints what differs."""

import collections
import contextlib
import os
import random
import socket
import struct
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lib.daemon import Daemon  # noqa: E402
from lib.nameservers import NameServer, Signed, need  # noqa: E402

SECONDS = 120
SECTIONS = ('answer', 'authority', 'additional')
TYPES = {'A': 1, 'NS': 2, 'CNAME': 5, 'SOA': 6, 'PTR': 12, 'MX': 15, 'TXT': 16, 'AAAA': 28,
         'SRV': 33, 'NAPTR': 35, 'DNAME': 39, 'DS': 43, 'RRSIG': 46, 'NSEC': 47,
         'DNSKEY': 48, 'NSEC3': 50, 'NSEC3PARAM': 51, 'HTTPS': 65, 'CAA': 257,
         'TYPE65280': 65280}

ZONE = r"""
$TTL 3600
@       SOA ns1 hostmaster 2026112001 3600 900 1209600 300
@       NS  ns1
@       NS  ns2.elsewhere.net.
@       A   192.0.2.1
@       AAAA 2001:db8::1
@       MX  10 mx1
@       MX  20 mx.elsewhere.net.
@       TXT "v=spf1 -all" "second string"
@       CAA 0 issue "ca.example.net"
@       HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.1
ns1     A   192.0.2.2
        AAAA 2001:db8::2
mx1     A   192.0.2.3
mx1     60  TXT "mail"
www     A   192.0.2.4
www     A   192.0.2.5
www     AAAA 2001:db8::4
MixedCase A 192.0.2.6
alias   CNAME www
alias2  CNAME alias
alias3  CNAME alias2
dangling CNAME nothere
outward CNAME www.elsewhere.net.
selfish CNAME selfish
loop1   CNAME loop2
loop2   CNAME loop1
tosub   CNAME host.sub
towild  CNAME x.wild
toent   CNAME ent
todname CNAME q.dn
a.b.ent A   192.0.2.7
deep.a.very.deep.tree.of.empty.names A 192.0.2.8
*.wild  A   192.0.2.9
*.wild  TXT "wild"
*.wild  MX  10 mx1
b.wild  A   192.0.2.10
c.d.wild A  192.0.2.11
*.wcname CNAME www
*.wloop CNAME x.wloop
*.went.tree TXT "below"
sub.*.star A 192.0.2.12
sub     NS  ns.sub
sub     NS  ns2.elsewhere.net.
ns.sub  A   192.0.2.13
        AAAA 2001:db8::13
host.sub A  192.0.2.14
secure  NS  ns.secure
secure  DS  12345 13 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB
ns.secure A 192.0.2.15
sibling NS  ns.sub
sibling NS  ns1
far     NS  ns.elsewhere.net.
deep.far2 NS ns1
dn      DNAME target
x.target A  192.0.2.16
target  A   192.0.2.17
y.target CNAME x.target
dnout   DNAME elsewhere.net.
dnloop  DNAME sub.dnloop
dnwild  DNAME wild
both    DNAME target
both    A   192.0.2.18
both    TXT "beside a DNAME"
_http._tcp SRV 0 5 80 www
_http._tcp SRV 1 5 80 x.wild
_sip._udp SRV 0 5 5060 www.elsewhere.net.
ptr     PTR www
naptr   NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:x@example.com!" .
info    HINFO "PC" "Linux"
loc     LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
rp      RP  hostmaster txt
afsdb   AFSDB 1 www
tlsa    TLSA 3 1 1 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB
sshfp   SSHFP 4 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB
unknown TYPE65280 \# 4 0A000001
svcb    SVCB 1 www alpn=h2
svcalias HTTPS 0 www
mxwild  MX  10 q.wild
mxsub   MX  10 host.sub
mxalias MX  10 alias
many    A   10.0.0.1
many    A   10.0.0.2
many    A   10.0.0.3
manyns  NS  ns1
manyns  NS  ns.sub
manyns  NS  ns.manyns
ns.manyns A 192.0.2.19
odd\.dot A  192.0.2.20
sp\032ace A 192.0.2.21
at\@sign A  192.0.2.22
*       300 TXT "top wildcard does not reach what exists"
_dmarc  TXT "v=DMARC1; p=reject"
"""


def big_records():
    """RRsets that are large over UDP."""
    lines = [f'bigtxt TXT "{i:04d}{"x" * 200}"' for i in range(12)]
    lines += [f'biga A 10.1.{i // 250}.{i % 250 + 1}' for i in range(120)]
    lines += [f'bigns NS ns{i}.bigns' for i in range(13)]
    lines += [f'ns{i}.bigns AAAA 2001:db8::{i + 100:x}' for i in range(13)]
    lines += [f'ns{i}.bigns A 10.2.0.{i + 1}' for i in range(13)]
    lines += [f'bigmx MX {i} mx{i}.bigmx' for i in range(20)]
    lines += [f'mx{i}.bigmx A 10.3.0.{i + 1}' for i in range(20)]
    return '\n'.join(lines) + '\n'


# ---- questions ----

def wire_name(text):
    """A name in the zone file's notation, absolute."""
    out, label, i = b'', b'', 0
    text = text.rstrip('.') + '.' if text != '.' else ''
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


Question = collections.namedtuple('Question', 'name type dnssec size tcp')


def packet(q, number):
    edns = q.size > 0
    p = struct.pack('!6H', number, 0, 1, 0, 0, int(edns))
    p += wire_name(q.name) + struct.pack('!2H', q.type, 1)
    if edns:
        p += struct.pack('!BHHIH', 0, 41, q.size, 0x8000 if q.dnssec else 0, 0)
    return p


def owners(zone):
    last, found = None, []
    for line in zone.splitlines():
        if line and line[0] not in ' \t$;':
            last = line.split()[0]
            if last not in found:
                found.append(last)
    return found


def questions(zone, origin, dnssec, every=1):
    names = set()
    for owner in owners(zone):
        name = origin if owner == '@' else f'{owner}.{origin}'
        labels = name.split('.')
        names.update((name, 'nope.' + name, 'a.b.' + name, name.swapcase(),
                      name.replace('*', 'star'), 'zzz' + name, '0' + name,
                      '\\001.' + name, '*.' + name))
        names.update('.'.join(labels[i:]) for i in range(1, len(labels)))
    sizes = [(0, False), (512, False), (1232, False), (4096, False)]
    if dnssec:
        sizes = [(0, False), (1232, True), (4096, True)]
    asked = [Question(n, t, d, s, False) for n in sorted(names)
             for t in [*TYPES.values(), 255] for s, d in sizes]
    asked += [q._replace(tcp=True) for q in asked if q.size in (0, 1232)][::7]
    random.Random(1).shuffle(asked)
    return asked[::every]


# ---- answers ----

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


NAMES_AT = {2: (0,), 5: (0,), 6: (0, 0), 12: (0,), 15: (2,), 39: (0,), 33: (6,), 17: (0, 0),
            18: (2,), 64: (2,), 65: (2,)}


def read_rdata(p, at, n, kind):
    end, parts = at + n, []
    for skip in NAMES_AT.get(kind, ()):
        parts.append(p[at:at + skip])
        name, at = read_name(p, at + skip)
        parts.append(name)
    return tuple(parts + [p[at:end]])


def read_answer(p, q):
    """(rcode, flags), then a frozen set of records for each section."""
    _, flags, questions_n, *counts = struct.unpack('!6H', p[:12])
    at, sections, extended = 12, [], 0
    for _ in range(questions_n):
        _, at = read_name(p, at)
        at += 4
    for count in counts:
        section = []
        for _ in range(count):
            owner, at = read_name(p, at)
            kind, klass, ttl, n = struct.unpack('!HHIH', p[at:at + 10])
            if kind == 41:
                extended = ttl >> 24
            else:
                section.append((owner, kind, klass, ttl, read_rdata(p, at + 10, n, kind)))
            at += 10 + n
        if len(set(section)) != len(section):
            section.append('twice')
        sections.append(frozenset(section))
    if at != len(p):
        raise ValueError('octets left over')
    if not q.tcp and len(p) > max(512, min(q.size, 1232)):
        raise ValueError(f'{len(p)} octets for {q}')
    rcode = flags & 15 | extended << 4
    return ((rcode, flags >> 4 << 4), *sections)


class Asker:
    def __init__(self, port):
        self.port = port
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.connect(('127.0.0.1', port))
        self.udp.settimeout(5)
        self.stream = None

    def over_tcp(self, p):
        for attempt in (1, 2):
            try:
                if self.stream is None:
                    s = socket.create_connection(('127.0.0.1', self.port), timeout=5)
                    self.stream = s.makefile('rwb')
                self.stream.write(struct.pack('!H', len(p)) + p)
                self.stream.flush()
                [n] = struct.unpack('!H', self.stream.read(2))
                return self.stream.read(n)
            except (OSError, struct.error):
                self.stream = None
                if attempt == 2:
                    raise
        return None

    def ask(self, q, number):
        p = packet(q, number)
        if q.tcp:
            return read_answer(self.over_tcp(p), q)
        self.udp.send(p)
        while True:
            got = self.udp.recv(65535)
            if got[:2] == p[:2]:
                return read_answer(got, q)


# ---- the comparison ----

def compare(text, asked, others, origin='example.com', show=0):
    """The questions that dnsd answers in another way than all the others, and how many
    there are upon which those agree."""
    differ, agreed = [], 0
    with contextlib.ExitStack() as running:
        folder = running.enter_context(tempfile.TemporaryDirectory(prefix='onebox-diff-'))
        os.chmod(folder, 0o755)
        path = os.path.join(folder, origin + '.zone')
        with open(path, 'w') as f:
            f.write(f'$ORIGIN {origin}.\n{text}')
        theirs = [Asker(running.enter_context(NameServer(kind, origin, path)).port)
                  for kind in others]
        ours = Asker(running.enter_context(
            Daemon('dnsd', ['dns-udp', 'dns-tcp'], zones={origin: text},
                   sets=['dnsd.threads=1'])).port)
        for number, q in enumerate(asked):
            say = [a.ask(q, number & 0xffff) for a in theirs]
            mine = ours.ask(q, number & 0xffff)
            parts = [i for i in range(4) if len({s[i] for s in say}) == 1
                     and not (i > 0 and truncated(say + [mine]))]
            agreed += len(parts) == 4
            wrong = [i for i in parts if mine[i] != say[0][i]]
            if wrong:
                differ.append(q)
                if len(differ) <= show:
                    print_difference(q, mine, say[0], wrong)
    return differ, agreed


def truncated(answers):
    return any(a[0][1] & 0x200 for a in answers)


def print_difference(q, mine, theirs, wrong):
    print(q)
    for i in wrong:
        if i == 0:
            print(f'    rcode, flags: {mine[0][0]} {mine[0][1]:04x}, not {theirs[0][0]} '
                  f'{theirs[0][1]:04x}')
            continue
        for what, records in (('only ours', mine[i] - theirs[i]),
                              ('missing', theirs[i] - mine[i])):
            for r in sorted(map(str, records)):
                print(f'    {SECTIONS[i - 1]}, {what}: {r}')


NSEC3 = ['-n', '-s', 'ABCD', '-t', '0']


def zone_text(how):
    """how: None, or how it is signed."""
    text = ZONE + big_records()
    return text if how is None else Signed(text, 'example.com', how).text


def check(how, every):
    need('nsd', 'knot')
    asked = questions(ZONE + big_records(), 'example.com', how is not None, every)
    differ, agreed = compare(zone_text(how), asked, ['nsd', 'knot'], show=10)
    assert not differ, f'{len(differ)} of {len(asked)} differ'
    assert agreed > len(asked) / 2


def test_an_unsigned_zone():
    check(None, 20)


def test_a_zone_signed_with_nsec():
    check([], 40)


def test_a_zone_signed_with_nsec3():
    check(NSEC3 + ['-p'], 40)


def main():
    others = ['nsd', 'knot'] + (['bind'] if '--bind' in sys.argv else [])
    number = {a: int(sys.argv[sys.argv.index(a) + 1]) if a in sys.argv else default
              for a, default in (('--every', 10), ('--show', 20))}
    for title, how in (('plain', None), ('nsec', []), ('nsec3', NSEC3),
                       ('optout', NSEC3 + ['-p'])):
        if '--only' in sys.argv and sys.argv[sys.argv.index('--only') + 1] != title:
            continue
        asked = questions(ZONE + big_records(), 'example.com', how is not None,
                          number['--every'])
        differ, agreed = compare(zone_text(how), asked, others, show=number['--show'])
        print(f'{title}: {len(asked)} asked, {agreed} agreed upon, {len(differ)} differ')


if __name__ == '__main__':
    main()
