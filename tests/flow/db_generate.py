"""The statement generator: what it refuses, with file and line, and what it makes."""

import os
import subprocess
import tempfile

from lib import BUILD

GENERATE = os.path.join(BUILD, 'tools', 'dbproxy', 'sql')


def generate(what, text, name='t.sql'):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, name)
        with open(path, 'w') as f:
            f.write(text)
        done = subprocess.run([GENERATE, what, path], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        return done.returncode, done.stdout, done.stderr.replace(folder + '/', '')


def test_mistakes_are_named_with_file_and_line():
    read = '-- read a(x int) -> (y int)\n'
    for text, line, why in (
            (read + 'SELECT :z;', 2, "'a' has no parameter ':z'"),
            ('\n' + read + 'SELECT 1;', 2, "the parameter ':x' of 'a' is never used"),
            (read + 'SELECT\n\n:x + :y;', 4, "no parameter ':y'"),
            (read + 'SELECT :x', 1, "no ';' ends this"),
            (read + "SELECT ':x;", 2, 'never closed'),
            (read + 'SELECT ?;', 2, "name the parameter"),
            (read + 'SELECT :x;\n' + read + 'SELECT :x;', 3, "there is a statement 'a' already"),
            ('-- read a(x number) -> (y int)\nSELECT :x;', 1, "'number' is no type"),
            ('-- read a(x int, x int) -> (y int)\nSELECT :x;', 1, "'x' is there twice"),
            ('-- read a(x int)\nSELECT :x;', 2, 'not finished'),
            ('-- read a(x int) -> ()\nSELECT :x;', 1, 'at least one column'),
            ('-- read a(x int) -> (y int) and more\nSELECT :x;', 1, 'after the header'),
            ('-- write a(x int)\nSELECT :x;', 1, 'called a write'),
            ('-- read a(x int) -> (y int)\nDELETE FROM t WHERE y = :x;', 1, 'called a read'),
            ('-- write a(x int)\nUPDATE t SET once_of_n = :x;', 1, 'once_of_'),
            ('-- read each a(limit int) -> (y int)\nSELECT y FROM t ORDER BY y LIMIT :limit;', 1,
             "should be 'after int, limit int'"),
            ('-- read each a(after int, limit int) -> (y text)\n'
             'SELECT y FROM t WHERE y > :after ORDER BY y LIMIT :limit;', 1, 'its key'),
            ('-- read each a(after int, limit int) -> (y int)\n'
             'SELECT y FROM t WHERE y > :after ORDER BY y DESC LIMIT :limit;', 1, 'ORDER BY'),
            ('-- read each a(after int, limit int) -> (y int)\n'
             'SELECT y FROM t WHERE y > :limit ORDER BY y LIMIT :after;', 1, 'ORDER BY'),
            ('-- read each a(after int, limit int) -> (y int)\n'
             'SELECT y FROM t WHERE y > :after LIMIT :limit;', 1, 'ORDER BY'),
            ('-- write each a(x int)\nUPDATE t SET n = :x;', 1, "expected '('"),
            ('SELECT 1;', 1, 'SQL without a header'),
            ('-- read A() -> (y int)\nSELECT 1;', 1, 'small letters')):
        code, out, err = generate('statements', text)
        assert code == 65, (text, code, err)
        assert err.startswith(f't.sql:{line}: ') and why in err, (text, err)


def test_what_only_looks_like_a_parameter_is_none():
    code, out, err = generate('statements', '''
-- A comment with a :colon and a ; in it.
-- read a(x int) -> (y text)
SELECT ':x' /* :y ; */, "a;b", `c:d`, -- :z
    'it''s', 'a\\'b:c' # :w
    FROM t WHERE y = :x AND n := :x;
''')
    assert code == 0, err
    assert '.bind_count = 2' in out and '.binds = (const uint8_t[]){ 0, 0 }' in out, out


def test_a_changed_row_or_parameter_changes_the_signature():
    def signature(header, sql='SELECT :x;'):
        code, out, err = generate('statements', header + '\n' + sql)
        assert code == 0, err
        return out.split('.signature = ')[1].split(',')[0]
    same = signature('-- read a(x int) -> (y int)')
    assert signature('-- read a(x int) -> (y int)', 'SELECT 1 + :x;') == same
    assert len({same, signature('-- read b(x int) -> (y int)'),
                signature('-- read a(x int?) -> (y int)'),
                signature('-- read a(x text) -> (y int)'),
                signature('-- read a(x int) -> (z int)'),
                signature('-- read a(x int) -> (y int?)')}) == 6
    each = ('a(after int, limit int) -> (y int)',
            'SELECT y FROM t WHERE y > :after ORDER BY y LIMIT :limit;')
    assert signature('-- read each ' + each[0], each[1]) != signature('-- read ' + each[0], each[1])


def test_a_read_in_pieces_has_a_call_for_the_next():
    code, out, err = generate('calls.h', '''
-- read scan each a(x int, after int, limit int) -> (y int)
SELECT y FROM t WHERE z = :x AND y > :after ORDER BY y LIMIT :limit;
''')
    assert code == 0, err
    assert 'bool sql_a_next(struct sql_each *e, struct sql_a *ret, int64_t x);' in out, out


def test_a_migration_out_of_order_is_refused_and_comments_do_not_count():
    code, _, err = generate('migrations', 'SELECT 1;', '0002_second.sql')
    assert code == 65 and 'should begin with 0001_' in err
    sums = set()
    for text in ('CREATE TABLE t (a INT); -- one', '-- two\nCREATE  TABLE t\n\t(a INT);'):
        code, out, err = generate('migrations', text, '0001_first.sql')
        assert code == 0, err
        sums.add(out.split('.checksum = ')[1].split(' ')[0])
    assert len(sums) == 1
