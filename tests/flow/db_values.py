"""Values of every type and of any length come back as they are, or as an error that names
the column: never cut, and never turned into others."""

from lib.database import Database, DbProxy, Sql

SECONDS = 120

NAMES = 'small, u, n, f, d, bits, y, day, span, at, j, e, s'
LONG = '12345678901234567890123456789012345.123456789012345678901234567890'
# what is inserted, and what comes of it
ROWS = (
    (f"255, 18446744073709551615, -{LONG}, 3.4e38, 1.7976931348623157e308, 0x{'ff' * 8}, 2155, "
     """'9999-12-31', '-838:59:59.999999', '9999-12-31 23:59:59.999999', '{"a": [1, "ü"]}', "ü",
     'x,z'""",
     [255, '18446744073709551615', '-' + LONG, 3.3999999521443642e38, 1.7976931348623157e308,
      b'\xff' * 8, 2155, '9999-12-31', '-838:59:59.999999', '9999-12-31 23:59:59.999999',
      '{"a": [1, "ü"]}', 'ü', 'x,z', 1.8446744073709552e19, -1.234567890123457e34]),
    ("0, 0, 0, -1.5, -2.2250738585072014e-308, 0, 0, '0000-00-00', '-00:00:00.5', "
     "'0000-00-00', '[]', 'a', ''",
     [0, '0', '0.' + '0' * 30, -1.5, -2.2250738585072014e-308, b'\0' * 8, 0, '0000-00-00',
      '-00:00:00.500000', '0000-00-00 00:00:00.000000', '[]', 'a', '', 0, 0]),
    (', '.join(['NULL'] * 13), [None] * 15),
)


def as_it_comes(value):
    """The tool writes a byte as the character of its number."""
    if isinstance(value, str):
        value = value.encode()
    return value.decode('latin-1') if isinstance(value, bytes) else value


def fill(db):
    for n, (values, _) in enumerate(ROWS):
        db.sql(f"SET sql_mode = ''; INSERT INTO test_columns (id, {NAMES}) VALUES ({n}, {values})",
               database='onebox')


def test_columns_of_every_type():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        fill(db)
        for n, (_, want) in enumerate(ROWS):
            got = sql('test_columns', n)
            assert got.word == 'ok', got
            assert got.rows == [[as_it_comes(v) for v in want]], (n, got.rows)


def test_what_its_type_in_the_header_cannot_hold_is_an_error():
    with Database() as db, DbProxy(db, expect=['statement_broken']) as p, Sql(p) as sql:
        fill(db)
        for name, row in (('u', 0), ('n', 0), ('day', 1), ('at', 1)):
            for _ in range(2):
                got = sql(f'test_column_{name}', row)
                assert (got.status, got.word, got.detail) \
                    == ('fail', 'broken', f'test_column_{name}.{name}'), (name, got)
            # the connection goes on, and a value that fits is one
            assert sql(f'test_column_{name}', 1 - row).word == 'ok', name
            assert sql(f'test_column_{name}', 2).rows == [[None]], name
        assert sql('test_column_u', 1).rows == [[0]]
        assert sql('test_column_day', 0).rows == [[253402214400000000]]
        assert sql('test_column_at', 0).rows == [[253402300799999999]]


def test_a_column_of_another_type_stops_the_start_and_is_never_read():
    others = (('u', 'DOUBLE'), ('u', 'DATE'), ('u', 'TEXT'), ('day', 'BIGINT'), ('f', 'DATE'),
              ('bits', 'DOUBLE'), ('small', 'DECIMAL(5, 2)'), ('s', 'FLOAT'))

    def alter(column, kind):
        db.sql(f'ALTER TABLE test_columns MODIFY {column} {kind}', database='onebox')
    with Database() as db:
        kinds = dict(db.sql("SELECT column_name, column_type FROM information_schema.columns "
                            "WHERE table_name = 'test_columns'"))
        with DbProxy(db) as p, Sql(p) as sql:
            for column, other in others[:3]:
                assert sql('test_column_u', 1).word == 'ok'
                alter(column, other)
                got = sql('test_column_u', 1)
                assert (got.status, got.word) == ('fail', 'stale'), (other, got)
                alter(column, kinds[column])
        for column, other in others:
            alter(column, other)
            p = DbProxy(db, ready=False, expect=['statement_refused'])
            p.start()
            assert p.wait_end() == 78, (column, other)
            assert "is not of its header's type" in p.logs.text('dbproxy')
            p.end(failed=False)
            alter(column, kinds[column])


def edges(limit):
    """Values of exactly `limit` bytes: of a text of two and four bytes each, with NULs."""
    wide = ('ü😀' * (limit // 6 + 1)).encode()[:limit // 6 * 6].decode()
    return (b'\0\xff' * (limit // 2 + 1))[:limit], wide + 'x' * (limit - len(wide.encode()))


def test_values_up_to_the_limit_and_one_over():
    limit = 100000
    with Database() as db, DbProxy(db, sets=[f'dbproxy.value_max={limit}']) as p, Sql(p) as sql:
        data, text = edges(limit)
        for n, row in enumerate(([data, text], [b'', ''], [b'\0', '\0'], [None, None],
                                 [data[1:], text[1:]])):
            key = f'{n:032x}'
            assert sql('test_column_put', n, *row, key=key).word == 'ok', n
            assert sql('test_column_got', n).rows == [[as_it_comes(v) for v in row]], n
        lengths = db.sql('SELECT LENGTH(b), LENGTH(t) FROM onebox.test_columns WHERE id = 0')
        assert lengths == [[str(limit), str(limit)]]
        for name, row in (('b', [data + b'x', '']), ('t', [b'', text + 'x'])):
            got = sql('test_column_put', 9, *row, key='cd' * 16)
            assert (got.word, got.detail) == ('value_too_long', f'test_column_put.{name}'), got
        # longer than what may be read is what another has written
        for n, name in ((5, 'b'), (6, 't')):
            db.sql(f"INSERT INTO test_columns (id, {name}) VALUES ({n}, REPEAT('x', {limit + 1}))",
                   database='onebox')
            got = sql('test_column_got', n)
            assert (got.word, got.detail) == ('value_too_long', f'test_column_got.{name}'), got
        assert sql('test_column_got', 3).rows == [[None, None]]
        assert db.sql('SELECT COUNT(*) FROM onebox.test_columns') == [['7']]


def test_a_row_that_nobody_could_hold_costs_its_connection_and_no_more():
    with Database() as db, DbProxy(db) as p, Sql(p) as sql:
        got = sql('test_big', 15 << 20, budget=30000)
        assert got.word == 'ok' and len(got.rows[0][0]) == 15 << 20
        got = sql('test_big', (15 << 20) + 1, budget=30000)
        assert (got.word, got.detail) == ('value_too_long', 'test_big.v')
        for _ in range(3):
            got = sql('test_big', 40 << 20, budget=30000)
            assert (got.status, got.word) == ('fail', 'too_large'), got
            assert sql('test_get', 1).rows == [['row 1']]
