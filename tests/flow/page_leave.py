"""Taking along what one wrote, and leaving without a trace."""

import io
import json
import threading
import zipfile

from lib import wait_until
from lib.api import Api
from lib.browser import Browser
from lib.world import World

WORLD = {'instances': {'dnsd': 0}, 'sets': ['appd.demo=no']}


def archive(b):
    answer = b.get('/settings/export')
    assert answer.status == 200 and answer.headers['Content-Type'] == 'application/zip'
    z = zipfile.ZipFile(io.BytesIO(answer.body))
    assert z.testzip() is None
    return {n: z.read(n).decode() for n in z.namelist()}


def test_the_export_makes_equal_articles_elsewhere():
    with World(**WORLD) as w, World(**WORLD) as empty:
        b = Browser(w).sign_up('ann')
        for i in range(3):
            b.publish(f'Żółw "{i}": <x>', f'# Head\n\nline\n\n\ttab {i}', 'It\'s: "quoted"',
                      ['b', 'a'])
        b.submit(b.path + '/comments', body='Mine')
        Browser(w).sign_up('bob').publish('Not hers')
        files = archive(b)
        articles = json.loads(files['articles.json'])
        assert [a['title'] for a in articles] == [f'Żółw "{i}": <x>' for i in range(3)]
        assert len([n for n in files if n.startswith('articles/')]) == 3
        assert files['articles/zolw-0-x.md'].endswith('---\n\n' + articles[0]['body'])
        assert json.loads(files['account.json'])['email'] == 'ann@example.com'
        assert [c['body'] for c in json.loads(files['comments.json'])] == ['Mine']
        other = Api(empty.http).person('ann')
        for a in articles:
            other.publish(a['title'], a['tagList'], description=a['description'],
                          body=a['body'])
            here = Api(w.http).get('/articles/' + a['slug']).json['article']
            there = Api(empty.http).get('/articles/' + a['slug']).json['article']
            for field in ('slug', 'title', 'description', 'body', 'tagList'):
                assert here[field] == there[field], field
        assert json.loads(archive(Browser(w).sign_up('new'))['articles.json']) == []
        assert Browser(w).get('/settings/export', follow=False).status == 303


def write_many(w, name, first, last, length):
    w.sql('INSERT INTO articles (author_id, slug, title, description, body, html) '
          f"SELECT (SELECT id FROM users WHERE name = '{name}'), CONCAT('many-', seq), seq, '', "
          f"RPAD(seq, {length}, 'x'), '' FROM seq_{first}_to_{last}")
    w.sql('INSERT INTO comments (article_id, author_id, body, html) '
          'SELECT id, author_id, title, "" '
          f"FROM articles WHERE slug LIKE 'many-%' AND title BETWEEN {first} AND {last} ORDER BY id")


def test_the_export_holds_thousands_and_no_more_than_an_archive_can():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        write_many(w, 'ann', 1, 2500, 1000)
        files = archive(b)
        for n, a in enumerate(json.loads(files['articles.json']), 1):
            assert (a['slug'], a['title']) == (f'many-{n}', str(n))
            assert a['body'] == str(n).ljust(1000, 'x')
            assert files[f'articles/many-{n}.md'].endswith('---\n\n' + a['body'])
        assert n == 2500
        assert [c['body'] for c in json.loads(files['comments.json'])] \
            == [str(i) for i in range(1, 2501)]
        write_many(w, 'ann', 2501, 2507, 1000000)
        answer = b.get('/settings/export')
        assert answer.status == 413 and b'more than one archive' in answer.body, answer.body
        assert b.get('/settings').status == 200


def test_the_export_goes_on_when_a_dbproxy_dies_in_it():
    with World(instances={'dnsd': 0, 'dbproxy': 2},
               sets=['appd.demo=no', 'dbproxy.piece=4k']) as w:
        b = Browser(w).sign_up('ann')
        write_many(w, 'ann', 1, 1500, 1000)
        ended, kills = threading.Event(), []

        def kill_again_and_again():
            while not ended.wait(0.02):
                if len(w.pids('dbproxy')) == 2:
                    kills.append(w.kill(w.pids('dbproxy')[0]))
        killer = threading.Thread(target=kill_again_and_again)
        killer.start()

        def killed_in_the_middle():
            before = len(kills)
            files = archive(b)
            assert [a['title'] for a in json.loads(files['articles.json'])] \
                == [str(n) for n in range(1, 1501)]
            return len(kills) > before
        try:
            wait_until(killed_in_the_middle, 40, 'an export with a death in it')
        finally:
            ended.set()
            killer.join()
        wait_until(lambda: len(w.pids('dbproxy')) == 2)


def counts(w):
    return (w.sql('SELECT articles FROM site') + w.sql('SELECT name, articles FROM tags')
            + w.sql('SELECT name, articles, favorites FROM users')
            + w.sql('SELECT slug, favorites, comments FROM articles'))


def test_an_account_goes_without_a_trace():
    with World(**WORLD) as w:
        bob = Browser(w).sign_up('bob')
        bob.publish('Of bob', tags=['one', 'two'])
        before = counts(w)
        assert b'bob@example.com' in w.dump()
        ann = Browser(w).sign_up('anneliese', 'secret.address@example.com')
        ann.publish('Hers', tags=['two', 'three'])
        ann.get('/article/of-bob')
        ann.submit('/article/of-bob/favorite')
        ann.submit('/article/of-bob/comments', body='Hello')
        ann.submit('/profile/bob/follow')
        bob.get('/article/hers')
        bob.submit('/article/hers/favorite')
        bob.submit('/article/hers/comments', body='Hello')
        kept = dict(ann.cookies)
        ann.get('/settings/delete')
        ann.submit('/settings/delete', password='not this')
        assert ann.status == 401 and ann.problems() == ['Email or password invalid']
        assert ann.get('/article/hers').status == 200
        ann.get('/settings/delete')
        ann.submit('/settings/delete', password='password')
        assert ann.path == '/' and not ann.has('a[href=/settings]')
        after = [row for row in counts(w) if row[0] != 'three']
        assert after == before, (before, after)
        assert Browser(w).get('/profile/anneliese').status == 404
        assert Browser(w).get('/article/hers').status == 404
        ann.cookies = kept
        ann.get('/settings')
        assert ann.path == '/login'
        ann.sign_in('secret.address@example.com')
        assert ann.status == 401
        dump = w.dump().lower()
        assert b'bob@example.com' in dump and b'of-bob' in dump
        assert b'anneliese' not in dump and b'secret.address' not in dump


def test_the_export_has_reports_and_invitations():
    with World(**WORLD) as w:
        w.sql("UPDATE site SET inviters = 'member'")
        bob = Browser(w).sign_up('bob')
        slug = bob.publish('Of bob')
        bob.submit(f'/article/{slug}/comments', body='His')
        [[number]] = w.sql('SELECT id FROM comments')
        ann = Browser(w).sign_up('ann')
        assert archive(ann)['reports.json'] == archive(ann)['invitations.json'] == '[]'
        for what in ('article=' + slug, 'comment=' + number, 'person=bob'):
            for who in (ann, bob):
                who.get('/report?' + what)
                who.submit('/report', reason=f'{what} is "rude" \U0001f422')
        w.sql("UPDATE reports SET open = 0 WHERE user_id IS NOT NULL")
        for who in (ann, ann, bob):
            who.get('/settings/invitations')
            who.submit('/settings/invitations')
        files = archive(ann)
        reports = json.loads(files['reports.json'])
        assert [(r['about'], r['article'], r['comment'], r['person'], r['open'])
                for r in reports] == [('article', slug, None, None, True),
                                      ('comment', slug, int(number), None, True),
                                      ('person', None, None, 'bob', False)], reports
        assert reports[0]['reason'] == f'article={slug} is "rude" \U0001f422'
        made = json.loads(files['invitations.json'])
        assert len(made) == 2 and all(not m['used'] and m['person'] is None for m in made)


def test_nothing_names_who_left():
    """Wherever a name or an address may have come to lie, other people's words aside."""
    relay_less = {**WORLD, 'sets': [*WORLD['sets'], 'mail.command=false']}
    with World(**relay_less) as w:
        w.sql("UPDATE site SET inviters = 'member'")
        bob, mo = Browser(w).sign_up('bob'), Browser(w).sign_up('mo')
        w.onebox('site', 'role', 'mo', 'moderator')
        of_bob = bob.publish('Of bob')
        ann = Browser(w).sign_up('anneliese', 'first.address@example.com')
        # an address of before, and one more mail that waits
        ann.get('/settings')
        ann.submit('/settings', email='secret.address@example.com', bio='I am Anneliese',
                   image='https://example.com/anneliese.png')
        Browser(w).post('/reset', {'email': 'secret.address@example.com'})
        slug = ann.publish('By Anneliese', 'I, anneliese', 'Of anneliese',
                           ['anneliese', 'by-Anneliese', 'other'])
        ann.get('/editor/' + slug)
        ann.submit('/editor/' + slug, button='publish', title='Still by anneliese')
        slug = ann.path.removeprefix('/article/')
        ann.get('/editor')
        ann.submit('/editor', button='draft', title='Draft of anneliese', body='secret.address')
        bob.get('/article/' + slug)
        bob.submit(f'/article/{slug}/favorite')
        bob.submit(f'/article/{slug}/comments', body='Well')
        for what in ('article=' + of_bob, 'person=bob'):
            ann.get('/report?' + what)
            ann.submit('/report', reason='Says anneliese')
        bob.get('/report?person=anneliese')
        bob.submit('/report', reason='anneliese (secret.address@example.com) is rude')
        bob.get('/report?person=mo')
        bob.submit('/report', reason='mo and Anneliese are one')
        ann.get('/settings/invitations')
        ann.submit('/settings/invitations')
        mo.get('/moderation/article/' + slug)
        mo.submit('/moderation/article/' + slug, button='hide', reason='anneliese again')
        key = {'Idempotency-Key': 'of-anneliese'}
        api = Api(w.http)
        api.post('/users/login', {'user': {'email': 'secret.address@example.com',
                                           'password': 'password'}}, headers=key)
        dump = w.dump().lower()
        assert dump.count(b'anneliese') > 10 and b'secret.address' in dump
        ann.get('/settings/delete')
        ann.submit('/settings/delete', password='password')
        assert ann.path == '/', ann.answer
        dump = w.dump().lower()
        for trace in (b'anneliese', b'secret.address', b'first.address'):
            at = dump.find(trace)
            assert at < 0, dump[max(0, at - 300):at + 100]
        assert b'bob@example.com' in dump and [['other']] == w.sql(
            "SELECT name FROM tags WHERE name = 'other'")


def test_who_has_a_short_name_takes_only_that_name_along():
    with World(**WORLD) as w:
        bob = Api(w.http).person('bob')
        article = {'article': {'title': 'One', 'description': 'The e of it', 'body': 'e e e'}}
        key = {'Idempotency-Key': 'one-key-of-bob'}
        assert bob.post('/articles', article, headers=key).status == 201
        for name in ('e', r'a.c\E|x'):
            e = Browser(w).sign_up(name, 'e@example.com')
            told = f'Everybody sees e-mails; {name} is rude, abc never'
            w.sql("INSERT INTO moderation (act, kind, actor_id, user_id, why) SELECT 'hide', "
                  f"'person', id, id, '{told.replace(chr(92), chr(92) * 2)}' FROM users "
                  "WHERE name = 'bob'")
            e.get('/settings/delete')
            e.submit('/settings/delete', password='password')
            assert e.path == '/', e.answer
        [[first], [second]] = w.sql('SELECT why FROM moderation ORDER BY id')
        assert first == 'Everybody sees --mails; - is rude, abc never'
        assert second == 'Everybody sees e-mails; - is rude, abc never'
        assert bob.post('/articles', article, headers=key).status == 201
        assert w.sql('SELECT COUNT(*) FROM articles') == [['1']]
