"""dnsd by itself: the shipped zones, both transports, reload, a bad zone, drain."""

import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile

import dns.message

from lib import World, wait_until
from lib.daemon import Daemon
from lib.dns import Dns, flags, rcode
from lib.env import BUILD, ROOT

SOCKETS = ['dns-udp', 'dns-tcp']
ZONES = os.path.join(ROOT, 'deploy', 'zones')


def shipped(path='foobar.com.zone'):
    with open(os.path.join(ZONES, path)) as f:
        return f.read()


def dnsd(text=None, **more):
    return Daemon('dnsd', SOCKETS, zones={'foobar.com': text or shipped()}, **more)


def test_the_shipped_zone_over_udp_and_tcp_v4_and_v6():
    with dnsd() as d:
        for address in ('127.0.0.1', '::1'):
            for tcp in (False, True):
                asked = Dns(d.port, address)
                assert asked.values('www.foobar.com', tcp=tcp) == ['8.8.8.8']
                assert asked.values('foobar.com', 'MX', tcp=tcp) == ['0 .']
                assert 'AA' in flags(asked.ask('foobar.com', 'SOA', tcp))
        assert rcode(d.dns.ask('nope.foobar.com')) == 'NXDOMAIN'
        assert rcode(d.dns.ask('example.org')) == 'REFUSED'


def test_www_as_an_alias_of_the_apex():
    with dnsd(shipped('variants/foobar.com.zone')) as d:
        assert d.dns.values('www.foobar.com') == ['8.8.8.8']
        assert d.dns.values('www.foobar.com', 'CNAME') == ['foobar.com.']


def test_many_questions_in_one_segment_and_one_in_many():
    with dnsd() as d, socket.create_connection(('127.0.0.1', d.port)) as s:
        s.settimeout(10)
        asked = [dns.message.make_query('www.foobar.com', 'A') for _ in range(100)]
        packed = [struct.pack('!H', len(m.to_wire())) + m.to_wire() for m in asked]
        s.sendall(b''.join(packed))
        stream = s.makefile('rb')
        ids = set()
        for _ in asked:
            [n] = struct.unpack('!H', stream.read(2))
            ids.add(dns.message.from_wire(stream.read(n)).id)
        assert ids == {m.id for m in asked}
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in packed[0]:
            s.sendall(bytes([octet]))
        [n] = struct.unpack('!H', stream.read(2))
        assert dns.message.from_wire(stream.read(n)).id == asked[0].id


def test_reload_takes_over_a_good_zone_and_refuses_a_bad_one():
    with dnsd(expect=['zone_refused', 'reload_refused']) as d:
        good = shipped().replace('www\tA\t8.8.8.8', 'www\tA\t192.0.2.7')
        path = os.path.join(d.folder.state, 'zones', 'foobar.com.zone')
        with open(path, 'w') as f:
            f.write(good)
        os.kill(d.pid, signal.SIGHUP)
        wait_until(lambda: d.dns.values('www.foobar.com') == ['192.0.2.7'], 5, 'the new zone')
        with open(path, 'w') as f:
            f.write(good + 'www CNAME @\n')
        os.kill(d.pid, signal.SIGHUP)
        wait_until(lambda: d.logs.lines('dnsd', 'zone_refused'), 5, 'the refusal')
        line = good.count('\n') + 1
        [why] = [x.values['why'] for x in d.logs.lines('dnsd', 'zone_refused')]
        assert f'foobar.com.zone:{line}: www.foobar.com CNAME stands beside' in why
        assert d.dns.values('www.foobar.com') == ['192.0.2.7']


def test_a_bad_zone_ends_the_start_with_65_file_and_line():
    for text, says in [('@ SOA a b 1 2 3 4 5\n', 'foobar.com.zone:1: no TTL|foobar.com'),
                       (shipped() + '\nx A 1.2.3\n', ': A: '),
                       (shipped() + '\nwww.example.org. A 1.2.3.4\n', 'outside the zone'),
                       ('$TTL 1\nwww A 1.2.3.4\n', 'SOA')]:
        with dnsd(text, ready=False, expect=['zone_refused']) as d:
            d.wait_end()
            assert d.code == 65, d.code
            [line] = d.logs.lines('dnsd', 'zone_refused')[:1]
            assert any(s in line.values['why'] for s in says.split('|')), line.values


def test_sigterm_answers_what_was_asked_and_ends_with_0():
    with dnsd() as d:
        asked = dns.message.make_query('www.foobar.com', 'A').to_wire()
        with socket.create_connection(('127.0.0.1', d.port)) as s:
            s.sendall(struct.pack('!H', len(asked)) + asked)
            os.kill(d.pid, signal.SIGTERM)
            s.settimeout(10)
            assert len(s.recv(2)) == 2
        d.wait_end()
        assert d.code == 0


def test_t_checks_the_zones():
    for text, code, says in [(shipped(), 0, '1 zone is right'),
                             (shipped() + 'x CNAME @\nx A 1.2.3.4\n', 65, ' CNAME stands beside'),
                             (shipped() + 'x NS ns.x\n', 0, 'needs an A or AAAA')]:
        folder = tempfile.mkdtemp(prefix='onebox-zones-')
        try:
            path = os.path.join(folder, 'foobar.com.zone')
            with open(path, 'w') as f:
                f.write(text)
            for zones in (folder, path):
                done = subprocess.run(
                    [os.path.join(BUILD, 'bin', 'dnsd'), '-t', '--set', f'dnsd.zones={zones}'],
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
                assert done.returncode == code, done.stdout
                assert says in done.stdout.decode(), done.stdout
        finally:
            shutil.rmtree(folder)


def onebox(state, *arguments):
    return subprocess.run([os.path.join(BUILD, 'bin', 'onebox'), 'zone', *arguments, '--state',
                           state], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)


def test_set_changes_one_record_and_the_serial_and_keeps_the_comments():
    state = tempfile.mkdtemp(prefix='onebox-zones-')
    try:
        path = os.path.join(state, 'zones', 'foobar.com.zone')
        os.mkdir(os.path.dirname(path))
        extra = 'many A 192.0.2.1\nother A 192.0.2.2\nmany 60 A 192.0.2.3 ; gone\n\tAAAA ::1\n'
        with open(path, 'w') as f:
            f.write(shipped() + extra)
        for arguments in (('www', 'A', '192.0.2.7'), ('new.foobar.com', 'TXT', '"a b"', 'c'),
                          ('many.foobar.com.', 'A', '192.0.2.9'), ('@', 'MX', '10', 'mail')):
            done = onebox(state, 'set', *arguments)
            assert done.returncode == 0, done.stdout
        with open(path) as f:
            text = f.read()
        assert all(line in text for line in
                   [x for x in shipped().splitlines() if x.startswith(';')])
        assert 'www\tA\t192.0.2.7\n' in text and 'other A 192.0.2.2\nmany\tAAAA ::1' in text
        assert '2026112001' not in text
        before = text
        done = onebox(state, 'set', 'www', 'CNAME', '@')
        assert done.returncode == 65 and b'left as it was' in done.stdout, done.stdout
        with open(path) as f:
            assert f.read() == before
        assert os.listdir(os.path.dirname(path)) == ['foobar.com.zone']
        with dnsd(before) as d:
            assert d.dns.values('www.foobar.com') == ['192.0.2.7']
            assert d.dns.values('new.foobar.com', 'TXT') == ['"a b" "c"']
            assert d.dns.values('many.foobar.com') == ['192.0.2.9']
            assert d.dns.values('many.foobar.com', 'AAAA') == ['::1']
            assert d.dns.values('foobar.com', 'MX') == ['10 mail.foobar.com.']
        assert onebox(state, 'check', path).returncode == 0
    finally:
        shutil.rmtree(state)


def test_diff_says_what_changes():
    old = '$TTL 60\n@ SOA ns1 h 7 1 1 1 1\n@ NS ns1\nns1 A 192.0.2.1\nwww A 192.0.2.2\n'
    old += 'odd\\"\\@\\.name TXT "a \\" b"\nx TYPE65280 \\# 2 abcd\nsame MX 5 Mail\n'
    new = old.replace(' 7 1', ' 8 1').replace('192.0.2.2', '192.0.2.3') + 'more AAAA ::1\n'
    want = ['- foobar.com. 60 SOA ns1.foobar.com. h.foobar.com. 7 1 1 1 1',
            '- www.foobar.com. 60 A 192.0.2.2',
            '+ foobar.com. 60 SOA ns1.foobar.com. h.foobar.com. 8 1 1 1 1',
            '+ www.foobar.com. 60 A 192.0.2.3', '+ more.foobar.com. 60 AAAA ::1']
    with World(instances={'webd': 0, 'appd': 0, 'dbproxy': 0}, zones={'foobar.com': old}) as w:
        path = os.path.join(w.folder.path, 'foobar.com.zone')
        before = os.path.join(w.folder.path, 'before')
        for name, text in ((path, new), (before, old)):
            with open(name, 'w') as f:
                f.write(text)
        for files in ([path], [before, path]):
            done = onebox(w.state, 'diff', *files)
            assert done.returncode == 0, done.stdout
            assert sorted(done.stdout.decode().splitlines()) == sorted(want), done.stdout
        with open(path, 'w') as f:
            f.write(old)
        assert onebox(w.state, 'diff', path).stdout == b'no difference\n'
        with open(path, 'w') as f:
            f.write(old.replace('192.0.2.2', '192.0.2'))
        done = onebox(w.state, 'diff', path)
        assert done.returncode == 65 and b'foobar.com.zone:5' in done.stdout, done.stdout
