"""dbproxy runs named statements: values and rows of every type, and what it refuses."""

import os
import random
import re
import struct

from lib import BUILD, wait_until
from lib.database import Database, DbProxy, Sql


def test_values_of_every_type_come_back_as_they_went():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        at = 1_700_000_000_123_456
        for row in ([-(1 << 63), -1.5, True, 'naïve ☃', b'\0\xff', at],
                    [(1 << 63) - 1, 1e300, False, '', b'', -1],
                    [None] * 6):
            got = sql('test_types', *row)
            assert got.word == 'ok', got
            want = [x.encode().decode('latin-1') if isinstance(x, str)
                    else x.decode('latin-1') if isinstance(x, bytes) else x for x in row]
            assert got.rows == [want], got


def test_one_message_may_hold_several_reads():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        got = sql.batch(('test_get', 1), ('site',), ('test_get', 2000), ('test_many', 3))
        assert got.word == 'ok' and len(got.results) == 4, got
        assert [len(r['cells']) for r in got.results] == [1, 6, 0, 6]
        [line] = wait_until(lambda: p.logs.lines('dbproxy', 'sql', trace=got.trace))
        assert line.values['statements'] == 'test_get,site,test_get,test_many'
        assert line.values['rows'] == '5' and line.values['class'] == 'ok'


def test_what_is_not_in_the_table_is_refused_by_name():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        for statement, word in ((('nothing_of_this_name',), 'no_statement'),
                                (('x' * 5000,), 'no_statement'),
                                (('site@1234',), 'signature'),
                                (('test_get',), 'bad_value'),
                                (('test_get', 1, 2), 'bad_value'),
                                (('test_get', 'one'), 'bad_value'),
                                (('test_get', 1.5), 'bad_value'),
                                (('test_get', True), 'bad_value'),
                                (('test_get', None), 'bad_value')):
            got = sql.batch(statement)
            # what this build does not know another instance's may
            status = 'again' if word in ('no_statement', 'signature') else 'fail'
            assert (got.status, got.word) == (status, word), (statement, got)
            # and the good one beside it is not run
            assert sql.batch(('test_get', 1), statement).word == word
        assert sql('test_get', 1).rows == [['row 1']]


REFUSED = {'bad_request', 'no_statement', 'signature', 'bad_value'}


def message():
    """test_get(1), as appd's generated call writes it."""
    with open(os.path.join(BUILD, 'tests', 'gen', 'statements.c')) as f:
        [digits] = re.findall(r'"test_get".*\n.*signature = 0x([0-9a-f]+)u', f.read())
    return (b'n[' + struct.pack('<I', 1) + b's' + struct.pack('<I', 8) + b'test_get'
            + b'i' + bytes.fromhex(digits)[::-1] + b'[' + struct.pack('<I', 1)
            + b'i' + struct.pack('<q', 1))


def test_bad_input_is_refused_and_counted_and_the_connection_goes_on():
    good, chance = message(), random.Random(6)

    def spoilt():
        data = bytearray(good)
        for _ in range(chance.randint(1, 3)):
            data[chance.randrange(len(data))] = chance.choice((0, 1, 0x7f, 0xff, ord('['), ord('s')))
        return bytes(data)

    def ask(messages):
        """The answers; each try of a refused one was counted."""
        def count():
            return sql.stats()['onebox_fabric_bad_requests_total']
        before = count()
        answers = [sql.wait(n) for n in [sql.send(raw=data) for data in messages]]
        tries = sum(got.values['attempts'] for got in answers if got.word in REFUSED)
        assert count() == before + tries, (before, tries)
        return answers
    bad = [good[:n] for n in range(1, len(good))]  # cut short anywhere
    bad += [good + b'n', good + good]  # too long
    bad += [b'x', b'garbage', b'n[\1\0\0\0s\xff\xff\xff\xff', b'n[\0\0\0\0',
            b'n[\xff\xff\xff\xff', bytes(4000), b'[' * 100000, chance.randbytes(1 << 20)]
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        assert sql.batch(raw=good).rows == [['row 1']]
        for got in ask(bad):
            assert got.word == 'bad_request' and 'cut short' in got.detail, got
        words = {got.word for got in ask([spoilt() for _ in range(1000)])}
        assert words == REFUSED | {'ok'}, words
        assert sql.batch(raw=good).rows == [['row 1']]


def test_the_schema_is_made_once_and_an_edited_step_refused():
    with Database(tables=False) as db:
        db.sql('CREATE DATABASE onebox')
        from lib.database import TABLES
        db.sql(TABLES, database='onebox')
        with DbProxy(db) as p:
            applied = db.sql('SELECT number, checksum FROM onebox.migrations')
            p.restart()
            assert db.sql('SELECT number, checksum FROM onebox.migrations') == applied
        db.sql("UPDATE onebox.migrations SET checksum = 'x' WHERE number = 1")
        p = DbProxy(db, ready=False, expect=['schema_refused'])
        p.start()
        assert p.wait_end() == 78
        assert 'was edited' in p.logs.text('dbproxy')
        db.sql("DELETE FROM onebox.migrations")
        db.sql("INSERT INTO onebox.migrations (number, file, checksum) VALUES (99, 'x', 'y')")
        p.start()
        assert p.wait_end() == 78
        assert 'newer build' in p.logs.text('dbproxy')
        p.end(failed=False)


def test_a_statement_that_the_schema_does_not_fit_stops_the_start():
    with Database() as db:
        with DbProxy(db):
            pass
        db.sql('ALTER TABLE onebox.articles DROP COLUMN tags')
        p = DbProxy(db, ready=False, expect=['statement_refused'])
        p.start()
        assert p.wait_end() == 78
        assert re.search(r'dbproxy/sql/articles\.sql:\d+: article_\w+: ', p.logs.text('dbproxy'))
        p.end(failed=False)


def test_without_a_database_the_start_says_what_to_do():
    class Nowhere:
        socket = '/tmp/there-is-no-database-here.sock'
    p = DbProxy(Nowhere, sets=['dbproxy.start_wait=100ms'], ready=False, expect=['no_database'])
    p.start()
    assert p.wait_end() == 69
    assert 'remedy=' in p.logs.text('dbproxy')
    p.end(failed=False)


def test_a_table_altered_under_way_is_prepared_anew():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        for i in range(20):
            assert sql('test_get', 1).rows == [['row 1']]
            db.sql(f'ALTER TABLE onebox.test_rows ADD COLUMN x{i} INT FIRST')
        db.sql('ALTER TABLE onebox.test_rows MODIFY c VARCHAR(300) NOT NULL')
        assert sql('test_get', 1).rows == [['row 1']]
