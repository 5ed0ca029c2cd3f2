"""webd replaced under every kind of client: new connections, kept ones, thinking ones, TLS
with HTTP/2 streams, slow ones. Nobody loses a request."""

import random
import time
from functools import partial

import web_frames as h2
from lib import World
from lib.http import insecure
from lib.lived import Crowd

SECONDS = 120


class Lost(Exception):
    pass


def full(answer):
    head, _, body = answer.partition(b'\r\n\r\n')
    length = [x for x in head.lower().split(b'\r\n') if x.startswith(b'content-length:')]
    return bool(length) and len(body) == int(length[0][15:])


def read_answer(s):
    answer = b''
    while not full(answer):
        part = s.recv(65536)
        if not part:
            raise Lost(f'closed after {len(answer)} bytes')
        answer += part
    if not answer.startswith(b'HTTP/1.1 200 '):
        raise Lost(answer[:60])
    return answer


GET = b'GET / HTTP/1.1\r\nHost: www.foobar.com\r\n\r\n'


def fresh(w, _):
    with w.http.open() as s:
        s.sendall(GET)
        read_answer(s)


def kept(w, state, pause=0.0):
    """Asks on one connection until it is told that this was the last time."""
    s = state.pop('s', None) or w.http.open()
    s.sendall(GET)
    if b'\r\nConnection: close' in read_answer(s):
        s.close()
    else:
        state['s'] = s
    time.sleep(pause)


def thinking(w, state):
    kept(w, state, random.uniform(0.1, 0.6))


def slow(w, _):
    with w.http.open() as s:
        for i in range(0, len(GET), 8):
            s.sendall(GET[i:i + 8])
            time.sleep(0.15)
        read_answer(s)


def streams(w, state):
    """One stream after another on a TLS connection; after GOAWAY on the next one."""
    c = state.pop('c', None)
    if c is None:
        tls = insecure()
        tls.set_alpn_protocols(['h2'])
        c = h2.H2(w.https_port, tls=tls)
        c.next, c.last = 1, None
        c.send(h2.frame(h2.WINDOW, 0, 0, (1 << 30).to_bytes(4, 'big')))
    stream, c.next = c.next, c.next + 2
    c.ask(stream, h2.request(path=b'/', authority=b'www.foobar.com'))
    status = None
    for kind, flags, on, payload in c.frames():
        if kind == h2.GOAWAY:
            c.last = int.from_bytes(payload[:4], 'big') & 0x7fffffff
            if stream > c.last:  # said not to have been looked at: not lost
                c.s.close()
                return streams(w, state)
        elif on == stream and kind == h2.RST:
            raise Lost('reset')
        elif on == stream and kind == h2.HEADERS:
            status = payload[0]
        if on == stream and kind in (h2.HEADERS, h2.DATA) and flags & h2.END_STREAM:
            break
    else:
        raise Lost(f'closed with stream {stream} open, GOAWAY {c.last}')
    if status != 0x88:
        raise Lost(f'status {status:x}')
    if c.last is None:
        state['c'] = c
    else:
        c.s.close()
    return None


class Clients(Crowd):
    def __init__(self, w):
        self.w = w
        self.done, self.failed = {}, []
        super().__init__([partial(self.run, ask, i) for ask, n in
                          ((fresh, 2), (kept, 2), (thinking, 4), (slow, 4), (streams, 3))
                          for i in range(n)])

    def run(self, ask, number):
        state, name = {}, f'{ask.__name__}.{number}'
        while not self.ending.is_set():
            try:
                ask(self.w, state)
                self.done[name] = self.done.get(name, 0) + 1
            except (Lost, OSError) as e:
                self.failed.append(f'{name}: {e!r}')
                state.clear()
            time.sleep(0.005)


def rolls(times):
    with World(instances={'webd': 2}) as w, Clients(w) as clients:
        for _ in range(times):
            w.onebox('roll', 'webd')
    print(clients.done)
    assert clients.failed == [], clients.failed[:5]
    assert len(clients.done) == len(clients.threads), clients.done


def test_three_rolls_lose_nothing():
    rolls(3)


def long_twenty_rolls_lose_nothing():
    rolls(20)
