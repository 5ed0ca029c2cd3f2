"""Instances replaced, added and taken away while the site is asked without pause."""

import os
import shutil
import subprocess
import tempfile
import threading
import time
from functools import partial

from lib import BUILD, ROOT, World, process_alive, wait_until
from lib.env import sanitizer_env
from lib.lived import Crowd

FULL = {'dnsd': 2, 'webd': 2, 'appd': 2, 'dbproxy': 2}


class Load(Crowd):
    """100 requests a second of each kind, until the end; failures with their reason."""

    def __init__(self, w):
        self.w, self.failed, self.done, self.worst = w, [], 0, 0
        self.kept = None
        super().__init__([partial(self.run, k)
                          for k in (self.new, self.keep, self.udp, self.tcp)])

    def new(self):
        r = self.w.http.get('/')
        assert r.status == 200, r

    def keep(self):
        if self.kept is None:
            self.kept = self.w.http.connection()
        try:
            self.kept.request('GET', '/', headers={'Host': 'www.foobar.com'})
            r = self.kept.getresponse()
            r.read()
            assert r.status == 200, r.status
            if r.getheader('Connection') == 'close':
                self.drop()
        except Exception:
            self.drop()
            raise

    def drop(self):
        self.kept.close()
        self.kept = None

    def udp(self):
        assert self.w.dns.values('www.foobar.com') == ['8.8.8.8']

    def tcp(self):
        assert self.w.dns.values('www.foobar.com', tcp=True) == ['8.8.8.8']

    def run(self, ask):
        due = time.monotonic()
        while not self.ending.is_set():
            began = time.monotonic()
            try:
                ask()
                self.done += 1
            except Exception as e:  # noqa: BLE001
                self.failed.append(f'{ask.__name__}: {e!r}')
            self.worst = max(self.worst, time.monotonic() - began)
            due += 0.01
            time.sleep(max(0, due - time.monotonic()))

    def __exit__(self, *ended):
        super().__exit__(*ended)
        print(f'{self.done} asked, {len(self.failed)} failed, '
              f'worst {self.worst * 1000:.0f} ms')


def changed_build(change):
    """A copy of the build with some of its programs changed."""
    folder = tempfile.mkdtemp(prefix='onebox-build-')
    os.chmod(folder, 0o755)
    for part in ('bin', 'static', 'zones'):
        if os.path.isdir(os.path.join(BUILD, part)):
            shutil.copytree(os.path.join(BUILD, part), os.path.join(folder, part))
    for name, text in change.items():
        with open(os.path.join(folder, 'bin', name), 'w') as f:
            f.write(text)
        os.chmod(os.path.join(folder, 'bin', name), 0o755)
    return folder


def roll_from(build, w, what):
    done = subprocess.run([os.path.join(build, 'bin', 'onebox'), 'roll', what, '--state',
                           w.state], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=60, check=False, env=sanitizer_env())
    return done.returncode, done.stdout


def test_rolls_of_each_daemon_lose_nothing():
    with World(instances=FULL) as w:
        before = {d: w.pids(d) for d in FULL}
        with Load(w) as load:
            for _ in range(3):
                for daemon in FULL:
                    code, text = w.onebox('roll', daemon)
                    assert f'{daemon}: 2 replaced' in text, text
            w.onebox('roll', 'all')
        assert load.failed == [], load.failed[:5]
        assert load.done > 200
        for daemon in FULL:
            assert len(w.pids(daemon)) == 2 and not set(w.pids(daemon)) & set(before[daemon])
        assert [x['restarts'] for x in w.status()['instances']] == [0] * 9


def test_a_new_build_is_taken_over_and_back():
    build = changed_build({})
    with open(os.path.join(build, 'zones', 'note.txt'), 'w') as f:
        f.write('what makes it another build\n')
    try:
        with World() as w, Load(w) as load:
            code, text = roll_from(build, w, 'all')
            assert code == 0, text
            versions = {x['version'] for x in w.status()['instances']
                        if x['daemon'] != 'mariadb'}
            assert len(versions) == 1
            code, text = w.onebox('roll', 'all')
            again = {x['version'] for x in w.status()['instances']
                     if x['daemon'] != 'mariadb'}
            assert len(again) == 1 and again != versions
            assert len(os.listdir(os.path.join(w.state, 'releases'))) == 3
        assert load.failed == [], load.failed[:5]
    finally:
        shutil.rmtree(build)


def test_a_broken_build_is_given_up_and_the_old_one_serves_on():
    build = changed_build({'appd': '#!/bin/sh\necho "no such thing" >&2\nexit 3\n',
                           'dnsd': '#!/bin/sh\nexec sleep 1000\n'})
    try:
        with World(instances=FULL, expect=['died daemon=appd', 'not_ready_in_time',
                                           'died daemon=dnsd']) as w:
            before = {d: w.pids(d) for d in FULL}
            with Load(w) as load:
                code, text = roll_from(build, w, 'appd')
                assert code == 69 and 'given up' in text and 'no such thing' in text, text
                code, text = roll_from(build, w, 'dnsd')
                assert code == 69 and 'not ready within' in text, text
            assert load.failed == [], load.failed[:5]
            assert {d: w.pids(d) for d in FULL} == before
            # and a restart runs the build that is known to work
            os.kill(before['appd'][0], 9)
            wait_until(lambda: len(w.pids('appd')) == 2
                       and before['appd'][0] not in w.pids('appd'))
    finally:
        shutil.rmtree(build)


def test_a_roll_of_all_that_fails_late_is_taken_back():
    build = changed_build({'webd': '#!/bin/sh\necho "no such thing" >&2\nexit 3\n'})
    try:
        with World(instances=FULL, expect=['died daemon=webd']) as w:
            before = {d: w.pids(d) for d in FULL}
            with Load(w) as load:
                code, text = roll_from(build, w, 'all')
                assert code == 69 and 'given up' in text, text
                wait_until(lambda: {d: w.pids(d) for d in FULL} == before)
            assert load.failed == [], load.failed[:5]
            # and what is started from now on is the build from before
            w.kill_and_wait('appd')
            assert len({x['version'] for x in w.status()['instances']
                        if x['daemon'] != 'mariadb'}) == 1
    finally:
        shutil.rmtree(build)


def build_of_another_age(folder):
    """A build whose fabric header is one version newer and whose statement `site` has
    another form, so that neither side knows the other's."""
    for name in ('Makefile', 'common', 'dnsd', 'webd', 'appd', 'dbproxy', 'deploy',
                 'docs'):
        source = os.path.join(ROOT, name)
        if os.path.isdir(source):
            shutil.copytree(source, os.path.join(folder, name))
        else:
            shutil.copy(source, folder)
    path = os.path.join(folder, 'dbproxy/sql/site.sql')
    with open(path) as f:
        text = f.read()
    assert '(name text' in text
    with open(path, 'w') as f:
        f.write(text.replace('(name text', '(name text?', 1))
    subprocess.run(['make', '-s', '-j2', 'all', 'CFLAGS=-O1 -DFABRIC_VERSION=2'], cwd=folder,
                   check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return os.path.join(folder, 'build/cc-plain')


def long_a_build_with_other_messages_and_statements_there_and_back():
    folder = tempfile.mkdtemp()
    try:
        build = build_of_another_age(folder)
        with World(instances=FULL) as w:
            with Load(w) as load:
                for from_build in (build, None, build, None):
                    code, text = (roll_from(from_build, w, 'all') if from_build
                                  else w.onebox('roll', 'all'))
                    assert code == 0, text
            assert load.failed == [], (load.failed[:5],
                                       w.logs.lines('appd', 'request', status='500'))
            assert load.done > 200
    finally:
        shutil.rmtree(folder)


def test_a_wrong_configuration_stops_a_roll_before_it_begins():
    with World(expect=['reload_refused']) as w:
        before = w.pids('appd')
        with open(w.config, 'w') as f:
            f.write('[appd]\nwindwo = 3\n')
        code, text = w.onebox('roll', 'appd', check=False)
        assert code == 78 and 'window' in text, text
        assert w.pids('appd') == before


def test_scale_up_and_down_under_load():
    with World(instances=FULL) as w, Load(w) as load:
        for daemon in FULL:
            for n in (4, 1, 2):
                code, text = w.onebox('scale', daemon, str(n))
                assert text.startswith(f'{daemon}: {n} instance'), text
                assert len(w.pids(daemon)) == n
        code, text = w.onebox('scale', 'appd', '0', check=False)
        assert code == 64, text
        code, text = w.onebox('scale', 'mariadb', '2', check=False)
        assert code == 64, text
    assert load.failed == [], load.failed[:5]


def test_a_roll_while_instances_are_killed():
    with World(instances=FULL) as w:
        killed = threading.Event()

        def killer():
            for _ in range(6):
                for pid in w.pids('appd', None)[:1]:
                    if process_alive(pid):
                        os.kill(pid, 9)
                time.sleep(0.05)
            killed.set()
        t = threading.Thread(target=killer)
        t.start()
        while not killed.is_set():
            w.onebox('roll', 'appd', check=False)
        t.join()
        wait_until(lambda: len(w.pids('appd')) == 2 and w.status()['ready'])
        assert w.onebox('roll', 'appd')[0] == 0
        assert w.http.get('/').status == 200
