"""One daemon by itself, started as systemd would start it: sockets inherited, readiness
told over NOTIFY_SOCKET. For tests of one daemon; a whole stack is World."""

import fcntl
import os
import shutil
import signal
import socket
import tempfile

from lib.dns import Dns
from lib.env import BUILD, MARK, sanitizer_env
from lib.http import Http
from lib.lived import Lived
from lib.logs import Logs
from lib.ports import free_port
from lib.proc import kill
from lib.wait import wait_until

KINDS = {'dns-udp': socket.SOCK_DGRAM, 'dns-tcp': socket.SOCK_STREAM,
         'http': socket.SOCK_STREAM, 'https': socket.SOCK_STREAM}
FIRST_FD = 3


def listening(kind, address, port):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    s = socket.socket(family, KINDS[kind])
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind((address, port))
    if KINDS[kind] == socket.SOCK_STREAM:
        s.listen(1024)
    return s


class Folder:
    """A temporary folder that every user may enter, shaped like a state directory."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix='onebox-')
        os.chmod(self.path, 0o755)
        self.state = os.path.join(self.path, 'state')
        self.run = os.path.join(self.path, 'run')
        for name in (self.state, os.path.join(self.state, 'log'),
                     os.path.join(self.state, 'zones')):
            os.mkdir(name)
        os.mkdir(self.run, 0o700)

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


class Daemon(Lived):
    """with Daemon('dnsd', ['dns-udp', 'dns-tcp'], zones={'foobar.com': text}) as d: ...

    sockets   kinds to hand over; all share one port, on 127.0.0.1 and ::1
    sets      --set values; folder: share the run directory of another Daemon's folder
    expect    patterns of error lines that are no failure
    program   its path, when it is not bin/NAME of the build"""

    def __init__(self, name, sockets=(), sets=(), args=(), folder=None, slot=1, ready=True,
                 zones=None, config=None, expect=(), each=1, port=None, env=None,
                 program=None):
        self.program = program or os.path.join(BUILD, 'bin', name)
        self.name, self.slot, self.wait_ready, self.expect = name, slot, ready, list(expect)
        self.folder, self.own_folder = folder or Folder(), folder is None
        self.port = port or (free_port() if sockets else None)
        self.held = [(kind, listening(kind, address, self.port)) for kind in sockets
                     for address in ('127.0.0.1', '::1') for _ in range(each)]
        self.args = ['--state', self.folder.state, '--run', self.folder.run, '--slot', str(slot)]
        for value in sets:
            self.args += ['--set', value]
        if config is not None:
            self.args += ['--config', self._write('onebox.conf', config)]
        for zone, text in (zones or {}).items():
            self._write(f'state/zones/{zone}.zone', text)
        self.args += list(args)
        self.env, self.pid, self.code = env or {}, None, None
        self.dns = Dns(self.port, seconds=5)
        self.http = Http(self.port)
        self.logs = Logs(os.path.join(self.folder.state, 'log'))
        self.notify_path = os.path.join(self.folder.path, f'notify.{name}.{slot}')
        self.notes = ''

    def _write(self, name, text):
        path = os.path.join(self.folder.path, name)
        with open(path, 'w') as f:
            f.write(text)
        return path

    def start(self):
        if os.path.exists(self.notify_path):
            os.unlink(self.notify_path)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(self.notify_path)
        self.notify.setblocking(False)
        env = sanitizer_env({**os.environ, **self.env})
        env.update(NOTIFY_SOCKET=self.notify_path, LISTEN_FDS=str(len(self.held)),
                   LISTEN_FDNAMES=':'.join(kind for kind, _ in self.held))
        env.setdefault(MARK, str(os.getpid()))
        log = os.open(os.path.join(self.folder.state, 'log', self.name + '.log'),
                      os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        # sources out of the way of the targets 3, 4, ...
        high = [fcntl.fcntl(s.fileno(), fcntl.F_DUPFD, 300) for _, s in self.held]
        log_high = fcntl.fcntl(log, fcntl.F_DUPFD, 300)
        actions = [(os.POSIX_SPAWN_DUP2, log_high, 1), (os.POSIX_SPAWN_DUP2, log_high, 2)]
        actions += [(os.POSIX_SPAWN_DUP2, fd, FIRST_FD + i) for i, fd in enumerate(high)]
        actions += [(os.POSIX_SPAWN_CLOSE, fd) for fd in high + [log_high]]
        try:
            # the shell is there to know its own pid, which the protocol asks for
            self.pid = os.posix_spawn('/bin/sh', [
                'sh', '-c', 'LISTEN_PID=$$ exec "$@"', 'sh', self.program, *self.args],
                env, file_actions=actions)
        finally:
            for fd in high + [log_high, log]:
                os.close(fd)
        self.code = None
        if self.wait_ready:
            wait_until(self.ready, 20, f'{self.name} to be ready')

    def ready(self):
        if self.ended() is not None:
            raise AssertionError(f'{self.name} ended with {self.code}')
        try:
            while True:
                self.notes += self.notify.recv(4096).decode() + '\n'
        except BlockingIOError:
            pass
        return 'READY=1' in self.notes

    def ended(self):
        """Its exit code (negative: the signal), or None while it runs."""
        if self.code is None and self.pid is not None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid != 0:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code

    def wait_end(self, seconds=15):
        wait_until(lambda: self.ended() is not None, seconds, f'{self.name} to end')
        return self.code

    def signal(self, number):
        assert self.ended() is None
        os.kill(self.pid, number)

    def stop(self):
        """As SIGTERM does; gives the exit code."""
        if self.ended() is None:
            self.signal(signal.SIGTERM)
        return self.wait_end()

    def restart(self):
        self.stop()
        self.notes = ''
        self.notify.close()
        self.start()

    def end(self, failed):
        problems = []
        if self.pid is not None and self.ended() is None:
            try:
                code = self.stop()
                if code != 0:
                    problems.append(f'{self.name} ended with {code}')
            except AssertionError as e:
                problems.append(str(e))
                kill(self.pid)
                self.wait_end()
        self.notify.close()
        problems += self.logs.unexpected(self.expect)
        if failed or problems:
            self.logs.show()
        for _, s in self.held:
            s.close()
        if self.own_folder:
            self.folder.remove()
        assert failed or not problems, '\n'.join(problems)
