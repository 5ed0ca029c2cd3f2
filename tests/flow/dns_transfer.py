"""Zones given to others: AXFR, IXFR, who may have them, TSIG."""

import os
import signal
import socket
import struct

import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.tsig
import dns.tsigkeyring
import dns.zone

from lib import wait_until
from lib.daemon import Daemon
from lib.dns import rcode

SOCKETS = ['dns-udp', 'dns-tcp']
SECRET = 'bm90IGEgc2VjcmV0IGF0IGFsbCwganVzdCBhIHRlc3Q='
KEYS = dns.tsigkeyring.from_text({'transfer.key': SECRET})
WRONG = dns.tsigkeyring.from_text({'transfer.key': SECRET[:-4] + 'AAA='})
CONFIG = f'''
[key transfer.key]
secret = {SECRET}

[zone foobar.com]
transfer = {{transfer}}
'''


def text(serial, extra='', hosts=3000):
    lines = ['$TTL 3600', f'@ SOA ns1 hostmaster {serial} 3600 900 1209600 300', '@ NS ns1',
             'ns1 A 192.0.2.1', 'Spelled.As.Written A 192.0.2.2', '@ MX 10 Mail.Elsewhere.Net.',
             '*.wild TXT "x"', 'sub NS ns.sub', 'ns.sub A 192.0.2.3',
             'long TXT ' + ' '.join('"' + 'x' * 250 + '"' for _ in range(100))]
    lines += [f'host{i} A 10.0.{i // 250}.{i % 250}' for i in range(hosts)]
    return '\n'.join(lines) + '\n' + extra


def dnsd(transfer='127.0.0.1', zone=None, **more):
    return Daemon('dnsd', SOCKETS, zones={'foobar.com': zone or text(1)},
                  config=CONFIG.format(transfer=transfer), **more)


def fetch(d, **more):
    return dns.zone.from_xfr(dns.query.xfr('127.0.0.1', 'foobar.com.', port=d.port, lifetime=20,
                                           relativize=False, **more), relativize=False)


def refused(d, want, **more):
    try:
        fetch(d, **more)
    except dns.query.TransferError as e:
        assert e.rcode == want, e
    else:
        raise AssertionError('it was given')


def test_axfr_is_the_zone():
    with dnsd() as d:
        given = fetch(d)
        meant = dns.zone.from_text(text(1), 'foobar.com', relativize=False)
        assert given == meant
        assert str(given.find_rdataset('foobar.com.', 'MX')[0]) == '10 Mail.Elsewhere.Net.'
        spelled = [n.to_text() for n in given if n.to_text().lower().startswith('spelled')]
        assert spelled == ['Spelled.As.Written.foobar.com.']


def test_nobody_has_it_unless_named():
    with Daemon('dnsd', SOCKETS, zones={'foobar.com': text(1)}) as d:
        refused(d, dns.rcode.REFUSED)
    with dnsd('192.0.2.0/24, ::2') as d:
        refused(d, dns.rcode.REFUSED)
        answer = d.dns.ask('elsewhere.com', 'AXFR', tcp=True)
        assert rcode(answer) == 'NOTAUTH'


def test_a_key_opens_and_a_wrong_one_does_not():
    with dnsd('key transfer.key') as d:
        refused(d, dns.rcode.REFUSED)
        assert fetch(d, keyring=KEYS) == fetch(d, keyring=KEYS)
        asked = dns.message.make_query('foobar.com', 'AXFR')
        asked.use_tsig(WRONG, 'transfer.key')
        try:
            d.dns.exchange(asked, tcp=True)
        except dns.tsig.PeerBadSignature:
            pass
        else:
            raise AssertionError('a wrong signature was taken')
        asked = dns.message.make_query('foobar.com', 'SOA')
        asked.use_tsig(dns.tsigkeyring.from_text({'other.key': SECRET}), 'other.key')
        try:
            d.dns.exchange(asked)
        except dns.tsig.PeerBadKey:
            pass
        else:
            raise AssertionError('an unknown key was taken')


def test_signed_questions_get_signed_answers():
    with dnsd('key transfer.key') as d:
        for tcp in (False, True):
            for name in ('foobar.com', 'nope.foobar.com', 'example.org'):
                asked = dns.message.make_query(name, 'SOA')
                asked.use_tsig(KEYS, 'transfer.key')
                answer = d.dns.exchange(asked, tcp)
                assert answer.had_tsig
        asked = dns.message.make_query('long.foobar.com', 'TXT', use_edns=0, payload=1232)
        asked.use_tsig(KEYS, 'transfer.key')
        answer = d.dns.exchange(asked)
        assert answer.had_tsig and answer.flags & 0x200


def test_what_was_passed_on_is_answered_by_the_id_it_came_with():
    with dnsd('key transfer.key') as d:
        for keys, name, code in ((KEYS, 'transfer.key', 0), (
                dns.tsigkeyring.from_text({'other.key': SECRET}), 'other.key', 9)):
            asked = dns.message.make_query('foobar.com', 'SOA', use_edns=0)
            asked.use_tsig(keys, name)
            passed_on = struct.pack('!H', asked.id ^ 0xffff) + asked.to_wire()[2:]
            answer = d.dns.raw(passed_on)
            assert answer[:2] == passed_on[:2] and answer[3] & 15 == code
            # an OPT and the TSIG, as the question has
            assert answer[10:12] == b'\0\2'


def test_a_signed_ixfr_is_answered():
    with dnsd('key transfer.key') as d:
        asked = dns.message.make_query('foobar.com', 'IXFR')
        asked.authority.append(dns.rrset.from_text('foobar.com.', 0, 'IN', 'SOA',
                                                   'a. b. 1 1 1 1 1'))
        asked.use_tsig(KEYS, 'transfer.key')
        answer = d.dns.exchange(asked, tcp=True)
        assert answer.rcode() == 0 and answer.had_tsig and len(answer.answer) == 1


def ixfr(d, serial):
    asked = dns.message.make_query('foobar.com', 'IXFR')
    asked.authority.append(dns.rrset.from_text(
        'foobar.com.', 0, 'IN', 'SOA', f'a. b. {serial} 1 1 1 1'))
    return list(messages(d, asked))


def messages(d, asked):
    """The records of all messages, one by one; the last is the newest SOA again."""
    with socket.create_connection(('127.0.0.1', d.port), timeout=20) as s:
        packet = asked.to_wire()
        s.sendall(struct.pack('!H', len(packet)) + packet)
        stream, first = s.makefile('rb'), None
        while True:
            [n] = struct.unpack('!H', stream.read(2))
            answer = dns.message.from_wire(stream.read(n), one_rr_per_rrset=True, xfr=True)
            assert answer.rcode() == 0
            yield from answer.answer
            first = first or answer.answer[0]
            if answer.answer[-1] == first:
                return


def change(d, zone):
    with open(os.path.join(d.folder.state, 'zones', 'foobar.com.zone'), 'w') as f:
        f.write(zone)
    loaded = len(d.logs.lines('dnsd', 'reloaded'))
    os.kill(d.pid, signal.SIGHUP)
    wait_until(lambda: len(d.logs.lines('dnsd', 'reloaded')) > loaded, 10, 'the reload')


def apply_ixfr(records, content):
    """RFC 1995 4, on a set of (name, type, data)."""
    serials, adding = 0, True
    for r in records[1:-1]:
        key = (r.name.to_text().lower(), r.rdtype, r[0].to_text())
        if r.rdtype == dns.rdatatype.SOA:
            adding = not adding
            serials += 1
        if adding:
            assert key not in content, key
            content.add(key)
        else:
            content.remove(key)
    return serials


def as_set(zone):
    read = dns.zone.from_text(zone, 'foobar.com', relativize=False)
    return {(n.to_text().lower(), s.rdtype, r.to_text())
            for n, s in read.iterate_rdatasets() for r in s}


def test_ixfr_leads_from_each_version_to_the_newest():
    versions = [text(1), text(2, 'new A 192.0.2.9\n'),
                text(3, 'new A 192.0.2.10\nhost5 TXT "more"\n', hosts=2990),
                text(4, 'sub DS 1 13 2 ' + '00' * 32 + '\n', hosts=3005)]
    with dnsd(zone=versions[0]) as d:
        for version in versions[1:]:
            change(d, version)
        for i, version in enumerate(versions[:-1]):
            content = as_set(version)
            got = ixfr(d, i + 1)
            assert len(got) < 100
            assert apply_ixfr(got, content) == 2 * (3 - i)
            assert content == as_set(versions[-1])
        assert len(ixfr(d, 4)) == 1
        assert len(ixfr(d, 77)) == 1  # newer than ours
        assert len(ixfr(d, 4294967290)) > 3000  # unknown: the whole zone
