"""The ledger: every write that the site acknowledged must be there once, at the end.

    ledger = Ledger(w)
    with Probes(w, extra={'write': ledger.writer}) as probes:
        ...
    assert ledger.problems() == []

A writer posts comments, each with a text of its own and an Idempotency-Key. When its
connection breaks it does what a careful client does: the same request with the same key
again. What was acknowledged goes to a file, so that it outlives the writer's process."""

import http.client
import json
import os
import subprocess
import tempfile
import time
import uuid

from lib.api import Api

from fault.probes import Failed

AGAIN_SECONDS = 10


class Writer:
    def __init__(self, ledger):
        self.ledger = ledger
        self.n, self.name = 0, uuid.uuid4().hex[:12]

    def ask(self):
        self.n += 1
        text = f'ledger-{self.name}-{self.n}'
        status = self.post(text, uuid.uuid4().hex)
        if status not in (200, 201):
            raise Failed(f'status {status}')
        self.ledger.acknowledge(text)

    def post(self, text, key):
        end = time.monotonic() + AGAIN_SECONDS
        while True:
            c = http.client.HTTPConnection('127.0.0.1', self.ledger.port, timeout=AGAIN_SECONDS)
            try:
                c.request('POST', self.ledger.path, json.dumps({'comment': {'body': text}}),
                          {'Host': 'www.foobar.com', 'Content-Type': 'application/json',
                           'Authorization': f'Token {self.ledger.token}',
                           'Idempotency-Key': key})
                r = c.getresponse()
                r.read()
                return r.status
            except (OSError, http.client.HTTPException):
                self.ledger.repeated()
                if time.monotonic() > end:
                    raise
                time.sleep(0.01)
            finally:
                c.close()


class Ledger:
    def __init__(self, w):
        self.w, self.port = w, w.http_port
        ann = Api(w.http).person()
        self.slug, self.token = ann.slug(), ann.token
        self.path = f'/api/articles/{self.slug}/comments'
        self.file = tempfile.NamedTemporaryFile(prefix='onebox-ledger-')
        self.repeats = tempfile.NamedTemporaryFile(prefix='onebox-ledger-')

    def writer(self):
        return Writer(self)

    def acknowledge(self, text):
        os.write(self.file.fileno(), (text + '\n').encode())  # in one piece: O_APPEND below

    def repeated(self):
        os.write(self.repeats.fileno(), b'.')

    def acknowledged(self):
        with open(self.file.name) as f:
            return f.read().split()

    def repeat_count(self):
        return os.path.getsize(self.repeats.name)

    def stored(self):
        """Every ledger text in the database, as often as it is there."""
        done = subprocess.run(
            ['mariadb', '--no-defaults', '--socket', os.path.join(self.w.state, 'run',
                                                                  'mariadb.sock'),
             '--user', self.user(), '-N', '-B', '-e',
             "SELECT body FROM comments WHERE body LIKE 'ledger-%'", 'onebox'],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
            preexec_fn=self.become)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    def user(self):
        return 'onebox' if os.geteuid() == 0 else subprocess.check_output(
            ['id', '-un'], text=True).strip()

    def become(self):
        if os.geteuid() == 0:
            import pwd
            who = pwd.getpwnam('onebox')
            os.setgid(who.pw_gid)
            os.setuid(who.pw_uid)

    def problems(self):
        acknowledged, stored = self.acknowledged(), self.stored()
        once = set(stored)
        found = [f'lost: {x}' for x in acknowledged if x not in once]
        if len(stored) != len(once):
            found += [f'twice: {x}' for x in once if stored.count(x) > 1]
        if not acknowledged:
            found.append('nothing was acknowledged')
        return found

    def report(self):
        return (f'ledger: {len(self.acknowledged())} acknowledged, {len(self.stored())} stored, '
                f'{self.repeat_count()} repeated by the client')
