"""What a browser and an operator see of webd: redirects, headers, error pages, ids, the
access log, its own pages."""

import json
import os
import re
import signal
import socket

from lib import World, wait_until
from lib.daemon import Daemon
from lib.http import Http, read_all

SETS = ['webd.echo=yes', 'webd.wait=0s', 'webd.deadline=100ms']
COMBINED = re.compile(
    r'^127\.0\.0\.1 - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "(?P<request>.*)" '
    r'(?P<status>\d{3}) (?P<bytes>\d+) "(?P<referer>.*)" "(?P<agent>.*)" (?P<seconds>\d+\.\d{6}) '
    r'trace=(?P<trace>[0-9a-f]{32}) upstream=(?P<upstream>\S+)$')


def webd(*more, sockets=('http',), **kw):
    return Daemon('webd', sockets, sets=SETS + list(more), **kw)


def access(d, trace):
    """The line of the request with this id, once it is there."""
    path = os.path.join(d.folder.state, 'log', 'access.log')

    def find():
        with open(path, encoding='utf-8') as f:
            return [x for x in f.read().splitlines() if trace in x]
    [line] = wait_until(find, 5, f'a line with {trace}')
    return line


def test_the_apex_leads_to_www_in_one_step():
    with webd() as d:
        def location(host, path='/a?b=c'):
            r = d.http.request('POST', path, b'x', {'Host': host})
            return r.status, r.headers['Location']
        assert location('foobar.com') == (308, 'http://www.foobar.com/a?b=c')
        assert location('FooBar.com:8080') == (308, 'http://www.foobar.com:8080/a?b=c')
        for host in ('www.foobar.com', 'localhost', '127.0.0.1', 'x.foobar.com', 'xfoobar.com'):
            assert location(host, '/') == (200, None), host
    with webd('webd.canonical=apex') as d:
        r = d.http.get('/', {'Host': 'www.foobar.com'})
        assert (r.status, r.headers['Location']) == (308, 'http://foobar.com/')
    with webd('webd.canonical=as-asked') as d:
        assert d.http.get('/', {'Host': 'foobar.com'}).status == 200


def test_pages_carry_security_headers_and_only_tls_promises_itself():
    with webd(sockets=('https',)) as d:
        for host, held in (('www.foobar.com', True), ('localhost', False), ('127.0.0.1', False)):
            r = Http(d.port, tls=True, host=host).get('/-/none')
            assert r.status == 404
            assert ('Strict-Transport-Security' in r.headers) == held, host
            assert "default-src 'self'" in r.headers['Content-Security-Policy']
            assert r.headers['X-Content-Type-Options'] == 'nosniff'
            assert r.headers['X-Frame-Options'] == 'SAMEORIGIN'
    with webd() as d:
        r = d.http.get('/-/none')
        assert 'Strict-Transport-Security' not in r.headers and 'Referrer-Policy' in r.headers
        assert 'Content-Security-Policy' not in d.http.get('/').headers
    with webd('webd.security_headers=no') as d:
        assert 'X-Content-Type-Options' not in d.http.get('/-/none').headers


def test_errors_name_the_id_to_people_and_programs():
    with webd() as d:
        r = d.http.get('/-/none')
        assert r.headers['Content-Type'].startswith('text/html') and r.trace in r.text
        r = d.http.get('/-/none', {'Accept': 'application/json'})
        assert r.headers['Content-Type'] == 'application/problem+json'
        assert r.json['status'] == 404 and r.json['trace'] == r.trace
        r = d.http.get('/-/none', {'Accept': 'text/html, application/json'})
        assert r.headers['Content-Type'].startswith('text/html')
        # of the API, JSON is what is expected, in the form of its other refusals
        r = d.http.get('/api/articles', {'Accept': '*/*'})
        assert r.status == 504, r.text
        assert r.headers['Content-Type'] == 'application/problem+json', r.text
        assert r.json['errors'] == {'request': [r.json['detail']]}
        r = d.http.get('/api/articles', {'Accept': 'text/html'})
        assert r.headers['Content-Type'].startswith('text/html')


def test_every_answer_has_an_id_that_is_in_the_log():
    with webd() as d:
        for request in (b'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
                        b'GET / HTTP/9.9\r\n\r\n', b'nonsense\r\n\r\n',
                        b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n',
                        b'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n',
                        b'POST / HTTP/1.1\r\nHost: a\r\nExpect: x\r\nContent-Length: 1\r\n\r\n',
                        b'GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'):
            answer = d.http.raw(request).decode()
            trace = re.search(r'^x-request-id: ([0-9a-f]{32})\r$', answer, re.M)
            assert trace, answer
            line = COMBINED.match(access(d, trace[1]))
            assert line and line['status'] == answer.split(' ')[1], answer
            assert line['upstream'] == '-'


def test_outside_text_cannot_forge_a_line():
    with webd() as d:
        r = d.http.get('/', {'User-Agent': 'a" 200 0 "\\', 'Referer': 'x' * 5000})
        line = COMBINED.match(access(d, r.trace))
        assert line['agent'] == r'a\x22 200 0 \x22\x5c' and 1000 < len(line['referer']) <= 1024


def test_the_log_as_json():
    with webd('webd.access_log=json') as d:
        r = d.http.get('/', {'User-Agent': 'a"\\b\xe9'})
        line = json.loads(access(d, r.trace))
        assert line['agent'] == 'a"\\b\xe9' and line['status'] == 200 and line['seconds'] >= 0
        assert line['target'] == '/' and line['method'] == 'GET' and line['trace'] == r.trace


def test_a_moved_log_is_opened_again():
    with webd() as d:
        path = os.path.join(d.folder.state, 'log', 'access.log')
        access(d, d.http.get('/').trace)
        os.rename(path, path + '.1')
        d.signal(signal.SIGUSR1)
        wait_until(lambda: os.path.exists(path), 5)
        access(d, d.http.get('/').trace)


def test_a_trace_is_continued_for_those_who_are_trusted():
    parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    with webd() as d:
        assert d.http.get('/', {'traceparent': parent}).trace == parent[3:35]
        for wrong in ('', '00-' + '0' * 32 + '-00f067aa0ba902b7-01', parent[:-5], 'x'):
            trace = d.http.get('/', {'traceparent': wrong}).trace
            assert len(trace) == 32 and trace != '0' * 32 and trace != parent[3:35]
    with webd('webd.trusted=') as d:
        assert d.http.get('/', {'traceparent': parent}).trace != parent[3:35]


def test_its_own_pages():
    with webd() as d:
        assert d.http.get('/-/live').text == 'live\n'
        r = d.http.get('/-/ready')
        assert (r.status, r.text) == (503, 'no application server\n')
        page = d.http.get('/-/metrics').text
        assert re.search(r'^webd_requests_total [1-9]', page, re.M)
        assert re.search(r'^webd_request_seconds_bucket\{le="0\.000128"\} \d+$', page, re.M)
        assert d.http.post('/-/live').status == 405


def test_a_body_may_be_so_large_and_no_larger():
    with webd('webd.max_body=1000') as d:
        assert d.http.post('/', b'x' * 1000).body == b'x' * 1000
        assert d.http.post('/', b'x' * 70000).status == 413
        chunk = b'800\r\n' + b'x' * 0x800 + b'\r\n'
        answer = d.http.raw(b'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
                            + chunk * 40)
        assert answer.startswith(b'HTTP/1.1 413 '), answer


def test_the_start_fails_with_a_sentence():
    for sets, code, word in ((['webd.trusted=10.0.0.0/99'], 78, '10.0.0.0/99'),
                             (['webd.canonical=both'], 78, 'apex'),
                             (['webd.static_memory=1', 'webd.static=/etc'], 65, 'static_memory')):
        with webd(*sets, ready=False, expect=['bad_configuration', 'no_static']) as d:
            assert d.wait_end() == code, sets
            with open(f'{d.folder.state}/log/webd.log', encoding='utf-8') as f:
                assert word in f.read()


def test_ready_asks_down_to_the_database():
    with World() as w:
        assert w.http.get('/-/ready').text == 'ready\n'
        w.kill(w.pids('dbproxy')[0], signal.SIGSTOP)
        assert w.http.get('/-/ready').status == 503
        w.kill(w.pids('dbproxy')[0], signal.SIGCONT)
        wait_until(lambda: w.http.get('/-/ready').status == 200, 20)


def test_a_refusal_is_heard_by_a_client_that_goes_on_sending():
    with webd('webd.max_body=1000') as d:
        for head in (b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n',
                     b'POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'):
            with d.http.open() as s:
                s.sendall(head)
                sent = 0
                try:
                    while sent < 3000000:
                        sent += s.send(b'x' * 10000)
                except (BrokenPipeError, ConnectionResetError):
                    raise AssertionError(f'reset after {sent} bytes') from None
                s.shutdown(socket.SHUT_WR)
                answer = read_all(s)
                assert answer.startswith(b'HTTP/1.1 4'), answer
