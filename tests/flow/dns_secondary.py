"""Zones fetched from a primary: at start, on NOTIFY, as differences or whole, kept over a
restart, given up when they expire; and primaries that lie."""

import os
import signal
import socket
import struct
import tempfile
import threading

from dns_notify import SECRET
from dns_transfer import KEYS, change, fetch, text

from lib.daemon import Daemon
from lib.dns import Dns, rcode
from lib.nameservers import NameServer, Transfers, need
from lib.ports import free_port
from lib.wait import wait_until

SOCKETS = ['dns-udp', 'dns-tcp']
KEY = f'[key transfer.key]\nsecret = {SECRET}\n'


def primary(port, zone, key='', **more):
    return Daemon('dnsd', SOCKETS, zones={'foobar.com': zone}, config=KEY + f'''
[zone foobar.com]
transfer = {'key transfer.key' if key else '127.0.0.1'}
notify = 127.0.0.1:{port}
''', **more)


def secondary(peer, port=None, **more):
    return Daemon('dnsd', SOCKETS, port=port, config=KEY + f'''
[dnsd]
transfer = 127.0.0.1
[zone foobar.com]
primaries = {peer}
''', **more)


def has_serial(d, serial):
    answer = d.dns.ask('foobar.com', 'SOA')
    return rcode(answer) == 'NOERROR' and answer.answer[0][0].serial == serial


def kinds(s):
    """How each version came."""
    return [x.values['kind'] for x in s.logs.lines('dnsd', 'transfer_in')]


def test_fetched_at_start_and_at_once_after_a_change():
    port = free_port()
    for key in ('', ' key transfer.key'):
        with primary(port, text(1), key) as p:
            with secondary(f'127.0.0.1:{p.port}{key}', port) as s:
                wait_until(lambda d=s: has_serial(d, 1), 20, 'the zone')
                assert s.dns.values('host7.foobar.com') == ['10.0.0.7']
                change(p, text(2, 'new A 192.0.2.9\n'))
                wait_until(lambda d=s: has_serial(d, 2), 20, 'the next version')
                assert s.dns.values('new.foobar.com') == ['192.0.2.9']
                assert fetch(s) == fetch(p, keyring=KEYS)
                wait_until(lambda d=s: kinds(d) == ['axfr', 'ixfr'], 5, 'the log')
                # kept: another instance serves it without asking
                path = os.path.join(s.folder.state, 'secondary', 'foobar.com.kept')
                assert os.path.exists(path)
            port = free_port()


def test_a_zone_that_cannot_be_fetched_fails_but_nothing_else():
    with secondary(f'127.0.0.1:{free_port()}') as s:
        answer = s.dns.ask('www.foobar.com')
        assert rcode(answer) == 'SERVFAIL'
        assert rcode(s.dns.ask('example.org')) == 'REFUSED'
        wait_until(lambda: s.logs.lines('dnsd', 'transfer_in_failed'), 10, 'the complaint')


def test_kept_over_a_restart_and_given_up_when_it_expires():
    short = '$TTL 60\n@ SOA ns1 h 1 1 1 {} 60\n@ NS ns1\nns1 A 192.0.2.1\n'
    with primary(free_port(), short.format(3)) as p:
        s = secondary(f'127.0.0.1:{p.port}')
        with s:
            wait_until(lambda: has_serial(s, 1), 20, 'the zone')
            os.kill(s.pid, signal.SIGTERM)
            s.wait_end()
            p_pid = p.pid
            os.kill(p_pid, signal.SIGSTOP)
            try:
                s.start()
                assert has_serial(s, 1)
                wait_until(lambda: rcode(s.dns.ask('foobar.com', 'SOA')) == 'SERVFAIL', 20,
                           'the zone to expire')
            finally:
                os.kill(p_pid, signal.SIGCONT)
            wait_until(lambda: has_serial(s, 1), 30, 'the zone to be back')


# ---- primaries that lie ----

def name(n):
    return b''.join(bytes([len(x)]) + x.encode() for x in n.split('.') if x) + b'\0'


def soa(serial, rdlen=None):
    rdata = name('a') + name('b') + struct.pack('!5I', serial, 3600, 1, 86400, 60)
    return name('foobar.com') + struct.pack('!HHIH', 6, 1, 60,
                                            len(rdata) if rdlen is None else rdlen) + rdata


def record(owner, kind, rdata, rdlen=None, klass=1):
    return name(owner) + struct.pack('!HHIH', kind, klass, 60,
                                     len(rdata) if rdlen is None else rdlen) + rdata


NS = record('foobar.com', 2, name('ns.elsewhere.net'))
LIES = {
    'outside': [NS, record('example.org', 1, b'\1\2\3\4'), soa(9)],
    'too_long': [NS, record('a.foobar.com', 1, b'\1\2\3\4', rdlen=60000)],
    'too_short': [NS, record('a.foobar.com', 1, b'\1\2'), soa(9)],
    'class': [NS, record('a.foobar.com', 1, b'\1\2\3\4', klass=3), soa(9)],
    'loop': [NS, b'\xc0\x0c' + struct.pack('!HHIH', 2, 1, 60, 2) + b'\xff\xff'],
    'other_end': [NS, soa(10)],
    'no_ns': [soa(9)],
    'cname': [NS, record('a.foobar.com', 5, name('b')), record('a.foobar.com', 1, b'\1\2\3\4'),
              soa(9)],
    'soa_rdlen': [NS, soa(9, rdlen=3)],
    'silence': [],
}


# of the differences from 1 to 9; told truly, all of it is what stands last
IXFR_LIES = {
    'removes_nothing': [soa(1), record('no.foobar.com', 1, b'\1\2\3\4'), soa(9), soa(9)],
    'other_step': [soa(1), soa(5), soa(6), soa(9), soa(9)],
    'outside': [soa(1), soa(9), record('example.org', 1, b'\1\2\3\4'), soa(9)],
    'goes_on': [soa(1), soa(9), soa(9), soa(9)],
    'no_ns_left': [soa(1), record('foobar.com', 2, name('ns1.foobar.com')), soa(9), soa(9)],
}
WHOLE = [NS, record('true.foobar.com', 1, b'\1\2\3\4'), soa(9)]


class Liar:
    """Answers SOA truly, AXFR with these records behind the SOA, and IXFR with those; with
    `endless`, the last message of an AXFR again and again."""

    def __init__(self, axfr, ixfr=None, endless=False):
        self.records = {252: axfr, 251: axfr if ixfr is None else ixfr, 6: []}
        self.endless, self.sent = endless, 0
        self.socket = socket.create_server(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                s, _ = self.socket.accept()
                self.serve(s)
            except OSError:
                if self.socket.fileno() < 0:
                    return

    def serve(self, s):
        with s:
            stream = s.makefile('rwb')
            while len(head := stream.read(2)) == 2:
                asked = stream.read(struct.unpack('!H', head)[0])
                kind = asked[12 + len(name('foobar.com')) + 1]
                records = [soa(9)] + self.records[kind]
                question = asked[12:16 + len(name('foobar.com'))]
                self.send(stream, asked[:2], question, records)
                while self.endless and kind != 6:
                    self.send(stream, asked[:2], question, records[1:])
                if kind != 6:
                    return

    def send(self, stream, number, question, records):
        answer = (number + b'\x84\0' + struct.pack('!4H', 1, len(records), 0, 0) +
                  question + b''.join(records))
        stream.write(struct.pack('!H', len(answer)) + answer)
        stream.flush()
        self.sent += len(answer)


def fetch_from(s, liar):
    """The secondary has this primary from now on, and looks."""
    with open(os.path.join(s.folder.path, 'onebox.conf'), 'w') as f:
        f.write(f'[zone foobar.com]\nprimaries = 127.0.0.1:{liar.port}\n')
    loaded = len(s.logs.lines('dnsd', 'reloaded'))
    os.kill(s.pid, signal.SIGHUP)
    wait_until(lambda: len(s.logs.lines('dnsd', 'reloaded')) > loaded, 10, 'the reload')
    notify(s)


def test_a_primary_that_lies_changes_nothing():
    with primary(free_port(), text(1, hosts=10)) as p:
        with secondary(f'127.0.0.1:{p.port}') as s:
            wait_until(lambda: has_serial(s, 1), 20, 'the zone')
            for kind, records in LIES.items():
                liar = Liar(records)
                before = len(s.logs.lines('dnsd', 'transfer_in_failed'))
                fetch_from(s, liar)
                wait_until(lambda n=before: len(
                    s.logs.lines('dnsd', 'transfer_in_failed')) > n, 20, f'{kind} to fail')
                assert has_serial(s, 1), kind
                assert s.dns.values('host7.foobar.com') == ['10.0.0.7'], kind
                liar.socket.close()


def test_differences_that_lie_are_fetched_whole():
    for kind, records in IXFR_LIES.items():
        with primary(free_port(), text(1, hosts=10)) as p:
            with secondary(f'127.0.0.1:{p.port}') as s:
                wait_until(lambda d=s: has_serial(d, 1), 20, 'the zone')
                fetch_from(s, Liar(WHOLE, records))
                wait_until(lambda d=s: has_serial(d, 9), 20, f'{kind}: the whole zone')
                assert s.dns.values('true.foobar.com') == ['1.2.3.4'], kind
                assert s.dns.values('host7.foobar.com') == [], kind
                assert s.logs.lines('dnsd', 'transfer_in_whole'), kind


def test_a_primary_without_end_is_given_up():
    many = [record(f'h{i}.foobar.com', 16, b'\xc8' + b'x' * 200) for i in range(250)]
    with primary(free_port(), text(1, hosts=10)) as p:
        with secondary(f'127.0.0.1:{p.port}', sets=['dnsd.transfer_max=8m']) as s:
            wait_until(lambda: has_serial(s, 1), 20, 'the zone')
            liar = Liar([NS, *many], endless=True)
            fetch_from(s, liar)
            wait_until(lambda: s.logs.lines('dnsd', 'transfer_in_failed'), 20, 'its end')
            assert 'transfer_max' in str(s.logs.lines('dnsd', 'transfer_in_failed'))
            assert liar.sent < 40 << 20
            assert has_serial(s, 1)


def notify(d):
    packet = (struct.pack('!6H', 77, 0x2400, 1, 0, 0, 0) + name('foobar.com') +
              struct.pack('!2H', 6, 1))
    answer = d.dns.raw(packet)
    assert answer is not None and answer[3] & 15 == 0


# ---- the other servers as primaries and as secondaries ----

def check_from(kind):
    """Its zone, and then the next version of it, come here."""
    need(kind)
    # NSD's transfers have no room for a record of over 16 KiB
    plain = '$ORIGIN foobar.com.\n' + text(5).replace('"' + 'x' * 250 + '"', 'x')
    port = free_port()
    with tempfile.TemporaryDirectory(prefix='onebox-primary-') as folder:
        os.chmod(folder, 0o755)
        path = os.path.join(folder, 'zone')
        with open(path, 'w') as f:
            f.write(plain)
        with NameServer(kind, 'foobar.com', path,
                        Transfers(notify=port, secret=SECRET)) as other:
            with secondary(f'127.0.0.1:{other.port} key transfer.key', port) as s:
                wait_until(lambda: has_serial(s, 5), 30, f'the zone of {kind}')
                assert s.dns.values('host2999.foobar.com') == ['10.0.11.249']
                with open(path, 'w') as f:
                    f.write(plain.replace('hostmaster 5', 'hostmaster 6') +
                            'new A 192.0.2.9\n')
                other.reload()
                wait_until(lambda: has_serial(s, 6), 30, f'the next version of {kind}')
                assert s.dns.values('new.foobar.com') == ['192.0.2.9']
                wait_until(lambda: kinds(s) == ['axfr', 'ixfr'], 5, 'the log')


def test_nsd_as_primary():
    check_from('nsd')


def test_knot_as_primary():
    check_from('knot')


def test_bind_as_primary():
    check_from('bind')


def check_to(kind):
    """A zone of ours, and its next version, go there."""
    need(kind)
    zone = text(1).replace('"' + 'x' * 250 + '"', 'x')
    port = free_port()
    with Daemon('dnsd', SOCKETS, zones={'foobar.com': zone}, config=KEY + f'''
[zone foobar.com]
transfer = key transfer.key
notify = 127.0.0.1:{port} key transfer.key
''') as p, NameServer(kind, 'foobar.com', None, Transfers(primary=p.port, secret=SECRET),
                     port) as other:
        there = Dns(other.port)
        wait_until(lambda: there.values('host2999.foobar.com') == ['10.0.11.249'], 20,
                   f'the zone at {kind}', every=0.1)
        change(p, zone.replace('hostmaster 1', 'hostmaster 2') + 'new A 192.0.2.9\n')
        wait_until(lambda: there.values('new.foobar.com') == ['192.0.2.9'], 20,
                   f'the next version at {kind}', every=0.1)
        # NSD looks twice at the start, and again at the whole zone
        want = 'axfr' if kind == 'nsd' else 'ixfr'
        wait_until(lambda: p.logs.lines('dnsd', 'transfer_out', kind=want, serial=2), 5,
                   'the log')


def test_nsd_as_secondary():
    check_to('nsd')


def test_knot_as_secondary():
    check_to('knot')


def test_bind_as_secondary():
    check_to('bind')
