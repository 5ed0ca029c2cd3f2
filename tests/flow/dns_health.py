"""Health in the name: an address that does not answer leaves the answers of an unsigned zone
within a second and comes back when it has been well for a while; never is an answer empty."""

import json
import os
import signal
import socket
import threading
import time

from lib import World, wait_until
from lib.daemon import Daemon
from lib.nameservers import Signed, need
from lib.ports import free_port

SOCKETS = ['dns-udp', 'dns-tcp']
ZONE = '''$TTL 5
@ SOA ns1 h 1 3600 900 1209600 300
@ NS ns1
@ MX 10 www
ns1 A 127.0.0.2
www A 127.0.0.2
www A 127.0.0.3
www A 127.0.0.4
www AAAA ::1
alias CNAME www
*.wild A 127.0.0.3
*.wild A 127.0.0.4
'''


class Web:
    """The least of a web server: it may hang, refuse or say that it is broken."""

    def __init__(self, address, port):
        self.address, self.port, self.says, self.socket = address, port, b'200 OK', None
        self.start()

    def start(self):
        self.socket = socket.create_server((self.address, self.port), backlog=64)
        threading.Thread(target=self.run, args=(self.socket,), daemon=True).start()

    def run(self, listening):
        while True:
            try:
                s, _ = listening.accept()
                with s:
                    s.settimeout(5)
                    wait_until(lambda: self.says is not None or listening.fileno() < 0, 60)
                    assert s.recv(1000).startswith(b'HEAD /-/live HTTP/1.0\r\n')
                    s.sendall(b'HTTP/1.1 ' + self.says + b'\r\nContent-Length: 0\r\n\r\n')
                    s.recv(1000)
            except OSError:
                if listening.fileno() < 0:
                    return

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class Site:
    def __init__(self, port, *last):
        self.webs = {n: Web(f'127.0.0.{n}', port) for n in last}
        self.sets = ['dnsd.health=' + ','.join(f'127.0.0.{n}:{port}' for n in last)]


def last(d, name='www.foobar.com', kind='A'):
    return {int(x.rsplit('.', 1)[1]) for x in d.dns.values(name, kind)}


def addresses(w):
    """As `onebox status` tells of them, in the order of the option."""
    _, text = w.onebox('status', '--json', check=False)
    return json.loads(text)['addresses']


def leaves(d, n, within=1.0, name='www.foobar.com'):
    began = time.monotonic()
    wait_until(lambda: n not in last(d, name), 20, f'{n} to leave')
    took = time.monotonic() - began
    # the promise holds on a machine of one's own; ten times that beside others
    assert took < within * 10, took
    return took


def test_a_dead_address_leaves_and_comes_back():
    site = Site(free_port(), 2, 3, 4)
    with Daemon('dnsd', SOCKETS, zones={'foobar.com': ZONE}, sets=site.sets) as d:
        assert last(d) == {2, 3, 4}
        # refuses
        site.webs[3].stop()
        leaves(d, 3)
        assert last(d) == last(d, 'alias.foobar.com') == {2, 4}
        assert last(d, 'x.wild.foobar.com') == {4}
        extra = d.dns.ask('foobar.com', 'MX').additional
        assert sorted(r.to_text() for s in extra for r in s) == ['127.0.0.2', '127.0.0.4',
                                                                 '::1']
        assert d.dns.values('www.foobar.com', 'AAAA') == ['::1']
        assert wait_until(lambda: d.logs.lines('dnsd', 'address_left'), 5, 'the log')
        # hangs: accepts, and does not answer
        site.webs[4].says = None
        leaves(d, 4)
        # broken
        site.webs[2].says = b'503 Broken'
        wait_until(lambda: len(d.logs.lines('dnsd', 'address_left')) == 3, 5, 'the third')
        assert last(d) == {2, 3, 4}, 'all dead: all are given'
        # back, but not before it has been well for a while
        site.webs[2].says = b'200 OK'
        began = time.monotonic()
        wait_until(lambda: last(d) == {2}, 10, '2 to be back')
        assert time.monotonic() - began > 1.5
        site.webs[3].start()
        site.webs[4].says = b'200 OK'
        wait_until(lambda: last(d) == {2, 3, 4}, 10, 'all to be back')
        wait_until(lambda: len(d.logs.lines('dnsd', 'address_back')) == 3, 5, 'the log')


def test_what_comes_and_goes_is_kept_out_longer():
    site = Site(free_port(), 2, 3, 4)
    with Daemon('dnsd', SOCKETS, zones={'foobar.com': ZONE}, sets=site.sets) as d:
        for _ in range(2):
            site.webs[3].says = b'500 Broken'
            leaves(d, 3)
            site.webs[3].says = b'200 OK'
            began = time.monotonic()
            wait_until(lambda: 3 in last(d), 20, '3 to be back')
        assert time.monotonic() - began > 3.5
        # a reload changes nothing of it
        site.webs[4].stop()
        leaves(d, 4)
        loaded = len(d.logs.lines('dnsd', 'reloaded'))
        os.kill(d.pid, signal.SIGHUP)
        wait_until(lambda: len(d.logs.lines('dnsd', 'reloaded')) > loaded, 10, 'the reload')
        assert last(d) == {2, 3}


def test_a_signed_zone_stays_as_it_was_signed():
    need('ldns-signzone')
    site = Site(free_port(), 2, 3, 4)
    text = Signed(ZONE, 'foobar.com').text
    with Daemon('dnsd', SOCKETS, zones={'foobar.com': text}, sets=site.sets) as d:
        site.webs[3].stop()
        wait_until(lambda: d.logs.lines('dnsd', 'address_left'), 5, 'the log')
        assert last(d) == {2, 3, 4}


def test_of_its_own_address_the_fabric_tells():
    site = Site(free_port(), 3, 4)
    zone = ZONE.replace('127.0.0.2', '192.0.2.2')
    sets = [site.sets[0] + ',192.0.2.2', 'onebox.address=192.0.2.2']
    with World(instances={'appd': 0, 'dbproxy': 0}, zones={'foobar.com': zone}, sets=sets,
               expect=['webd']) as w:
        assert last(w) == {2, 3, 4}
        assert [a['alive'] for a in addresses(w)] == [True] * 3
        [pid] = w.pids('webd')
        os.kill(pid, signal.SIGSTOP)
        try:
            leaves(w, 2)
            assert [a['alive'] for a in addresses(w)] == [True, True, False]
            _, text = w.onebox('status', check=False)
            assert f'192.0.2.2:{w.http_port} ' in text, text
            assert 'dead, left out of answers, for ' in text, text
        finally:
            os.kill(pid, signal.SIGCONT)
        wait_until(lambda: 2 in last(w), 20, 'our own to be back')
        for n in (3, 4):
            site.webs[n].stop()
            leaves(w, n)
        assert [a['given'] for a in addresses(w)] == [False, False, True]


def test_a_name_that_is_kept_for_long_is_said():
    long = ZONE.replace('$TTL 5', '$TTL 300').replace('*.wild A', '*.wild 60 A')
    with Daemon('dnsd', SOCKETS, zones={'foobar.com': long}, expect=['zone_odd'],
                sets=['dnsd.health=127.0.0.3:1,127.0.0.9:1']) as d:
        # the log has a writer of its own; what ends it is behind all that was odd
        wait_until(lambda: d.logs.lines('dnsd', 'ready'), 20, 'the log')
        [said] = [str(x) for x in d.logs.lines('dnsd', 'zone_odd')]
        assert 'www.foobar.com A has an address of' in said and 'a TTL of 300' in said


def test_an_address_that_is_none_is_refused():
    with Daemon('dnsd', SOCKETS, zones={'foobar.com': ZONE}, ready=False, expect=['health'],
                sets=['dnsd.health=127.0.0.1,web.foobar.com']) as d:
        assert d.wait_end() != 0
        [line] = d.logs.lines('dnsd', 'zone_refused')
        assert '[dnsd] health' in str(line) and 'web.foobar.com' in str(line)
        d.pid = None
