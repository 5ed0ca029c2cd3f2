"""What changes while webd runs: all options that can, on SIGHUP, checked first; and how long
requests may take, by what they ask for."""

import os
import signal
import time

from lib import wait_until
from lib.daemon import Daemon
from lib.world import World

BEGIN = '[webd]\necho = yes\nwait = 0s\nthreads = 2\n'


def reload(d, text, refused=False):
    with open(f'{d.folder.path}/onebox.conf', 'w') as f:
        f.write(text)
    event = 'reload_refused' if refused else 'reloaded'
    before = len(d.logs.lines('webd', event))
    d.signal(signal.SIGHUP)
    wait_until(lambda: len(d.logs.lines('webd', event)) > before, 10)


def test_options_change_while_it_runs():
    with Daemon('webd', ['http'], config=BEGIN) as d:
        kept = d.http.open()
        assert 'Retry-After' not in d.http.get('/').headers
        assert d.http.post('/', b'x' * 5000).status == 200
        assert d.http.post('/', b'x' * 2000000).status == 413
        reload(d, BEGIN + 'max_body = 3m\n')
        wait_until(lambda: d.http.post('/', b'x' * 2000000).status == 200, 5)
        reload(d, BEGIN + 'max_body = 4k\nmax_target = 200\ncanonical = apex\n'
               'csp = default-src none\naccess_log = json\ntrusted =\nrate = 1\nburst = 30\n')

        def changed():
            return d.http.get('/' + 'x' * 300).status == 414
        wait_until(changed, 5)
        wait_until(lambda: d.http.post('/', b'x' * 100000).status == 413, 5)
        moved = d.http.get('/', {'Host': 'www.foobar.com'})
        assert moved.status == 308 and moved.headers['Location'].startswith('http://foobar.com')
        lost = d.http.get('/-/nothing')
        assert lost.headers['Content-Security-Policy'] == 'default-src none'
        with open(f'{d.folder.state}/log/access.log') as f:
            wait_until(lambda: '"target":' in f.read(), 5)
        # a connection from before lives, and under the new rules
        kept.sendall(b'GET /%s HTTP/1.1\r\nHost: a\r\n\r\n' % (b'x' * 300))
        assert b' 414 ' in kept.recv(4096)
        kept.close()
        # nobody is trusted any more
        assert 429 in [d.http.get('/-/live').status for _ in range(60)]


def test_a_wrong_one_changes_nothing_and_says_why():
    with Daemon('webd', ['http'], config=BEGIN, expect=['reload_refused']) as d:
        for wrong in ('max_target = 1\n', 'canonical = maybe\n', 'deadlines = nonsense\n',
                      'trusted = everybody\n', 'no_such_option = 1\n'):
            reload(d, BEGIN + 'max_body = 1k\n' + wrong, refused=True)
            assert d.http.post('/', b'x' * 50000).status == 200
        said = [x.values['why'] for x in d.logs.lines('webd', 'reload_refused')]
        assert any('deadlines' in x and 'nonsense' in x for x in said), said
        assert any('trusted' in x for x in said), said


def test_what_cannot_change_is_said():
    with Daemon('webd', ['http'], config=BEGIN) as d:
        reload(d, BEGIN.replace('threads = 2', 'threads = 1') + 'inflight = 7\n')
        said = [x.values['option'] for x in d.logs.lines('webd', 'needs_a_roll')]
        assert sorted(said) == ['webd.inflight', 'webd.threads'], said


def test_each_kind_of_request_has_its_deadline():
    """Behind it a database that does not answer."""
    with World(sets=['webd.deadlines=/ 10s, GET /tag 300ms']) as w:
        assert w.http.get('/').status == 200
        stopped = w.pids('dbproxy')
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            answer = w.http.get('/tag/c')
            assert answer.status in (503, 504) and answer.trace, answer
            assert time.monotonic() - began < 8  # others have 10 s
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
        wait_until(lambda: w.http.get('/').status == 200, 10)
