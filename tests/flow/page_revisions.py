"""What an article said before: kept at each edit, compared, and taken back."""

from concurrent.futures import ThreadPoolExecutor

from lib.api import Api
from lib.browser import Browser
from lib.world import World

WORLD = {'instances': {'dnsd': 0}, 'sets': ['appd.demo=no']}
HOSTILE = '</del></p><script>alert(1)</script> "\' \u202eevil & \U0001f422 javascript:alert(1)'


def edit(b, slug, **values):
    b.get(f'/editor/{slug}')
    b.submit(f'/editor/{slug}', button='publish', **values)
    assert b.status == 200 and b.path.startswith('/article/'), b.answer
    return b.path.removeprefix('/article/')


def lines(b, section=None):
    found = []
    for p in b.page.all('.diff-line'):
        for hidden in p.all('.visually-hidden'):
            hidden.children = []
        for mark in p.all('mark'):
            mark.children = ['[', *mark.children, ']']
        kind = '-' if p.all('del') else '+' if p.all('ins') else '='
        found.append(kind + p.text)
    return found


def restore(b, slug, n):
    token = {'token': dict(b.fields(f'/article/{slug}/revisions'))['token']}
    return b.post(f'/article/{slug}/revisions/{n}/restore', token)


def test_each_edit_keeps_what_was_before():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        slug = b.publish('First title', 'one\r\ntwo\r\nthree', 'About', ['t'])
        assert not b.has('a', 'Revisions')
        b.get(f'/article/{slug}/revisions')
        assert b.status == 200 and b.has('.empty-feed-message')
        slug = edit(b, slug, body='one\r\ntwo and a half\r\nthree')
        assert b.has('a', 'Revisions')
        b.get(f'/article/{slug}/revisions')
        assert lines(b) == ['=one', '-two', '+two[ and a half]', '=three'], lines(b)
        slug = edit(b, slug, title='Second title')
        assert slug == 'second-title'
        b.get('/article/first-title/revisions')
        assert b.path == '/article/second-title/revisions'
        assert lines(b) == ['-[First] title', '+[Second] title'], lines(b)
        b.get(f'/article/{slug}/revisions?from=1&to=3')
        assert lines(b) == ['-[First] title', '+[Second] title', '=one', '-two',
                            '+two[ and a half]', '=three']
        b.get(f'/article/{slug}/revisions?from=3&to=1')
        assert lines(b)[0] == '-[First] title', 'the older one is the one before'
        b.get(f'/article/{slug}/revisions?from=2&to=2')
        assert not lines(b) and b.has('p', 'There is no difference.')
        # only the tags, or nothing at all: no new version
        b.get(f'/editor/{slug}')
        b.submit(f'/editor/{slug}', button='publish', tag='u')
        b.get(f'/article/{slug}/revisions')
        assert len(b.page.all('.rows li')) == 3
        # case and accents are a difference
        edit(b, slug, description='ABOUT')
        b.get(f'/article/{slug}/revisions')
        assert len(b.page.all('.rows li')) == 4
        for bad in ('from=0', 'from=x', 'to=5', 'from=-1&to=2', 'from=999999999999999999999'):
            assert b.get(f'/article/{slug}/revisions?{bad}').status == 404, bad


def test_going_back():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        slug = b.publish('Good', 'Well said.', 'About', ['t'])
        slug = edit(b, slug, title='Bad', body='Ill said.', description='Else')
        b.get(f'/article/{slug}/revisions')
        restore(b, slug, 1)
        assert b.path == '/article/good', b.answer
        assert b.page.one('.article-content p').text == 'Well said.'
        assert [t.words for t in b.page.all('.tag-list .tag-default')] == ['t']
        assert b.get('/article/bad').status == 200 and b.path == '/article/good'
        b.get('/article/good/revisions')
        assert lines(b)[:2] == ['-Bad', '+Good'], 'what it said until now is kept'
        assert restore(b, 'good', 99).status == 404


def test_other_members_do_not_see_them():
    with World(**WORLD) as w:
        ann, bob = Browser(w).sign_up('ann'), Browser(w).sign_up('bob')
        slug = ann.publish('One')
        edit(ann, slug, body='Two')
        path = f'/article/{slug}/revisions'
        assert bob.get(path).status == 403
        bob.get('/article/' + slug)
        assert not bob.has('a', 'Revisions')
        token = dict(bob.fields(f'/article/{slug}/favorite'))['token']
        assert bob.post(path + '/1/restore', {'token': token}).status == 403
        visitor = Browser(w)
        visitor.get(path)
        assert visitor.path == '/login'
        assert ann.get('/article/none/revisions').status == 404
        # an edit by the API is one, too; with the article its versions go
        api = Api(w.http).sign_in('ann@example.com', 'password')
        token = api.json['user']['token']
        Api(w.http, token).put(f'/articles/{slug}', {'article': {'body': 'Three'}})
        ann.get(path)
        assert lines(ann) == ['-Two', '+Three'], lines(ann)
        ann.get('/article/' + slug)
        ann.submit(f'/article/{slug}/delete')
        assert w.sql('SELECT COUNT(*) FROM revisions') == [['0']]


def test_moderators_see_them_but_do_not_write():
    with World(**WORLD) as w:
        ann, mo = Browser(w).sign_up('ann'), Browser(w).sign_up('mo')
        w.onebox('site', 'role', 'mo', 'moderator')
        slug = ann.publish('One')
        edit(ann, slug, body='Two')
        mo.get('/article/' + slug)
        assert mo.has('a.report-link', 'Revisions')
        mo.get(f'/article/{slug}/revisions')
        assert mo.status == 200 and lines(mo)[-1] == '+Two', mo.answer
        assert not mo.has('button', 'Restore')
        assert restore(mo, slug, 1).status == 403
        assert mo.get(f'/editor/{slug}').status == 403


def test_what_is_hostile_is_harmless():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        slug = b.publish('Before', 'x', 'y')
        slug = edit(b, slug, title=HOSTILE, description=HOSTILE, body=HOSTILE)
        slug = edit(b, slug, title='z', description='z' * 500, body='z\n' * 40000)
        b.get(f'/article/{slug}/revisions')
        text = b.answer.text
        assert '<script' not in text and '</del></p><script' not in text
        assert '-' + HOSTILE in lines(b)
        assert b.has('.diff-skipped', 'too long')
        assert len(b.answer.body) < 1 << 20


def test_edits_at_once():
    with World(instances={'dnsd': 0, 'appd': 2}, sets=WORLD['sets']) as w:
        ann = Api(w.http).person('ann')
        ann.publish('One', body='text')

        def put(i):
            return ann.put('/articles/one', {'article': {'body': f'text {i}'}})

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(put, range(16)))
        assert [a.status for a in answers] == [200] * 16
        assert {a.json['article']['slug'] for a in answers} == {'one'}, 'no other address'
        kept = w.sql('SELECT n, body FROM revisions ORDER BY n')
        assert [int(n) for n, _ in kept] == list(range(1, 17))
        now = w.sql('SELECT body FROM articles')[0][0]
        assert {b for _, b in kept} | {now} == {'text'} | {f'text {i}' for i in range(16)}


def test_an_edit_goes_over_no_other_unseen():
    with World(**WORLD) as w:
        one = Browser(w).sign_up('ann')
        slug = one.publish('One', 'text')
        two = Browser(w)
        two.cookies = dict(one.cookies)
        path = '/editor/' + slug
        for b in (one, two):
            b.get(path)
        one.submit(path, button='publish', body='first')
        assert one.status == 200 and one.path == '/article/one'
        # with a tag put on in between, the form still knows what it was made of
        two.submit(path, button='tag', tag='new')
        sent = {**dict(two.fields(path)), 'body': 'second', 'do': 'publish'}
        two.post(path, sent)
        assert two.status == 409 and 'was changed meanwhile' in two.problems()[0]
        assert w.sql('SELECT body FROM articles') == [['first']]
        form = dict(two.fields(path))
        assert form['body'] == 'second' and form['tagList'] == 'new'
        # who sends it again knows; a form that comes twice finds its own words
        sent = {**form, 'do': 'publish'}
        for _ in range(3):
            two.post(path, sent)
            assert two.status == 200 and two.path == '/article/one', two.answer
        assert w.sql('SELECT body, tags FROM articles') == [['second', 'new']]
        assert w.sql('SELECT body FROM revisions ORDER BY n') == [['text'], ['first']]
        # the API's clients say nothing of what they saw; nonsense is nothing, too
        one.get(path)
        one.submit(path, button='publish', body='third', seen='x')
        assert one.status == 200 and w.sql('SELECT body FROM articles') == [['third']]
        one.get(path)
        one.submit(path, button='publish', body='', seen='1')
        assert one.status == 422 and one.has('input[name=seen]')
        assert dict(one.fields(path))['seen'] == '1'


def test_they_are_bounded():
    sets = WORLD['sets'] + ['appd.revisions=3', 'appd.revisions_size=10k']
    with World(**{**WORLD, 'sets': sets}) as w:
        b = Browser(w).sign_up('ann')
        slug = b.publish('One', 'text 0')
        for i in range(1, 6):
            edit(b, slug, body=f'text {i}')
        assert w.sql('SELECT n, body FROM revisions ORDER BY n') == [
            ['3', 'text 2'], ['4', 'text 3'], ['5', 'text 4']]
        assert b.get(f'/article/{slug}/revisions?from=2').status == 404
        b.get(f'/article/{slug}/revisions?from=3&to=6')
        assert lines(b) == ['-text [2]', '+text [5]'], lines(b)
        edit(b, slug, body='x' * 9000)
        edit(b, slug, body='y' * 9000)
        edit(b, slug, body='short')
        assert w.sql('SELECT LENGTH(body) FROM revisions') == [['9000']]
        edit(b, slug, body='shorter')
        assert w.sql('SELECT COUNT(*) FROM revisions') == [['2']]
