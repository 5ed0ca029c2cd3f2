"""Every error number that dbproxy knows, made to happen on a real server: the class that
its caller sees, and whether it was tried again."""

import os
import re
import signal

from lib import ROOT, wait_until
from lib.database import Database, DbProxy, Sql

SECONDS = 120
ALONE = True


def codes():
    with open(os.path.join(ROOT, 'dbproxy', 'class.def'), encoding='utf-8') as f:
        text = f.read()
    words = {name: (word, action) for name, word, action in
             re.findall(r'CLASS\((CLASS_\w+), "([\w-]+)", (ACTION_\w+)', text)}
    return [(int(n), *words[c]) for n, c in re.findall(r'CODE\((\d+), (CLASS_\w+)', text)]


def test_every_number_of_the_server_is_classed():
    with Database() as db, DbProxy(db, sets=['dbproxy.connections=32'],
                                   expect=['statement_broken']) as p, Sql(p) as sql:
        wanted = [c for c in codes() if c[0] >= 1000 and not 2000 <= c[0] < 3000]
        assert len(wanted) > 30
        sent = [(c, sql.send(('test_signal', c[0]), budget=5000, key=os.urandom(16).hex()))
                for c in wanted]
        for (number, word, action), n in sent:
            got = sql.wait(n)
            if action in ('ACTION_WAIT', 'ACTION_UNKNOWN'):
                # again and again, until its time is up
                assert got.status == 'late', (number, got)
            else:
                assert got.word == word, (number, word, got)
            if word == 'late':
                assert got.status == 'late', (number, got)

        def tries(n):
            return int(p.logs.lines('dbproxy', 'sql', trace=n)[0].values['tries'])

        for (number, word, action) in wanted:
            got = sql('test_signal', number, budget=700, key=os.urandom(16).hex())
            many = wait_until(lambda: tries(got.trace))  # noqa: B023
            once = action == 'ACTION_ANSWER'
            assert (many == 1) == once, (number, action, many)


def test_a_write_tried_again_at_once_takes_no_connection_from_others():
    """Its second connection was once given back in place of the first: the first was never
    seen again, and the second served two at a time."""
    with Database() as db, DbProxy(db, sets=['dbproxy.connections=4']) as p, Sql(p) as sql:
        def idle():
            return sum(v for k, v in sql.stats().items()
                       if k.startswith('dbproxy_connections{') and 'state="idle"' in k)

        wait_until(lambda: idle() == 4)
        for _ in range(20):
            stale = [sql.send(('test_signal', 1243), key=os.urandom(16).hex())
                     for _ in range(3)]
            reads = [sql.send(('test_get', i)) for i in range(1, 9)]
            assert [sql.wait(n).word for n in stale] == ['stale'] * 3
            assert [sql.wait(n).rows for n in reads] == [[[f'row {i}']] for i in range(1, 9)]
        wait_until(lambda: idle() == 4)


def test_an_error_that_no_handler_sees_leaves_nothing_open():
    """The wrapped form's own rollback does not run: once what came next on the connection
    was acknowledged, and rolled back with it."""
    depth = 400  # more than a thread's stack has room for
    with Database() as db, DbProxy(db, sets=['dbproxy.connections=1'],
                                   expect=['statement_broken']) as p, Sql(p) as sql:
        db.sql(''.join(f'CREATE FUNCTION f{i}() RETURNS INT NO SQL '
                       f'RETURN {"f%d()" % (i - 1) if i else 1};' for i in range(depth)) +
               'CREATE TRIGGER deep BEFORE INSERT ON test_items FOR EACH ROW '
               f'SET NEW.n = IF(NEW.n = 7, f{depth - 1}(), NEW.n)', database='onebox')
        for _ in range(3):
            got = sql('test_add', 'deep', 7, key=os.urandom(16).hex())
            assert got.word == 'broken' and 'stack overrun' in got.detail, got
            assert sql('test_bump', 1).word == 'ok'
            assert sql('test_bump', 2, key=os.urandom(16).hex()).word == 'ok'
        assert db.sql('SELECT n FROM onebox.test_counters WHERE id < 3') == [['3'], ['3']]
        assert db.sql('SELECT COUNT(*) FROM onebox.once') == [['3']]


def test_what_the_data_refuse():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        assert sql('test_add', 'there', 1).word == 'ok'
        for call, word, detail in (
                (('test_add', 'there', 1), 'duplicate', 'item_name'),
                (('test_add', 'x' * 21, 1), 'too_long', 'name'),
                (('test_add', 'n', 1 << 40), 'range', 'n'),
                (('test_add', 'n', 1000), 'check', 'n_is_small'),
                (('test_add', b'\xff\xfe', 1), 'bad_text', 'name'),
                (('test_small', 128), 'range', 'small'),
                (('test_enum', 'c'), 'bad_text', 'kind'),
                (('test_null',), 'null', 'name'),
                (('test_parent', 99), 'foreign_key', 'child_of'),
                (('test_at', 1, -10**15), 'range', 'at'),
                (('test_overflow', 1), 'range', None),
                (('test_fill', 100000), 'disk_full', None)):
            for key in (None, os.urandom(16).hex()):
                got = sql(*call, key=key)
                assert (got.status, got.word) == ('fail', word), (call, got)
                assert detail is None or got.detail == detail, (call, got)
        assert sql('test_parent', 1).word == 'ok'
        got = sql('test_unparent', 1)
        assert (got.word, got.detail) == ('foreign_key', 'child_of'), got
        db.sql('SET GLOBAL max_statement_time = 0.05')
        db.kill_connections()
        got = sql('test_sleep', 5.0)
        assert (got.status, got.word) == ('late', 'late'), got  # 1969


def test_a_row_locked_for_long_is_a_conflict_until_it_is_free():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        lock = db.lock('UPDATE onebox.test_counters SET n = 100 WHERE id = 1')
        n = sql.send(('test_bump', 1), budget=30000, key='01' * 16)  # 1205 after 2 s, again
        m = sql.send(('test_bump', 1), budget=500)
        assert sql.wait(m).status == 'late'
        # late says nothing of done or not: the lock goes when the server has given it up
        wait_until(lambda: not db.sql('SELECT id FROM information_schema.processlist '
                                      "WHERE info LIKE 'UPDATE test_counters%'"))
        lock.end()
        assert sql.wait(n).word == 'ok'
        assert sql('test_counter', 1).rows == [[1]]


def test_rights_and_tables_that_are_missing_are_ours_and_loud():
    with Database() as db, DbProxy(db, expect=['statement_broken']) as p, Sql(p) as sql:
        db.sql('ALTER TABLE onebox.test_counters RENAME COLUMN n TO m')
        assert sql('test_counter', 1).word == 'broken'
        db.sql('ALTER TABLE onebox.test_counters RENAME COLUMN m TO n')
        assert sql('test_counter', 1).word == 'ok'
        db.sql('RENAME TABLE onebox.test_counters TO onebox.away')
        assert sql('test_counter', 1).word == 'broken'
        db.sql('RENAME TABLE onebox.away TO onebox.test_counters')
        assert sql('test_counter', 1).word == 'ok'
        assert p.logs.lines('dbproxy', 'statement_broken')


def test_connections_killed_or_refused_are_made_anew():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        assert sql('test_get', 1).word == 'ok'
        for _ in range(3):
            db.kill_connections()
            for n in [sql.send(('test_get', 1)) for _ in range(20)]:
                assert sql.wait(n).word == 'ok'
        db.kill_connections('SET GLOBAL max_connections = 10;')  # some get 1040
        n = sql.send(('test_get', 1), budget=20000)
        assert sql.wait(n).word == 'ok'


def test_a_shutdown_and_start_is_waited_for():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        assert sql('test_get', 1).word == 'ok'
        numbers = [sql.send(('test_sleep', 0.5), budget=20000) for _ in range(4)]
        wait_until(lambda: int(db.sql("SELECT COUNT(*) FROM information_schema.processlist "
                                      "WHERE info LIKE '%SLEEP(%'")[0][0]) > 4)
        db.kill(signal.SIGTERM)
        numbers += [sql.send(('test_bump', 1), budget=20000, key=os.urandom(16).hex())
                    for _ in range(8)]
        db.start()
        for n in numbers:
            got = sql.wait(n)
            assert got.word == 'ok', got
        got = sql('test_counter', 1)
        assert got.rows == [[8]], got
