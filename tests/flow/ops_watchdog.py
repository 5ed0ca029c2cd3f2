"""An instance that stands still is ended, explained and replaced."""

import os
import shutil
import signal
import socket
import time

import dns.message

from lib import BUILD, World, kill, process_alive, wait_until
from lib.cgroup import Group

QUERY = dns.message.make_query('www.foobar.com', 'A').to_wire()
FULL = {'dnsd': 2, 'webd': 2, 'appd': 2, 'dbproxy': 2}


def test_a_hung_daemon_is_replaced_and_its_stack_is_in_its_log():
    with World(instances={'appd': 2}, sets=['onebox.watchdog=1s'],
               expect=['hung daemon=appd', 'died daemon=appd']) as w:
        w.http.get('/')
        pid = w.pids('appd')[0]
        kill(pid, signal.SIGSTOP)
        slow = 0
        while process_alive(pid):
            began = time.monotonic()
            assert w.http.get('/').status == 200  # the other one answers
            slow = max(slow, time.monotonic() - began)
        print(f'slowest answer meanwhile {slow * 1000:.0f} ms')
        wait_until(lambda: len(w.pids('appd')) == 2 and pid not in w.pids('appd'))
        [line] = w.logs.lines('onebox', 'hung', daemon='appd')
        assert int(line.values['silent_ms']) >= 1000
        assert w.logs.lines('onebox', 'hung_thread', daemon='appd')
        assert w.logs.lines('onebox', 'died')[0].values['how'] == 'hung and was ended'
        text = w.logs.text('appd')
        assert 'stack of appd' in text and 'end of stacks' in text
        if shutil.which('addr2line'):
            assert 'daemon_main at ' in text


ONLY_DNSD = {'webd': 0, 'appd': 0, 'dbproxy': 0}


def test_one_that_gets_no_processor_is_not_taken_for_hung():
    with World(instances=ONLY_DNSD, sets=['onebox.watchdog=1s']) as w:
        [pid] = w.pids('dnsd')
        with Group('cpu', [pid]) as g:
            g.write('cpu.cfs_period_us', '1000000')
            g.write('cpu.cfs_quota_us', '1000')  # a millisecond in a second
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                for _ in range(3000):  # far more than that is enough for
                    s.sendto(QUERY, ('127.0.0.1', w.dns_port))
                wait_until(lambda: w.logs.lines('onebox', 'starved'), 40, 'it to starve')
            g.write('cpu.cfs_quota_us', '-1')
            wait_until(lambda: w.logs.lines('onebox', 'fed_again'), 20)
        [line] = w.logs.lines('onebox', 'starved')
        assert int(line.values['silent_ms']) >= 1000
        assert line.values['ended_after_ms'] == '10000'
        assert w.pids('dnsd') == [pid] and not w.logs.lines('onebox', 'hung')
        assert w.dns.values('www.foobar.com') == ['8.8.8.8']


def test_one_that_starves_for_ever_is_ended_all_the_same():
    with World(instances=ONLY_DNSD, sets=['onebox.watchdog=200ms'],
               expect=['hung daemon=dnsd', 'died daemon=dnsd']) as w:
        [pid] = w.pids('dnsd')
        with Group('freezer', [pid]) as g:
            g.write('freezer.state', 'FROZEN')  # it waits, for the kernel's sake
            wait_until(lambda: w.logs.lines('onebox', 'hung'), 20)
            g.write('freezer.state', 'THAWED')
            wait_until(lambda: w.pids('dnsd') and w.pids('dnsd') != [pid], 20)
        [line] = w.logs.lines('onebox', 'hung', pid=pid)
        assert int(line.values['silent_ms']) >= 2000
        assert w.logs.lines('onebox', 'starved', pid=pid)


def test_a_span_that_was_changed_holds_for_those_who_start_with_it():
    def set_span(w, value):
        with open(w.config, 'w') as f:
            f.write(f'[onebox]\nwatchdog = {value}\n')
        w.onebox('reload')

    def lives_on(w, pid):
        end = time.monotonic() + 1.5  # longer than the span it was started with
        while time.monotonic() < end:
            assert w.dns.values('www.foobar.com') == ['8.8.8.8']
        assert w.pids('dnsd') == [pid] and not w.logs.lines('onebox', 'hung')

    with World(instances=ONLY_DNSD, config='[onebox]\nwatchdog = 1s\n') as w:
        [pid] = w.pids('dnsd')
        set_span(w, '0')
        lives_on(w, pid)
        set_span(w, '20ms')
        lives_on(w, pid)
        head = w.status()['supervisor']['pid']
        kill(head)  # the next one knows it too
        wait_until(lambda: w.status() and w.status()['supervisor']['pid'] != head)
        lives_on(w, pid)


def test_without_a_watchdog_nobody_is_bitten():
    with World(instances={'webd': 0, 'appd': 0, 'dbproxy': 0},
               sets=['onebox.watchdog=0']) as w:
        [pid] = w.pids('dnsd')
        assert b'WATCHDOG_USEC' not in open(f'/proc/{pid}/environ', 'rb').read()


def test_a_quiet_stack_is_left_alone():
    with World(instances=FULL, sets=['onebox.watchdog=500ms']) as w:
        before = [x['pid'] for x in w.status()['instances']]
        end = time.monotonic() + 2.5
        while time.monotonic() < end:
            assert w.http.get('/').status == 200
        if 'plain' in BUILD:
            assert [x['pid'] for x in w.status()['instances']] == before


def test_a_crash_leaves_its_stack_too():
    with World(instances={'webd': 0, 'appd': 0, 'dbproxy': 0},
               expect=['died daemon=dnsd']) as w:
        [pid] = w.pids('dnsd')
        os.kill(pid, signal.SIGABRT)
        wait_until(lambda: w.pids('dnsd') and w.pids('dnsd') != [pid])
        assert 'signal 6' in w.logs.text('dnsd')
