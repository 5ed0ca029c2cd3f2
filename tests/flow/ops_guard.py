"""The supervisor may die, be replaced, or lose its guard: nobody outside notices."""

import os
import shutil
import subprocess
import time

from lib import BUILD, World, kill, process_alive, wait_until
from lib.env import sanitizer_env
from ops_roll import FULL, Load, changed_build, roll_from


def heads(w):
    s = wait_until(lambda: w.status() and w.status()['ready'] and w.status()['supervisor'])
    return s['pid'], s['guard_pid']


def instances(w):
    return {(x['daemon'], x['slot']): x['pid'] for x in w.status()['instances']}


def test_the_supervisor_is_killed_and_another_goes_on():
    with World(instances=FULL) as w:
        before = instances(w)
        with Load(w) as load:
            for _ in range(3):
                pid, guard = heads(w)
                began = time.monotonic()
                kill(pid)
                wait_until(lambda: w.status() and w.status()['supervisor']['pid'] != pid)
                print(f'answers after {(time.monotonic() - began) * 1000:.0f} ms')
                assert heads(w)[1] == guard
                assert instances(w) == before
            # and it does its work: one that it did not start itself is brought back
            kill(before['appd', 1])
            wait_until(lambda: instances(w)['appd', 1] != before['appd', 1]
                       and w.status()['ready'])
        assert load.failed == [], load.failed[:5]
        assert w.logs.lines('onebox', 'died', daemon='appd', slot=1)[0].values['how'] \
            .startswith('was ended by signal 9')
        assert w.logs.lines('appd')[-1].pid  # its log still arrives
        trace = w.http.get('/').trace
        wait_until(lambda: trace in w.logs.text('appd'))


def test_the_guard_is_killed_and_the_supervisor_takes_its_place():
    with World(instances=FULL) as w:
        before = instances(w)
        with Load(w) as load:
            pid, guard = heads(w)
            kill(guard)
            wait_until(lambda: w.status() and w.status()['supervisor']['pid'] != pid)
            now, new_guard = heads(w)
            assert new_guard == pid and now not in (pid, guard)
            assert instances(w) == before
            kill(before['webd', 2])
            wait_until(lambda: w.status()['ready']
                       and instances(w)['webd', 2] != before['webd', 2])
        refused = [x for x in load.failed if 'reset' not in x and 'Disconnected' not in x]
        assert refused == [], refused[:5]  # webd's own connections may go with it
        w.onebox('stop')
        wait_until(lambda: not process_alive(new_guard))
        assert not [p for p in instances_left(before) if process_alive(p)]
        w.supervisor.wait(5)
        w.supervisor.returncode = 0  # it was we who killed it


def instances_left(before):
    return before.values()


def test_the_supervisor_is_replaced_by_another_build_in_place():
    build = changed_build({})
    with open(os.path.join(build, 'zones', 'note.txt'), 'w') as f:
        f.write('what makes it another build\n')
    try:
        with World(instances=FULL) as w:
            before, (pid, guard) = instances(w), heads(w)
            with Load(w) as load:
                code, text = roll_from(build, w, 'supervisor')
                assert code == 0 and 'replaced by' in text, text
                assert instances(w) == before
                assert heads(w)[0] != pid and heads(w)[1] == guard
                release = os.readlink(f'/proc/{guard}/exe')
                assert release.startswith(os.path.join(w.state, 'releases')), release
                w.onebox('scale', 'appd', '3')
                w.onebox('scale', 'appd', '2')
            assert load.failed == [], load.failed[:5]
    finally:
        shutil.rmtree(build)


def test_a_supervisor_that_cannot_take_over_is_not_tried_on_the_living():
    build = changed_build({'supervisor': '#!/bin/sh\nexit 1\n'})
    try:
        with World() as w:
            before, was = instances(w), heads(w)
            code, text = roll_from(build, w, 'supervisor')
            assert code == 69 and 'given up' in text, text
            assert instances(w) == before and heads(w) == was
    finally:
        shutil.rmtree(build)


def test_what_is_left_when_all_heads_are_gone_is_ended_by_the_next_start():
    with World(instances={'webd': 0, 'appd': 0}) as w:
        before, (pid, guard) = instances(w), heads(w)
        kill(guard, 19)  # stopped, so that it cannot help
        kill(pid)
        kill(guard)
        wait_until(lambda: not process_alive(guard))
        w.supervisor.wait(5)
        assert all(process_alive(p) for p in before.values())
        assert w.dns.values('www.foobar.com') == ['8.8.8.8']
        w.start()
        assert not any(process_alive(p) for p in before.values())
        assert f'ended {len(before)} processes' in w.said()
        assert w.dns.values('www.foobar.com') == ['8.8.8.8']


def test_a_start_in_the_background_lets_go_of_the_terminal():
    w = World(instances={'webd': 0, 'appd': 0, 'dbproxy': 0})
    try:
        # its output is a pipe, which must end although the supervisor runs on
        done = subprocess.run(w.command() + ['--background'], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=30, check=False,
                              env={**sanitizer_env(), 'ONEBOX_TEST': w.mark})
        assert done.returncode == 0, done.stdout
        assert w.dns.values('www.foobar.com') == ['8.8.8.8']
        pid, guard = heads(w)
        for head in (pid, guard):
            for fd in '012':
                target = os.readlink(f'/proc/{head}/fd/{fd}')
                assert target == '/dev/null' or target.endswith('/onebox.log'), target
        w.onebox('stop')
        assert not process_alive(guard)
    finally:
        w.onebox('stop', check=False)
        w.end(failed=False)


def test_programs_say_who_they_are():
    for name in ('supervisor', 'onebox'):
        for option in ('--help', '--version'):
            done = subprocess.run([os.path.join(BUILD, 'bin', name), option],
                                  stdout=subprocess.PIPE, text=True, check=True)
            assert name in done.stdout
