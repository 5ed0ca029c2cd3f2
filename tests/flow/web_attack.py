"""What the internet does to a web server: each attack ends soon, costs little memory, and
does not keep others from being served."""

import select
import signal
import socket
import struct
import threading
import time

import web_frames as h2
from lib import wait_until
from lib.daemon import Daemon
from lib.env import BUILD
from lib.proc import pss_kib

SETS = ['webd.echo=yes', 'webd.wait=0s']
MEMORY_KIB = 32 << 10


def webd(*more, **kw):
    return Daemon('webd', ['http'], sets=SETS + list(more), **kw)


class Others:
    """Somebody else, who is served all the while."""

    def __init__(self, d):
        self.d, self.served, self.longest, self.error = d, 0, 0, None
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        try:
            while not self.stop.wait(0.01):
                began = time.monotonic()
                assert self.d.http.get('/').status == 200
                self.longest = max(self.longest, time.monotonic() - began)
                self.served += 1
        except Exception as e:  # noqa: BLE001: shown by the test's thread
            self.error = e

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        wait_until(lambda: self.served > 0 or self.error, 10)
        self.stop.set()
        self.thread.join()
        assert self.error is None, self.error
        assert self.longest < 2, self.longest


class Memory:
    """The process grows by less than 32 MiB; a sanitizer's keeps what was freed as well."""

    def __init__(self, d):
        self.d, self.before = d, pss_kib(d.pid)

    def __enter__(self):
        return self

    def look(self):
        grown = pss_kib(self.d.pid) - self.before
        assert grown < MEMORY_KIB or 'plain' not in BUILD, f'{grown} KiB more'

    def __exit__(self, *_):
        self.look()


def metric(d, name):
    for line in d.http.get('/-/metrics').text.splitlines():
        if line.startswith(name + ' '):
            return int(line.split()[-1])
    raise AssertionError(f'no metric {name}')


def bomb(conn, stream):
    """A field of 4000 bytes in the dynamic table, then 16000 references to it."""
    first = h2.request(extra=h2.literal(b'a', b'x' * 4000, indexed=True))
    refs = b'\xbe' * 16000
    return conn.send(h2.frame(h2.HEADERS, h2.END_STREAM, stream, first) +
                     h2.frame(h2.CONTINUATION, h2.END_HEADERS, stream, refs))


def test_an_hpack_bomb_is_not_unfolded():
    with webd() as d, Others(d), Memory(d) as memory:
        for _ in range(20):
            with h2.H2(d.port, h2.setting(4, 0)) as c:
                for stream in range(1, 200, 2):
                    if not bomb(c, stream):
                        break
                memory.look()
                assert c.goaway() in (None, h2.CALM)
        assert metric(d, 'webd_refused_total{by="hpack"}') >= 20


def test_a_block_without_end_is_not_kept():
    with webd() as d, Others(d), Memory(d):
        with h2.H2(d.port) as c:
            c.send(h2.frame(h2.HEADERS, h2.END_STREAM, 1, h2.request()))
            for _ in range(2000):
                if not c.send(h2.frame(h2.CONTINUATION, 0, 1, b'\x90' * 16000)):
                    break
            for _ in c.frames():
                pass


def test_rapid_reset_ends_the_connection():
    with webd() as d, Others(d), Memory(d):
        with h2.H2(d.port) as c:
            before = metric(d, 'webd_requests_total')
            burst = b''.join(h2.frame(h2.HEADERS, 5, i, h2.request(path=b'/none')) +
                             h2.frame(h2.RST, 0, i, b'\0\0\0\x08')
                             for i in range(1, 6001, 2))
            began = time.monotonic()
            c.send(burst)
            for _ in c.frames():
                pass
            assert time.monotonic() - began < 5
        assert metric(d, 'webd_connections_ended_total{why="resets"}') == 1
        assert metric(d, 'webd_requests_total') - before < 1500


def test_making_the_server_reset_ends_the_connection():
    with webd() as d, Others(d), Memory(d):
        with h2.H2(d.port) as c:
            c.send(b''.join(h2.frame(h2.HEADERS, 5, i, h2.request(path=b'/none')) +
                            h2.frame(h2.WINDOW, 0, i, b'\0\0\0\0')
                            for i in range(1, 6001, 2)))
            for _ in c.frames():
                pass
        assert metric(d, 'webd_connections_ended_total{why="resets"}') == 1


def test_honest_clients_may_reset_now_and_then():
    with webd() as d, h2.H2(d.port) as c:
        for i in range(1, 1001, 2):
            c.ask(i)
            if i % 5 == 1:
                c.send(h2.frame(h2.RST, 0, i, b'\0\0\0\x08'))
            else:
                assert c.until(h2.DATA, i) is not None, i
        assert metric(d, 'webd_connections_ended_total{why="resets"}') == 0


def test_a_window_of_zero_does_not_hold_a_connection():
    with webd('webd.min_rate_after=1s') as d, Others(d), Memory(d):
        with h2.H2(d.port, h2.setting(4, 0)) as c:
            c.ask(1)
            began = time.monotonic()
            while time.monotonic() - began < 10:
                if not c.send(h2.frame(h2.PING, 0, 0, b'12345678')):
                    break
                time.sleep(0.1)
            assert time.monotonic() - began < 9
        assert metric(d, 'webd_connections_ended_total{why="slow"}') == 1


def test_pings_do_not_keep_an_idle_connection():
    with webd('webd.idle_timeout=1s') as d, h2.H2(d.port) as c:
        c.ask(1)
        assert c.until(h2.DATA, 1) is not None
        began = time.monotonic()
        while c.send(h2.frame(h2.PING, 0, 0, b'12345678')):
            assert time.monotonic() - began < 8
            time.sleep(0.05)


def test_a_slow_reader_is_cut_off():
    with webd('webd.min_rate_after=1s') as d, Others(d), Memory(d):
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            s.settimeout(10)
            s.connect(('127.0.0.1', d.port))
            body = b'x' * 1000000
            s.sendall(b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n' % len(body))
            s.sendall(body)
            began = time.monotonic()
            while metric(d, 'webd_connections_ended_total{why="slow"}') == 0:
                assert s.recv(32)
                assert time.monotonic() - began < 10
                time.sleep(0.1)
            # ended means gone: ours and the one that asks
            wait_until(lambda: metric(d, 'webd_connections') <= 2, 5)


def test_a_slow_but_steady_reader_is_served():
    with webd('webd.min_rate_after=1s') as d:
        body = b'x' * 300000
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.settimeout(10)
            s.connect(('127.0.0.1', d.port))
            s.sendall(b'POST / HTTP/1.0\r\nContent-Length: %d\r\n\r\n' % len(body) + body)
            got = 0
            while part := s.recv(8192):
                got += len(part)
                time.sleep(0.05)
        assert got > len(body)


def trickle(d, head, drop):
    """Sends the head, then a byte now and then; seconds until the server ends it."""
    with socket.create_connection(('127.0.0.1', d.port), timeout=10) as s:
        began = time.monotonic()
        s.sendall(head)
        s.settimeout(0.05)
        while time.monotonic() - began < 10:
            try:
                s.sendall(drop)
                if not s.recv(1000):
                    break
            except TimeoutError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                break
        return time.monotonic() - began


def test_requests_must_arrive_in_time():
    with webd('webd.request_timeout=500ms') as d, Others(d):
        head = b'POST / HTTP/1.1\r\nHost: a\r\n'
        for begin, drop in ((head, b'X: y\r\n'), (head + b'Content-Length: 900\r\n\r\n', b'z'),
                            (head + b'Transfer-Encoding: chunked\r\n\r\n', b'1\r\na\r\n'),
                            (b'', b'')):
            assert trickle(d, begin, drop) < 5, begin


def test_an_address_has_only_so_many_connections():
    with webd('webd.trusted=', 'webd.max_per_address=5') as d:
        kept = [socket.create_connection(('127.0.0.1', d.port), timeout=5) for _ in range(5)]
        with socket.create_connection(('127.0.0.1', d.port), timeout=5) as s:
            assert s.recv(1) == b''
        kept.pop().close()
        wait_until(lambda: d.http.get('/').status == 200, 5)
        for s in kept:
            s.close()


def test_who_asks_too_often_is_told_to_wait():
    with webd('webd.trusted=', 'webd.rate=2', 'webd.burst=5') as d:
        answers = [d.http.get('/') for _ in range(10)]
        assert [a.status for a in answers[:5]] == [200] * 5
        assert 429 in [a.status for a in answers]
        late = [a for a in answers if a.status == 429][0]
        assert 1 <= int(late.headers['Retry-After']) <= 3 and late.trace
        wait_until(lambda: d.http.get('/').status == 200, 5)


def test_an_api_key_has_a_rate_of_its_own():
    with webd('webd.trusted=', 'webd.key_rate=1', 'webd.key_burst=3') as d:
        one, two = {'Authorization': 'Bearer one'}, {'Authorization': 'Bearer two'}
        assert 429 in [d.http.get('/', one).status for _ in range(6)]
        assert d.http.get('/', two).status == 200
        assert d.http.get('/').status == 200


def test_the_trusted_are_not_limited():
    with webd('webd.rate=1', 'webd.burst=1', 'webd.max_per_address=1') as d:
        with d.http.open():
            assert {d.http.get('/').status for _ in range(20)} == {200}


def test_half_sent_bodies_do_not_fill_the_memory():
    with webd('webd.max_buffered=8m', 'webd.threads=1') as d, Others(d):
        kept = []
        for _ in range(4):
            c = h2.H2(d.port)
            kept.append(c)
            for stream in range(1, 30, 2):
                c.ask(stream, h2.request(b'POST'), flags=0)
                for _ in range(16):
                    c.send(h2.frame(h2.DATA, 0, stream, b'x' * 16000))
        wait_until(lambda: metric(d, 'webd_connections_ended_total{why="memory"}') > 0, 10)
        for c in kept:
            c.s.close()


def uploads(d, count, size):
    """So many at the same instant, each as fast as it goes; the statuses. Who is not read
    from for a while sees a connection that is slow, and no more."""
    body = b'x' * size
    head = b'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n'
    left = {socket.create_connection(('127.0.0.1', d.port)): [memoryview(head % size + body), b'']
            for _ in range(count)}
    poll, of, got = select.poll(), {}, []
    for s in left:
        s.setblocking(False)
        of[s.fileno()] = s
        poll.register(s, select.POLLIN | select.POLLOUT)
    while left:
        ready = poll.poll(20000)
        assert ready, f'{len(left)} are left'
        for fd, event in ready:
            s, state = of[fd], left[of[fd]]
            if event & select.POLLOUT:
                state[0] = state[0][s.send(state[0]):]
                if not state[0]:
                    poll.modify(s, select.POLLIN)
            elif part := s.recv(1 << 20):
                state[1] += part
            else:
                got.append(state[1].partition(b'\r\n')[0])
                assert state[1].endswith(b'\r\n\r\n' + body)
                poll.unregister(s)
                del left[s]
                s.close()
    return got


def test_uploads_at_once_wait_for_each_other():
    # all together are five times what it keeps
    with webd('webd.max_buffered=8m', 'webd.threads=1', 'webd.request_timeout=60s') as d, \
            Others(d), Memory(d) as memory:
        assert uploads(d, 40, 1 << 20) == [b'HTTP/1.1 200 OK'] * 40
        memory.look()
        assert metric(d, 'webd_connections_ended_total{why="memory"}') == 0


def test_uploads_that_stall_do_not_keep_others_out():
    with webd('webd.max_buffered=6m', 'webd.threads=1', 'webd.request_timeout=60s') as d, Others(d):
        kept = [socket.create_connection(('127.0.0.1', d.port)) for _ in range(10)]
        for s in kept:
            s.setblocking(False)
            s.send(b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n' + b'x' * 50000)
        assert uploads(d, 8, 1 << 20) == [b'HTTP/1.1 200 OK'] * 8
        for s in kept:
            s.close()


def test_uploads_that_drip_do_not_keep_others_out():
    # each goes on all the time, and would for an hour
    stop = threading.Event()
    with webd('webd.max_buffered=8m', 'webd.threads=1', 'webd.request_timeout=60s') as d, Others(d):
        kept = [socket.create_connection(('127.0.0.1', d.port)) for _ in range(30)]
        for s in kept:
            s.setblocking(False)
            s.send(b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n' + b'x' * 30000)

        def drip():
            while not stop.wait(0.02):
                for s in kept:
                    s.send(b'y' * 50)

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            for _ in range(5):
                assert uploads(d, 1, 1 << 20) == [b'HTTP/1.1 200 OK']
        finally:
            stop.set()
            thread.join()
        for s in kept:
            s.close()


def test_an_upload_is_let_in_beside_slow_readers():
    # they hold more than half of the room, and read fast enough to be left alone
    stop, size = threading.Event(), 900000
    with webd('webd.max_buffered=4m', 'webd.threads=1', 'webd.min_rate_after=60s') as d:
        readers = [h2.H2(d.port, h2.setting(4, 0)) for _ in range(44)]
        for c in readers:
            c.ask(1, h2.request(b'POST'), flags=0)
            c.send(h2.frame(h2.DATA, 0, 1, b'x' * 15000) * 3 +
                   h2.frame(h2.DATA, h2.END_STREAM, 1, b'x' * 15000))
        wait_until(lambda: metric(d, 'webd_requests_total') > len(readers), 10)

        def read_on():
            while not stop.wait(0.5):
                for c in readers:
                    c.send(h2.frame(h2.WINDOW, 0, 1, struct.pack('>I', 1500)))

        thread = threading.Thread(target=read_on)
        thread.start()
        try:
            with socket.create_connection(('127.0.0.1', d.port), timeout=20) as s:
                s.sendall(b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n' % size)
                for _ in range(45):
                    s.sendall(b'x' * (size // 45))
                    time.sleep(0.01)
                assert s.recv(100).startswith(b'HTTP/1.1 200 OK')
        finally:
            stop.set()
            thread.join()
        for c in readers:
            c.s.close()


def test_honest_requests_wait_rather_than_fill_the_memory():
    # 6000 streams at once would be three times what it keeps
    asks = b''.join(h2.frame(h2.HEADERS, 5, i, h2.request(path=b'/site.css'))
                    for i in range(1, 200, 2))
    with webd('webd.max_buffered=12m', 'webd.threads=1') as d, Memory(d) as memory:
        conns = [h2.H2(d.port, h2.setting(4, 1 << 20)) for _ in range(60)]
        for c in conns:
            c.send(h2.frame(h2.WINDOW, 0, 0, b'\x3f\xff\0\0') + asks)
        for c in conns:
            ended = set()
            for kind, flags, stream, _ in c.frames():
                if kind == h2.DATA and flags & h2.END_STREAM:
                    ended.add(stream)
                if len(ended) == 100:
                    break
            assert len(ended) == 100, len(ended)
            c.s.close()
        memory.look()
        assert metric(d, 'webd_connections_ended_total{why="memory"}') == 0
        assert metric(d, 'webd_waited_total') > 0


def test_who_uploads_and_asks_for_more_goes_on():
    asks = b''.join(h2.frame(h2.HEADERS, 5, i, h2.request(path=b'/site.css'))
                    for i in range(1, 200, 2))
    with webd('webd.max_buffered=8m', 'webd.threads=1', 'webd.min_rate_after=60s') as d, \
            h2.H2(d.port) as c:
        for stream in (1, 3):
            c.ask(stream, h2.request(b'POST'), flags=0)
        for _ in range(15):
            c.send(h2.frame(h2.DATA, 0, 1, b'x' * 16000))
        deaf = [h2.H2(d.port, h2.setting(4, 0)) for _ in range(12)]
        for other in deaf:
            other.send(asks)
        waited = wait_until(lambda: metric(d, 'webd_waited_total'), 10)
        c.ask(5)
        wait_until(lambda: metric(d, 'webd_waited_total') > waited, 10)
        assert c.until(h2.DATA, 5) is not None
        for other in deaf:
            other.s.close()


def test_a_few_cannot_hoard_either():
    with webd('webd.threads=1') as d, Others(d), Memory(d) as memory:
        with h2.H2(d.port) as c:
            for stream in range(1, 200, 2):
                c.ask(stream, h2.request(b'POST'), flags=0)
            for _ in range(60):
                if not all(c.send(h2.frame(h2.DATA, 0, stream, b'x' * 16000))
                           for stream in range(1, 200, 2)):
                    break
                memory.look()
        assert metric(d, 'webd_connections_ended_total{why="memory"}') == 1


def test_names_repeated_are_not_unfolded():
    # few enough and small enough, and yet out of all proportion
    with webd() as d, h2.H2(d.port) as c:
        c.ask(1, h2.request(extra=h2.literal(b'a', b'x' * 3000, indexed=True)))
        assert c.until(h2.DATA, 1) is not None
        c.ask(3, h2.request(extra=b'\xbe'))
        assert c.until(h2.DATA, 3) is not None
        c.ask(5, h2.request(extra=b'\xbe' * 10))
        assert c.goaway() == h2.CALM


def both_at_once(d, attack, data):
    """What somebody else is told of an upload that is half here when the attack comes."""
    body = bytes(65 + i % 26 for i in range(1900))
    head = b'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1900\r\n' \
        b'X-Long: ' + b'p' * 1500 + b'\r\n\r\n'
    with h2.H2(d.port) as c, d.http.open() as other:
        assert c.until(h2.SETTINGS) is not None
        other.sendall(head + body[:1500])
        for _ in range(2):  # its one thread has read what came before
            assert d.http.get('/').status == 200
        d.signal(signal.SIGSTOP)
        c.send(attack + data)
        other.sendall(body[1500:])
        d.signal(signal.SIGCONT)
        other.settimeout(15)
        got = b''.join(iter(lambda: other.recv(65536), b''))
    return got.partition(b'\r\n\r\n')[2] == body


def test_a_body_that_is_dropped_is_nobody_elses():
    # the flood ends the connection; no stream takes the frames that come behind it
    pings = h2.frame(h2.PING, 0, 0, b'12345678') * 1100
    with webd('webd.threads=1', 'webd.max_body=2000') as d:
        for data in (h2.frame(h2.DATA, 0, 1, b'x'), h2.frame(h2.DATA, 0, 1, b'x' * 4096)):
            for _ in range(3):
                assert both_at_once(d, pings, data)
                assert both_at_once(d, b'', data)
        assert metric(d, 'webd_connections_ended_total{why="flood"}') == 6


def test_unknown_frames_are_ignored_in_silence():
    with webd() as d, h2.H2(d.port) as c:
        c.send(h2.frame(0x77) * 5000)
        c.ask(1)
        assert c.until(h2.DATA, 1) is not None
        with open(f'{d.folder.state}/log/webd.log', encoding='utf-8') as f:
            assert 'skipping' not in f.read()


class Deaf:
    """A client that sends without end and never reads."""

    def __init__(self, d, what, first=b''):
        self.s = socket.socket()
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self.s.settimeout(5)
        self.s.connect(('127.0.0.1', d.port))
        self.s.sendall(h2.PREFACE + h2.frame(h2.SETTINGS) + first)
        self.s.setblocking(False)
        self.what, self.at, self.gone = what, 0, False

    def push(self):
        """As much as it takes now."""
        try:
            for _ in range(20):
                self.at += self.s.send(memoryview(self.what)[self.at % len(self.what):])
        except BlockingIOError:
            pass
        except OSError:
            self.gone = True
        return self.gone


def flood(d, what, first=b'', seconds=10, count=60):
    """Until the server has ended them all."""
    memory, began = Memory(d), time.monotonic()
    with Others(d):
        left = [Deaf(d, what, first) for _ in range(count)]
        while left:
            left = [c for c in left if not c.push()]
            memory.look()
            assert time.monotonic() - began < seconds, f'{len(left)} are left'


ASKED = h2.frame(h2.HEADERS, 5, 1, h2.request())
UNDER_WAY = h2.frame(h2.HEADERS, 4, 1, h2.request(b'POST'))
# each again and again, after the first
ANSWERED = {
    'ping': (h2.frame(h2.PING, 0, 0, b'12345678'), b''),
    'settings': (h2.frame(h2.SETTINGS), b''),
    'data after the end': (h2.frame(h2.DATA, 0, 1), ASKED),
    'windows of nothing': (h2.frame(h2.WINDOW, 0, 1, bytes(4)), ASKED),
}
EMPTY = {
    'windows': (h2.frame(h2.WINDOW, 0, 0, b'\0\0\0\1'), b''),
    'priorities': (h2.frame(h2.PRIORITY, 0, 1, b'\0\0\0\0\x10'), b''),
    'data': (h2.frame(h2.DATA, 0, 1), UNDER_WAY),
    'resets': (h2.frame(h2.RST, 0, 1, b'\0\0\0\x08'), ASKED),
    'farewells': (h2.frame(h2.GOAWAY, 0, 0, bytes(1000)), b''),
    'unknown': (h2.frame(0x77, 0, 0, b'1234567890'), b''),
    'continuations': (h2.frame(h2.CONTINUATION, 0, 1),
                      h2.frame(h2.HEADERS, 1, 1, h2.request())),
}


def test_answers_that_nobody_reads_do_not_pile_up():
    with webd() as d:
        for name, (what, first) in ANSWERED.items():
            print(name)
            flood(d, what * 2000, first)
        assert metric(d, 'webd_connections_ended_total{why="flood"}') >= 60 * len(ANSWERED)


def test_frames_that_carry_nothing_are_limited():
    with webd() as d:
        for name, (what, first) in EMPTY.items():
            print(name)
            flood(d, what * 2000, first, count=20)


def test_a_client_may_ping_for_hours():
    with webd() as d, h2.H2(d.port) as c:
        for _ in range(300):
            c.send(h2.frame(h2.PING, 0, 0, b'12345678') * 900)
            for _ in range(900):
                assert c.until(h2.PING) == b'12345678'
        c.ask(1)
        assert c.until(h2.DATA, 1) is not None


def test_hanging_up_with_requests_waiting():
    """More at once than run at once, unread, and the connection is reset. The moment that
    matters is in the middle of a write of the server's, which nobody outside can see: so
    the hang-ups are spread over the first 5 ms. Whenever they come, nothing may break."""
    asks = b''.join(h2.frame(h2.HEADERS, 5, i, h2.request(path=b'/site.css'))
                    for i in range(1, 200, 2))
    with webd() as d, Others(d):
        for wait in range(50):
            c = Deaf(d, asks, h2.frame(h2.WINDOW, 0, 0, b'\x7f\0\0\0'))
            c.s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            c.push()
            time.sleep(wait / 10000)
            c.s.close()
        flood(d, b''.join(h2.frame(h2.HEADERS, 5, i, h2.request(path=b'/site.css'))
                          for i in range(3, 20001, 2)), ASKED)


def test_streams_that_wait_do_not_fill_the_memory():
    asks = b''.join(h2.frame(h2.HEADERS, 5, i, h2.request(path=b'/site.css'))
                    for i in range(1, 200, 2))
    with webd('webd.max_buffered=4m', 'webd.min_rate_after=2s') as d:
        flood(d, h2.frame(h2.WINDOW, 0, 0, b'\0\0\0\1'),
              h2.frame(h2.SETTINGS, 0, 0, h2.setting(4, 0)) + asks, count=30)
        assert metric(d, 'webd_connections_ended_total{why="memory"}') > 0


def test_headers_that_go_on_after_the_farewell_do_not_hang_it():
    with webd('webd.drain=8s') as d:
        with h2.H2(d.port) as c:
            c.send(h2.frame(h2.HEADERS, h2.END_STREAM, 1, h2.request()))
            assert c.until(h2.SETTINGS) is not None
            d.signal(signal.SIGTERM)
            last = None
            for kind, _, _, payload in c.frames():
                if kind == h2.GOAWAY and last is None:
                    last = payload  # the first of two
                elif kind == h2.GOAWAY:
                    break
            c.send(h2.frame(h2.CONTINUATION, h2.END_HEADERS, 1, h2.literal(b'a', b'b')))
            began = time.monotonic()
            assert d.wait_end() == 0
            assert time.monotonic() - began < 6
