"""What pages defend: sessions, forms, passwords; and what hostile people write."""

import urllib.parse

from lib.browser import Browser, harmless
from lib.http import Http
from lib.world import World

WORLD = {'instances': {'dnsd': 0}, 'sets': ['appd.demo=no']}


def cookie_line(b, name):
    return next(line for line in b.set_cookies if line.startswith(name + '='))


def test_the_cookie_over_https_and_on_this_machine():
    with World(**WORLD) as w:
        b = Browser(w, host='www.foobar.com', https=True).sign_up('ann')
        b.get('/settings')
        b.submit('/logout')
        b.get('/login')
        b.submit('/login', email='ann@example.com', password='password', follow=False)
        line = cookie_line(b, '__Host-session')
        for word in ('; Secure', '; HttpOnly', '; SameSite=Lax', '; Path=/'):
            assert word in line, line
        assert 'Domain' not in line
        plain = Browser(w)
        plain.get('/login')
        plain.submit('/login', email='ann@example.com', password='password', follow=False)
        line = cookie_line(plain, 'session')
        assert 'Secure' not in line and '; HttpOnly' in line
        # a session of one kind is none of the other
        other = Browser(w)
        other.cookies = {'session': b.cookies['__Host-session']}
        other.get('/')
        assert other.has('.navbar a[href=/profile/ann]')
        other.cookies = {'__Host-session': b.cookies['__Host-session']}
        other.get('/')
        assert not other.has('.navbar a[href=/profile/ann]')


def test_no_password_crosses_a_network_in_the_clear():
    with World(**WORLD) as w:
        for host in ('www.foobar.com', '192.0.2.1:8080', 'localhost.example.com'):
            b = Browser(w, host=host)
            for path in ('/login', '/register'):
                answer = b.get(path, follow=False)
                to = answer.headers['Location']
                assert answer.status == 303 and to.startswith('https://' + host.split(':')[0])
                assert to.endswith(path), to
            assert b.post('/login', {'email': 'a@b', 'password': 'x'}).status in (303, 403)


def test_a_dump_of_the_database_opens_nothing():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        cookie = b.cookies['session']
        rows = w.sql('SELECT HEX(hash), agent FROM sessions')
        assert len(rows) == 1 and rows[0][1] == 'Test/1.0'
        dump = str(w.sql('SELECT HEX(hash), user_id, agent FROM sessions')
                   + w.sql('SELECT name, email, password, epoch FROM users'))
        assert cookie not in dump and "'password'" not in dump and '$argon2id$' in dump
        for stolen in (rows[0][0], rows[0][0].lower(), cookie[:-2] + 'AA', 'A' * len(cookie), ''):
            thief = Browser(w)
            thief.cookies['session'] = stolen
            thief.get('/')
            assert not thief.has('a[href=/settings]'), stolen


def test_sessions_are_listed_and_revoked():
    with World(**WORLD) as w:
        first = Browser(w).sign_up('ann')
        second = Browser(w, headers={'User-Agent': 'Second <b>"'})
        second.sign_in('ann@example.com')
        third = Browser(w, headers={'User-Agent': 'Third/3'})
        third.sign_in('ann@example.com')
        stranger = Browser(w).sign_up('bob')
        first.get('/settings')
        agents = [n.words for n in first.page.all('.sessions .agent')]
        assert sorted(agents) == ['Second <b>"', 'Test/1.0', 'Third/3'], agents
        assert len(first.page.all('.sessions strong')) == 1
        forms = [f.attrs['action'] for f in first.page.all('.sessions form')]
        assert len(forms) == 2
        # not those of others
        stranger.get('/settings')
        token = dict(stranger.fields('/settings'))['token']
        for action in forms:
            stranger.post(action, {'token': token})
        assert w.sql("SELECT COUNT(*) FROM sessions") == [['4']]
        first.submit(forms[0])
        assert first.path.startswith('/settings') and len(
            first.page.all('.sessions form')) == 1
        third.get('/settings')
        assert third.path == '/login' and 'session' not in third.cookies
        # another password signs everybody else out, tokens of the API too
        second.get('/settings')
        second.submit('/settings', password='another password')
        assert second.path == '/profile/ann' and second.has('a[href=/settings]')
        first.get('/settings')
        assert first.path == '/login'
        second.get('/settings')
        assert second.path == '/settings'


def test_signing_out_is_for_good():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        kept = dict(b.cookies)
        b.get('/settings')
        b.submit('/logout')
        assert w.sql('SELECT COUNT(*) FROM sessions') == [['0']]
        b.cookies = kept
        b.get('/')
        assert not b.has('a[href=/settings]') and 'session' not in b.cookies
        b.cookies = dict(kept)
        assert b.post('/settings', {'token': 'x'}).status in (200, 403)
        assert w.sql("SELECT bio FROM users") == [['NULL']]


def test_a_session_slides():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        left = 'SELECT TIMESTAMPDIFF(DAY, CURRENT_TIMESTAMP, expires_at) > 28 FROM sessions'
        assert w.sql(left) == [['1']]
        b.get('/')
        assert not b.set_cookies, 'a young one is left alone'
        w.sql('UPDATE sessions SET expires_at = CURRENT_TIMESTAMP - INTERVAL 1 SECOND')
        b.get('/settings')
        assert b.path == '/login', 'an old one is void'


def test_forms_of_other_sites_are_refused():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        b.get('/settings')
        fields = {**dict(b.fields('/settings')), 'bio': 'changed'}
        evil = [{'Origin': 'https://evil.example'}, {'Origin': 'null'},
                {'Origin': f'https://localhost:{w.http_port}'},
                {'Origin': f'http://localhost:{w.http_port}.evil.example'},
                {'Sec-Fetch-Site': 'cross-site'}, {'Sec-Fetch-Site': 'same-site'}]
        for headers in evil:
            assert b.post('/settings', fields, headers).status == 403, headers
        for token in ('', 'x', '0' * 32, fields['token'][:-1] + 'g'):
            assert b.post('/settings', {**fields, 'token': token}).status == 403, token
        other = Browser(w).sign_up('bob')
        other.get('/settings')
        theirs = dict(other.fields('/settings'))['token']
        assert b.post('/settings', {**fields, 'token': theirs}).status == 403
        assert w.sql("SELECT bio FROM users WHERE name = 'ann'") == [['NULL']]
        assert b.request('POST', '/settings', b'{}', {
            'Content-Type': 'application/json'}).status == 415
        assert b.post('/settings', fields).status == 200
        assert w.sql("SELECT bio FROM users WHERE name = 'ann'") == [['changed']]
        # an API token in a header opens no page, and a cookie no API
        assert Http(w.http_port).get('/api/user', {
            'Cookie': f'session={b.cookies["session"]}'}).status == 401
        visitor = Browser(w)
        assert visitor.post('/login', {'email': 'a@b', 'password': 'c'}).status == 403


def test_the_sixth_wrong_password_waits():
    with World(instances={'dnsd': 0, 'appd': 2}, sets=['appd.demo=no']) as w:
        Browser(w).sign_up('ann')
        b = Browser(w)
        codes = []
        for _ in range(6):
            b.sign_in('ann@example.com', 'wrong password')
            codes.append(b.status)
        assert codes == [401] * 5 + [429], codes
        assert int(b.answer.headers['Retry-After']) > 0
        b.sign_in('ann@example.com')
        assert b.status == 429, 'a right one among them is none'


def test_pictures_are_plain_addresses():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        shown = {'https://example.com/a.png?x=1&y=2': True, 'http://example.com/a': True,
                 'javascript:alert(1)': False, 'data:image/png;base64,AA': False,
                 'https://example.com/a"onerror="x': False, 'https://e.com/a b': False,
                 '//example.com/a.png': False, 'https://': False, ' ': False}
        for image, ok in shown.items():
            b.get('/settings')
            b.submit('/settings', image=image)
            assert b.status == 200
            want = image if ok else '/default-avatar.svg'
            assert b.page.one('.user-img').attrs['src'] == want, image
            assert b.page.one('.user-pic').attrs['src'] == want, image


def test_one_is_led_only_to_this_site():
    with World(**WORLD) as w:
        Browser(w).sign_up('ann')
        for evil in ('//evil.example', 'https://evil.example', '/\\evil.example', 'evil', '',
                     '/\t/evil.example', 'javascript:x'):
            b = Browser(w)
            b.get('/login?next=' + urllib.parse.quote(evil, safe=''))
            assert dict(b.fields('/login'))['next'] == '/', evil
            fields = {**dict(b.fields('/login')), 'email': 'ann@example.com',
                      'password': 'password', 'next': evil}
            answer = b.post('/login', fields, follow=False)
            assert answer.status == 303 and answer.headers['Location'] == '/', evil
        b = Browser(w)
        b.get('/login?next=%2Ftags')
        b.submit('/login', email='ann@example.com', password='password')
        assert b.path == '/tags'


def test_what_the_browser_may_keep():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        slug = b.publish('Kept')
        for path in ('/', '/article/' + slug, '/profile/ann', '/tags', '/about'):
            for who in (b, Browser(w)):
                first = who.get(path)
                tag = first.headers['ETag']
                assert who.get(path, headers={'If-None-Match': tag}).status == 304
                again = who.get(path, headers={'If-None-Match': '"other"'})
                assert again.status == 200 and again.headers['ETag'] == tag, path
                assert 'private' in first.headers['Cache-Control']
        seen = Browser(w).get('/article/' + slug).headers['ETag']
        b.get('/article/' + slug)
        b.submit(f'/article/{slug}/comments', body='new')
        assert Browser(w).get('/article/' + slug, headers={'If-None-Match': seen}).status == 200


def test_failures_have_pages():
    with World(**WORLD) as w:
        b = Browser(w)
        for path, status in (('/nothing', 404), ('/article/none', 404), ('/profile/none', 404),
                             ('/%ff', 400), ('/logout', 405), ('/?page=no', 404)):
            assert b.get(path).status == status, path
            assert b.page.one('h1').words and b.page.one('.error-messages').words
            harmless(b.page)
        assert b.get('/logout').headers['Allow'] == 'POST, OPTIONS'
        assert b.get('/tags/', follow=False).headers['Location'] == '/tags'


def test_what_only_members_see_is_kept_nowhere():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        slug = b.publish('One')
        b.get('/editor')
        b.submit('/editor', button='draft', title='Half')
        draft = b.path
        for path in ('/settings', '/settings/delete', '/drafts', '/settings/export',
                     f'/article/{slug}/revisions', '/report?person=ann'):
            assert b.get(path).headers['Cache-Control'] == 'private, no-store', path
        # nobody loses what they write by going back to it; the rest is asked for again
        for path in ('/editor', f'/editor/{slug}', draft, '/', f'/article/{slug}'):
            assert b.get(path).headers['Cache-Control'] == 'private, no-cache', path
        b.get('/settings')
        b.submit('/settings', username='')
        assert b.status == 422 and b.answer.headers['Cache-Control'] == 'private, no-store'
