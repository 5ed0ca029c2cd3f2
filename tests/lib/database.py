"""A MariaDB of one's own for tests of dbproxy alone, and dbproxy before it.

    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        assert sql('test_get', 1).rows == [['row 1']]
        db.kill()

The server has no network and lives in a folder under /tmp; run by root it runs as nobody.
DbProxy is the tests' dbproxy (build/*/tests/dbproxy), which has the statements of
tests/sql beside the site's own."""

import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading

from lib.daemon import Daemon
from lib.env import BUILD, sanitizer_env
from lib.proc import kill, wait_gone
from lib.wait import wait_until

SERVER = '/usr/sbin/mariadbd'
INSTALL = '/usr/bin/mariadb-install-db'
CLIENT = '/usr/bin/mariadb'
OPTIONS = """--skip-networking --skip-name-resolve --local-infile=0
--character-set-server=utf8mb4 --innodb-rollback-on-timeout=1 --innodb-lock-wait-timeout=2
--thread-handling=pool-of-threads --max-connections=200 --performance-schema=OFF
--innodb-buffer-pool-size=16M --innodb-log-file-size=16M --innodb-log-buffer-size=2M
--aria-pagecache-buffer-size=1M --key-buffer-size=64K --thread-stack=192K
--innodb-flush-log-at-trx-commit=1 --max-allowed-packet=64M""".split()
TABLES = """
CREATE TABLE test_rows (id INT PRIMARY KEY, c VARCHAR(200) NOT NULL);
INSERT INTO test_rows SELECT seq, CONCAT('row ', seq) FROM seq_1_to_1000;
CREATE TABLE test_puts (id INT AUTO_INCREMENT PRIMARY KEY, run BIGINT, seq BIGINT, KEY (run));
CREATE TABLE test_items (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) NOT NULL,
  n INT NULL, small TINYINT NULL, kind ENUM('a', 'b') NULL, UNIQUE KEY item_name (name),
  CONSTRAINT n_is_small CHECK (n < 1000));
CREATE TABLE test_children (item_id INT NOT NULL,
  CONSTRAINT child_of FOREIGN KEY (item_id) REFERENCES test_items(id));
CREATE TABLE test_counters (id INT PRIMARY KEY, n INT NOT NULL);
INSERT INTO test_counters SELECT seq, 0 FROM seq_1_to_10;
CREATE TABLE test_signals (number INT);
CREATE TRIGGER test_signal BEFORE INSERT ON test_signals FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = NEW.number, MESSAGE_TEXT = 'as the test asked';
CREATE TABLE test_times (id INT PRIMARY KEY, at TIMESTAMP(6) NOT NULL);
CREATE TABLE test_full (v VARCHAR(1000)) ENGINE=MEMORY MAX_ROWS=2;
CREATE TABLE test_columns (id INT PRIMARY KEY, small TINYINT UNSIGNED, u BIGINT UNSIGNED,
  n DECIMAL(65,30), f FLOAT, d DOUBLE, bits BIT(64), y YEAR, day DATE, span TIME(6),
  at DATETIME(6), j JSON, e ENUM('a', 'ü'), s SET('x', 'y', 'z'), b LONGBLOB, t LONGTEXT);
"""


def server_user():
    return pwd.getpwnam('nobody' if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name)


class Database:
    """options: further ones of mariadbd. tables: make the tests' tables. like: another,
    to copy what the install made, which takes half of the time."""

    def __init__(self, options=(), tables=True, database='onebox', like=None):
        assert os.path.exists(SERVER), f'no {SERVER}; deploy/install-packages run brings it'
        self.options, self.tables, self.name = list(options), tables, database
        self.like, self.copied = like, False
        self.folder = tempfile.mkdtemp(prefix='onebox-db-')
        self.user = server_user()
        self.socket = os.path.join(self.folder, 'db.sock')
        self.env = None  # of the server; ours
        self.process = None

    def __enter__(self):
        try:
            self.create()
            self.start()
            if os.getuid() == 0:
                self.sql("ALTER USER root@localhost IDENTIFIED VIA unix_socket",
                         as_user=self.user.pw_name)
            if self.tables:
                self.sql(f'CREATE DATABASE {self.name} CHARACTER SET utf8mb4')
                self.sql(TABLES, database=self.name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *unused):
        if self.process is not None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _as_user(self):
        if os.getuid() != 0:
            return {}
        return {'user': self.user.pw_uid, 'group': self.user.pw_gid, 'extra_groups': []}

    def create(self):
        os.chmod(self.folder, 0o755)
        for name in ('data', 'tmp'):
            path = os.path.join(self.folder, name)
            os.mkdir(path, 0o700)
            if os.getuid() == 0:
                os.chown(path, self.user.pw_uid, self.user.pw_gid)
        if os.getuid() == 0:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        if self.like is not None:  # its data, while nobody had started it yet
            subprocess.run(['cp', '-a', f'{self.like.folder}/fresh/.', f'{self.folder}/data'],
                           check=True)
            return
        tmp = os.path.join(self.folder, 'tmp')
        done = subprocess.run(
            [INSTALL, '--no-defaults', f'--datadir={self.folder}/data', '--basedir=/usr',
             '--auth-root-authentication-method=socket', '--skip-test-db',
             f'--auth-root-socket-user={self.user.pw_name}', '--skip-name-resolve',
             '--innodb-log-file-size=16M', f'--tmpdir={tmp}'],
            env={**os.environ, 'TMPDIR': tmp}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, cwd=self.folder, **self._as_user())
        assert done.returncode == 0, done.stdout
        if self.copied:
            subprocess.run(['cp', '-a', f'{self.folder}/data', f'{self.folder}/fresh'], check=True)

    def command(self):
        f = self.folder
        return [SERVER, '--no-defaults', f'--datadir={f}/data', f'--socket={self.socket}',
                f'--pid-file={f}/db.pid', f'--tmpdir={f}/tmp', *OPTIONS, *self.options]

    def start(self, wait=True):
        with open(os.path.join(self.folder, 'db.err'), 'ab') as err:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL,
                                            stdout=err, stderr=err, cwd=self.folder,
                                            env=self.env,
                                            **self._as_user())
        if wait:
            wait_until(self.answers, 60, 'mariadbd to answer')

    def log(self):
        with open(os.path.join(self.folder, 'db.err'), errors='replace') as f:
            return f.read()

    def answers(self):
        return self._client('SELECT 1', None, self.user.pw_name).returncode == 0

    def _client(self, text, database, user):
        command = [CLIENT, '--no-defaults', '-BN', '-S', self.socket, '-u', user]
        other = os.getuid() == 0 and user != 'root'
        return subprocess.run(command + ([database] if database else []), input=text,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              **(self._as_user() if other else {}))

    def sql(self, text, database=None, as_user=None):
        """Rows as lists of texts."""
        user = as_user or pwd.getpwuid(os.getuid()).pw_name
        done = self._client(text, database, user)
        assert done.returncode == 0, f'{text[:200]}: {done.stderr}'
        return [line.split('\t') for line in done.stdout.splitlines()]

    def kill_connections(self, before=''):
        """Those of dbproxy."""
        ids = self.sql('SELECT id FROM information_schema.processlist '
                       f"WHERE db = '{self.name}' AND id <> CONNECTION_ID()")
        self.sql(before + ''.join(f'KILL {i[0]};' for i in ids))

    def lock(self, text):
        """Runs it in a transaction that stays open until .end()."""
        return Lock(self, text)

    def kill(self, number=signal.SIGKILL):
        kill(self.process.pid, number)
        self.process.wait()

    def signal(self, number):
        kill(self.process.pid, number)


class Lock:
    def __init__(self, db, text):
        self.client = subprocess.Popen(
            [CLIENT, '--no-defaults', '-BN', '--unbuffered', '-S', db.socket, '-u',
             pwd.getpwuid(os.getuid()).pw_name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.client.stdin.write(f"START TRANSACTION; {text}; SELECT 'locked';\n")
        self.client.stdin.flush()
        assert 'locked' in self.client.stdout.readline()

    def end(self):
        self.client.stdin.close()  # rolls back
        self.client.wait()
        self.client.stdout.close()


class DbProxy(Daemon):
    """db: a Database, or None when a `config` names the servers."""

    def __init__(self, db, sets=(), **more):
        socket = [f'dbproxy.socket={db.socket}'] if db is not None else []
        super().__init__('dbproxy', program=os.path.join(BUILD, 'tests', 'dbproxy'),
                         sets=[*socket, *sets], **more)


def restart(p):
    """A DbProxy killed, and the same slot again, as the supervisor does."""
    kill(p.pid)
    p.notify.close()
    p.notes = ''
    p.wait_end()
    for name in os.listdir(p.folder.run):
        if f'.{p.pid}.' in name:
            os.unlink(os.path.join(p.folder.run, name))
    p.start()


class Answer:
    def __init__(self, values):
        self.values = values
        self.status, self.us = values['status'], values.get('us')
        self.word, self.detail = values.get('class'), values.get('detail')
        self.trace, self.position = values.get('trace'), values.get('position')
        self.results = values.get('results', [])

    @property
    def rows(self):
        """Of the first result."""
        r = self.results[0]
        n = r['columns']
        return [r['cells'][i:i + n] for i in range(0, len(r['cells']), n)]

    @property
    def done(self):
        r = self.results[0]
        return r['affected'], r['insert_id']

    def __repr__(self):
        return json.dumps(self.values)


def text_of(value):
    if value is None:
        return 'n'
    if isinstance(value, bool):
        return 't' if value else 'f'
    if isinstance(value, int):
        return f'i:{value}'
    if isinstance(value, float):
        return f'd:{value!r}'
    data = value.encode() if isinstance(value, str) else value
    return 's:' + ''.join(chr(c) if c < 128 and chr(c).isalnum() else f'%{c:02x}' for c in data)


class Sql:
    """Calls statements as appd does. run: a Daemon (or a folder of fabric sockets)."""

    def __init__(self, run, ready=True):
        self.run = run if isinstance(run, str) else run.folder.run
        self.answers, self.next = {}, 0
        self.changed, self.sending = threading.Condition(), threading.Lock()

    def __enter__(self):
        self.process = subprocess.Popen([os.path.join(BUILD, 'tests', 'tools', 'sql'), self.run],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=sanitizer_env())
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        return self

    def __exit__(self, *unused):
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        wait_gone(self.process.pid)
        self.reader.join()
        self.process.stdout.close()

    def _read(self):
        for line in self.process.stdout:
            values = json.loads(line)
            with self.changed:
                self.answers[values['id']] = Answer(values)
                self.changed.notify_all()

    def send(self, *statements, budget=5000, key=None, raw=None, seen=None):
        """Statements: (name, value...) each. seen: the position. Gives a number for
        `wait`."""
        words = ' ; '.join(' '.join([s[0], *map(text_of, s[1:])]) for s in statements)
        if raw is not None:
            words = 'x:' + raw.hex()
        position = '' if seen is None else f'@{seen} '
        return self._write(f'{budget} {key or "-"} {position}{words}')

    def _write(self, line):
        with self.sending:
            self.next += 1
            self.process.stdin.write(f'{self.next} {line}\n')
            self.process.stdin.flush()
            return self.next

    def wait(self, number, seconds=30):
        with self.changed:
            assert self.changed.wait_for(lambda: number in self.answers, seconds), \
                f'no answer to {number}'
            return self.answers.pop(number)

    def cancel(self, number):
        with self.sending:
            self.process.stdin.write(f'{number} cancel\n')
            self.process.stdin.flush()

    def stats(self):
        """Of one instance: {'metric{labels}': value}."""
        text = self.wait(self._write('stats')).values['text']
        return {name: float(value) for name, value in
                (x.rsplit(' ', 1) for x in text.splitlines() if x and x[0] != '#')}

    def batch(self, *statements, **how):
        return self.wait(self.send(*statements, **how))

    def __call__(self, name, *values, **how):
        return self.batch((name, *values), **how)
