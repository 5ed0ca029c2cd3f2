"""Nothing is lost when zones or processes change under load, and slow clients harm nobody
but themselves."""

import os
import resource
import signal
import socket
import struct
import time

import dns.message

from lib import wait_until
from lib.daemon import Daemon
from lib.dns import Dns
from lib.lived import Crowd

SECONDS = 120
ALONE = True
SOCKETS = ['dns-udp', 'dns-tcp']


def zone(serial, names):
    return (f'$TTL 60\n@ SOA ns1 h {serial} 3600 900 1209600 300\n@ NS ns1\nns1 A 192.0.2.1\n'
            f'version TXT "{serial}"\n' +
            ''.join(f'host{i} A 10.{i >> 16}.{i >> 8 & 255}.{i & 255}\n' for i in range(names)))


class Askers(Crowd):
    """Clients that ask one question after the other until told to stop; each unanswered
    one is an error."""

    def __init__(self, port, tcp=False, count=3):
        super().__init__([self.run] * count)
        self.port, self.tcp = port, tcp
        self.asked, self.errors = 0, []

    def run(self):
        client = Dns(self.port, seconds=20)
        while not self.ending.is_set():
            try:
                answer = client.ask(f'host{self.asked % 100}.foobar.com', 'A', self.tcp)
                if answer.rcode() != 0 or not answer.answer:
                    self.errors.append(answer.to_text())
            except Exception as e:  # whatever it is, the question was not answered
                self.errors.append(repr(e))
            self.asked += 1


def roll(d):
    """As the supervisor does: the next instance has the same sockets, and is ready before
    the one before drains. d goes on as the next one."""
    new = Daemon('dnsd', folder=d.folder, port=d.port)
    new.held = d.held
    new.start()
    os.kill(d.pid, signal.SIGTERM)
    d.wait_end(60)
    assert d.code == 0
    d.pid, d.code = new.pid, None


def check_reloads(names, times, rolls=False):
    with Daemon('dnsd', SOCKETS, zones={'foobar.com': zone(1, names)}) as d:
        path = os.path.join(d.folder.state, 'zones', 'foobar.com.zone')
        with Askers(d.port) as udp, Askers(d.port, tcp=True, count=1) as tcp:
            for serial in range(2, times + 2):
                with open(path, 'w') as f:
                    f.write(zone(serial, names))
                os.kill(d.pid, signal.SIGHUP)
                wait_until(lambda s=serial: d.dns.values('version.foobar.com', 'TXT') ==
                           [f'"{s}"'], 60, 'the next version')
                if rolls:
                    roll(d)
        assert not udp.errors and not tcp.errors, (udp.errors[:3], tcp.errors[:3])
        assert udp.asked > 10 * times and tcp.asked > times


def test_reloads_under_load_lose_nothing():
    check_reloads(5000, 5)


def long_reloads_of_a_large_zone_and_rolls_under_load_lose_nothing():
    check_reloads(100000, 10, rolls=True)


def test_a_roll_loses_nothing():
    with Daemon('dnsd', SOCKETS, zones={'foobar.com': zone(1, 100)}, each=2) as d:
        with Askers(d.port) as udp, Askers(d.port, tcp=True, count=2) as tcp:
            for _ in range(4):
                roll(d)
                asked = udp.asked
                wait_until(lambda n=asked: udp.asked > n + 50, 20, 'more questions')
        assert not udp.errors and not tcp.errors, (udp.errors[:3], tcp.errors[:3])


def rss_kib(pid):
    with open(f'/proc/{pid}/status') as f:
        return next(int(x.split()[1]) for x in f if x.startswith('VmRSS'))


def test_a_thousand_slow_clients_do_not_slow_the_others():
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    big = zone(1, 100) + ''.join(f'big TXT "{i:05d}{"x" * 240}"\n' for i in range(200))
    with Daemon('dnsd', SOCKETS, zones={'foobar.com': big}) as d:
        before = rss_kib(d.pid)
        asked = dns.message.make_query('big.foobar.com', 'TXT').to_wire()
        packed = struct.pack('!H', len(asked)) + asked
        slow = []
        try:
            for i in range(1200):
                s = socket.create_connection(('127.0.0.1', d.port))
                slow.append(s)
                if i % 3 == 1:
                    s.sendall(packed[:7])  # a question that never ends
                elif i % 3 == 2 and i < 300:
                    s.setblocking(False)
                    try:
                        s.sendall(packed * 200)  # and never reads
                    except BlockingIOError:
                        pass
            for tcp in (False, True):
                began = time.monotonic()
                assert d.dns.values('host1.foobar.com', tcp=tcp) == ['10.0.0.1']
                assert time.monotonic() - began < 5
            assert rss_kib(d.pid) - before < 64 << 10
        finally:
            for s in slow:
                s.close()
