"""Processes, from /proc."""

import os
import signal

from lib.env import MARK
from lib.wait import wait_until

TICK = os.sysconf('SC_CLK_TCK')


def _read(path):
    try:
        with open(path, 'rb') as f:
            return f.read()
    except OSError:
        return b''


def stat_of(pid):
    """The fields of /proc/PID/stat from `state` on, or None."""
    text = _read(f'/proc/{pid}/stat')
    return text[text.rindex(b')') + 2:].split() if b')' in text else None


def process_alive(pid):
    fields = stat_of(pid)
    return fields is not None and fields[0] not in (b'Z', b'X')


def kill(pid, number=signal.SIGKILL):
    """Signals one process. That it is gone already is fine."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def wait_gone(pid, seconds=10):
    wait_until(lambda: not process_alive(pid), seconds, f'the end of process {pid}')


def all_pids():
    return [int(x) for x in os.listdir('/proc') if x.isdigit()]


def marked(mark):
    """Processes whose environment says that they belong to this test, except ourselves."""
    wanted = f'{MARK}={mark}'.encode()
    return [pid for pid in all_pids() if pid != os.getpid() and process_alive(pid)
            and wanted in _read(f'/proc/{pid}/environ').split(b'\0')]


def name_of(pid):
    return _read(f'/proc/{pid}/cmdline').replace(b'\0', b' ').decode(errors='replace').strip()


def cpu_us(pid):
    """User and system time so far, of all its threads."""
    fields = stat_of(pid)
    return (int(fields[11]) + int(fields[12])) * 1000000 // TICK if fields else 0


def pss_kib(pid):
    for line in _read(f'/proc/{pid}/smaps_rollup').decode().splitlines():
        if line.startswith('Pss:'):
            return int(line.split()[1])
    return 0


def fds(pid):
    try:
        return len(os.listdir(f'/proc/{pid}/fd'))
    except OSError:
        return 0
