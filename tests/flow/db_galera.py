"""Real Galera nodes behind dbproxy: who writes, who reads, and what the loss of a node or
of the quorum costs."""

import contextlib
import os
import re
import signal
import tempfile

from lib import wait_until
from lib.database import DbProxy, Sql
from lib.galera import Galera

SECONDS = 150
ALONE = True


class Stack:
    """Three nodes, dbproxy, a caller."""

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        enter = self.stack.enter_context
        try:
            folder = enter(tempfile.TemporaryDirectory())
            self.galera = enter(Galera())
            self.nodes = self.galera.nodes
            self.proxy = enter(DbProxy(None, config=self.galera.config(folder)))
            self.sql = enter(Sql(self.proxy))
            self.wait_roles('primary', 'replica', 'replica')
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *how):
        self.stack.__exit__(*how)

    def roles(self):
        found = (re.search(r'connections{server="n(\d)",role="(\w+)",state="idle"', x)
                 for x in self.sql.stats())
        return [x[2] for x in sorted((x for x in found if x), key=lambda x: x[1])]

    def wait_roles(self, *roles):
        wait_until(lambda: self.roles() == list(roles), 60, f'the roles {roles}')

    def put(self, run, numbers, budget=30000):
        """Keyed writes, all at once."""
        return [self.sql.send(('test_put', run, i), key=os.urandom(16).hex(), budget=budget)
                for i in numbers]

    def done(self, sent):
        for n in sent:
            got = self.sql.wait(n, 60)
            assert got.word == 'ok', got

    def stored(self, node, run):
        return node.sql('SET wsrep_sync_wait = 1; SELECT COUNT(*), COUNT(DISTINCT seq) '
                        f'FROM onebox.test_puts WHERE run = {run}')


def read_your_writes(s):
    sql = s.sql
    seen = set()
    for i in range(1, 201):
        done = sql('test_bump', 1, key=os.urandom(16).hex())
        assert done.word == 'ok', done
        got = sql.batch(('test_counter', 1), ('test_server',), seen=done.position)
        assert got.rows == [[i]], (i, got)
        seen.add(sql('test_server').rows[0][0])
    assert seen <= {2, 3} and seen, seen
    assert {sql('test_server', seen='').rows[0][0] for _ in range(10)} == {1}


def a_conflict_is_tried_again(s):
    """n1 has a row open that n2 writes meanwhile: who commits last has to begin again."""
    sent = s.sql.send(('test_bump', 5), ('test_slow_write', 'conflict', 3.0),
                      key=os.urandom(16).hex(), budget=60000)
    wait_until(lambda: s.nodes[0].sql('SELECT id FROM information_schema.processlist '
                                      "WHERE state = 'User sleep'"), 20)
    s.nodes[1].sql('UPDATE onebox.test_counters SET n = n + 1000 WHERE id = 5')
    got = s.sql.wait(sent, 60)
    assert got.word == 'ok', got
    assert s.sql('test_counter', 5).rows == [[1001]]
    wait_until(lambda: re.search(r'test_bump,test_slow_write class=ok .* tries=2',
                                 s.proxy.logs.text('dbproxy')), 20)


def the_writer_is_killed(s):
    sent = s.put(1, range(100))
    s.nodes[0].kill()
    s.done(s.put(1, range(100, 200)))
    s.done(sent)
    for node in s.nodes[1:]:
        assert s.stored(node, 1) == [['200', '200']]
    assert s.sql('test_puts', 1, seen='').rows == [[200, 200]]
    assert s.sql('test_puts', 1).rows == [[200, 200]]
    s.galera.back(0)
    s.galera.wait()
    assert s.stored(s.nodes[0], 1) == [['200', '200']]
    s.wait_roles('primary', 'replica', 'replica')


def the_writer_hangs(s):
    """What runs there is done again at the next, which knows by the key what was done."""
    sent = s.put(4, range(100))
    s.nodes[0].signal(signal.SIGSTOP)
    try:
        sent += s.put(4, range(100, 200))
        s.done(sent)
    finally:
        s.nodes[0].signal(signal.SIGCONT)
    s.galera.wait()
    for node in s.nodes:
        assert s.stored(node, 4) == [['200', '200']]
    s.wait_roles('primary', 'replica', 'replica')


def the_quorum_is_lost(s):
    sent = s.put(2, range(50))
    for node in s.nodes[1:]:
        node.signal(signal.SIGSTOP)
    try:
        sent += s.put(2, range(50, 100), budget=60000)
        wait_until(lambda: not s.nodes[0].has_quorum(), 60)
        s.wait_roles('down', 'down', 'down')
        refused = s.sql('test_put', 3, 1, key=os.urandom(16).hex(), budget=1000)
        # it had no chance: full, if dbproxy saw that at once
        assert refused.word in ('unavailable', 'full'), refused
    finally:
        for node in s.nodes[1:]:
            node.signal(signal.SIGCONT)
    s.done(sent)
    s.galera.wait()
    for node in s.nodes:
        assert s.stored(node, 2) == [['100', '100']]
        assert s.stored(node, 3) == [['0', '0']]


def test_galera_nodes():
    with Stack() as s:
        read_your_writes(s)
        a_conflict_is_tried_again(s)
        the_writer_is_killed(s)
        the_writer_hangs(s)
        the_quorum_is_lost(s)
