"""Zones signed elsewhere (by ldns-signzone), as those see them who check signatures: what a
transfer gives is right as a whole, and a validating resolver believes every kind of answer."""

import contextlib
import os
import re
import subprocess
import tempfile

import dns.flags

from lib.daemon import Daemon
from lib.dns import Dns, rcode
from lib.nameservers import Signed, need, program
from lib.ports import free_port
from lib.rich_zones import EXAMPLE, big_records
from lib.wait import wait_until

ORIGIN = 'example.com'
NSEC3 = ['-n', '-s', 'ABCD', '-t', '0']
WAYS = {'nsec': [], 'nsec3': NSEC3, 'optout': NSEC3 + ['-p']}

# name, type, rcode; True where opt-out leaves it unproven that there is nothing signed
ANSWERS = [
    ('www', 'A', 'NOERROR', False),
    ('', 'SOA', 'NOERROR', False),
    ('', 'DNSKEY', 'NOERROR', False),
    ('', 'HTTPS', 'NOERROR', False),
    # the name is there, the type is not; and names that are there only as parts of others
    ('www', 'MX', 'NOERROR', False),
    ('', 'SRV', 'NOERROR', False),
    ('ent', 'A', 'NOERROR', False),
    ('very.deep.tree.of.empty.names', 'A', 'NOERROR', False),
    # no such name: below one that is there, and where no wildcard reaches
    ('nope.www', 'A', 'NXDOMAIN', True),
    ('a.b.c.mx1', 'TXT', 'NXDOMAIN', True),
    ('x.ent', 'A', 'NXDOMAIN', True),
    ('nope.of.empty.names', 'A', 'NXDOMAIN', True),
    # wildcards: data, no data, of each depth
    ('x.wild', 'A', 'NOERROR', True),
    ('x.y.z.wild', 'TXT', 'NOERROR', True),
    ('x.wild', 'AAAA', 'NOERROR', True),
    ('nowhere', 'TXT', 'NOERROR', True),
    ('nowhere', 'A', 'NOERROR', True),
    ('x.d.wild', 'A', 'NXDOMAIN', True),
    # aliases
    ('alias3', 'A', 'NOERROR', False),
    ('alias', 'TXT', 'NOERROR', False),
    ('towild', 'A', 'NOERROR', True),
    ('x.wcname', 'A', 'NOERROR', True),
    ('toent', 'A', 'NOERROR', False),
    ('x.dn', 'A', 'NOERROR', False),
    ('y.dn', 'A', 'NOERROR', False),
    ('nope.dn', 'A', 'NXDOMAIN', True),
    ('x.dnwild', 'A', 'NOERROR', True),
    ('both', 'TXT', 'NOERROR', False),
    # DS: there, and proven not to be there
    ('secure', 'DS', 'NOERROR', False),
    ('sub', 'DS', 'NOERROR', True),
    ('far', 'DS', 'NOERROR', True),
    ('www', 'DS', 'NOERROR', False),
    # more than one datagram takes
    ('biga', 'A', 'NOERROR', False),
    ('bigtxt', 'TXT', 'NOERROR', False),
]

UNBOUND = """server:
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "{dir}"
  pidfile: ""
  use-syslog: no
  interface: 127.0.0.1
  port: {port}
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  do-ip6: no
  module-config: "validator iterator"
  val-log-level: 2
  trust-anchor: "{anchor}"
stub-zone:
  name: {origin}
  stub-addr: 127.0.0.1@{server}
"""


@contextlib.contextmanager
def validating(anchor, server):
    """A resolver that believes nothing else of the zone."""
    with tempfile.TemporaryDirectory(prefix='onebox-unbound-') as folder:
        conf, port = os.path.join(folder, 'conf'), free_port()
        with open(conf, 'w') as f:
            f.write(UNBOUND.format(dir=folder, port=port, anchor=anchor, origin=ORIGIN,
                                   server=server))
        with open(os.path.join(folder, 'log'), 'w+') as log:
            p = subprocess.Popen([program('unbound'), '-d', '-c', conf], stdout=log,
                                 stderr=log, stdin=subprocess.DEVNULL)
            client = Dns(port)
            try:
                wait_until(lambda: client.ask('localhost', tcp=True), 20, 'unbound')
                yield client
            except BaseException:
                log.seek(0)
                print(log.read()[-4000:])
                raise
            finally:
                p.terminate()
                p.wait(20)


def serving(text):
    return Daemon('dnsd', ['dns-udp', 'dns-tcp'], zones={ORIGIN: text},
                  sets=['dnsd.transfer=127.0.0.1'])


def check_transfer(how):
    need('ldns-verify-zone', 'dnssec-verify', 'dig')
    with serving(Signed(EXAMPLE + big_records(), ORIGIN, how).text) as d:
        with tempfile.NamedTemporaryFile('w+') as f:
            subprocess.run(['dig', '@127.0.0.1', '-p', str(d.port), ORIGIN, 'AXFR', '+onesoa',
                            '+nocomments', '+nocmd', '+nostats'], stdout=f, check=True)
            for command in (['ldns-verify-zone', f.name],
                            ['dnssec-verify', '-o', ORIGIN, f.name]):
                p = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                said = p.stdout.decode()
                assert p.returncode == 0 and 'rror' not in said, said[-3000:]


def test_a_transfer_verifies_with_nsec():
    check_transfer(WAYS['nsec'])


def test_a_transfer_verifies_with_nsec3():
    check_transfer(WAYS['nsec3'])


def test_a_transfer_verifies_with_opt_out():
    check_transfer(WAYS['optout'])


def check_dnsviz(way):
    """Its tests of one server and its zone, without those of the delegation, which ask the
    internet."""
    need('dnsviz')
    # the other server of the zone is not there to be asked
    text = ''.join(x for x in EXAMPLE.splitlines(True) if 'NS  ns2.elsewhere' not in x)
    with serving(Signed(text, ORIGIN, WAYS[way]).text) as d:
        with tempfile.NamedTemporaryFile() as f:
            p = subprocess.run(['dnsviz', 'probe', '-4', '-A', '-o', f.name, '-x',
                                f'{ORIGIN}+:127.0.0.1:{d.port}', ORIGIN],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            assert p.returncode == 0, p.stdout.decode()[-2000:]
            said = subprocess.run(['dnsviz', 'grok', '-l', 'warning', '-r', f.name], check=True,
                                  stdout=subprocess.PIPE).stdout.decode()
    # signed a moment ago, which is right here
    codes = set(re.findall(r'"code": "(\w+)"', said)) - {'INCEPTION_WITHIN_CLOCK_SKEW'}
    assert f'{ORIGIN}.' in said and not codes, codes


def long_dnsviz_finds_nothing():
    for way in WAYS:
        check_dnsviz(way)


def check_answers(way):
    need('unbound')
    signed = Signed(EXAMPLE + big_records(), ORIGIN, WAYS[way])
    wrong = []
    with serving(signed.text) as d, validating(signed.anchor, d.port) as resolver:
        for name, kind, code, open_to_opt_out in ANSWERS:
            full = f'{name}.{ORIGIN}'.lstrip('.')
            answer = resolver.ask(full, kind, want_dnssec=True)
            secure = bool(answer.flags & dns.flags.AD)
            if rcode(answer) != code or not (
                    secure or (way == 'optout' and open_to_opt_out)):
                wrong.append(f'{full} {kind}: {rcode(answer)}, secure: {secure}')
    assert not wrong, '\n'.join(wrong)


def test_a_validating_resolver_believes_nsec():
    check_answers('nsec')


def test_a_validating_resolver_believes_nsec3():
    check_answers('nsec3')


def test_a_validating_resolver_believes_opt_out():
    check_answers('optout')


def test_a_validating_resolver_does_not_believe_what_was_changed():
    need('unbound')
    signed = Signed(EXAMPLE, ORIGIN)
    assert '192.0.2.4' in signed.text
    with serving(signed.text.replace('192.0.2.4', '192.0.2.99')) as d:
        with validating(signed.anchor, d.port) as resolver:
            assert rcode(resolver.ask(f'www.{ORIGIN}')) == 'SERVFAIL'
            assert rcode(resolver.ask(f'ns1.{ORIGIN}')) == 'NOERROR'
