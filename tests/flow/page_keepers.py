"""Keepers: who becomes one, and the settings of the site, which hold on every process at
the next request."""

from lib.api import Api, refused
from lib.browser import Browser
from lib.wait import wait_until
from lib.world import World

WORLD = {'instances': {'dnsd': 0, 'appd': 2}, 'sets': ['appd.demo=no']}
FORM = '/settings/site'


def keeper(w, name='kay'):
    b = Browser(w).sign_up(name)
    w.onebox('site', 'role', name, 'keeper')
    return b


def messages(w, trace):
    line = wait_until(lambda: [x for x in w.logs.text('appd').splitlines()
                               if f'trace={trace}' in x], 5, 'its line')[0]
    return line.partition(' messages=')[2].split()[0]


def test_the_operator_makes_the_first_keeper():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('Kay Ö. x', 'kay@example.com')
        b.get(FORM)
        assert b.status == 403 and not b.has('form[action=/settings/site]')
        code, text = w.onebox('site', 'role', 'kay ö. x', 'keeper')
        assert text == 'Kay Ö. x is keeper now\n', text
        b.get('/')
        assert b.has('footer a[href=/settings/site]')
        b.get(FORM)
        assert b.status == 200
        for args, wrong, why in ((('nobody', 'keeper'), 65, "there is nobody called 'nobody'"),
                                 (('kay ö. x', 'king'), 64, "there is no role 'king'"),
                                 (('', 'keeper'), 65, 'appd takes: role NAME')):
            code, text = w.onebox('site', 'role', *args, check=False)
            assert code == wrong and why in text, (code, text)
        w.onebox('site', 'role', 'Kay Ö. x', 'member')
        assert b.get(FORM).status == 403
        assert Browser(w).get(FORM, follow=False).status == 303


def test_nobody_else_may_keep():
    with World(**WORLD) as w:
        k, m = keeper(w), Browser(w).sign_up('mo')
        w.onebox('site', 'role', 'mo', 'moderator')
        k.get(FORM)
        fields = {**dict(k.fields(FORM)), 'name': 'Taken over', 'registration': 'closed'}
        m.get('/settings')
        token = dict(m.fields('/settings'))['token']
        for b in (m, Browser(w).sign_up('al')):
            b.get('/settings')
            fields['token'] = dict(b.fields('/settings'))['token']
            assert b.post(FORM, fields).status == 403
        assert m.post(FORM, {**fields, 'token': token + 'x'}).status == 403
        assert k.post(FORM, fields, {'Origin': 'https://evil.example'}).status == 403
        assert w.sql('SELECT name, registration FROM site') == [['Onebox', 'open']]


def test_settings_hold_on_every_process_at_once():
    with World(**WORLD) as w:
        k = keeper(w)
        slugs = [k.publish(t) for t in ('First', 'Rules', 'Last')]
        k.get(FORM)
        k.submit(FORM, name='The <b>Heap</b>', description='All of it', articles_a_day='0',
                 comment_length='20', home=f'https://x.example/article/{slugs[0]}\r\n',
                 foot='rules', language='pl')
        assert k.status == 200 and not k.problems(), k.problems()
        assert k.page.one('textarea[name=home]').text.strip() == 'first'
        # twice as many requests as processes, each on a connection of its own
        for _ in range(4):
            b = Browser(w, headers={'Accept-Language': 'de'})
            answer = b.get('/')
            assert b.page.one('.navbar-brand').text == 'The <b>Heap</b>'
            assert b.page.one('.banner p').text == 'All of it'
            assert b.page.one('html').attrs['lang'] == 'pl'
            assert b.page.one('footer a[href=/article/rules]').words == 'Rules'
            pinned = [a.attrs['href'] for a in b.page.all('.pinned a.preview-link')]
            assert pinned == ['/article/first'], pinned
            assert messages(w, answer.trace) == '1'
        assert Browser(w, headers={'Accept-Language': 'ar'}).get('/').status == 200
        b = Browser(w).sign_up('ann')
        b.get('/article/first')
        b.submit('/article/first/comments', body='x' * 21)
        assert b.status == 422 and '20' in b.problems()[0], b.problems()
        b.submit('/article/first/comments', body='ä' * 20)
        assert b.status == 200 and len(b.page.all('.comments .card')) == 2
        p = Api(w.http).person()
        assert refused(p.comment('first', 'y' * 21), 422, 'body',
                       'is too long (maximum is 20 characters)')
        assert p.comment('first', 'y').status == 201
        assert w.sql("SELECT comments FROM articles WHERE slug = 'first'") == [['2']]


def test_what_cannot_be_is_said():
    with World(**WORLD) as w:
        k = keeper(w)
        k.get(FORM)
        form = dict(k.fields(FORM))
        for field, value in (('name', ''), ('name', 'x' * 101), ('language', 'de'),
                             ('registration', 'maybe'), ('articles_a_day', '-1'),
                             ('articles_a_day', 'many'), ('comment_length', '0'),
                             ('comment_length', '10001'), ('home', 'no-such'),
                             ('foot', 'a\n' * 21)):
            k.post(FORM, {**form, field: value})
            assert k.status == 422 and len(k.problems()) == 1, (field, value, k.problems())
        assert w.sql('SELECT name, language FROM site') == [['Onebox', 'en']]


def test_so_many_articles_a_day():
    with World(**WORLD) as w:
        keeper(w)
        w.sql('UPDATE site SET articles_a_day = 2')
        p, other = Api(w.http).person(), Api(w.http).person()
        theirs = other.slug(title='Same', tags=['a'])
        p.slug()
        p.slug()
        before = w.sql('SELECT slug, tags FROM articles ORDER BY id')
        r = p.publish('Same', ['b'])
        assert r.status == 429 and int(r.headers['Retry-After']) > 0, r
        assert 'article' in r.json['errors']
        # and nothing else happened, to the article of that name neither
        assert w.sql('SELECT slug, tags FROM articles ORDER BY id') == before
        assert w.sql("SELECT COUNT(*) FROM tags WHERE name = 'b'") == [['0']]
        assert w.sql('SELECT articles FROM site') == [['3']]
        assert other.get(f'/articles/{theirs}').json['article']['tagList'] == ['a']
        w.sql('UPDATE articles SET created_at = created_at - INTERVAL 1 DAY')
        assert p.publish('Same').status == 201
        # a token that was revoked writes nothing, whatever the name
        w.sql(f"UPDATE users SET epoch = 9 WHERE name = '{p.name}'")
        assert refused(p.publish('Same', ['b']), 401, 'token', 'is invalid')
        assert w.sql('SELECT articles FROM site') == [['4']]
        assert w.sql("SELECT COUNT(*) FROM tags WHERE name = 'b'") == [['0']]


def test_another_password_ends_every_token():
    with World(**WORLD) as w:
        p = Api(w.http).person()
        b = Browser(w)
        b.sign_in(p.email)
        r = p.put('/user', {'user': {'password': 'another password'}})
        fresh = Api(w.http, r.json['user']['token'])
        assert r.status == 200 and fresh.get('/user').status == 200
        assert refused(p.get('/user'), 401, 'token', 'is invalid')
        b.get('/settings')
        assert b.path == '/login'
        assert w.sql('SELECT COUNT(*) FROM sessions') == [['0']]
        b.sign_in(p.email, 'another password')
        b.get('/settings')
        b.submit('/settings', password='a third password')
        assert b.path.startswith('/profile/') and b.has('a[href=/settings]')
        assert refused(fresh.get('/user'), 401, 'token', 'is invalid')
        # without a new password nothing is revoked
        b.get('/settings')
        b.submit('/settings', bio='words')
        again = Api(w.http).sign_in(p.email, 'a third password').json['user']['token']
        assert Api(w.http, again).put('/user', {'user': {'bio': 'x'}}).status == 200
        assert Api(w.http, again).get('/user').status == 200
