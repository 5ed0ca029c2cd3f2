"""A primary and replicas behind dbproxy: who writes, who reads, and what a change of roles
costs."""

import os
import tempfile
import threading
import time

from lib import wait_until
from lib.database import DbProxy, Sql
from lib.replicas import Replicas

SECONDS = 120


class Stack:
    """Three servers, dbproxy, a caller."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.replicas = Replicas(3).__enter__()
        self.proxy = DbProxy(None, config=self.replicas.config(self.folder.name)).__enter__()
        self.sql = Sql(self.proxy).__enter__()
        wait_until(lambda: len(self.roles('replica')) == 2 and len(self.roles('primary')) == 1)
        return self

    def __exit__(self, *how):
        self.sql.__exit__(*how)
        try:
            self.proxy.__exit__(*how)
        finally:
            self.replicas.__exit__()
            self.folder.cleanup()

    def roles(self, role):
        return [x for x in self.sql.stats() if x.startswith('dbproxy_connections{')
                and f'role="{role}"' in x and 'state="idle"' in x]


def test_reads_are_spread_and_see_their_own_writes():
    with Stack() as s:
        sql = s.sql
        # a replica may be read by who has seen nothing, once it has shown itself near
        wait_until(lambda: sql('test_server').rows[0][0] in (2, 3), 20)
        assert {sql('test_server', seen='').rows[0][0] for _ in range(10)} == {1}
        stale = 0
        for i in range(1, 501):
            done = sql('test_bump', 1, key=os.urandom(16).hex())
            assert done.word == 'ok' and done.position, done
            stale += sql('test_counter', 1, seen=done.position).rows != [[i]]
        assert stale == 0
        # a list is one transaction, and says its position too
        done = sql.batch(('test_bump', 2), ('test_bump', 2), key=os.urandom(16).hex())
        assert done.position, done
        assert sql('test_counter', 2, seen=done.position).rows == [[2]]


def long_ten_thousand_reads_after_a_write_are_never_stale():
    with Stack() as s:
        stale = 0
        for i in range(1, 10_001):
            done = s.sql('test_bump', 1, key=os.urandom(16).hex())
            stale += s.sql('test_counter', 1, seen=done.position).rows != [[i]]
        print(f'{stale} of 10000 stale')
        assert stale == 0


def test_a_replica_that_stands_still_is_not_read():
    with Stack() as s:
        for i in (1, 2):
            s.replicas.nodes[i].sql('STOP SLAVE SQL_THREAD')
        done = s.sql('test_bump', 1)
        assert s.sql('test_counter', 1, seen=done.position).rows == [[1]]
        wait_until(lambda: s.sql('test_server').rows == [[1]], 20)


def test_a_switchover_fails_nothing():
    with Stack() as s:
        began = {}
        gaps, last = [], time.monotonic()
        numbers = []
        for i in range(300):
            if i == 100:
                t = threading.Thread(target=s.replicas.switchover, args=(1,))
                t.start()
            n = s.sql.send(('test_put', 7, i), key=os.urandom(16).hex(), budget=10000)
            began[n] = time.monotonic()
            numbers.append(n)
            got = s.sql.wait(n)
            assert got.word == 'ok', got
            now = time.monotonic()
            gaps.append(now - last)
            last = now
        t.join()
        print(f'longest gap {max(gaps) * 1000:.0f} ms')
        assert s.sql('test_puts', 7, seen='').rows == [[300, 300]]
        assert s.sql('test_server', seen='').rows == [[2]]


def test_the_primary_killed_loses_nothing_and_a_promoted_one_is_found():
    with Stack() as s:
        for i in range(200):
            if i == 100:
                s.replicas.nodes[0].kill()
                t = threading.Thread(target=s.replicas.failover)
                t.start()
            got = s.sql('test_put', 8, i, key=os.urandom(16).hex(), budget=20000)
            assert got.word == 'ok', got
        t.join()
        assert s.sql('test_puts', 8, seen='').rows == [[200, 200]]


def test_a_password_file_that_others_can_read_is_refused():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'password')
        with open(path, 'w') as f:
            f.write('secret\n')
        os.chmod(path, 0o644)
        p = DbProxy(None, ready=False, expect=['bad_server'],
                    config=f'[server a]\naddress = 127.0.0.1:1\ntls = no\npassword_file = {path}\n')
        p.start()
        assert p.wait_end() == 78
        assert 'mode 0600' in p.logs.text('dbproxy') and 'secret' not in p.logs.text('dbproxy')
        p.end(failed=False)
