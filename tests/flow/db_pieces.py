"""Results of any size come piece by piece: bounded memory, no row lost or twice, whatever
happens in the middle; and values of any length up to the limit."""

import itertools
import threading
import time

from lib import BUILD, wait_until
from lib.database import Database, DbProxy, Sql, restart
from lib.proc import pss_kib

SECONDS = 120
ALONE = True
FIRST, MOST = 16, 4096  # rows asked for, as appd does
# a sanitizer keeps what was freed
MEASURED = BUILD.endswith('-plain')


def pieces(sql, name, *values, budget=20000):
    """As appd/sql.c asks for them: after the last key, hardly more rows than had room."""
    after, limit, more = -(1 << 63), FIRST, True
    while more:
        got = sql(name, *values, after, limit, budget=budget)
        assert got.word == 'ok', (after, got.status, got.word, got.detail)
        rows, more = got.rows, got.results[0]['affected'] == 1
        yield rows
        if rows:
            after = rows[-1][0]
        limit = len(rows) + len(rows) // 8 + 1 if len(rows) < limit else min(2 * limit, MOST)


def padded(n, size):
    return str(n).ljust(size, 'x')


def test_a_hundred_megabytes_by_small_pieces():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        assert sql('test_each', 1024, 0, 2000).results[0]['affected'] == 1
        before, most, seen, count = pss_kib(p.pid), 0, 0, 0
        for rows in pieces(sql, 'test_each', 1024):
            assert sum(len(v) + 14 for _, v in rows) <= 1 << 20, len(rows)
            for n, v in rows:
                seen += 1
                assert n == seen and v == padded(n, 1024), (n, seen)
            count += 1
            most = max(most, pss_kib(p.pid))
        assert seen == 120000 and count < 200, (seen, count)
        print(f'{seen} rows in {count} pieces, dbproxy {before} KiB before, {most} at most')
        assert most - before < 4 << 10 or not MEASURED, (before, most)


def test_long_values_come_one_by_one():
    size = 8 << 20
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        before, most = pss_kib(p.pid), 0
        for n, rows in enumerate(itertools.islice(pieces(sql, 'test_each', size), 14)):
            assert [r[0] for r in rows] == [n + 1]
            assert rows[0][1] == padded(n + 1, size)
            most = max(most, pss_kib(p.pid))
        print(f'14 of 8 MiB, dbproxy {before} KiB before, {most} at most')
        assert most - before < 48 << 10 or not MEASURED, (before, most)


def test_slow_readers_hold_nothing_in_dbproxy():
    """Between two pieces there is nothing that belongs to them: no memory, no connection."""
    with Database() as db, DbProxy(db, sets=['dbproxy.connections=2']) as p, Sql(p) as sql:
        # each with its own size, or identical questions would be shared
        streams = [pieces(sql, 'test_each', 1024 + i) for i in range(60)]
        for s in streams:
            next(s)
        before = pss_kib(p.pid)
        for _ in range(8):
            for s in streams:
                assert next(s)
        after = pss_kib(p.pid)
        assert after - before < 4 << 10 or not MEASURED, (before, after)
        assert sql('test_get', 1, budget=500).rows == [['row 1']]


def test_dbproxy_killed_in_the_middle_loses_and_doubles_nothing():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        seen, ended, kills = 0, threading.Event(), []

        def kill_again_and_again():
            while not ended.wait(0.3) and len(kills) < 8:
                restart(p)
                kills.append(p.pid)
        killer = threading.Thread(target=kill_again_and_again)
        killer.start()
        try:
            for rows in pieces(sql, 'test_each', 700):
                for n, v in rows:
                    seen += 1
                    assert n == seen and v == padded(n, 700), (n, seen)
        finally:
            ended.set()
            killer.join()
        print(f'{len(kills)} kills')
        assert seen == 120000 and kills


def test_the_server_killed_in_the_middle_too():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        seen = 0
        for at, rows in enumerate(pieces(sql, 'test_each', 2000)):
            for n, v in rows:
                seen += 1
                assert n == seen and v == padded(n, 2000), (n, seen)
            if at in (5, 50, 100):
                db.kill()
                db.start()
        assert seen == 120000


def sleeping(db):
    return int(db.sql("SELECT COUNT(*) FROM information_schema.processlist "
                      "WHERE info LIKE '%SLEEP(%' AND id <> CONNECTION_ID()")[0][0])


def test_nobody_waits_so_nothing_runs():
    with Database() as db, DbProxy(db) as p:
        with Sql(p) as sql:
            assert [r[0] for r in sql('test_each_slow', 0.0, 0, 3).rows] == [1, 2, 3]
            n = sql.send(('test_each_slow', 1.0, 3, 100), budget=60000)
            wait_until(lambda: sleeping(db) == 1)
            sql.cancel(n)
            wait_until(lambda: sleeping(db) == 0, 2)
            sql.send(('test_each_slow', 1.0, 3, 100), budget=60000)
            wait_until(lambda: sleeping(db) == 1)
            sql.process.kill()
            wait_until(lambda: sleeping(db) == 0, 2)


def test_a_piece_over_its_deadline_can_be_asked_for_again():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        begun = time.monotonic()
        got = sql('test_each_slow', 0.2, 7, 100, budget=300)
        assert got.status == 'late' and time.monotonic() - begun < 2, got
        wait_until(lambda: sleeping(db) == 0, 1)
        assert [r[0] for r in sql('test_each_slow', 0.0, 7, 2).rows] == [8, 9]


def test_what_is_written_meanwhile_is_there_or_not_but_never_twice():
    with Database() as db, DbProxy(db, sets=['dbproxy.piece=4k']) as p, Sql(p) as sql:
        keys = []
        for at, rows in enumerate(pieces(sql, 'test_each_row')):
            keys += [r[0] for r in rows]
            if at == 2:  # what was read, the last row read, what is to come; and new ones
                db.sql(f'DELETE FROM test_rows WHERE id IN (1, {keys[-1]}, 900); '
                       'INSERT INTO test_rows VALUES (0, "too late"), (1001, "in time")',
                       database='onebox')
        assert keys == [k for k in range(1, 1002) if k != 900]


def test_every_type_and_null():
    epoch = 946684800
    with Database() as db, DbProxy(db, sets=['dbproxy.piece=4k']) as p, Sql(p) as sql:
        got = [r for rows in pieces(sql, 'test_each_types') for r in rows]
        assert len(got) == 1000
        for n, row in enumerate(got, 1):
            want = [-n, n / 4, n % 2 == 1, f'row {n}', 'y' * n, (epoch + n) * 1000000]
            want[n % 7:n % 7 + 1] = [None] * (n % 7 < 6)
            assert row == [n, *want], (row, want)


def test_a_piece_has_one_row_at_least_and_says_when_it_is_the_last():
    with Database() as db, DbProxy(db, sets=['dbproxy.piece=4k']) as p, Sql(p) as sql:
        def ask(*values):
            got = sql(*values)
            return len(got.rows) if got.results[0]['columns'] else 0, got.results[0]['affected']
        assert ask('test_each', 4096, 0, 5) == (1, 1)  # larger than a piece, all the same
        assert ask('test_each', 2000, 0, 5) == (2, 1)
        assert ask('test_each_row', 990, 10) == (10, 1)  # who knows
        assert ask('test_each_row', 1000, 10) == (0, 0)
        assert ask('test_each_row', 995, 10) == (5, 0)
        assert ask('test_each_row', 0, 0) == (0, 0)
        # a read that is not marked is whole or not at all
        assert ask('test_many', 3000) == (3000, 0)


def test_a_value_beyond_the_limit_is_an_error_that_names_it():
    limit = 1 << 20
    with Database() as db, DbProxy(db, sets=[f'dbproxy.value_max={limit}']) as p, \
            Sql(p) as sql:
        assert sql('test_big', limit).rows == [['x' * limit]]
        for _ in range(3):
            got = sql('test_big', limit + 1)
            assert (got.status, got.word, got.detail) == ('fail', 'value_too_long',
                                                          'test_big.v')
            assert sql('test_get', 1).rows == [['row 1']]
        got = sql('test_each', limit + 1, 0, 10)
        assert (got.word, got.detail) == ('value_too_long', 'test_each.v')
        # the connection is the same one: nothing was broken
        assert p.logs.lines('dbproxy', 'sql', **{'class': 'value_too_long'})[0].values['tries'] == '1'
        # one that is to be written never gets to the server
        key = 'ab' * 16
        got = sql('test_rename', 1, 'x' * (limit + 1), key=key)
        assert (got.status, got.word, got.detail) == ('fail', 'value_too_long',
                                                      'test_rename.name')
        assert db.sql('SELECT COUNT(*) FROM onebox.once') == [['0']]
        assert sql('test_add', 'short', 1, key=key).word == 'ok'
