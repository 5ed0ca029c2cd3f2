"""The other name servers that Debian has (NSD, Knot, BIND), each as a process of one's own
with one zone, for comparing with and for transfers both ways; and zones signed by ldns.

    with NameServer('knot', 'example.com', path, Transfers(notify=d.port)) as knot: ...

deploy/packages has them all: need('nsd', 'ldns-signzone') says so where one is missing."""

import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile

from lib.ports import free_port
from lib.wait import wait_until

KEY = 'transfer.key'
COMMANDS = {'nsd': ['nsd', '-d', '-c'], 'knot': ['knotd', '-c'],
            'bind': ['named', '-g', '-n', '1', '-c']}

NSD = """server:
  port: {port}
  ip-address: 127.0.0.1
  server-count: 1
  username: ""
  zonesdir: "{dir}"
  zonelistfile: "{dir}/nsd.list"
  xfrdfile: "{dir}/nsd.xfrd"
  xfrdir: "{dir}"
  pidfile: "{dir}/nsd.pid"
  rrl-ratelimit: 0
  minimal-responses: yes
  ipv4-edns-size: 1232
remote-control:
  control-enable: no
{key}
"""
NSD_ZONE = """zone:
  name: {zone}
  zonefile: "{file}"
{more}
"""
KNOT = """server:
  rundir: {dir}
  listen: 127.0.0.1@{port}
  udp-workers: 1
  tcp-workers: 1
database:
  storage: {dir}
{key}
template:
  - id: default
    semantic-checks: soft
    journal-content: {journal}
    zonefile-load: {load}
    zonefile-sync: -1
zone:
"""
KNOT_ZONE = """  - domain: {zone}
    file: {file}
{more}
"""
BIND = """options {{
  directory "{dir}"; pid-file none; session-keyfile none; lock-file none;
  listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
  recursion no; minimal-responses yes; max-udp-size 1232; check-integrity no;
  max-records-per-type 0; dnssec-validation no; notify explicit;
}};
controls {{ }};
{key}
"""
BIND_ZONE = """zone "{zone}" {{ type {role}; file "{file}"; {more} }};
"""


class Transfers:
    """notify: port on 127.0.0.1 that is told of changes and may fetch the zone;
    primary: port that it is fetched from; secret: of the key that signs all of it;
    refused: nobody may fetch it."""

    def __init__(self, notify=None, primary=None, secret=None, refused=False):
        self.notify, self.primary, self.secret = notify, primary, secret
        self.refused = refused


def nsd_text(t):
    key = KEY if t.secret else 'NOKEY'
    more = [] if t.refused else [f'provide-xfr: 127.0.0.1 {key}']
    if t.notify:
        more += [f'notify: 127.0.0.1@{t.notify} {key}', 'create-ixfr: yes', 'store-ixfr: yes']
    if t.primary:
        more += [f'allow-notify: 127.0.0.1 {key}', f'request-xfr: 127.0.0.1@{t.primary} {key}']
    return {
        'key': f'key:\n  name: {KEY}\n  algorithm: hmac-sha256\n  secret: "{t.secret}"'
               if t.secret else '',
        'more': ''.join(f'  {x}\n' for x in more),
    }


def knot_text(t):
    signed = f'    key: {KEY}\n' if t.secret else ''
    other = t.notify or t.primary
    head = (f'key:\n  - id: {KEY}\n    algorithm: hmac-sha256\n    secret: {t.secret}\n'
            if t.secret else '')
    if other:
        head += f'remote:\n  - id: other\n    address: 127.0.0.1@{other}\n{signed}'
    head += f'acl:\n  - id: all\n    address: 127.0.0.1\n    action: [transfer, notify]\n{signed}'
    more = '' if t.refused else '    acl: all\n'
    more += '    notify: other\n' if t.notify else ''
    more += '    master: other\n' if t.primary else ''
    return {'key': head, 'more': more, 'journal': 'changes' if other else 'none',
            'load': 'difference' if t.notify else 'whole'}


def bind_text(t):
    key = f'key "{KEY}"' if t.secret else ''
    may = f'{key};' if t.secret else 'none;' if t.refused else '127.0.0.1;'
    more = f'allow-transfer {{ {may} }}; '
    if t.primary:
        more += f'primaries {{ 127.0.0.1 port {t.primary} {key}; }};'
    else:
        more += 'check-names ignore; check-mx ignore; '
    if t.notify:
        more += (f'also-notify {{ 127.0.0.1 port {t.notify} {key}; }}; '
                 'ixfr-from-differences yes;')
    return {'role': 'secondary' if t.primary else 'primary', 'more': more,
            'key': f'{key} {{ algorithm hmac-sha256; secret "{t.secret}"; }};' if key else ''}


CONFIGS = {'nsd': (NSD, NSD_ZONE, nsd_text), 'knot': (KNOT, KNOT_ZONE, knot_text),
           'bind': (BIND, BIND_ZONE, bind_text)}


def program(name):
    return shutil.which(name, path='/usr/sbin:/usr/bin')


def need(*kinds):
    missing = [k for k in kinds if program(COMMANDS.get(k, [k])[0]) is None]
    assert not missing, (f'not installed: {" ".join(missing)}; '
                         'deploy/install-packages test brings it')


class NameServer:
    """more: other zones that it has beside this one, and their files."""

    def __init__(self, kind, zone, path=None, transfers=None, port=None, more=None):
        self.kind, self.zone, self.port = kind, zone, port or free_port()
        self.folder = tempfile.mkdtemp(prefix='onebox-ns-')
        os.chmod(self.folder, 0o777)
        self.path = path or os.path.join(self.folder, 'fetched.zone')
        server, each, text = CONFIGS[kind]
        values = text(transfers or Transfers())
        conf = os.path.join(self.folder, 'conf')
        with open(conf, 'w') as f:
            f.write(server.format(port=self.port, dir=self.folder, **values))
            for name, file in {zone: self.path, **(more or {})}.items():
                f.write(each.format(zone=name, file=file, **values))
        self.log = open(os.path.join(self.folder, 'log'), 'w+b')
        self.command = [program(COMMANDS[kind][0]), *COMMANDS[kind][1:], conf]
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=self.log,
                                        stdin=subprocess.DEVNULL)

    def __enter__(self):
        try:
            wait_until(self.answers, 20, f'{self.kind} to answer')
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def said(self):
        self.log.seek(0)
        return self.log.read().decode(errors='replace')

    def answers(self):
        """It is there, with a zone or without."""
        if self.process.poll() is not None:
            # NSD 4.6.1 loses a race against itself at some starts: once more
            if 'did not get start signal' not in self.said():
                raise RuntimeError(f'{self.kind} ended: {self.said()[-2000:]}')
            self.start()
        asked = struct.pack('!6H', 1, 0, 1, 0, 0, 0)
        asked += b''.join(bytes([len(x)]) + x.encode() for x in self.zone.split('.') if x)
        asked += b'\0' + struct.pack('!2H', 6, 1)
        try:
            with socket.create_connection(('127.0.0.1', self.port), timeout=5) as s:
                s.sendall(struct.pack('!H', len(asked)) + asked)
                return len(s.recv(100)) > 0
        except OSError:
            return False

    def reload(self):
        """The file has changed."""
        self.process.send_signal(signal.SIGHUP)

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


# ---- signing ----

class Signed:
    """A zone's text signed: `text`, and `anchor`, the DS of its key. Signer: ldns, which
    prints some labels so that nobody can read them, or BIND."""

    def __init__(self, text, origin, how=(), signer='ldns'):
        need('ldns-keygen', 'ldns-signzone', 'dnssec-signzone')
        folder = tempfile.mkdtemp(prefix='onebox-sign-')
        try:
            self._sign(folder, text, origin, how, signer)
        finally:
            shutil.rmtree(folder)

    def _sign(self, folder, text, origin, how, signer):
        keys = [self._run(folder, 'ldns-keygen', '-r', '/dev/urandom', '-a', 'ECDSAP256SHA256',
                          *k, origin) for k in (['-k'], [])]
        with open(os.path.join(folder, keys[0] + '.ds')) as f:
            self.anchor = f.read().strip()
        if signer == 'ldns':
            text = ''.join(x for x in text.splitlines(True) if not x.startswith('at\\@'))
            command = ['ldns-signzone', *how, '-o', origin, '-f', 'signed', 'plain', *keys]
        else:
            for key in keys:
                with open(os.path.join(folder, key + '.key')) as f:
                    text += f.read()
            command = ['dnssec-signzone', '-P', '-o', origin, *how, '-f', 'signed',
                       '-k', keys[0], 'plain', keys[1]]
        with open(os.path.join(folder, 'plain'), 'w') as f:
            f.write(f'$ORIGIN {origin.rstrip(".")}.\n{text}')
        self._run(folder, *command)
        with open(os.path.join(folder, 'signed')) as f:
            self.text = f.read()

    @staticmethod
    def _run(folder, *command):
        p = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert p.returncode == 0, p.stderr.decode(errors='replace')[-2000:]
        return p.stdout.decode().strip()
