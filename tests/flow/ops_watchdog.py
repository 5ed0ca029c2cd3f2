"""An instance that stands still is ended, explained and replaced."""

import os
import shutil
import signal
import time

from lib import BUILD, World, kill, process_alive, wait_until

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
        assert int(line.values['silent_ms']) == 1000
        assert w.logs.lines('onebox', 'hung_thread', daemon='appd')
        assert w.logs.lines('onebox', 'died')[0].values['how'] == 'hung and was ended'
        text = w.logs.text('appd')
        assert 'stack of appd' in text and 'end of stacks' in text
        if shutil.which('addr2line'):
            assert 'daemon_main at ' in text


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
