"""HTTP/1.1 as RFC 9112 wants it, on the wire: what could be read in two ways is refused and
the connection ends; what is right is answered, in whatever pieces it comes."""

import re
import socket

from lib.daemon import Daemon

GET = b'GET / HTTP/1.1\r\nHost: a\r\n'
POST = b'POST / HTTP/1.1\r\nHost: a\r\n'
CHUNKED = POST + b'Transfer-Encoding: chunked\r\n\r\n'
SECOND = GET + b'\r\n'
LAST = b'0\r\n\r\n'


def both(length, coding=b'chunked', body=LAST + SECOND):
    return POST + b'Content-Length: ' + length + b'\r\nTransfer-Encoding: ' + coding + \
        b'\r\n\r\n' + body


# what is sent, the status of the only answer; the connection is closed after it
REFUSED = [
    (GET + b'X: a\r\n b\r\n\r\n', 400),
    (b'GET / HTTP/1.1\r\n \r\nHost: a\r\n\r\n', 400),
    (b'GET  / HTTP/1.1\r\nHost: a\r\n\r\n', 400),
    (b'GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n', 400),
    (b'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n', 400),
    (b'GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n', 400),
    (b'GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n', 400),
    (b'GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n', 400),
    (b'GET * HTTP/1.1\r\nHost: a\r\n\r\n', 400),
    (b'GET / HTTP/1\r\nHost: a\r\n\r\n', 400),
    (b'GET / HTTP/ 1.1\r\nHost: a\r\n\r\n', 400),
    (b'GET / HTTP/01.01\r\nHost: a\r\n\r\n', 400),
    (b'GET / http/1.1\r\nHost: a\r\n\r\n', 400),
    (b'GET / HTTP/9.9\r\nHost: a\r\n\r\n', 505),
    (b'GET / HTTP/1.1\rHost: a\r\n\r\n', 400),
    (b'GET / HTTP/1.1\nHost: a\r\n\r\n', 400),
    (b'A' * 100000 + b' / HTTP/1.1\r\nHost: a\r\n\r\n', 400),
    (b'GET /' + b'a' * 100000 + b' HTTP/1.1\r\nHost: a\r\n\r\n', 414),
    (GET + b'X: ' + b'a' * 100000 + b'\r\n\r\n', 431),
    (GET + b'X: a\r\n' * 1000 + b'\r\n', 431),
    (GET + b'Expect: a miracle\r\n\r\n', 417),
    (b'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n', 501),
    (POST + b'Content-Length: 5\r\nContent-Length: 10\r\n\r\nhelloworld', 400),
    (POST + b'Content-Length: 4, 4\r\n\r\nPING' + SECOND, 400),
    (POST + b'Content-Length : 4\r\n\r\nPING', 400),
    (POST + b'Content-Length: -0\r\n\r\n', 400),
    (POST + b'Content-Length: 1_0\r\n\r\n0123456789', 400),
    (both(b'6'), 400),
    (both(b'+6'), 400),
    (both(b'6x'), 400),
    (both(b'6', b'Chunked'), 400),
    (both(b'6', b', chunked'), 400),
    (both(b'6', b'chunked,'), 400),
    (both(b'6', b'\r\n chunked'), 400),
    (both(b'6', b'chunked\r\nTransfer-Encoding: identity'), 400),
    (both(b'6', b'chunked, chunked'), 400),
    (both(b'6', b'chunked, gzip'), 400),
    (both(b'6', b''), 400),
    (both(b'6', b'\x0bchunked'), 400),
    (both(b'6', b'chunked\0'), 400),
    (POST + b'Transfer-Encoding: gzip\r\n\r\n' + LAST, 501),
    (POST.replace(b'1.1', b'1.0') + b'Transfer-Encoding: chunked\r\n\r\n' + LAST, 400),
    (CHUNKED + b'+5\r\nhello\r\n' + LAST + SECOND, 400),
    (CHUNKED + b'0x5\r\nhello\r\n' + LAST + SECOND, 400),
    (CHUNKED + b'5 \r\nhello\r\n' + LAST + SECOND, 400),
    (CHUNKED + b'5;\r\nhello\r\n' + LAST + SECOND, 400),
    (CHUNKED + b'5;a\rb\r\nhello\r\n' + LAST + SECOND, 400),
    (CHUNKED + b'5\rXhello\r\n' + LAST + SECOND, 400),
    (CHUNKED + b'5\nhello\r\n' + LAST + SECOND, 400),
    (CHUNKED + b'5\r\nhello\n' + LAST + SECOND, 400),
    (CHUNKED + b'5\r\nhello!!\r\n' + LAST + SECOND, 400),
    (CHUNKED + b'0\r\n\n' + SECOND, 400),
    (CHUNKED + b'\r\n\r\n' + SECOND, 400),
]

# what is sent, the statuses of the answers
RIGHT = [
    (SECOND + SECOND, [200, 200]),
    (b'\r\n' + SECOND, [200]),
    (b'GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n', [200]),
    (b'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', [204]),
    (b'OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n', [204]),
    (b'DELETE / HTTP/1.1\r\nHost: a\r\n\r\n', [405]),
    (b'get / HTTP/1.1\r\nHost: a\r\n\r\n', [405]),
    (b'GET /?' + b'a' * 7900 + b' HTTP/1.1\r\nHost: a\r\n\r\n', [200]),
    (GET + b'Empty:\r\nTab:\ta\t\r\n\r\n', [200]),
    (GET + b'Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n', [200]),
    (GET + b'Content-Length: 5\r\n\r\nhello' + SECOND, [200, 200]),
    (POST + b'Content-Length: 0\r\n\r\n' + SECOND, [200, 200]),
    (POST + b'Content-Length: 010\r\n\r\n0123456789' + SECOND, [200, 200]),
    (POST + b'Expect: 100-continue\r\nContent-Length: 1\r\n\r\nx' + SECOND, [200, 200]),
    (CHUNKED + b'5;a=b;c="d"\r\nhello\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n' + SECOND,
     [200, 200]),
    (CHUNKED + LAST + b'\0\r\n\r\n', [200, 400]),
]


def webd():
    return Daemon('webd', ['http'], sets=['webd.echo=yes', 'webd.wait=0s', 'webd.threads=1'])


def statuses(d, sent, count, piece=None):
    """Of so many answers, 100 aside, or (None) of all until the server closes."""
    got = b''
    with socket.create_connection(('127.0.0.1', d.port), timeout=5) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for i in range(0, len(sent), piece or len(sent)):
                s.sendall(sent[i:i + (piece or len(sent))])
        except (BrokenPipeError, ConnectionResetError):
            pass
        while count is None or len(re.findall(rb'HTTP/1\.1 [2-5]\d\d ', got)) < count:
            part = s.recv(65536)
            if not part:
                break
            got += part
    return [int(x) for x in re.findall(rb'HTTP/1\.1 ([2-5]\d\d) ', got)]


def check(d, piece):
    wrong = []
    for sent, status in REFUSED:
        if piece is None or len(sent) < 1000:
            got = statuses(d, sent, None, piece)
            if got != [status]:
                wrong.append(f'{sent[:90]}: {got}, not {status}')
    for sent, wanted in RIGHT:
        if piece is None or len(sent) < 1000:
            got = statuses(d, sent, len(wanted), piece)
            if got != wanted:
                wrong.append(f'{sent[:90]}: {got}, not {wanted}')
    assert not wrong, '\n'.join(wrong)
    assert d.http.get('/').status == 200


def test_every_case_at_once():
    with webd() as d:
        check(d, None)


def test_every_case_byte_by_byte():
    with webd() as d:
        check(d, 1)


def test_who_closes_when():
    one, closing = b'GET / HTTP/1.1\r\nHost: a\r\n', b'Connection: close\r\n'
    old = one.replace(b'1.1', b'1.0')
    with webd() as d:
        for head, kept in ((one, True), (one + b'Connection: TE, X\r\n', True),
                           (one + b'Connection:\r\n', True), (one + closing, False),
                           (one + b'Connection: keep-alive, Close\r\n', False),
                           (one + closing + b'Connection: keep-alive\r\n', False),
                           (one + b'Connection: keep-alive\r\n' + closing, False),
                           (old, False), (old + b'Connection: Keep-Alive\r\n', True),
                           (old + b'Connection: TE\r\n', False),
                           (old + b'Connection: keep-alive, close\r\n', False)):
            got = statuses(d, head + b'\r\n' + one + closing + b'\r\n', None)
            assert got == [200] * (2 if kept else 1), (head, got)


def test_nothing_is_said_before_the_request_is_whole():
    request = b'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
    with webd() as d:
        open_ones = []
        for n in range(1, len(request)):
            s = socket.create_connection(('127.0.0.1', d.port), timeout=5)
            s.sendall(request[:n])
            open_ones.append((n, s))
        assert d.http.get('/').status == 200  # a turn of the loop later
        for n, s in open_ones:
            s.setblocking(False)
            try:
                raise AssertionError(f'after {n} bytes: {s.recv(1000)}')
            except BlockingIOError:
                pass
            s.setblocking(True)
            s.sendall(request[n:])
            assert s.recv(1000).startswith(b'HTTP/1.1 200 '), n
            s.close()
