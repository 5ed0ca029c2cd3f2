"""DNS over HTTPS (RFC 8484): real questions to the real name server behind the front."""

import base64
import http.client
import signal

import dns.edns
import dns.flags
import dns.message
import dns.rcode

import web_frames as h2
from lib import wait_until
from lib.daemon import Daemon
from lib.http import Http, insecure

ZONE = """$ORIGIN foobar.com.
$TTL 300
@ SOA ns1 admin 1 3600 600 604800 60
@ NS ns1
ns1 A 192.0.2.1
www A 8.8.8.8
short 7 A 192.0.2.7
long TXT "%s"
""" % ('x' * 250)
TYPE = 'application/dns-message'


class Front:
    """A name server and a front that asks it."""

    def __init__(self, sockets=('https',), sets=()):
        self.ns = Daemon('dnsd', ['dns-udp', 'dns-tcp'], zones={'foobar.com': ZONE})
        self.sockets = sockets
        self.sets = ['webd.wait=0s', *sets]

    def __enter__(self):
        self.ns.__enter__()
        try:
            self.d = Daemon('webd', list(self.sockets), folder=self.ns.folder,
                            sets=self.sets).__enter__()
        except BaseException as e:
            self.ns.__exit__(type(e), e, None)
            raise
        self.http = Http(self.d.port, tls='https' in self.sockets)
        wait_until(lambda: self.get(question()).status == 200, 10)
        return self

    def __exit__(self, *why):
        try:
            self.d.__exit__(*why)
        finally:
            self.ns.__exit__(*why)

    def get(self, q, method='GET'):
        text = base64.urlsafe_b64encode(q.to_wire()).decode().rstrip('=')
        return self.http.request(method, f'/dns-query?dns={text}', None, {'Accept': TYPE})

    def post(self, body, kind=TYPE):
        return self.http.post('/dns-query', body, {'Content-Type': kind})


def question(name='www.foobar.com', kind='A', **kw):
    q = dns.message.make_query(name, kind, **kw)
    q.id = 0
    return q


def test_a_name_is_looked_up_by_get_and_post():
    with Front() as f:
        for a in (f.get(question()), f.post(question().to_wire())):
            assert a.status == 200 and a.headers['Content-Type'] == TYPE, a
            assert a.headers['Cache-Control'] == 'max-age=300'
            m = dns.message.from_wire(a.body)
            assert m.rcode() == 0 and m.flags & dns.flags.AA and m.id == 0
            assert m.answer[0][0].to_text() == '8.8.8.8'
        a = f.get(question('short.foobar.com'))
        assert a.headers['Cache-Control'] == 'max-age=7'
        a = f.get(question('none.foobar.com'))
        assert a.status == 200 and a.headers['Cache-Control'] == 'max-age=60'
        assert dns.message.from_wire(a.body).rcode() == dns.rcode.NXDOMAIN
        head = f.get(question(), 'HEAD')
        assert head.status == 200 and head.body == b'' and int(head.headers['Content-Length']) > 30
        wait_until(lambda: [x for x in open(f'{f.d.folder.state}/log/access.log')
                            if '/dns-query' in x and 'upstream=dnsd.1' in x], 5)
        assert 'dnsd;dur=' in a.headers['Server-Timing']


def test_answers_are_padded_when_asked_and_never_cut():
    with Front() as f:
        q = question('long.foobar.com', 'TXT', use_edns=0, payload=512,
                     options=[dns.edns.GenericOption(12, b'')], pad=128)
        q.id = 0
        a = f.post(q.to_wire())
        assert a.status == 200 and len(a.body) % 468 == 0, len(a.body)
        assert not dns.message.from_wire(a.body).flags & dns.flags.TC


def test_over_http_2():
    context = insecure()
    context.set_alpn_protocols(['h2'])
    with Front() as f, h2.H2(f.d.port, tls=context) as c:
        text = base64.urlsafe_b64encode(question().to_wire()).rstrip(b'=')
        c.ask(1, h2.request(path=b'/dns-query?dns=' + text))
        answer = c.until(h2.DATA, 1)
        assert dns.message.from_wire(answer).answer[0][0].to_text() == '8.8.8.8'


def test_what_is_no_question_is_refused():
    with Front() as f:
        wire = question().to_wire()
        for path in ('/dns-query', '/dns-query?dns=', '/dns-query?dns=AAAA', '/dns-query?x=y',
                     '/dns-query?dns=' + '!' * 40, '/dns-query?dns=' + 'A' * 41):
            assert f.http.get(path).status == 400, path
        assert f.post(b'short').status == 400
        assert f.post(b'\xff' * 64).status in (200, 400)
        assert f.post(wire, 'text/plain').status == 415
        assert f.post(b'x' * 70000).status == 413
        a = f.http.request('PUT', '/dns-query', wire, {'Content-Type': TYPE})
        assert a.status == 405 and 'POST' in a.headers['Allow']


def test_it_can_be_turned_off_and_needs_tls_from_outside():
    with Front(['http']) as f:
        assert f.post(question().to_wire()).status == 200  # from this machine
    with Daemon('webd', ['http'], sets=['webd.doh=no', 'webd.wait=0s', 'webd.deadline=50ms']) as d:
        assert d.http.get('/dns-query?dns=AAAA').status != 400


def test_without_a_name_server_it_says_so():
    with Front() as f:
        f.ns.signal(signal.SIGSTOP)
        try:
            assert f.get(question()).status in (503, 504)
        finally:
            f.ns.signal(signal.SIGCONT)
        f.ns.stop()
        wait_until(lambda: f.get(question()).status == 503, 5)
        assert f.get(question()).headers['Retry-After']
