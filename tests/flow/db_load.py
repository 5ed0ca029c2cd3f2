"""More than it can do: what is shared, what is refused, and what is said about it."""

import os
import re

from lib import wait_until
from lib.database import Database, DbProxy, Sql


def executed(db):
    return int(db.sql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")[0][1])


def test_identical_reads_that_wait_are_run_once():
    with Database() as db, DbProxy(db, sets=['dbproxy.connections=2', 'dbproxy.window=2000']) \
            as p, Sql(p) as sql:
        assert sql('test_get', 1).word == 'ok'
        before = executed(db)
        busy = [sql.send(('test_sleep', 0.5)) for _ in range(2)]
        same = [sql.send(('test_get', 5)) for _ in range(1000)]
        other = [sql.send(('test_get', 6)) for _ in range(10)]
        for n in same:
            assert sql.wait(n).rows == [['row 5']]
        for n in other:
            assert sql.wait(n).rows == [['row 6']]
        for n in busy:
            assert sql.wait(n).word == 'ok'
        assert executed(db) - before == 4
        assert sql.stats()['dbproxy_statements_total{statement="test_get",class="ok"}'] == 1011


def test_one_who_shares_may_give_up_and_the_others_get_their_rows():
    with Database() as db, DbProxy(db, sets=['dbproxy.connections=1']) as p, Sql(p) as sql:
        assert sql('test_get', 1).word == 'ok'
        busy = sql.send(('test_sleep', 0.6))
        first = sql.send(('test_get', 5), budget=200)   # leads, and is late
        second = sql.send(('test_get', 5), budget=5000)
        third = sql.send(('test_get', 5), budget=300)
        fourth = sql.send(('test_get', 5), budget=5000)
        assert sql.wait(first).status == sql.wait(third).status == 'late'
        assert sql.wait(second).rows == sql.wait(fourth).rows == [['row 5']]
        assert sql.wait(busy).word == 'ok'
        # writes never share
        numbers = [sql.send(('test_bump', 1)) for _ in range(20)]
        assert all(sql.wait(n).word == 'ok' for n in numbers)
        assert sql('test_counter', 1).rows == [[20]]


def test_what_cannot_be_met_is_refused_at_once():
    with Database() as db, DbProxy(db, sets=['dbproxy.connections=2', 'dbproxy.window=500']) \
            as p, Sql(p) as sql:
        for _ in range(100):  # it learns what this statement takes
            numbers = [sql.send(('test_sleep', 0.05)) for _ in range(2)]
            for n in numbers:
                assert sql.wait(n).word == 'ok'
        numbers = [sql.send(('test_sleep', 0.05 + i / 1e6), budget=500) for i in range(100)]
        answers = [sql.wait(n) for n in numbers]
        ok = sum(a.status == 'ok' for a in answers)
        full = [a for a in answers if a.status == 'full']
        late = sum(a.status == 'late' for a in answers)
        assert ok >= 8 and len(full) >= 70 and late <= 5, (ok, len(full), late)
        assert max(a.us for a in full) < 100_000


def test_a_slow_statement_is_in_the_slow_log_with_its_trace():
    with Database() as db, DbProxy(db, sets=['dbproxy.slow=100ms']) as p, Sql(p) as sql:
        slow = sql.batch(('test_get', 1), ('test_sleep', 0.2))
        late = sql('test_sleep', 9.0, budget=300)
        assert sql('test_get', 1).word == 'ok'
        path = os.path.join(p.folder.state, 'log', 'slow.log')
        text = wait_until(lambda: (t := open(path).read()).count('# Time:') == 2 and t)
        assert f'statement=test_sleep traceparent=00-{slow.trace}-' in text
        assert f'traceparent=00-{late.trace}-' in text
        assert re.search(r'^# Query_time: 0\.2\d+  Lock_time: ', text, re.M)
        assert re.search(r'SELECT SLEEP\(\?\);$', text, re.M)


def test_answers_of_any_size_up_to_the_limit():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        for size in (0, 4000, 5000, 1 << 20, 15 << 20):
            got = sql('test_big', size, budget=20000)
            assert got.word == 'ok' and got.rows == [['x' * size]], (size, got.word)
        assert len(sql('test_many', 100000, budget=20000).rows) == 100000
        for _ in range(3):
            got = sql('test_many', 1000000, budget=20000)
            assert (got.status, got.word) == ('fail', 'too_large'), got.word
            assert sql('test_get', 1).rows == [['row 1']]
