"""HTTP/2 as RFC 9113 wants it: what must be an error of the connection, of the stream, or
none. One row of a table is one connection."""

import struct

import web_frames as h2
from web_frames import frame, literal, request
from lib.daemon import Daemon
from lib.proc import pss_kib

PROTOCOL, FLOW, SETTINGS_TIMEOUT, CLOSED, SIZE, REFUSED, CANCEL, COMPRESSION = 1, 3, 4, 5, 6, 7, 8, 9
OK = 'answered'
POST = request(b'POST')


def fields(**changes):
    """A request whose pseudo-headers are changed; None leaves one out."""
    values = {'method': b'GET', 'scheme': b'http', 'path': b'/', 'authority': b'a'} | changes
    return b''.join(literal(b':' + k.encode(), v) for k, v in values.items() if v is not None)


def get(stream=1, block=None, flags=5):
    return frame(h2.HEADERS, flags, stream, block or request())


def conn(*codes):
    return ('connection', codes)


def stream(*codes):
    return ('stream', codes)


# name, what is sent after the preface, what must happen
CASES = [
    ('a request', get(), OK),
    ('a request in pieces', frame(h2.HEADERS, 1, 1, request()[:9]) +
     frame(h2.CONTINUATION, 0, 1, request()[9:20]) +
     frame(h2.CONTINUATION, 4, 1, request()[20:]), OK),
    ('padding', frame(h2.HEADERS, 0xd, 1, b'\3' + request() + b'\0\0\0'), OK),
    ('priority', frame(h2.HEADERS, 0x25, 1, b'\0\0\0\0\x10' + request()), OK),
    ('an unknown frame', frame(0xee, 0xff, 0, b'x') + get(), OK),
    ('an unknown setting', frame(h2.SETTINGS, 0, 0, h2.setting(0xabc, 5)) + get(), OK),
    ('an unknown flag', get(flags=0x95), OK),
    ('a reserved bit', frame(h2.HEADERS, 5, 0x80000001, request()), OK),
    ('ping', frame(h2.PING, 0, 0, b'12345678') + get(), OK),
    ('priority of an idle stream', frame(h2.PRIORITY, 0, 9, b'\0\0\0\0\1') + get(), OK),
    ('goaway', frame(h2.GOAWAY, 0, 0, bytes(8)) + get(), OK),
    ('a body', frame(h2.HEADERS, 4, 1, POST) + frame(h2.DATA, 1, 1, b'x'), OK),
    ('a padded body', frame(h2.HEADERS, 4, 1, POST) + frame(h2.DATA, 9, 1, b'\2x\0\0'), OK),
    ('a body with its length', frame(h2.HEADERS, 4, 1, request(
        b'POST', extra=literal(b'content-length', b'1'))) + frame(h2.DATA, 1, 1, b'x'), OK),
    ('trailers', frame(h2.HEADERS, 4, 1, POST) + frame(h2.DATA, 0, 1, b'x') +
     frame(h2.HEADERS, 5, 1, literal(b'x', b'y')), OK),
    ('te: trailers', get(block=request(extra=literal(b'te', b'trailers'))), OK),
    ('options *', get(block=fields(method=b'OPTIONS', path=b'*')), OK),

    # 4.2, 4.3: sizes and header blocks
    ('a frame too large', frame(h2.DATA, 0, 1, bytes(16385)), conn(SIZE)),
    ('headers too large', frame(h2.HEADERS, 5, 1, bytes(16385)), conn(SIZE)),
    ('a bad index', get(block=b'\xff\xff\x03'), conn(COMPRESSION)),
    ('index zero', get(block=b'\x80'), conn(COMPRESSION)),
    ('a table size above the setting', get(block=b'\x3f\xff\x3f' + request()),
     conn(COMPRESSION)),
    ('a string cut short', get(block=b'\x00\x05ab'), conn(COMPRESSION)),
    ('a bad huffman code', get(block=b'\x00\x01a\x84\xff\xff\xff\xff'), conn(COMPRESSION)),
    ('another frame in a block', frame(h2.HEADERS, 1, 1, request()[:9]) +
     frame(h2.PING, 0, 0, bytes(8)), conn(PROTOCOL)),
    ('an unknown frame in a block', frame(h2.HEADERS, 1, 1, request()[:9]) + frame(0xee),
     conn(PROTOCOL)),
    ('another stream in a block', frame(h2.HEADERS, 1, 1, request()[:9]) +
     frame(h2.CONTINUATION, 4, 3, request()[9:]), conn(PROTOCOL)),
    ('continuation of nothing', frame(h2.CONTINUATION, 4, 1, request()), conn(PROTOCOL)),

    # 5.1: states and numbers of streams
    ('data on an idle stream', frame(h2.DATA, 1, 1, b'x'), conn(PROTOCOL)),
    ('reset of an idle stream', frame(h2.RST, 0, 1, bytes(4)), conn(PROTOCOL)),
    ('window of an idle stream', frame(h2.WINDOW, 0, 1, b'\0\0\0\1'), conn(PROTOCOL)),
    ('an even stream', get(2), conn(PROTOCOL)),
    ('a lower stream', get(5) + get(3), conn(PROTOCOL, CLOSED)),
    ('headers on a closed stream', get() + get(), conn(CLOSED, PROTOCOL)),
    ('data on a closed stream', get() + frame(h2.DATA, 1, 1, b'x'), stream(CLOSED)),
    ('too many streams', b''.join(frame(h2.HEADERS, 4, i, POST) for i in range(1, 205, 2)),
     stream(REFUSED, PROTOCOL)),
    ('a stream on itself', frame(h2.HEADERS, 0x25, 1, b'\0\0\0\1\x10' + request()),
     stream(PROTOCOL)),
    ('priority on itself', frame(h2.PRIORITY, 0, 1, b'\0\0\0\1\x10'), stream(PROTOCOL)),

    # 6: each frame
    ('data on stream 0', frame(h2.DATA, 1, 0, b'x'), conn(PROTOCOL)),
    ('data with too much padding', frame(h2.HEADERS, 4, 1, POST) +
     frame(h2.DATA, 9, 1, b'\x05x'), conn(PROTOCOL)),
    ('headers on stream 0', get(0), conn(PROTOCOL)),
    ('headers with too much padding', frame(h2.HEADERS, 0xd, 1, b'\xff' + request()),
     conn(PROTOCOL)),
    ('priority on stream 0', frame(h2.PRIORITY, 0, 0, bytes(5)), conn(PROTOCOL)),
    ('a short priority', frame(h2.PRIORITY, 0, 1, bytes(4)), stream(SIZE)),
    ('reset on stream 0', frame(h2.RST, 0, 0, bytes(4)), conn(PROTOCOL)),
    ('a short reset', frame(h2.HEADERS, 4, 1, POST) + frame(h2.RST, 0, 1, bytes(3)),
     conn(SIZE)),
    ('settings on a stream', frame(h2.SETTINGS, 0, 1), conn(PROTOCOL)),
    ('settings of odd size', frame(h2.SETTINGS, 0, 0, bytes(5)), conn(SIZE)),
    ('acknowledged settings with content', frame(h2.SETTINGS, 1, 0, bytes(6)), conn(SIZE)),
    ('push neither on nor off', frame(h2.SETTINGS, 0, 0, h2.setting(2, 2)), conn(PROTOCOL)),
    ('a window beyond 2^31', frame(h2.SETTINGS, 0, 0, h2.setting(4, 1 << 31)), conn(FLOW)),
    ('frames below 16384', frame(h2.SETTINGS, 0, 0, h2.setting(5, 16383)), conn(PROTOCOL)),
    ('frames above 2^24', frame(h2.SETTINGS, 0, 0, h2.setting(5, 1 << 24)), conn(PROTOCOL)),
    ('push promise', frame(h2.PUSH, 4, 1, b'\0\0\0\2' + request()), conn(PROTOCOL)),
    ('ping on a stream', frame(h2.PING, 0, 1, bytes(8)), conn(PROTOCOL)),
    ('a short ping', frame(h2.PING, 0, 0, bytes(6)), conn(SIZE)),
    ('goaway on a stream', frame(h2.GOAWAY, 0, 1, bytes(8)), conn(PROTOCOL)),
    ('a short window update', frame(h2.WINDOW, 0, 0, bytes(3)), conn(SIZE)),
    ('a window update of 0', frame(h2.WINDOW, 0, 0, bytes(4)), conn(PROTOCOL)),
    ('a window update of 0 on a stream', frame(h2.HEADERS, 4, 1, POST) +
     frame(h2.WINDOW, 0, 1, bytes(4)), stream(PROTOCOL)),
    ('a window above 2^31', frame(h2.WINDOW, 0, 0, struct.pack('>I', 0x7fffffff)),
     conn(FLOW)),
    ('a window of a stream above 2^31', frame(h2.HEADERS, 4, 1, POST) +
     frame(h2.WINDOW, 0, 1, struct.pack('>I', 0x7fffffff)), stream(FLOW)),

    # 8: requests
    ('upper case', get(block=request(extra=literal(b'X-y', b'z'))), stream(PROTOCOL)),
    ('upper case, packed', get(block=request(extra=b'\x00\x86\xfc\x5b\x7e\x0d\xdb\xff' +
                                             b'\x01z')), stream(PROTOCOL)),
    ('no name', get(block=request(extra=literal(b'', b'z'))), stream(PROTOCOL)),
    ('a name with a blank', get(block=request(extra=literal(b'x y', b'z'))),
     stream(PROTOCOL)),
    ('a name with a colon', get(block=request(extra=literal(b'x:y', b'z'))),
     stream(PROTOCOL)),
    ('a name beyond ASCII', get(block=request(extra=literal(b'x\xe4', b'z'))),
     stream(PROTOCOL)),
    ('a value beyond ASCII', get(block=request(extra=literal(b'x', b'\xe4'))), OK),
    ('an empty value', get(block=request(extra=literal(b'x', b''))), OK),
    ('a blank before a value', get(block=request(extra=literal(b'x', b' y'))),
     stream(PROTOCOL)),
    ('a tab after a value', get(block=request(extra=literal(b'x', b'y\t'))),
     stream(PROTOCOL)),
    ('a NUL in a value', get(block=request(extra=literal(b'x', b'y\0z'))),
     stream(PROTOCOL)),
    ('a line end in a value', get(block=request(extra=literal(b'x', b'y\r\nz: a'))),
     stream(PROTOCOL)),
    ('a line end in the scheme', get(block=fields(scheme=b'http\n')), stream(PROTOCOL)),
    ('a name with a blank in trailers', frame(h2.HEADERS, 4, 1, POST) +
     frame(h2.HEADERS, 5, 1, literal(b'x y', b'z')), conn(PROTOCOL)),
    ('no name in trailers', frame(h2.HEADERS, 4, 1, POST) +
     frame(h2.HEADERS, 5, 1, literal(b'', b'z')), conn(PROTOCOL)),
    ('keep-alive', get(block=request(extra=literal(b'keep-alive', b'x'))),
     stream(PROTOCOL)),
    ('proxy-connection', get(block=request(extra=literal(b'proxy-connection', b'x'))),
     stream(PROTOCOL)),
    ('upgrade', get(block=request(extra=literal(b'upgrade', b'x'))), stream(PROTOCOL)),
    ('host for the authority', get(block=fields(authority=None) + literal(b'host', b'a')), OK),
    ('host and authority alike', get(block=fields() + literal(b'host', b'A')), OK),
    ('host and authority in conflict', get(block=fields() + literal(b'host', b'b')),
     stream(PROTOCOL)),
    ('two hosts', get(block=fields(authority=None) + literal(b'host', b'a') +
                      literal(b'host', b'b')), stream(PROTOCOL)),
    ('a host with a slash', get(block=fields(authority=None) + literal(b'host', b'a/b')),
     stream(PROTOCOL)),
    ('an unknown pseudo-header', get(block=request(extra=literal(b':x', b'y'))),
     stream(PROTOCOL)),
    ('a pseudo-header of answers', get(block=request(extra=literal(b':status', b'200'))),
     stream(PROTOCOL)),
    ('a pseudo-header after the others', get(block=literal(b'x', b'y') + request()),
     stream(PROTOCOL)),
    ('a pseudo-header in trailers', frame(h2.HEADERS, 4, 1, POST) +
     frame(h2.HEADERS, 5, 1, literal(b':method', b'GET')), stream(PROTOCOL)),
    ('trailers without end', frame(h2.HEADERS, 4, 1, POST) +
     frame(h2.HEADERS, 4, 1, literal(b'x', b'y')), stream(PROTOCOL)),
    ('connection', get(block=request(extra=literal(b'connection', b'close'))),
     stream(PROTOCOL)),
    ('transfer-encoding', get(block=request(extra=literal(b'transfer-encoding', b'chunked'))),
     stream(PROTOCOL)),
    ('te: gzip', get(block=request(extra=literal(b'te', b'trailers, gzip'))),
     stream(PROTOCOL)),
    ('no method', get(block=fields(method=None)), stream(PROTOCOL)),
    ('no scheme', get(block=fields(scheme=None)), stream(PROTOCOL)),
    ('no path', get(block=fields(path=None)), stream(PROTOCOL)),
    ('no authority', get(block=fields(authority=None)), stream(PROTOCOL)),
    ('an empty path', get(block=fields(path=b'')), stream(PROTOCOL)),
    ('a path without /', get(block=fields(path=b'a')), stream(PROTOCOL)),
    ('a path with a blank', get(block=fields(path=b'/a b')), stream(PROTOCOL)),
    ('a path with a line end', get(block=fields(path=b'/\r\nX: y')), stream(PROTOCOL)),
    ('a method with a blank', get(block=fields(method=b'GET /')), stream(PROTOCOL)),
    ('a host with a slash', get(block=fields(authority=b'a/b')), stream(PROTOCOL)),
    ('two paths', get(block=request(extra=literal(b':path', b'/'))), stream(PROTOCOL)),
    ('get *', get(block=fields(path=b'*')), stream(PROTOCOL)),
    ('connect', get(block=fields(method=b'CONNECT', scheme=None, path=None)),
     stream(PROTOCOL)),
    ('a length that is not the body\'s', frame(h2.HEADERS, 4, 1, request(
        b'POST', extra=literal(b'content-length', b'2'))) + frame(h2.DATA, 1, 1, b'x'),
     stream(PROTOCOL)),
    ('a length without a body', get(block=request(extra=literal(b'content-length', b'2'))),
     stream(PROTOCOL)),
    ('a length that is no number', frame(h2.HEADERS, 4, 1, request(
        b'POST', extra=literal(b'content-length', b'x'))), stream(PROTOCOL)),
]


def happened(c):
    """('answered', status), ('connection', code) or ('stream', code)."""
    seen = None
    for kind, _, on, payload in c.frames():
        if kind == h2.GOAWAY and payload[4:8] != bytes(4):
            return 'connection', int.from_bytes(payload[4:8], 'big')
        if kind == h2.RST:
            return 'stream', int.from_bytes(payload, 'big')
        if kind == h2.HEADERS and on == 1 and seen is None:
            seen = 'answered', payload[0]
        if kind == h2.PING and seen is not None:
            return seen
        if kind == h2.PING:
            return 'nothing', None
    return 'closed', None


def is_right(wanted, got, sent):
    what, detail = got
    if wanted == OK:
        return what == OK and detail in (0x88, 0x89)  # 200 and 204 in the static table
    kind, codes = wanted
    # an error of a stream may be treated as one of the connection (5.4.2)
    return what == 'closed' or (what in (kind, 'connection') and (
        detail in codes or (kind == 'stream' and detail == PROTOCOL)))


def test_every_case():
    wrong = []
    with Daemon('webd', ['http'], sets=['webd.echo=yes', 'webd.wait=0s', 'webd.threads=1',
                                        'webd.canonical=as-asked']) as d:
        for name, sent, wanted in CASES:
            with h2.H2(d.port) as c:
                c.send(sent)
                c.send(frame(h2.PING, 0, 0, b'the end!'))
                got = happened(c)
                if got == ('nothing', None):  # the answer may come after the ping's
                    got = happened_late(c)
            if not is_right(wanted, got, sent):
                wrong.append(f'{name}: {got}, not {wanted}')
        assert not wrong, '\n'.join(wrong)
        assert d.http.get('/').status == 200


def happened_late(c):
    c.s.settimeout(0.5)
    try:
        return happened(c)
    except TimeoutError:
        return 'nothing', None


def test_a_wrong_preface_closes():
    with Daemon('webd', ['http'], sets=['webd.echo=yes', 'webd.wait=0s']) as d:
        answer = d.http.raw(b'PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n' + bytes(30))
        assert not answer or b'400' in answer[:20]


def test_a_body_that_is_too_large_gets_an_answer():
    part = frame(h2.DATA, 0, 1, bytes(16000))
    with Daemon('webd', ['http'], sets=['webd.echo=yes', 'webd.wait=0s', 'webd.max_body=100k',
                                        'webd.threads=1']) as d:
        before = pss_kib(d.pid)
        for length in (None, b'32000000', b'32000001'):
            extra = literal(b'content-length', length) if length else b''
            with h2.H2(d.port) as c:
                c.send(frame(h2.HEADERS, 4, 1, request(b'POST', extra=extra)))
                for _ in range(2000):
                    assert c.send(part)
                c.send(frame(h2.DATA, 1, 1))
                c.ask(3)
                seen = [(kind, payload) for kind, _, on, payload in until_data(c, 3) if on == 1]
                assert h2.RST not in [kind for kind, _ in seen], length
                assert b'413' in [p for kind, p in seen if kind == h2.HEADERS][0][:6], length
                assert b'larger than this site accepts' in b''.join(p for _, p in seen)
            assert pss_kib(d.pid) - before < 8 << 10
        assert d.http.post('/', bytes(100 << 10)).status == 200


def until_data(c, stream):
    """All frames up to the end of this stream."""
    for f in c.frames():
        yield f
        if f[0] == h2.DATA and f[1] & h2.END_STREAM and f[2] == stream:
            return
    raise AssertionError('the server closed')


def test_many_streams_are_all_answered():
    with Daemon('webd', ['http'], sets=['webd.echo=yes', 'webd.wait=0s']) as d:
        with h2.H2(d.port) as c:
            wanted = set()
            for i in range(1, 201, 2):
                body = b'%d' % i
                c.send(frame(h2.HEADERS, 4, i, POST) + frame(h2.DATA, 1, i, body))
                wanted.add((i, body))
            for kind, _, on, payload in c.frames():
                if kind == h2.DATA and payload:
                    wanted.discard((on, payload))
                if not wanted:
                    break
            assert not wanted
