"""Writes happen exactly once for each key, and several statements are one transaction."""

import os
import threading

from lib.database import Database, DbProxy, Sql

KEY = '00112233445566778899aabbccddeeff'
FORMS = ([], ['dbproxy.portable=yes'])


def test_the_same_key_again_gets_the_same_answer():
    for sets in FORMS:
        with Database() as db, DbProxy(db, sets=sets) as p, Sql(p) as sql:
            first = sql('test_add', 'one', 1, key=KEY)
            assert first.word == 'ok' and first.done == (1, 1), first
            assert sql('test_add', 'other', 2).done == (1, 2)
            assert sql('test_add', 'one', 1, key=KEY).done == (1, 1)
            # a write that makes no id answers none, whatever was made before it
            assert sql('test_rename', 1, 'uno', key='ff' * 16).done == (1, 0)
            assert sql('test_rename', 1, 'uno', key='fe' * 16).done == (1, 0)  # found, unchanged
            assert sql('test_rename', 9, 'uno', key='fd' * 16).done == (0, 0)
            assert db.sql('SELECT id, name FROM onebox.test_items ORDER BY id') == \
                [['1', 'uno'], ['2', 'other']]


def test_what_is_around_a_write_does_not_change_what_it_means():
    """A variable of the wrapped form once hid the column n, and n + 1 was always 1."""
    for sets in FORMS:
        with Database() as db, DbProxy(db, sets=sets) as p, Sql(p) as sql:
            for i in range(5):
                assert sql('test_bump', 1, key=f'{i:032x}').done == (1, 0)
            assert sql('test_counter', 1).rows == [[5]]


def test_a_refused_write_leaves_no_key():
    for sets in FORMS:
        with Database() as db, DbProxy(db, sets=sets) as p, Sql(p) as sql:
            assert sql('test_add', 'one', 1).word == 'ok'
            got = sql('test_add', 'one', 2, key=KEY)
            assert (got.word, got.detail) == ('duplicate', 'item_name'), got
            assert db.sql('SELECT COUNT(*) FROM onebox.once') == [['0']]
            assert sql('test_add', 'two', 2, key=KEY).word == 'ok'


def test_several_statements_are_one_transaction():
    for sets in FORMS:
        with Database() as db, DbProxy(db, sets=sets) as p, Sql(p) as sql:
            got = sql.batch(('test_add', 'one', 1), ('test_bump', 1), ('test_add', 'one', 2))
            assert (got.word, got.detail) == ('duplicate', 'item_name'), got
            assert sql('test_counter', 1).rows == [[0]]
            batch = ('test_add', 'one', 1), ('test_bump', 1), ('test_counter', 1)
            for _ in range(3):
                got = sql.batch(*batch, key=KEY)
                assert got.word == 'ok', got
                assert [r['affected'] for r in got.results[:2]] == [1, 1]
                assert got.results[2]['cells'] == [1], got
            assert sql('test_counter', 1).rows == [[1]]
            assert db.sql('SELECT COUNT(*) FROM onebox.test_items') == [['1']]


def test_one_key_many_times_at_once_is_one_write():
    for sets in FORMS:
        with Database() as db, DbProxy(db, sets=sets) as p, Sql(p) as sql:
            numbers = [sql.send(('test_bump', 1), key=KEY) for _ in range(50)]
            for n in numbers:
                got = sql.wait(n)
                assert got.word == 'ok' and got.done == (1, 0), got
            assert sql('test_counter', 1).rows == [[1]]


def test_deadlocks_are_tried_again():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        numbers = []
        for i in range(40):  # more at once, and the ten tries are not always enough
            a, b = (1, 2) if i % 2 else (2, 1)
            numbers.append(sql.send(('test_bump', a), ('test_bump', b), budget=20000,
                                    key=os.urandom(16).hex()))
        for n in numbers:
            got = sql.wait(n)
            assert got.word == 'ok', got
        assert sql('test_counter', 1).rows == [[40]]
        assert sql('test_counter', 2).rows == [[40]]


def test_the_database_killed_under_load_loses_and_doubles_nothing():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        stop, problems = threading.Event(), []

        def killer():
            while not stop.wait(0.4):
                db.kill()
                db.start()

        thread = threading.Thread(target=killer)
        thread.start()
        try:
            for round_ in range(20):
                numbers = [sql.send(('test_put', 1, round_ * 40 + i), budget=20000,
                                    key=os.urandom(16).hex()) for i in range(40)]
                numbers += [sql.send(('test_get', 5), budget=20000) for i in range(40)]
                problems += [a for a in map(sql.wait, numbers) if a.word != 'ok']
        finally:
            stop.set()
            thread.join()
        assert not problems, problems[:5]
        assert sql('test_puts', 1).rows == [[800, 800]]


def test_a_write_without_a_key_is_lost_not_doubled():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        n = sql.send(('test_slow_write', 'slow', 3.0), budget=10000)
        sql('test_sleep', 0.3)
        db.kill()
        db.start()
        got = sql.wait(n)
        assert (got.status, got.word) == ('lost', 'lost'), got
