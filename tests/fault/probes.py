"""Probes: clients of every kind that ask at a steady pace, each in processes of its own, and
remember each answer.

    with Probes(w, ['http_new', 'dns_udp']) as probes:
        kill(...)
    assert not probes.failed(), probes.report()

A probe's pace is kept by several lanes, so that one slow answer does not hide the others.
An outcome is `ok`, `moved` (what the protocol lets a client repeat without risk: a
connection that the server closed by its own rules) or a sentence that says what failed."""

import http.client
import multiprocessing
import os
import queue
import signal
import socket
import struct
import threading
import time

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions

from lib.http import insecure

LANES, SECONDS = 4, 10


class Failed(Exception):
    """What a client saw that it should not have."""


class Moved(Exception):
    """The server ended a connection by the rules; asking again is safe."""


# ---- the kinds: made once per lane, then called for each question ----

class HttpNew:
    """A connection for each request."""

    def __init__(self, w, path='/'):
        self.port, self.path = w.http_port, path

    def ask(self):
        c = http.client.HTTPConnection('127.0.0.1', self.port, timeout=SECONDS)
        try:
            c.request('GET', self.path, headers={'Host': 'www.foobar.com',
                                                 'Connection': 'close'})
            r = c.getresponse()
            r.read()
        finally:
            c.close()
        if r.status != 200:
            raise Failed(f'status {r.status}')


class HttpKept:
    """One connection, kept as long as the server does."""

    def __init__(self, w, path='/'):
        self.port, self.path, self.c = w.http_port, path, None

    def ask(self):
        if self.c is None:
            self.c = http.client.HTTPConnection('127.0.0.1', self.port, timeout=SECONDS)
        try:
            self.c.request('GET', self.path, headers={'Host': 'www.foobar.com'})
            r = self.c.getresponse()
            r.read()
        except BaseException:
            self.end()
            raise
        if r.getheader('Connection', '').lower() == 'close':
            self.end()
        if r.status != 200:
            raise Failed(f'status {r.status}')

    def end(self):
        if self.c is not None:
            self.c.close()
            self.c = None


GOAWAY = 7


class Http2:
    """One TLS connection with HTTP/2, a stream for each request, until GOAWAY.

    GOAWAY is read here and not by the h2 library, which takes it for the end of the
    connection and would refuse the answers that still come."""

    def __init__(self, w, path='/'):
        self.port, self.path, self.s = w.https_port, path, None
        self.context = insecure()
        self.context.set_alpn_protocols(['h2'])

    def open(self):
        s = socket.create_connection(('127.0.0.1', self.port), timeout=SECONDS)
        self.s = self.context.wrap_socket(s, server_hostname='www.foobar.com')
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding='ascii'))
        self.got, self.going = b'', False
        self.h2.initiate_connection()
        self.s.sendall(self.h2.data_to_send())

    def end(self):
        if self.s is not None:
            self.s.close()
            self.s = None

    def ask(self):
        if self.s is None:
            self.open()
        try:
            status = self.one()
        except BaseException:
            self.end()
            raise
        if self.going:
            self.end()
        if status != 200:
            raise Failed(f'status {status}')

    def one(self):
        self.stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(self.stream, [(':method', 'GET'), (':path', self.path),
                                           (':scheme', 'https'),
                                           (':authority', 'www.foobar.com')], end_stream=True)
        status = None
        try:
            self.s.sendall(self.h2.data_to_send())
            while True:
                for event in self.frame():
                    if isinstance(event, h2.events.ResponseReceived):
                        status = int(dict(event.headers)[':status'])
                    elif isinstance(event, h2.events.DataReceived):
                        self.h2.acknowledge_received_data(event.flow_controlled_length,
                                                          event.stream_id)
                    elif isinstance(event, h2.events.StreamReset):
                        if event.error_code == h2.errors.ErrorCodes.REFUSED_STREAM:
                            raise Moved('REFUSED_STREAM')
                        raise Failed(f'RST_STREAM {event.error_code}')
                    elif isinstance(event, h2.events.StreamEnded):
                        return status
                self.s.sendall(self.h2.data_to_send())
        except (OSError, EOFError) as e:
            if self.going and status is None:
                raise Moved('closed after GOAWAY') from e
            raise Failed(f'the connection ended: {e}') from e

    def frame(self):
        """Reads one frame; what it means."""
        while len(self.got) < 9 or len(self.got) < 9 + int.from_bytes(self.got[:3], 'big'):
            part = self.s.recv(65536)
            if not part:
                raise EOFError('in the midst of an answer')
            self.got += part
        size = 9 + int.from_bytes(self.got[:3], 'big')
        frame, self.got = self.got[:size], self.got[size:]
        if frame[3] != GOAWAY:
            return self.h2.receive_data(frame)
        last, error = struct.unpack('>II', frame[9:17])
        if error != 0:
            raise Failed(f'GOAWAY {error}')
        if last & 0x7fffffff < self.stream:
            raise Moved('not taken on, says GOAWAY')
        self.going = True
        return []


QUESTION = (b'\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00'
            b'\x03www\x06foobar\x03com\x00\x00\x01\x00\x01')


def check_dns(answer, number):
    if len(answer) < 12 or answer[:2] != number:
        raise Failed('an answer to another question')
    if answer[3] & 15 != 0 or answer[6:8] != b'\0\1':
        raise Failed(f'rcode {answer[3] & 15}, {answer[7]} answers')


class DnsUdp:
    """A socket for each question; an answer within a second."""

    def __init__(self, w):
        self.port = w.dns_port

    def ask(self):
        number = os.urandom(2)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(1)
            s.connect(('127.0.0.1', self.port))
            s.send(number + QUESTION)
            check_dns(s.recv(4096), number)


class DnsTcp:
    """A connection for each question."""

    def __init__(self, w):
        self.port = w.dns_port

    def ask(self):
        number = os.urandom(2)
        with socket.create_connection(('127.0.0.1', self.port), timeout=SECONDS) as s:
            s.sendall(struct.pack('>H', len(QUESTION) + 2) + number + QUESTION)
            got = b''
            while len(got) < 2 or len(got) < 2 + struct.unpack('>H', got[:2])[0]:
                part = s.recv(4096)
                if not part:
                    raise Failed('the connection ended in the midst of an answer')
                got += part
        check_dns(got[2:], number)


KINDS = {'http_new': HttpNew, 'http_kept': HttpKept, 'http2': Http2, 'dns_udp': DnsUdp,
         'dns_tcp': DnsTcp}


# ---- asking without pause ----

def lane(client, pace, ending, results):
    due = time.monotonic()
    while not (results and ending.is_set()):
        began = time.monotonic()
        try:
            client.ask()
            outcome = 'ok'
        except Moved as e:
            outcome = 'moved'
            del e
        except Failed as e:
            outcome = str(e)
        except (OSError, http.client.HTTPException, h2.exceptions.H2Error) as e:
            outcome = f'{type(e).__name__}: {e}'
        results.append((began, outcome, time.monotonic() - began))
        due += pace
        time.sleep(max(0, due - time.monotonic()))


def work(kind, make, rate, ending, channel):
    """In a process of its own: LANES threads of one kind."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    results = []
    lanes = [threading.Thread(target=lane, args=(make(), LANES / rate, ending, results))
             for _ in range(LANES)]
    for t in lanes:
        t.start()
    for t in lanes:
        t.join()
    channel.put((kind, results))


class Probes:
    """rate: questions a second of each kind; extra: {name: function that makes a client}."""

    def __init__(self, w, kinds=tuple(KINDS), rate=100, extra=None):
        makers = {k: (lambda k=k: KINDS[k](w)) for k in kinds} | (extra or {})
        fork = multiprocessing.get_context('fork')
        self.ending, self.channel = fork.Event(), fork.Queue()
        self.processes = [fork.Process(target=work, daemon=True,
                                       args=(k, make, rate, self.ending, self.channel))
                          for k, make in makers.items()]
        self.results = {k: [] for k in makers}
        self.marks = []

    def __enter__(self):
        self.began = time.monotonic()
        for p in self.processes:
            p.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        try:
            for _ in self.processes:
                kind, results = self.channel.get(timeout=SECONDS + 10)
                self.results[kind] = sorted(results)
        except queue.Empty:
            pass
        for p in self.processes:
            p.join(2)
            if p.is_alive():
                p.kill()

    def mark(self, what):
        """Remembers that something was done now, for the report."""
        self.marks.append((time.monotonic(), what))

    def asked(self):
        return sum(len(r) for r in self.results.values())

    def failed(self, but=lambda kind, when, outcome: False):
        """[(seconds since the start, kind, what)]; `but` says which are allowed."""
        return [(round(when - self.began, 3), kind, outcome)
                for kind, results in self.results.items() for when, outcome, _ in results
                if outcome not in ('ok', 'moved') and not but(kind, when, outcome)]

    def worst(self, kind=None):
        """The longest answer in seconds."""
        return max((took for k, results in self.results.items() if kind in (None, k)
                    for _, _, took in results), default=0)

    def report(self):
        lines = []
        for kind, results in self.results.items():
            took = sorted(t for _, _, t in results) or [0]
            bad = [o for _, o, _ in results if o not in ('ok', 'moved')]
            moved = sum(o == 'moved' for _, o, _ in results)
            lines.append(f'{kind}: {len(results)} asked, {len(bad)} failed, {moved} moved, '
                         f'median {took[len(took) // 2] * 1000:.1f} ms, '
                         f'worst {took[-1] * 1000:.0f} ms')
        lines += [f'  {when:.3f} {kind}: {what}' for when, kind, what in self.failed()[:20]]
        lines += [f'  {when - self.began:.3f} -- {what}' for when, what in self.marks]
        return '\n'.join(lines)
