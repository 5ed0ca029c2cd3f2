"""What an outsider may do to a running stack behind its back, and the way out of it."""

import os
import shutil
import signal
import time

from lib import World, process_alive, wait_until


def test_the_run_folder_is_removed():
    with World(sets=['onebox.watchdog=300ms'], expect=['run_folder_gone', 'cannot_bind', 'drain', 'control', 'dbproxy', 'webd',
                       'appd']) as w:
        pids = [x['pid'] for x in w.status()['instances']]
        run = os.path.realpath(os.path.join(w.state, 'run'))
        shutil.rmtree(run)
        assert w.http.get('/').status == 200  # those that know each other go on
        wait_until(lambda: w.logs.lines('onebox', 'run_folder_gone'))
        code, text = w.onebox('status', check=False)
        assert code == 69 and 'run was removed' in text, text
        end = time.monotonic() + 1.5  # far longer than the watchdog's span
        while time.monotonic() < end:
            assert w.http.get('/').status == 200
        assert [p for p in pids if process_alive(p)] == pids
        began = time.monotonic()
        code, text = w.onebox('stop')
        assert 'stopped' in text and time.monotonic() - began < 20, text
        assert not [p for p in pids if process_alive(p)]
        w.supervisor.wait(10)
        w.start()
        assert w.http.get('/').status == 200


def test_a_database_that_somebody_stopped_goes_on():
    with World(sets=['onebox.watchdog=1s'], expect=['stopped daemon=mariadb', 'late',
                                                    'hung', 'died']) as w:
        [pid] = w.pids('mariadb')
        os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: w.logs.lines('onebox', 'stopped'), 20)
        wait_until(lambda: w.http.get('/').status == 200, 20)
        assert w.pids('mariadb') == [pid]
