"""A whole stack of one's own: the supervisor with daemons and private database, in a state
directory under /tmp and on free ports.

    with World(instances={'appd': 2}) as w:
        assert w.http.get('/').status == 200
        assert w.dns.values('www.foobar.com') == ['8.8.8.8']
        kill(w.pids('appd')[0])
        wait_until(lambda: len(w.pids('appd')) == 2)

One instance of each daemon unless said otherwise; 0 leaves one out. The first world of a
build makes the database and keeps it as a template; the others begin with a copy.

At the end the world is stopped as `deploy/down` would, and it is a failure when that takes
too long, when a process is left, when a socket is left, or when a log has an error line
that no pattern of `expect` matches or a sanitizer's report. A failed test shows the ends
of the logs. WORLD_SETS in the environment has more --set for all of them."""

import fcntl
import hashlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile

from lib.daemon import Folder
from lib.dns import Dns
from lib.env import BUILD, MARK, ROOT, sanitizer_env
from lib.http import Http
from lib.lived import Lived
from lib.logs import Logs
from lib.ports import free_port
from lib.proc import kill, marked, name_of, process_alive, pss_kib
from lib.wait import wait_until

DAEMONS = ('dnsd', 'webd', 'appd', 'dbproxy')
START_SECONDS = 60 if 'plain' in BUILD else 180


class World(Lived):
    def __init__(self, instances=None, sets=(), config='', zones=None, expect=(),
                 template=True, listen='127.0.0.1,::1', env=None, state=None):
        self.folder = Folder()
        self.state = state or self.folder.state
        self.expect, self.template, self.env = list(expect), template, env or {}
        self.instances = {d: 1 for d in DAEMONS} | (instances or {})
        self.dns_port, self.http_port, self.https_port = free_port(), free_port(), free_port()
        self.sets = [f'onebox.listen={listen}', f'onebox.dns_port={self.dns_port}',
                     f'onebox.http_port={self.http_port}',
                     f'onebox.https_port={self.https_port}']
        self.sets += [f'{d}.instances={n}' for d, n in self.instances.items()]
        self.sets += list(sets) + os.environ.get('WORLD_SETS', '').split()
        self.config = os.path.join(self.folder.path, 'onebox.conf')
        with open(self.config, 'w') as f:
            f.write(config)
        if zones is not None:
            folder = os.path.join(self.folder.path, 'zones')
            os.mkdir(folder)
            for zone, text in zones.items():
                with open(os.path.join(folder, zone + '.zone'), 'w') as f:
                    f.write(text)
            self.sets.append(f'dnsd.zones={folder}')
        self.logs = Logs(os.path.join(self.state, 'log'))
        self.dns = Dns(self.dns_port)
        self.dns6 = Dns(self.dns_port, '::1')
        self.http = Http(self.http_port)
        self.https = Http(self.https_port, tls=True)
        self.supervisor = None
        self.mark = os.environ.get(MARK, str(os.getpid()))

    # ---- life ----

    def command(self):
        command = [os.path.join(BUILD, 'bin', 'supervisor'), '--state', self.state,
                   '--config', self.config]
        for value in self.sets:
            command += ['--set', value]
        return command

    def start(self, ready=True):
        if self.template and self.instances['dbproxy'] > 0:
            copy_template(self.state)
        env = sanitizer_env({**os.environ, **self.env, MARK: self.mark})
        env.pop('NOTIFY_SOCKET', None)
        self.output = open(os.path.join(self.folder.path, 'supervisor.out'), 'ab')
        self.supervisor = subprocess.Popen(
            self.command(), stdin=subprocess.DEVNULL, stdout=self.output,
            stderr=self.output, env=env, cwd=ROOT)
        if ready:
            wait_until(self.is_ready, START_SECONDS, 'the world to be ready')

    def is_ready(self):
        code = self.supervisor.poll()
        if code is not None:
            raise RuntimeError(f'the supervisor ended with {code}:\n{self.said()}')
        status = self.status()
        return status is not None and status['ready']

    def said(self):
        """What the supervisor wrote to its standard output and error."""
        with open(self.output.name, errors='replace') as f:
            return f.read()

    def stop(self, seconds=30):
        """As deploy/down does. Gives the supervisor's exit code."""
        if self.supervisor.poll() is None:
            self.supervisor.send_signal(signal.SIGTERM)
        return self.supervisor.wait(seconds)

    def left_over(self):
        """Processes that belong to this world still."""
        state = self.state.encode()
        found = []
        for pid in marked(self.mark):
            try:
                with open(f'/proc/{pid}/cmdline', 'rb') as f:
                    if state in f.read():
                        found.append(pid)
            except OSError:
                pass
        return found

    def end_left_over(self):
        """True when there are none. Again and again: supervisor and guard revive each other."""
        left = self.left_over()
        for pid in left:
            kill(pid)
        return not left

    def end(self, failed):
        problems = []
        if self.supervisor is not None:
            try:
                code = self.stop()
                if code != 0 and not failed:
                    problems.append(f'the supervisor ended with {code}: {self.said()[-2000:]}')
            except subprocess.TimeoutExpired:
                problems.append('the supervisor did not stop within 30 s')
                self.supervisor.kill()
                self.supervisor.wait()
            self.output.close()
        for pid in self.left_over():
            problems.append(f'process {pid} is left: {name_of(pid)}')
        wait_until(self.end_left_over, 10, 'the left processes to go')
        run = os.path.join(self.state, 'run')
        if os.path.isdir(run) and os.listdir(run):
            problems.append(f'left in the run directory: {os.listdir(run)}')
        problems += self.logs.unexpected(self.expect)
        if failed or problems:
            if self.supervisor is not None:
                print(f'---- the supervisor said:\n{self.said()[-4000:]}')
            self.logs.show()
        self.folder.remove()
        assert failed or not problems, '\n'.join(problems)

    # ---- looking and acting ----

    def onebox(self, *args, check=True, seconds=60):
        """The onebox command on this stack: (exit code, output)."""
        done = subprocess.run([os.path.join(BUILD, 'bin', 'onebox'), *args, '--state',
                               self.state], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=seconds, cwd=ROOT, text=True,
                              env=sanitizer_env())
        assert not check or done.returncode == 0, \
            f'onebox {" ".join(args)} ended with {done.returncode}: {done.stdout}'
        return done.returncode, done.stdout

    def status(self):
        """`onebox status --json`, or None while nobody answers."""
        code, text = self.onebox('status', '--json', check=False)
        try:
            return json.loads(text) if text.startswith('{') else None
        except json.JSONDecodeError:
            return None

    def pids(self, daemon, state='ready'):
        """Of its instances in that state, by slot; state None: of all."""
        status = self.status() or {'instances': []}
        found = [x for x in status['instances'] if x['daemon'] == daemon and x.get('pid')
                 and (state is None or x['state'] == state)]
        return [x['pid'] for x in sorted(found, key=lambda x: x['slot'])]

    def kill(self, pid, number=signal.SIGKILL):
        """Kills one of its processes; the supervisor's line about that is expected."""
        self.expect.append(rf'\] error died .*\bpid={pid} ')
        kill(pid, number)

    def kill_and_wait(self, daemon, number=signal.SIGKILL):
        """Kills one instance and waits until another stands in its place."""
        before = self.pids(daemon)
        self.kill(before[0], number)
        wait_until(lambda: before[0] not in self.pids(daemon)
                   and len(self.pids(daemon)) == len(before), 20, f'{daemon} to be back')

    def sql(self, text):
        """Rows of the private database, as lists of texts. A null is the text NULL."""
        socket = os.path.join(self.state, 'run', 'mariadb.sock')
        user = pwd.getpwuid(os.stat(socket).st_uid)
        as_user = {'user': user.pw_uid, 'group': user.pw_gid, 'extra_groups': []}
        done = subprocess.run(['mariadb', '--no-defaults', '-BN', '-S', socket, '-u',
                               user.pw_name, 'onebox'], input=text, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              **(as_user if os.getuid() == 0 else {}))
        assert done.returncode == 0, f'{text[:200]}: {done.stderr}'
        return [line.split('\t') for line in done.stdout.splitlines()]

    def dump(self):
        """Every row of every table of the private database, as bytes."""
        socket = os.path.join(self.state, 'run', 'mariadb.sock')
        user = pwd.getpwuid(os.stat(socket).st_uid)
        as_user = {'user': user.pw_uid, 'group': user.pw_gid, 'extra_groups': []}
        text = ''.join(f'SELECT * FROM `{name}`;' for [name] in self.sql('SHOW TABLES'))
        return subprocess.run(['mariadb', '--no-defaults', '-BN', '-S', socket, '-u',
                               user.pw_name, 'onebox'], input=text.encode(), check=True,
                              stdout=subprocess.PIPE,
                              **(as_user if os.getuid() == 0 else {})).stdout

    def memory_kib(self):
        return sum(pss_kib(x['pid']) for x in self.status()['instances']
                   if process_alive(x['pid']))


# ---- the database template ----

def template_folder():
    """Beside the build, or where this user may write."""
    if os.access(BUILD, os.W_OK):
        return BUILD
    folder = os.path.join(tempfile.gettempdir(), f'onebox-templates-{os.getuid()}')
    os.makedirs(folder, 0o700, exist_ok=True)
    return folder


def template_path():
    """Differs for each build, so that a changed schema makes a new one."""
    h = hashlib.sha256()
    for name in ('supervisor', 'dbproxy'):
        with open(os.path.join(BUILD, 'bin', name), 'rb') as f:
            h.update(f.read())
    return os.path.join(template_folder(), f'database-{os.getuid()}-{h.hexdigest()[:12]}')


def make_template(path):
    for name in os.listdir(template_folder()):  # of builds before
        if name.startswith(f'database-{os.getuid()}-') and not name.endswith('.lock'):
            shutil.rmtree(os.path.join(template_folder(), name), ignore_errors=True)
    w = World(instances={'dnsd': 0, 'webd': 0, 'appd': 0}, template=False)
    try:
        w.start()
        assert w.stop() == 0, w.said()
        copy_folder(os.path.join(w.state, 'mysql'), path + '.new')
        os.rename(path + '.new', path)
    finally:
        w.end(failed=True) if not os.path.isdir(path) else w.end(failed=False)


def copy_folder(source, target):
    subprocess.run(['cp', '-a', '--reflink=auto', '--sparse=always', source, target],
                   check=True)


def copy_template(state):
    path = template_path()
    with open(os.path.join(template_folder(), f'database-{os.getuid()}.lock'), 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(path):
            make_template(path)
    if not os.path.exists(os.path.join(state, 'mysql')):
        copy_folder(path, os.path.join(state, 'mysql'))
