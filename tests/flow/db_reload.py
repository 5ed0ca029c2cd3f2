"""SIGHUP: what is wrong changes nothing and says why; what is right loses no request."""

import os
import signal

from lib import wait_until
from lib.database import Database, DbProxy, Sql

AGAIN = ['still under way', 'no answer in time']


def said(p, word):
    return len(p.logs.lines('dbproxy', word))


def reload(p, word):
    before = said(p, word)
    p.signal(signal.SIGHUP)
    wait_until(lambda: said(p, word) > before)


def reload_in_the_end(p):
    """A second one has to wait for the first one's last request, and one whose check holds
    up the others for too long (a slow machine) is refused: it is sent again."""
    before = said(p, 'reloaded')
    while said(p, 'reloaded') == before:
        answers = said(p, 'reloaded') + said(p, 'reload_refused')
        p.signal(signal.SIGHUP)
        wait_until(lambda: said(p, 'reloaded') + said(p, 'reload_refused') > answers)  # noqa: B023


def test_a_reload_under_load_fails_nothing():
    with Database() as db:
        def config(connections):
            return (f'[dbproxy]\nconnections = {connections}\n'
                    f'[server only]\nsocket = {db.socket}\n')
        with DbProxy(None, config=config(4), expect=AGAIN) as p, Sql(p) as sql:
            path = os.path.join(p.folder.path, 'onebox.conf')
            numbers = [sql.send(('test_sleep', 0.7), budget=30000)]
            for round_ in range(5):
                numbers += [sql.send(('test_bump', 1), key=os.urandom(16).hex(), budget=30000)
                            for _ in range(50)]
                with open(path, 'w') as f:
                    f.write(config(5 + round_ % 2))
                reload_in_the_end(p)
                numbers += [sql.send(('test_get', 1), budget=30000) for _ in range(50)]
            for n in numbers:
                got = sql.wait(n)
                assert got.word == 'ok', got
            assert sql('test_counter', 1).rows == [[250]]


def test_a_wrong_reload_changes_nothing():
    with Database() as db:
        right = f'[server only]\nsocket = {db.socket}\n'
        with DbProxy(None, config=right, expect=['reload_refused']) as p, Sql(p) as sql:
            path = os.path.join(p.folder.path, 'onebox.conf')
            for wrong, why in ((right + 'port = 1\n', 'port'),
                               (f'{right}address = 127.0.0.1:1\n', 'either a socket or'),
                               ('[server a]\naddress = db.example.com\n', 'a name would block'),
                               ('[server a]\naddress = 10.0.0.1\n', 'tls_ca'),
                               ('[server a]\nsocket = /tmp/nothing-is-here.sock\n', 'server a: ')):
                with open(path, 'w') as f:
                    f.write(wrong)
                reload(p, 'reload_refused')
                assert why in p.logs.lines('dbproxy', 'reload_refused')[-1].text, why
                assert sql('test_get', 1).word == 'ok'
            with open(path, 'w') as f:
                f.write(right)
            reload(p, 'reloaded')
            # the schema is checked again too
            db.sql('ALTER TABLE onebox.articles DROP COLUMN tags')
            reload(p, 'reload_refused')
            assert 'dbproxy/sql/' in p.logs.lines('dbproxy', 'reload_refused')[-1].text


def test_old_keys_go():
    with Database() as db:
        with DbProxy(db):
            pass
        db.sql("INSERT INTO once (k, created_at) SELECT LPAD(seq, 16, '0'), "
               "NOW() - INTERVAL 2 DAY FROM seq_1_to_2500; "
               "INSERT INTO once (k) SELECT LPAD(seq, 16, 'x') FROM seq_1_to_10",
               database='onebox')
        with DbProxy(db):
            wait_until(lambda: db.sql('SELECT COUNT(*) FROM onebox.once') == [['10']], 20)
