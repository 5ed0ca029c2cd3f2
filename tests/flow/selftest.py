"""The test library itself: that a wait ends, that ports differ, that a log is read."""

import os
import tempfile

from lib import wait_until
from lib.logs import Logs
from lib.ports import free_port


def test_a_wait_ends_with_the_name_of_what_was_missed():
    try:
        wait_until(lambda: False, 0.05, 'rain')
    except AssertionError as e:
        assert 'rain' in str(e)
    else:
        raise AssertionError('it did not fail')


def test_ports_are_given_out_once():
    ports = [free_port() for _ in range(20)]
    assert len(set(ports)) == 20


def test_log_lines_are_read_and_errors_found():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, 'webd.log'), 'w') as f:
            f.write('2026-11-20T23:49:00.123456Z webd.1[47] info request path="/a b" code=200\n'
                    '2026-11-20T23:49:00.123456Z webd.2[48] error broken why=x\n'
                    'webd/forward.c:12: runtime error: signed integer overflow\n')
        logs = Logs(folder)
        [line] = logs.lines('webd', 'request', code=200)
        assert line.slot == 1 and line.pid == 47 and line.values['path'] == '/a b'
        assert len(logs.unexpected()) == 2
        assert len(logs.unexpected(['^.* error broken'])) == 1
