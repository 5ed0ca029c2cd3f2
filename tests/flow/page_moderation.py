"""Reports, hiding and restoring, suspending and lifting, the public log; and that nobody
does what is not theirs to do."""

from lib.api import Api, refused
from lib.browser import Browser
from lib.world import World

WORLD = {'instances': {'dnsd': 0, 'appd': 2}, 'sets': ['appd.demo=no']}


def people(w, *names):
    return [Browser(w).sign_up(n) for n in names]


def moderator(w, name='mo', role='moderator'):
    b = Browser(w).sign_up(name)
    w.onebox('site', 'role', name, role)
    return b


def act(b, path, do, reason=None, **more):
    """What the form at `path` would send with this button."""
    b.get(path)
    assert b.status == 200, (path, b.answer)
    fields = dict(b.fields(path))
    if reason is not None:
        fields['reason'] = reason
    return b.post(path, {**fields, **more, 'do': do})


def counts(w):
    return (w.sql('SELECT articles FROM site') + w.sql('SELECT name, articles FROM tags')
            + w.sql('SELECT name, articles, favorites FROM users')
            + w.sql('SELECT slug, favorites, comments, state FROM articles')
            + w.sql('SELECT tag_id, article_id FROM article_tags')
            + w.sql('SELECT id, state FROM comments'))


def counted(w):
    """What the kept counts must be, counted."""
    assert w.sql("""SELECT (SELECT COUNT(*) FROM articles WHERE state = 'public')
        <> (SELECT articles FROM site)""") == [['0']]
    assert w.sql("""SELECT name FROM users u WHERE articles <> (SELECT COUNT(*) FROM articles
        WHERE author_id = u.id AND state = 'public') OR favorites <> (SELECT COUNT(*)
        FROM favorites f JOIN articles a ON a.id = f.article_id AND a.state = 'public'
        WHERE f.user_id = u.id)""") == []
    assert w.sql("""SELECT name FROM tags t WHERE articles <> (SELECT COUNT(*)
        FROM article_tags x JOIN articles a ON a.id = x.article_id AND a.state = 'public'
        WHERE x.tag_id = t.id)""") == []
    assert w.sql("""SELECT slug FROM articles a WHERE comments <> (SELECT COUNT(*)
        FROM comments WHERE article_id = a.id AND state = 'public')""") == []
    assert w.sql("SELECT id FROM articles WHERE state IN ('hiding', 'showing')") == []


def test_from_a_report_to_the_log():
    with World(**WORLD) as w:
        ann, bob = people(w, 'ann', 'bob')
        mo = moderator(w)
        slug = ann.publish('Bad words', tags=['x', 'a "q" \\ ,b'])
        ann.submit(f'/article/{slug}/comments', body='A comment of hers')
        bob.get('/article/bad-words')
        bob.submit('/article/bad-words/favorite')
        before = counts(w)
        # a visitor is asked to sign in; whoever reports twice reported once
        visitor = Browser(w)
        visitor.get('/article/bad-words')
        visitor.get('/report?article=bad-words')
        assert visitor.path == '/login'
        for _ in range(2):
            bob.get('/report?article=bad-words')
            assert bob.has('.quoted', 'Bad words')
            bob.submit('/report', reason='It is <b>rude</b>')
            assert bob.status == 200 and bob.has('p[role=status]')
        bob.get('/report?person=ann')
        bob.submit('/report', reason='')
        assert bob.status == 422 and bob.problems() == ["Reason can't be blank"]
        bob.submit('/report', reason='Everywhere')
        for path in ('/report', '/report?article=no-such', '/report?person=nobody',
                     '/report?comment=99', '/report?comment=x'):
            assert bob.get(path).status == 404, path
        mo.get('/moderation')
        assert mo.has('.navbar a[href=/moderation]')
        items = [n.words for n in mo.page.all('.acts q')]
        assert items == ['It is <b>rude</b>', 'Everywhere'], items
        # hiding needs a reason, and closes the report
        act(mo, '/moderation/article/bad-words', 'hide', '')
        assert mo.status == 422
        act(mo, '/moderation/article/bad-words', 'hide', 'Rule <1>')
        assert mo.status == 200 and mo.has('.notice', 'Rule <1>')
        counted(w)
        mo.get('/moderation')
        assert len(mo.page.all('.acts q')) == 1
        mo.submit(mo.page.one('.act-buttons form').attrs['action'])
        assert mo.path == '/moderation' and not mo.page.all('.acts q')
        # nobody else sees it, anywhere
        for b in (bob, Browser(w)):
            assert b.get('/article/bad-words').status == 404
            for path in ('/', '/tag/x', '/profile/ann', '/profile/bob/favorites',
                         '/search?q=words', '/tags'):
                b.get(path)
                assert b.status == 200 and 'Bad words' not in b.answer.text, path
            for path in ('/feed.atom', '/feed.json', '/sitemap.xml', '/profile/ann/feed.rss',
                         '/tag/x/feed.atom'):
                assert 'bad-words' not in b.get(path).text.lower(), path
        api = Api(w.http)
        assert refused(api.get('/articles/bad-words'), 404, 'article', 'not found')
        assert api.get('/articles/bad-words/comments').status == 404
        for path in ('/articles', '/articles?tag=x', '/articles?author=ann',
                     '/articles?favorited=bob'):
            r = api.get(path)
            assert r.json['articlesCount'] == 0 and r.json['articles'] == [], path
        assert api.get('/tags').json['tags'] == []
        p = api.person()
        assert p.post('/articles/bad-words/favorite').status == 404
        assert p.comment('bad-words').status == 404
        # its author sees that, and why; and may still mend it
        ann.get('/article/bad-words')
        assert ann.status == 200 and ann.has('.notice', 'Rule <1>')
        ann.get('/profile/ann')
        assert ann.has('.notice a[href=/article/bad-words]') and ann.has('.notice', 'Rule <1>')
        ann.get('/editor/bad-words')
        ann.submit('/editor/bad-words', button='publish', body='Better.')
        assert ann.has('.notice')
        counted(w)
        # and back
        act(mo, '/moderation/article/bad-words', 'restore')
        after = [row for row in counts(w) if row[0] != p.name]
        assert after == before, (after, before)
        counted(w)
        assert Browser(w).get('/article/bad-words').status == 200
        assert api.get('/articles/bad-words').json['article']['tagList'] == ['a "q" \\ ,b', 'x']
        assert api.get('/articles?tag=a%20%22q%22%20%5C%20,b').json['articlesCount'] == 1
        log = Browser(w)
        log.get('/moderation/log')
        lines = [n.words for n in log.page.all('.acts strong')]
        assert lines == ['Showed an article by ann again', 'Hid an article by ann',
                         'Made mo a moderator'], lines
        assert log.has('.acts', 'Rule <1>')


def test_a_comment_is_hidden_and_restored():
    with World(**WORLD) as w:
        ann, bob = people(w, 'ann', 'bob')
        mo = moderator(w)
        ann.publish('Theme')
        bob.get('/article/theme')
        bob.submit('/article/theme/comments', body='Shouting')
        [[number]] = w.sql('SELECT id FROM comments')
        path = f'/moderation/comment/{number}'
        ann.get(f'/report?comment={number}')
        ann.submit('/report', reason='Too loud')
        act(mo, path, 'hide', 'Too loud indeed')
        counted(w)
        assert w.sql('SELECT comments FROM articles') == [['0']]
        assert w.sql('SELECT open FROM reports') == [['0']]
        ann.get('/article/theme')
        assert not ann.has('.card', 'Shouting')
        assert Api(w.http).get('/articles/theme/comments').json['comments'] == []
        assert 'Shouting' not in ann.get('/article/theme/comments.atom').text
        bob.get('/article/theme')
        assert bob.has('.card .notice', 'Too loud indeed') and bob.has('.card', 'Shouting')
        # a hidden one that is deleted is not counted down again
        act(mo, path, 'restore')
        counted(w)
        assert w.sql('SELECT comments FROM articles') == [['1']]
        act(mo, path, 'hide', 'Once more')
        bob.get('/article/theme')
        bob.submit(f'/article/theme/comments/{number}/delete')
        assert w.sql('SELECT COUNT(*) FROM comments') == [['0']]
        counted(w)
        assert mo.get(path).status == 404


def test_a_suspended_account():
    with World(**WORLD) as w:
        ann, bob = people(w, 'ann', 'bob')
        mo = moderator(w)
        token = Api(w.http).sign_in('ann@example.com', 'password').json['user']['token']
        api = Api(w.http, token)
        ann.publish('One', tags=['t'])
        ann.publish('Two', tags=['t'])
        bob.publish('Of bob')
        for path in ('/article/of-bob', '/article/one'):
            for b in (ann, bob):
                b.get(path)
                b.submit(f'{path}/comments', body=f'On {path}')
        bob.get('/article/two')
        bob.submit('/article/two/favorite')
        ann.get('/settings')
        ann.submit('/settings', bio='Her bio')
        before = counts(w)
        act(mo, '/moderation/article/two', 'hide', 'Alone')
        alone = counts(w)
        # content stays where nobody asked for more
        act(mo, '/moderation/person/ann', 'suspend', 'Spam & more')
        assert counts(w) == alone
        assert refused(api.get('/user'), 401, 'token', 'is invalid')
        ann.get('/settings')
        assert ann.path == '/login'
        ann.sign_in('ann@example.com')
        assert ann.status == 403
        assert ann.problems() == ['This account is suspended', 'Reason Spam & more']
        r = Api(w.http).sign_in('ann@example.com', 'password')
        assert r.status == 403
        assert r.json['errors'] == {'account': ['is suspended'], 'reason': ['Spam & more']}
        assert refused(Api(w.http).sign_in('ann@example.com', 'wrong'), 401, 'credentials',
                       'invalid')
        assert w.sql("SELECT COUNT(*) FROM sessions s JOIN users u ON u.id = s.user_id "
                     "WHERE u.name = 'ann'") == [['0']]
        b = Browser(w)
        b.get('/profile/ann')
        assert b.has('.suspended') and b.has('.user-info', 'Her bio')
        assert b.has('.article-preview', 'One')
        act(mo, '/moderation/person/ann', 'lift')
        ann.sign_in('ann@example.com')
        assert ann.status == 200 and ann.has('a[href=/settings]')
        # and with all that she wrote
        act(mo, '/moderation/person/ann', 'suspend', 'Again', hides='yes')
        counted(w)
        assert Browser(w).get('/article/one').status == 404
        b.get('/article/of-bob')
        assert len([n for n in b.page.all('.card') if n.attrs.get('id')]) == 1
        b.get('/profile/ann')
        assert not b.has('.user-info', 'Her bio') and not b.has('.article-preview')
        assert Api(w.http).get('/profiles/ann').json['profile']['bio'] is None
        act(mo, '/moderation/person/ann', 'lift')
        counted(w)
        assert counts(w) == alone, 'what was hidden by itself stays hidden'
        act(mo, '/moderation/article/two', 'restore')
        assert counts(w) == before, (counts(w), before)
        assert mo.get('/moderation/log').status == 200
        assert len(mo.page.all('.acts strong')) == 7


def test_nobody_moderates_above_themselves():
    with World(**WORLD) as w:
        ann, = people(w, 'ann')
        mo, other, kay = moderator(w), moderator(w, 'other'), moderator(w, 'kay', 'keeper')
        for b, title in ((ann, 'Of ann'), (mo, 'Of mo'), (other, 'Of other'), (kay, 'Of kay')):
            slug = b.publish(title)
            b.submit(f'/article/{slug}/comments', body='Words')
        ids = {name: i for i, name in w.sql(
            'SELECT c.id, u.name FROM comments c JOIN users u ON u.id = c.author_id')}
        state = ("SELECT state, role, epoch FROM users ORDER BY id; SELECT state FROM articles "
                 "ORDER BY id; SELECT state FROM comments ORDER BY id; "
                 "SELECT COUNT(*) FROM moderation")
        before = w.sql(state)

        def attempt(b, who, status):
            b.get('/settings')
            token = dict(b.fields('/settings'))['token']
            for path, do in ((f'/moderation/article/of-{who}', 'hide'),
                             (f'/moderation/article/of-{who}', 'restore'),
                             (f'/moderation/comment/{ids[who]}', 'hide'),
                             (f'/moderation/person/{who}', 'suspend'),
                             (f'/moderation/person/{who}', 'lift'),
                             (f'/moderation/person/{who}', 'moderator'),
                             (f'/moderation/person/{who}', 'member'),
                             (f'/moderation/person/{who}', 'keeper')):
                b.post(path, {'token': token, 'do': do, 'reason': 'Mine', 'hides': 'yes'})
                assert b.status in status, (who, path, do, b.status)
            assert b.get(f'/moderation/person/{who}').status in status
            assert w.sql(state) == before, who
        for who in ('ann', 'mo', 'other', 'kay'):
            attempt(ann, who, (403,))
        for who in ('mo', 'other', 'kay'):
            attempt(mo, who, (403,))
        attempt(kay, 'kay', (403, 422))
        # ids that are nobody's
        ann.get('/settings')
        token = dict(ann.fields('/settings'))['token']
        for b, status in ((ann, 403), (mo, 404)):
            b.get('/settings')
            token = dict(b.fields('/settings'))['token']
            for path in ('article/none', 'comment/999', 'comment/-1', 'comment/x',
                         "comment/1'--", 'person/nobody'):
                r = b.post(f'/moderation/{path}', {'token': token, 'do': 'hide',
                                                   'reason': 'x'})
                assert b.status == status or (path.startswith('person') and b.status == 403), \
                    (path, r)
        ann.get('/report?article=of-kay')
        ann.submit('/report', reason='x')
        for path in ('/moderation', '/moderation/article/of-kay'):
            assert ann.get(path).status == 403, path
        ann.get('/settings')
        token = dict(ann.fields('/settings'))['token']
        ann.post('/moderation/report/1', {'token': token})
        assert ann.status == 403 and w.sql('SELECT open FROM reports') == [['1']]
        # no act at all, or one that there is not
        for b, who, status in ((ann, 'ann', 403), (mo, 'ann', 422), (kay, 'ann', 422),
                               (mo, 'other', 403), (mo, 'nobody', 404)):
            b.get('/settings')
            token = dict(b.fields('/settings'))['token']
            for fields in ({}, {'do': ''}, {'do': 'Suspend'}):
                b.post(f'/moderation/person/{who}', {'token': token, 'reason': 'x', **fields})
                assert b.status == status, (who, fields, b.answer)
        # a moderator may not make moderators; a keeper may, and no keeper
        mo.get('/settings')
        token = dict(mo.fields('/settings'))['token']
        mo.post('/moderation/person/ann', {'token': token, 'do': 'moderator'})
        assert mo.status == 403
        mo.get('/moderation/person/ann')
        assert not mo.has('button[value=moderator]')
        act(kay, '/moderation/person/ann', 'keeper')
        assert kay.status == 422
        act(kay, '/moderation/person/ann', 'moderator')
        assert w.sql("SELECT role FROM users WHERE name = 'ann'") == [['moderator']]
        assert ann.get('/moderation').status == 200
        act(kay, '/moderation/person/other', 'suspend', 'A keeper may')
        assert other.get('/moderation').status == 200 and other.path == '/login'
        # a form of another site, or without the token
        for headers, fields in (({'Origin': 'https://evil.example'}, {}),
                                ({}, {'token': 'x'})):
            kay.get('/moderation/person/mo')
            form = dict(kay.fields('/moderation/person/mo'))
            kay.post('/moderation/person/mo', {**form, 'reason': 'x', 'do': 'suspend',
                                               **fields}, headers)
            assert kay.status == 403
        assert w.sql("SELECT state FROM users WHERE name = 'mo'") == [['active']]


def test_comments_under_a_hidden_article_are_not_shown_by_reporting():
    with World(**WORLD) as w:
        ann, bob = people(w, 'ann', 'bob')
        mo = moderator(w)
        ann.publish('Theme')
        ann.get('/article/theme')
        ann.submit('/article/theme/comments', body='Between us')
        [[number]] = w.sql('SELECT id FROM comments')
        bob.get(f'/report?comment={number}')
        assert bob.status == 200 and 'Between us' in bob.answer.text
        form = dict(bob.fields('/report'))
        act(mo, '/moderation/article/theme', 'hide', 'Not for everybody')
        bob.get(f'/report?comment={number}')
        assert bob.status == 404 and 'Between us' not in bob.answer.text
        bob.post('/report', {**form, 'reason': 'Seen'})
        assert bob.status == 404 and w.sql('SELECT COUNT(*) FROM reports') == [['0']]
        act(mo, '/moderation/article/theme', 'restore')
        bob.get(f'/report?comment={number}')
        assert bob.status == 200


def test_reports_are_not_without_end():
    with World(**WORLD) as w:
        ann, bob = people(w, 'ann', 'bob')
        ann.publish('Theme')
        for i in range(21):
            w.sql(f"INSERT INTO comments (article_id, author_id, body, html) "
                  f"SELECT a.id, a.author_id, 'c{i}', 'c{i}' FROM articles a")
            [[number]] = w.sql('SELECT MAX(id) FROM comments')
            bob.get(f'/report?comment={number}')
            bob.submit('/report', reason='x')
        assert bob.status == 429 and int(bob.answer.headers['Retry-After']) > 0
        assert w.sql('SELECT COUNT(*) FROM reports') == [['20']]


def test_who_leaves_is_in_no_log():
    with World(**WORLD) as w:
        ann, bob = people(w, 'anneliese', 'bob')
        mo = moderator(w)
        ann.publish('Hers')
        bob.publish('His')
        for b, what in ((bob, 'person=anneliese'), (ann, 'person=bob'), (bob, 'article=hers')):
            b.get('/report?' + what)
            b.submit('/report', reason='Anneliese writes to ANNELIESE@example.com')
        act(mo, '/moderation/article/hers', 'hide', 'It is of Anneliese')
        act(mo, '/moderation/article/his', 'hide', 'Copied from anneliese@example.com')
        act(mo, '/moderation/person/anneliese', 'suspend', 'Anneliese knows')
        act(mo, '/moderation/person/anneliese', 'lift')
        act(mo, '/moderation/person/bob', 'suspend', 'A friend of anneliese')
        assert b'nneliese' in w.dump()
        ann.sign_in('anneliese@example.com')
        ann.get('/settings/delete')
        ann.submit('/settings/delete', password='password')
        assert ann.path == '/'
        assert b'anneliese' not in w.dump().lower()
        counted(w)
        log = Browser(w)
        log.get('/moderation/log')
        assert log.has('.acts strong', 'Hid an article by somebody who has left')
        assert len(log.page.all('.acts strong')) == 6
