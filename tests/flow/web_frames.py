"""HTTP/2 by hand, for what no proper client would send. Not a test: others import it."""

import socket
import struct

PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
DATA, HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
END_STREAM, END_HEADERS, ACK = 1, 4, 1
CALM = 11


def frame(kind, flags=0, stream=0, payload=b''):
    return struct.pack('>I', len(payload))[1:] + bytes([kind, flags]) + \
        struct.pack('>I', stream) + payload


def integer(value, prefix, first=0):
    limit = (1 << prefix) - 1
    if value < limit:
        return bytes([first | value])
    out, value = [first | limit], value - limit
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + [value])


def literal(name, value, indexed=False):
    return (b'\x40' if indexed else b'\x00') + integer(len(name), 7) + name + \
        integer(len(value), 7) + value


def request(method=b'GET', path=b'/', authority=b'www.foobar.com', extra=b''):
    return literal(b':method', method) + literal(b':scheme', b'http') + \
        literal(b':path', path) + literal(b':authority', authority) + extra


class H2:
    """A connection, with prior knowledge or (tls: an ssl.SSLContext) over TLS."""

    def __init__(self, port, settings=b'', seconds=15, tls=None):
        self.s = socket.create_connection(('127.0.0.1', port), timeout=seconds)
        if tls:
            self.s = tls.wrap_socket(self.s, server_hostname='www.foobar.com')
        self.buffer = b''
        self.send(PREFACE + frame(SETTINGS, 0, 0, settings))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.s.close()

    def send(self, data):
        """False once the server has closed."""
        try:
            self.s.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def ask(self, stream, block=None, flags=END_STREAM):
        return self.send(frame(HEADERS, flags | END_HEADERS, stream, block or request()))

    def frames(self):
        """(kind, flags, stream, payload) until the server closes."""
        while True:
            while len(self.buffer) < 9:
                if not self._more():
                    return
            n = int.from_bytes(self.buffer[:3], 'big')
            while len(self.buffer) < 9 + n:
                if not self._more():
                    return
            head, payload = self.buffer[:9], self.buffer[9:9 + n]
            self.buffer = self.buffer[9 + n:]
            yield head[3], head[4], int.from_bytes(head[5:9], 'big') & 0x7fffffff, payload

    def _more(self):
        try:
            part = self.s.recv(65536)
        except ConnectionResetError:
            return False
        self.buffer += part
        return bool(part)

    def until(self, kind, stream=None):
        """The payload of the next such frame; None if the server closes before."""
        for got, _, on, payload in self.frames():
            if got == kind and stream in (None, on):
                return payload
        return None

    def goaway(self):
        """The error code of the GOAWAY that comes; None without one."""
        payload = self.until(GOAWAY)
        return None if payload is None else int.from_bytes(payload[4:8], 'big')


def setting(number, value):
    return struct.pack('>HI', number, value)
