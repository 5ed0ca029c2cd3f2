"""EDNS compliance, as ISC's tester asks (ednscomp, genreport): the same questions, the same
judgements."""

import dns.edns
import dns.flags
import dns.message
import dns.rcode

from lib.daemon import Daemon
from lib.rich_zones import EXAMPLE, big_records

ZONE_NAME = 'example.com'
COOKIE = dns.edns.GenericOption(10, b'12345678')
UNKNOWN = dns.edns.GenericOption(100, b'')
LIST = [dns.edns.GenericOption(3, b''), dns.edns.GenericOption(8, b'\0\1\0\0'),
        dns.edns.GenericOption(9, b''), COOKIE]


def check(d, name, kind='SOA', tcp=False, badvers=False, plain=False, **more):
    """What all of them have in common; gives the answer. badvers: asked in version 1."""
    asked = dns.message.make_query(name, kind, **more)
    if badvers:
        asked.ednsflags |= 1 << 16
    answer = d.dns.exchange(asked, tcp)
    if plain:
        assert answer.edns == -1, answer
    else:
        assert answer.edns == 0 and answer.payload >= 512, answer
        assert answer.ednsflags & 0x7fff == 0, answer
        assert all(o.otype != 100 for o in answer.options), answer
    if badvers:
        assert answer.rcode() == dns.rcode.BADVERS and not answer.answer, answer
    else:
        assert answer.rcode() == dns.rcode.NOERROR and answer.flags & dns.flags.AA, answer
    return answer


def has_do(answer):
    return bool(answer.ednsflags & dns.flags.DO)


def test_isc_edns_compliance():
    zones = {ZONE_NAME: EXAMPLE + big_records()}
    with Daemon('dnsd', ['dns-udp', 'dns-tcp'], zones=zones) as d:
        def soa(**more):
            answer = check(d, ZONE_NAME, **more)
            assert more.get('badvers') or len(answer.answer) == 1, answer
            return answer

        soa(plain=True)                                          # dns
        soa(tcp=True, plain=True)
        assert not has_do(soa(use_edns=0))                       # edns
        soa(use_edns=0, badvers=True)                            # edns1
        soa(use_edns=0, options=[UNKNOWN])                       # ednsopt
        soa(use_edns=0, options=[UNKNOWN], badvers=True)         # edns1opt
        assert has_do(soa(want_dnssec=True))                     # do
        assert has_do(soa(want_dnssec=True, badvers=True))  # edns1do
        soa(use_edns=0, ednsflags=0x40)                          # ednsflags
        soa(use_edns=0, ednsflags=0x40, badvers=True)            # edns1flags
        answer = soa(want_dnssec=True, options=[COOKIE])         # docookie
        assert has_do(answer)
        assert [o.otype for o in answer.options] == [10], answer
        soa(use_edns=0, options=LIST)                            # optlist
        # edns@512: less than it could be, and cut
        answer = check(d, 'biga.' + ZONE_NAME, 'A', want_dnssec=True, payload=512)
        assert answer.flags & dns.flags.TC and len(answer.to_wire()) <= 512
        # edns512tcp: all of it
        answer = check(d, 'biga.' + ZONE_NAME, 'A', tcp=True, want_dnssec=True, payload=512)
        assert not answer.flags & dns.flags.TC and len(answer.answer[0]) == 120
