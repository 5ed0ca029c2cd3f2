"""HTTP as a client speaks it: plain requests, and bytes by hand."""

import http.client
import json
import socket
import ssl


class Response:
    def __init__(self, raw):
        self.status, self.reason = raw.status, raw.reason
        self.headers = raw.headers
        self.body = raw.read()

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def trace(self):
        return self.headers.get('X-Request-Id')

    def __repr__(self):
        return f'<{self.status} {self.reason}, {len(self.body)} bytes: {self.body[:200]!r}>'


def insecure():
    """A TLS context that takes any certificate, for a site that made its own."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Http:
    """Requests to one address. A connection per request, unless keep() is used."""

    def __init__(self, port, address='127.0.0.1', tls=False, host='www.foobar.com',
                 seconds=10):
        self.port, self.address, self.tls = port, address, tls
        self.host, self.seconds = host, seconds

    def connection(self):
        if self.tls:
            return http.client.HTTPSConnection(self.address, self.port,
                                               timeout=self.seconds, context=insecure())
        return http.client.HTTPConnection(self.address, self.port, timeout=self.seconds)

    def request(self, method, path, body=None, headers=None, on=None):
        c = on or self.connection()
        try:
            c.request(method, path, body=body, headers={'Host': self.host, **(headers or {})})
            return Response(c.getresponse())
        finally:
            if on is None:
                c.close()

    def get(self, path, headers=None, on=None):
        return self.request('GET', path, None, headers, on)

    def post(self, path, body=b'', headers=None, on=None):
        return self.request('POST', path, body, headers, on)

    def open(self):
        """A connected socket, for bytes by hand."""
        s = socket.create_connection((self.address, self.port), timeout=self.seconds)
        return insecure().wrap_socket(s, server_hostname=self.host) if self.tls else s

    def raw(self, request, shut=False):
        """Sends the bytes and gives all that comes until the server closes."""
        with self.open() as s:
            s.sendall(request)
            if shut:
                s.shutdown(socket.SHUT_WR)
            return read_all(s)


def read_all(s):
    parts = []
    try:
        while part := s.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b''.join(parts)
