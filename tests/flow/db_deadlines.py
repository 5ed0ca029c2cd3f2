"""Deadlines reach the database: what runs over is killed there, and nothing else is."""

import signal
import time

from lib import wait_until
from lib.database import Database, DbProxy, Sql


def sleeping(db):
    return int(db.sql("SELECT COUNT(*) FROM information_schema.processlist "
                      "WHERE info LIKE '%SLEEP(%' AND id <> CONNECTION_ID()")[0][0])


def test_a_statement_over_its_deadline_is_answered_and_killed():
    with Database() as db, DbProxy(db, sets=['dbproxy.connections=4']) as p, Sql(p) as sql:
        assert sql('test_get', 1).word == 'ok'
        numbers = [sql.send(('test_sleep', 10.0), budget=300) for _ in range(8)]
        times = []
        for n in numbers:
            got = sql.wait(n)
            assert got.status == 'late', got
            assert 290_000 <= got.us < 400_000, got.us
            times.append(got.us)
        assert sorted(times)[4] < 310_000, times  # the rest may be the machine's
        wait_until(lambda: sleeping(db) == 0, 0.5)
        # four ran, four never started
        lines = wait_until(lambda: len(x := p.logs.lines('dbproxy', 'sql', **{'class': 'late'})) == 8 and x)
        assert sorted(x.values['tries'] for x in lines) == ['0'] * 4 + ['1'] * 4
        assert sql('test_get', 1).word == 'ok'


def test_a_cancelled_call_is_killed():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        n = sql.send(('test_sleep', 20.0), budget=30000)
        wait_until(lambda: sleeping(db) == 1)
        sql.cancel(n)
        wait_until(lambda: sleeping(db) == 0, 1)


def test_the_callers_death_kills_what_it_asked_for():
    with Database() as db, DbProxy(db) as p:
        with Sql(p) as sql:
            for _ in range(3):
                sql.send(('test_sleep', 20.0), budget=30000)
            wait_until(lambda: sleeping(db) == 3)
            sql.process.kill()
            wait_until(lambda: sleeping(db) == 0, 2)


def test_no_innocent_statement_is_killed():
    with Database() as db, DbProxy(db, sets=['dbproxy.connections=4']) as p, Sql(p) as sql:
        wrong = []
        for _ in range(30):
            # many end just when their KILL is on its way
            late = [sql.send(('test_sleep', 0.010 + i / 10000), budget=10) for i in range(30)]
            good = [sql.send(('test_get', 7), budget=20000) for _ in range(60)]
            wrong += [a for a in map(sql.wait, good) if a.word != 'ok']
            for n in late:
                sql.wait(n)
        assert not wrong, wrong[:3]


def test_a_write_over_its_deadline_is_rolled_back():
    for sets in ([], ['dbproxy.portable=yes']):
        with Database() as db, DbProxy(db, sets=sets) as p, Sql(p) as sql:
            got = sql('test_slow_write', 'slow', 5.0, budget=300, key='ab' * 16)
            assert got.status == 'late', got
            wait_until(lambda: sleeping(db) == 0, 1)
            got = sql.batch(('test_add', 'x', 1), ('test_sleep', 5.0), budget=300, key='cd' * 16)
            assert got.status == 'late', got
            # every connection is fit for use, none is left in a transaction
            for n in [sql.send(('test_bump', 1)) for _ in range(16)]:
                assert sql.wait(n).word == 'ok'
            assert db.sql('SELECT COUNT(*) FROM onebox.test_items') == [['0']]
            assert db.sql('SELECT COUNT(*) FROM onebox.once') == [['0']]


def test_a_database_that_hangs_costs_no_more_than_the_deadline():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        assert sql('test_get', 1).word == 'ok'
        db.signal(signal.SIGSTOP)
        try:
            got = sql('test_get', 1, budget=300)
            assert got.status == 'late' and got.us < 400_000, got
            time.sleep(1.5)  # the connections are given up in the meantime
            n = sql.send(('test_get', 1), budget=10000)
        finally:
            db.signal(signal.SIGCONT)
        assert sql.wait(n).word == 'ok'


def test_while_the_database_is_down_requests_wait():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        assert sql('test_get', 1).word == 'ok'
        db.kill()
        got = sql('test_get', 1, budget=300)
        assert got.status == 'late', got
        wait_until(lambda: p.logs.lines('dbproxy', 'sql', **{'class': 'unavailable'}))
        waiting = [sql.send(('test_get', 1), budget=20000) for _ in range(10)]
        waiting += [sql.send(('test_bump', 1), budget=20000) for _ in range(10)]
        db.start()
        for n in waiting:
            got = sql.wait(n)
            assert got.word == 'ok', got
        assert sql('test_counter', 1).rows == [[10]]
