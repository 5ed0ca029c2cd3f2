"""deploy/up and deploy/down as people use them: from nothing to ready and back."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time

from lib import BUILD, ROOT, Skip, process_alive, wait_until
from lib.dns import Dns
from lib.env import sanitizer_env
from lib.http import Http
from lib.ports import free_port

SECONDS = 120
NOBODY = 65534


class Stack:
    """A state directory of its own, ports of its own, and the scripts run on them."""

    def __init__(self, state=None, build=BUILD, user=None):
        self.folder = tempfile.mkdtemp(prefix='onebox-up-')
        os.chmod(self.folder, 0o755)
        self.state = os.path.join(self.folder, state or 'state')
        self.build, self.user = build, user
        if user:
            os.chown(self.folder, user, user)
        self.ports = {'dns': free_port(), 'http': free_port(), 'https': free_port()}
        self.http, self.dns = Http(self.ports['http']), Dns(self.ports['dns'])

    def run(self, script, *args, check=0, env=None):
        command = [os.path.join(ROOT, 'deploy', script), *args, '--state', self.state]
        if self.user:
            command = ['setpriv', f'--reuid={self.user}', f'--regid={self.user}',
                       '--clear-groups', *command]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=100, cwd='/',
                              env={**sanitizer_env(), 'BUILD': self.build, **(env or {})})
        assert check is None or done.returncode == check, \
            f'{script} ended with {done.returncode}, not {check}: {done.stdout}'
        return done.returncode, done.stdout

    def up(self, *args, check=0, **more):
        ports = [x for k, v in self.ports.items() for x in (f'--{k}', str(v))]
        return self.run('up', *ports, *args, check=check, **more)[1]

    def down(self):
        return self.run('down')[1]

    def status(self):
        return json.loads(self.run('onebox', 'status', '--json')[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.run('down', check=None)
        shutil.rmtree(self.folder, ignore_errors=True)


def test_up_down_and_up_again():
    with Stack() as s:
        said = s.up('--instances', 'dnsd=1,webd=1,appd=1,dbproxy=1')
        assert f'http://localhost:{s.ports["http"]}/' in said, said
        assert f'dig www.foobar.com @127.0.0.1 -p {s.ports["dns"]}' in said, said
        assert f'{s.state}/log' in said, said
        page = s.http.get('/')
        assert page.status == 200
        assert s.dns.values('www.foobar.com') == ['8.8.8.8']
        status = s.status()
        assert status['ready'] and status['logs'] == f'{s.state}/log'
        said = s.up('--instances', 'webd=1')
        assert 'is ready' in said and 'runs already' in said, said
        pids = [x['pid'] for x in status['instances']] + [status['supervisor']['pid']]
        assert 'stopped' in s.down()
        assert not [p for p in pids if process_alive(p)]
        assert os.listdir(os.path.join(s.state, 'run')) == []
        assert sorted(x for x in os.listdir(os.path.join(s.state, 'log'))) == sorted(
            f'{x}.log' for x in ('access', 'appd', 'dbproxy', 'dnsd', 'mariadb', 'onebox',
                                 'slow', 'webd'))
        began = time.monotonic()
        s.up('--instances', 'dnsd=1,webd=1,appd=1,dbproxy=1')
        print(f'up again in {time.monotonic() - began:.2f} s')
        assert s.http.get('/').text == page.text


FEW = ('--instances', 'dnsd=1,webd=0,appd=0,dbproxy=0')


def test_up_on_a_running_one_tells_what_differs_and_what_makes_it_so():
    with Stack() as s:
        config = os.path.join(s.folder, 'mine.conf')
        with open(config, 'w') as f:
            f.write('[dnsd]\nrate = 300\n')
        s.up(*FEW, '--config', config, '--set', 'dnsd.identity=one')
        assert 'runs already' in s.up()
        assert 'runs already' in s.up('--config', config, '--set', 'dnsd.rate=300')
        said = s.up('--set', 'dnsd.identity=two', check=78)
        # the file would not be heard: it runs with a --set of its own
        assert "dnsd.identity is 'one', not 'two'" in said and 'deploy/down' in said, said
        for also in ((), ('--config', config)):
            said = s.up(*also, '--set', 'dnsd.version=x', check=78)
            assert f'write it into {config}' in said, said
        said = s.up('--instances', 'dnsd=2', check=78)
        assert f'onebox scale dnsd 2 --state {s.state}' in said, said
        s.run('onebox', 'scale', 'dnsd', '2')
        s.up('--instances', 'dnsd=2')
        with open(config, 'w') as f:
            f.write('[dnsd]\nrate = 400\n')
        said = s.up('--config', config, check=78)
        assert "dnsd.rate is '300', not '400'" in said and 'onebox reload' in said, said
        s.run('onebox', 'reload')
        s.up('--config', config)
        said = s.up('--listen', '127.0.0.1', check=78)
        assert 'onebox.listen' in said and 'deploy/down' in said, said
        for wrong, code, why in ((('--set', 'onebox.domain=../../x'), 78, 'domain takes'),
                                 (('--config', s.folder + '/none'), 78, 'cannot be read'),
                                 (('--set', 'webd.deadlin=1s'), 78, "did you mean 'deadline'"),
                                 (('--zones', s.folder + '/none'), 65, 'cannot be read')):
            said = s.up(*wrong, check=code)
            assert why in said and 'runs on with its own' in said, said
            assert 'deploy/down' not in said, said
        assert s.dns.values('www.foobar.com') == ['8.8.8.8']


def test_two_at_once_are_both_told_that_it_is_ready():
    with Stack() as s:
        ports = [x for k, v in s.ports.items() for x in (f'--{k}', str(v))]
        both = [subprocess.Popen([os.path.join(ROOT, 'deploy', 'up'), '--state', s.state, *FEW,
                                  *ports], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True,
                                 env={**sanitizer_env(), 'BUILD': s.build}) for _ in range(2)]
        said = [p.communicate(timeout=100)[0] for p in both]
        assert [p.returncode for p in both] == [0, 0], said
        assert all('Onebox is ready' in x for x in said), said
        assert s.dns.values('www.foobar.com') == ['8.8.8.8']


def test_stopped_when_it_was_just_found_ready():
    """The answer of `up` is true: ready, or said to be stopped; never both."""
    with Stack() as s:
        s.up(*FEW)
        for _ in range(3):
            ports = [x for k, v in s.ports.items() for x in (f'--{k}', str(v))]
            p = subprocess.Popen([os.path.join(ROOT, 'deploy', 'up'), '--state', s.state, *FEW,
                                  *ports], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True,
                                 env={**sanitizer_env(), 'BUILD': s.build})
            s.down()
            said = p.communicate(timeout=100)[0]
            assert p.returncode == (0 if 'is ready' in said else 69), (p.returncode, said)
            assert 'is ready' in said or 'it was stopped' in said, said
            assert 'no Onebox runs' not in said, said


def test_stopped_while_it_starts():
    with Stack() as s:
        ports = [x for k, v in s.ports.items() for x in (f'--{k}', str(v))]
        p = subprocess.Popen([os.path.join(ROOT, 'deploy', 'up'), '--state', s.state, *ports],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                             stderr=subprocess.STDOUT, env={**sanitizer_env(), 'BUILD': s.build})
        wait_until(lambda: os.path.isdir(os.path.join(s.state, 'mysql', 'data.new')), 60)
        s.down()
        said = p.communicate(timeout=60)[0]
        assert p.returncode == 69 and 'it was stopped' in said, (p.returncode, said)


def test_nothing_of_the_callers_stays_open():
    with Stack() as s, tempfile.TemporaryFile() as mine:
        ports = [x for k, v in s.ports.items() for x in (f'--{k}', str(v))]
        reads, writes = os.pipe()
        for fd in (mine.fileno(), writes):
            os.set_inheritable(fd, True)
        subprocess.run([os.path.join(ROOT, 'deploy', 'up'), '--state', s.state, *FEW, *ports],
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True,
                       close_fds=False, timeout=100, env={**sanitizer_env(), 'BUILD': s.build})
        os.close(writes)
        assert os.read(reads, 1) == b''  # nobody holds the other end
        os.close(reads)


def test_a_deep_state_directory():
    with Stack(state='deep-' + 'x' * 70 + '/' + 'y' * 75) as s:
        assert len(s.state) > 150
        s.up('--instances', 'dnsd=1,webd=1,appd=1,dbproxy=1')
        assert s.http.get('/').status == 200
        run = os.path.realpath(os.path.join(s.state, 'run'))
        assert len(run) < 60 and os.stat(run).st_mode & 0o777 == 0o700
        s.down()
        assert not os.path.exists(run)


def test_a_build_that_the_daemons_cannot_reach():
    if os.geteuid() != 0:
        raise Skip('needs another user')
    hidden = tempfile.mkdtemp(prefix='onebox-hidden-')
    try:
        build = os.path.join(hidden, 'build')
        os.mkdir(build)
        for part in ('bin', 'static', 'zones'):
            if os.path.isdir(os.path.join(BUILD, part)):
                shutil.copytree(os.path.join(BUILD, part), os.path.join(build, part))
        with Stack(build=build) as s:
            s.up('--instances', 'dnsd=1,webd=1,appd=1,dbproxy=1')
            assert s.http.get('/').status == 200
            for x in s.status()['instances']:
                assert os.stat(f'/proc/{x["pid"]}').st_uid != 0, x
    finally:
        shutil.rmtree(hidden)


def test_an_ordinary_user():
    if os.geteuid() != 0:
        raise Skip('the other tests are this one then')
    if subprocess.run(['setpriv', f'--reuid={NOBODY}', '--clear-groups', 'test', '-x',
                       os.path.join(BUILD, 'bin', 'webd')], check=False).returncode:
        raise Skip('the build cannot be reached by others')
    with Stack(user=NOBODY) as s:
        s.up('--instances', 'dnsd=1,webd=1,appd=1,dbproxy=1')
        assert s.http.get('/').status == 200
        status = s.status()
        pids = [x['pid'] for x in status['instances']] + [status['supervisor']['pid']]
        assert {os.stat(f'/proc/{p}').st_uid for p in pids} == {NOBODY}


def test_the_address_and_a_zone_made_ones_own():
    with Stack() as s:
        few = ('--instances', 'dnsd=1,webd=0,appd=0,dbproxy=0')
        s.up('--address', '192.0.2.5', *few)
        assert s.dns.values('www.foobar.com') == ['192.0.2.5']
        s.down()
        s.up('--address', '2001:db8::5', *few)
        assert s.dns.values('www.foobar.com', 'AAAA') == ['2001:db8::5']
        assert s.dns.values('www.foobar.com') == []
        s.down()
        path = os.path.join(s.state, 'zones', 'foobar.com.zone')
        with open(path, 'a') as f:
            f.write('mine TXT "by hand"\n')
        said = s.up('--address', '192.0.2.6', *few)
        assert 'edited by hand' in said, said
        assert s.dns.values('mine.foobar.com', 'TXT') == ['"by hand"']


def test_foreground_stays_and_ends_with_the_terminal():
    with Stack() as s:
        ports = [x for k, v in s.ports.items() for x in (f'--{k}', str(v))]
        p = subprocess.Popen([os.path.join(ROOT, 'deploy', 'up'), '--foreground', '--state',
                              s.state, '--instances', 'dnsd=1,webd=0,appd=0,dbproxy=0', *ports],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                             stderr=subprocess.STDOUT,
                             env={**sanitizer_env(), 'BUILD': s.build})
        seen = ''
        while 'logs ' not in seen:
            line = p.stdout.readline()
            assert line, seen
            seen += line
        assert s.dns.values('www.foobar.com') == ['8.8.8.8']
        p.terminate()
        rest, _ = p.communicate(timeout=20)
        assert p.returncode == 0, seen + rest


# ---- bad input: one clear sentence, the documented code, nothing half-started ----

def refused(code, *args, words=(), stack=None, env=None):
    with stack or Stack() as s:
        said = s.up(*args, check=code, env=env)
        for word in words:
            assert word in said, f'{word!r} is not in: {said}'
        assert s.run('onebox', 'status', check=69)
        run = os.path.join(s.state, 'run')
        assert not os.path.isdir(run) or os.listdir(run) == []


def test_a_misspelt_key():
    with tempfile.NamedTemporaryFile('w', suffix='.conf') as f:
        f.write('[webd]\nmax_bodi = 1m\n')
        f.flush()
        refused(78, '--config', f.name, words=[f'{f.name}:2', 'max_bodi', 'max_body'])
    refused(78, '--set', 'webd.instancs=1', words=['instancs', 'instances'])


def test_wrong_arguments():
    refused(64, '--porrt', '5', words=['--porrt'])
    refused(64, '--instances', 'webd', words=['--instances'])


def test_a_taken_port():
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused(71, '--http', str(port), words=[f'port {port}', f'pid {os.getpid()}',
                                                '--http'])


def test_one_port_for_two_things():
    port = str(free_port())
    refused(78, '--http', port, '--https', port, words=[port, '--http', '--https', 'both'])


def test_values_that_cannot_be():
    refused(78, '--set', 'onebox.domain=../../x', words=['domain name', '../../x'])
    refused(78, '--address', 'example.com', words=['address', 'example.com'])
    refused(64, *(f'--set=onebox.log_keep={n}' for n in range(201)), words=['200', '--config'])
    with tempfile.TemporaryDirectory() as folder:
        pipe = os.path.join(folder, 'pipe')
        os.mkfifo(pipe)
        refused(78, '--config', pipe, words=[pipe, 'not an ordinary file'])


def test_an_address_that_is_not_ours():
    refused(71, '--listen', '192.0.2.77', words=['192.0.2.77', '--listen'])
    refused(78, '--listen', 'everywhere', words=['everywhere'])


def test_an_unreadable_zone():
    with tempfile.TemporaryDirectory() as zones:
        os.chmod(zones, 0o755)
        with open(os.path.join(zones, 'foobar.com.zone'), 'w') as f:
            f.write('@ SOA this is no zone\n')
        refused(65, '--zones', zones, words=['dnsd', 'foobar.com.zone:1'])
        os.chmod(zones, 0o700)
        if os.geteuid() == 0:
            refused(65, '--zones', zones, words=[zones])


def test_no_database():
    refused(69, '--set', 'dbproxy.socket=/nonexistent/mysql.sock', '--set',
            'dbproxy.start_wait=100ms', words=['dbproxy', '/nonexistent/mysql.sock'])


def test_a_missing_package():
    with tempfile.TemporaryDirectory() as bin_folder:
        for name, text in (('dpkg-query', 'echo installed gcc'),
                           ('apt-get', 'echo "E: no network" >&2; exit 100')):
            path = os.path.join(bin_folder, name)
            with open(path, 'w') as f:
                f.write(f'#!/bin/sh\n{text}\n')
            os.chmod(path, 0o755)
        refused(69, words=['libzmq3-dev', 'apt-get' if os.geteuid() else 'could not be installed'],
                env={'PATH': bin_folder + ':' + os.environ['PATH']})


class Disk:
    """A file system of its own for the state directory."""

    def __init__(self, folder, mib):
        if os.geteuid() != 0:
            raise Skip('needs to mount')
        self.folder, self.mib = folder, mib

    def __enter__(self):
        os.mkdir(self.folder)
        if subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={self.mib}m,mode=755', 'tmpfs',
                           self.folder], check=False).returncode:
            raise Skip('cannot mount here')
        return self

    def fill(self):
        with open(os.path.join(self.folder, 'fill'), 'wb', buffering=0) as f:
            try:
                while True:
                    f.write(bytes(4096))
            except OSError:
                pass

    def __exit__(self, *_):
        subprocess.run(['umount', self.folder], check=True)


def test_a_full_disk():
    with Stack() as s, Disk(s.state, 8):
        said = s.up(check=73)
        assert 'full' in said or 'free' in said, said
        assert s.state in said and '--state' in said, said
        s.run('onebox', 'status', check=69)


def test_a_disk_that_is_nearly_full_is_enough_and_one_that_fills_is_named():
    with Stack() as s, Disk(s.state, 90) as disk:
        try:
            said = s.up()
            assert 'is ready' in said and 'MiB are free' in said, said
            disk.fill()
            code, said = s.run('onebox', 'check', check=None)
            assert code == 69 and said.startswith('wrong') and 'is full' in said, said
            s.run('onebox', 'reload')  # changes nothing, and so needs no room
            assert s.http.get('/').status == 200
            [pid] = [x['pid'] for x in s.status()['instances'] if x['daemon'] == 'mariadb']
            os.kill(pid, 9)
            code, said = s.run('onebox', 'check', check=None)
            assert code == 69 and 'mariadb.log' not in said, said
        finally:
            s.down()
        said = s.up(check=73)
        assert 'full' in said, said


def test_two_starts_at_once_make_the_system_user_once():
    """In a mount namespace with an /etc of its own, where there is no such user yet."""
    if os.geteuid() != 0 or subprocess.run(['unshare', '-m', 'true'], check=False,
                                           stderr=subprocess.DEVNULL).returncode != 0:
        raise Skip('needs root, and a mount namespace')
    with tempfile.TemporaryDirectory(prefix='onebox-user-') as folder:
        os.chmod(folder, 0o755)
        script = '''set -e
            cp -a /etc "$1/etc" && mount --bind "$1/etc" /etc
            sed -i /^onebox:/d /etc/passwd /etc/shadow /etc/group /etc/gshadow
            for n in 1 2 3 4; do
                "$2" --setup --state "$1/$n" --set dbproxy.instances=0 &
                pids="$pids $!"
            done
            for pid in $pids; do wait $pid; done
            grep -c ^onebox: /etc/passwd'''
        done = subprocess.run(['unshare', '-m', 'bash', '-c', script, 'sh', folder,
                               os.path.join(BUILD, 'bin', 'supervisor')], check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=100,
                              env=sanitizer_env())
        assert done.returncode == 0 and done.stdout.endswith('\n1\n'), done.stdout
