"""The same daemons under systemd: socket activation, readiness, watchdog, walls.

Runs itself inside the real systemd that tests/lib/with-systemd boots."""

import os
import subprocess
import sys

SECONDS = 120
ALONE = True


def test_the_units_under_a_real_systemd():
    from lib import BUILD, ROOT, Skip
    from lib.env import sanitizer_env
    if 'plain' not in BUILD:
        raise Skip('sanitizers need what the units forbid')
    done = subprocess.run(
        [os.path.join(ROOT, 'tests', 'lib', 'with-systemd'),
         os.path.join(ROOT, 'deploy', 'systemd'), BUILD, '/usr/bin/python3',
         os.path.abspath(__file__), os.path.join(ROOT, 'tests')],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, timeout=110, check=False, env=sanitizer_env())
    print(done.stdout)
    if done.returncode == 77:
        raise Skip('this machine cannot boot a systemd of its own')
    assert done.returncode == 0
    assert 'all is well under systemd' in done.stdout


# ---- inside ----

UNITS = ['onebox-setup', 'onebox-mariadb'] + [
    f'onebox-{d}@{n}' for d in ('dnsd', 'dbproxy', 'appd', 'webd') for n in (1, 2)]


def systemctl(*args):
    return subprocess.run(['systemctl', *args], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False).stdout.strip()


def state(unit):
    return systemctl('show', '-p', 'ActiveState', '--value', unit)


def pid_of(unit):
    return int(systemctl('show', '-p', 'MainPID', '--value', unit) or 0)


def exposure(unit):
    """As systemd-analyze judges: 0 safe to 10."""
    text = subprocess.run(['systemd-analyze', 'security', '--no-pager', unit],
                          stdout=subprocess.PIPE, text=True, check=False).stdout
    return float(text.split('Overall exposure level')[1].split(':')[1].split()[0])


def asks_are_answered(w):
    assert w['http'].get('/').status == 200
    for tcp in (False, True):
        assert w['dns'].values('www.foobar.com', tcp=tcp) == ['8.8.8.8']
    return True


def inside():
    from lib.dns import Dns
    from lib.http import Http
    from lib.proc import kill
    from lib.wait import wait_until
    w = {'http': Http(80), 'dns': Dns(53)}
    try:
        wait_until(lambda: all(state(u) == 'active' for u in UNITS), 60, 'all units')
        wait_until(lambda: asks_are_answered(w), 20)
    except BaseException:
        for u in UNITS:
            print(u, state(u), systemctl('status', '--no-pager', '-n', '5', u)[-1500:])
        raise
    for u in UNITS:
        score = exposure(u)
        print(f'{u} {score}')
        assert score <= 1.5, (u, score)
    for u in UNITS[1:]:  # each killed, each back, and nobody refused meanwhile
        pid = pid_of(u)
        kill(pid)
        if u.endswith('@1'):
            assert w['dns'].values('www.foobar.com') == ['8.8.8.8']
        wait_until(lambda: state(u) == 'active' and pid_of(u) not in (0, pid), 20, u)
    wait_until(lambda: asks_are_answered(w), 20)
    for u in ('onebox-webd@1', 'onebox-appd@1', 'onebox-dnsd@1'):
        for _ in range(3):
            systemctl('restart', u)
            assert asks_are_answered(w)
    pid = pid_of('onebox-appd@2')
    kill(pid, 19)  # its watchdog
    wait_until(lambda: pid_of('onebox-appd@2') not in (0, pid), 30, 'the watchdog')
    systemctl('reload', 'onebox-dnsd@1')
    assert asks_are_answered(w)
    systemctl('stop', 'onebox.target')
    wait_until(lambda: all(pid_of(u) == 0 for u in UNITS[1:]), 40, 'the end of all')
    print('all is well under systemd')


if __name__ == '__main__':
    sys.path[0] = sys.argv[1]
    inside()
