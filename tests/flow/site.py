"""The first slice: a name, a page, four daemons, their logs."""

import time

from lib import World, process_alive, wait_until

DAEMONS = ('dnsd', 'webd', 'appd', 'dbproxy')


def test_the_name_and_the_page():
    with World() as w:
        for dns in (w.dns, w.dns6):
            for tcp in (False, True):
                assert dns.values('www.foobar.com', 'A', tcp) == ['8.8.8.8']
        page = w.http.get('/')
        assert page.status == 200, page
        assert page.headers['Content-Type'].startswith('text/html')
        assert len(page.trace) == 32


def test_one_trace_through_all_logs():
    with World() as w:
        trace = w.http.get('/').trace
        for name in ('access', 'appd', 'dbproxy'):
            wait_until(lambda: trace in w.logs.text(name), 5, f'{trace} in {name}.log')


def test_two_worlds_side_by_side():
    with World() as a, World() as b:
        assert a.http.get('/').status == 200
        assert b.http.get('/').status == 200


def test_killed_daemons_come_back():
    with World(instances={'appd': 2, 'dbproxy': 2}) as w:
        for daemon in DAEMONS:
            began = time.monotonic()
            w.kill_and_wait(daemon)
            wait_until(lambda: w.http.get('/').status == 200)
            wait_until(lambda: w.dns.values('www.foobar.com') == ['8.8.8.8'])
            print(f'{daemon} back after {time.monotonic() - began:.3f} s')


def test_stop_leaves_nothing_and_the_data_is_found_again():
    with World() as w:
        before = w.http.get('/').text
        pids = [x['pid'] for x in w.status()['instances']]
        assert w.stop() == 0
        assert not [p for p in pids if process_alive(p)]
        w.start()
        assert w.http.get('/').text == before
