"""Accounts in the API: signing up and in, who one is, settings; what is refused and how."""

import base64
import json
import threading

from lib.api import Api, errors, refused, unique
from lib.world import World

WORLD = {'instances': {'dnsd': 0}, 'sets': ['appd.demo=no']}


def user(**fields):
    return {'user': fields}


def test_signing_up_and_in():
    with World(**WORLD) as w:
        api = Api(w.http)
        name = unique('Żółw 🐢 ')
        r = api.sign_up(name, password='long enough')
        assert r.status == 201, r
        u = r.json['user']
        assert list(u) == ['email', 'token', 'username', 'bio', 'image']
        assert u['username'] == name and u['bio'] is None and u['image'] is None
        assert r.headers['Content-Type'] == 'application/json; charset=utf-8'
        r = api.sign_in(u['email'], 'long enough')
        assert r.status == 200 and r.json['user']['username'] == name
        # mails compare without case, and blanks around them are nobody's
        assert api.sign_in('  ' + u['email'].upper(), 'long enough').status == 200
        me = Api(w.http, r.json['user']['token'])
        assert me.get('/user').json['user']['email'] == u['email']
        # the reference takes both words
        bearer = {'Authorization': 'Bearer ' + me.token}
        assert api.get('/user', headers=bearer).status == 200


def test_what_signing_up_refuses():
    with World(**WORLD) as w:
        api = Api(w.http)
        good = {'username': 'ann', 'email': 'ann@example.com', 'password': 'password'}
        blank = "can't be blank"
        for key in good:
            for value in ('', '   ', None):
                refused(api.post('/users', user(**{**good, key: value})), 422, key, blank)
            missing = {k: v for k, v in good.items() if k != key}
            refused(api.post('/users', user(**missing)), 422, key, blank)
            refused(api.post('/users', user(**{**good, key: 7})), 422, key,
                    'must be a string')
        r = api.post('/users', user())
        assert r.status == 422 and set(errors(r)) == set(good), r
        assert api.post('/users', {}).status == 422
        assert api.post('/users', []).status == 422
        refused(api.post('/users', user(**{**good, 'password': '1234567'})), 422, 'password',
                'is too short (minimum is 8 characters)')
        refused(api.post('/users', user(**{**good, 'username': 'x' * 65})), 422, 'username',
                'is too long (maximum is 64 characters)')
        for mail in ('ann', '@example.com', 'ann@', 'a nn@example.com'):
            refused(api.post('/users', user(**{**good, 'email': mail})), 422, 'email',
                    'is invalid')
        refused(api.post('/users', user(**{**good, 'username': 'a\x07b'})), 422, 'username',
                'has characters that cannot be shown')
        assert api.post('/users', user(**good)).status == 201
        taken = 'has already been taken'
        refused(api.sign_up('ann', 'other@example.com'), 409, 'username', taken)
        refused(api.sign_up('ANN', 'other@example.com'), 409, 'username', taken)
        refused(api.sign_up('bob', 'Ann@Example.com'), 409, 'email', taken)
        assert api.sign_up('ánn', 'other@example.com').status == 201  # not the same letter


def test_names_that_hide_something():
    hidden = ('\u202eann', 'ann\u202c', '\u2066ann\u2069', 'a\u200enn', 'an\u200fn', 'a\u200bnn',
              'a\u200dnn', 'ann\ufeff', 'a\u00adnn', 'a\u00a0nn', 'a\u3000nn', 'a\u2028nn',
              'ann\u061c', 'ann\u2800', 'ann\U000e0041', 'ann\ufffe', 'a\ufe0fnn')
    with World(**WORLD) as w:
        api = Api(w.http)
        for name in hidden:
            refused(api.sign_up(name, 'h@example.com'), 422, 'username',
                    'has characters that cannot be seen')
        p = api.person()
        for name in hidden:
            refused(p.put('/user', user(username=name)), 422, 'username',
                    'has characters that cannot be seen')
        # joiners within a script or an emoji are part of how a name is written
        for i, name in enumerate(('Ann Lee', 'می\u200cخواهم', '\U0001f468\u200d\U0001f469',
                                  '\u2764\ufe0f', 'Żółw', '日本', 'אבג')):
            r = api.sign_up(name, f'n{i}@example.com')
            assert r.status == 201 and r.json['user']['username'] == name, r
        # and do not make it another one
        assert api.sign_up('میخواهم', 'm@example.com').status == 409


def test_two_people_race_for_one_name():
    with World(instances={'dnsd': 0, 'appd': 2, 'dbproxy': 2}, sets=['appd.demo=no']) as w:
        for _ in range(3):
            name, got = unique(), []

            def go(i):
                got.append(Api(w.http).sign_up(name, f'{name}{i}@example.com').status)
            threads = [threading.Thread(target=go, args=(i,)) for i in range(4)]
            [t.start() for t in threads]
            [t.join() for t in threads]
            assert sorted(got) == [201, 409, 409, 409], got


def test_wrong_sign_ins():
    with World(**WORLD) as w:
        api = Api(w.http)
        p = api.person()
        refused(api.sign_in(p.email, 'wrong password'), 401, 'credentials', 'invalid')
        refused(api.sign_in('nobody@example.com', 'wrong password'), 401, 'credentials',
                'invalid')
        blank = "can't be blank"
        refused(api.sign_in('', 'password'), 422, 'email', blank)
        refused(api.sign_in(p.email, ''), 422, 'password', blank)


def test_the_sixth_wrong_sign_in_waits():
    with World(instances={'dnsd': 0, 'appd': 2}, sets=['appd.demo=no']) as w:
        api = Api(w.http)
        p, other = api.person(), api.person()
        for _ in range(5):
            assert api.sign_in(p.email, 'wrong password').status == 401
        r = api.sign_in(p.email, 'wrong password')
        assert r.status == 429 and 'credentials' in errors(r), r
        assert 0 < int(r.headers['Retry-After']) <= 900
        # the right one is not told from a guess
        assert api.sign_in(p.email.upper(), p.password).status == 429
        # nobody else is concerned: this machine's address is not counted
        assert api.sign_in(other.email, other.password).status == 200
        # an account that does not exist is counted like one that does
        for _ in range(5):
            assert api.sign_in('nobody@example.com', 'wrong password').status == 401
        assert api.sign_in('nobody@example.com', 'wrong password').status == 429


def test_an_address_written_otherwise_is_counted_as_the_same():
    with World(**WORLD) as w:
        api = Api(w.http)
        p = api.person()
        for mail in (p.email, 'nobody@example.com'):
            at = mail.index('@')
            for other in (mail[0] + '\u00ad' + mail[1:], mail[0] + '\u200b' * 3 + mail[1:],
                          chr(ord(mail[0]) + 0xfee0) + mail[1:], mail.upper(),
                          mail[:at] + '\u2060' + mail[at:]):
                assert api.sign_in(other, 'wrong password').status == 401, ascii(other)
            for other in (mail, mail[0] + '\u00ad\u00ad' + mail[1:]):
                r = api.sign_in(other, p.password)
                assert r.status == 429 and 'credentials' in errors(r), (ascii(other), r)


def test_a_right_sign_in_clears_the_count():
    with World(**WORLD) as w:
        api = Api(w.http)
        p = api.person()
        for _ in range(2):
            for _ in range(4):
                assert api.sign_in(p.email, 'wrong password').status == 401
            assert api.sign_in(p.email, p.password).status == 200


def test_this_machine_may_fail_for_many_accounts():
    with World(**WORLD) as w:
        api = Api(w.http)
        for _ in range(25):
            assert api.sign_in(unique() + '@example.com', 'wrong password').status == 401


def test_guesses_in_parallel_are_counted_too():
    with World(instances={'dnsd': 0, 'appd': 2, 'dbproxy': 2}, sets=['appd.demo=no']) as w:
        p, got = Api(w.http).person(), []

        def guess():
            got.append(Api(w.http).sign_in(p.email, 'wrong password').status)
        threads = [threading.Thread(target=guess) for _ in range(20)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        assert got.count(401) <= 5 and got.count(401) + got.count(429) == 20, got


def test_tokens():
    with World(**WORLD) as w:
        api = Api(w.http)
        p, _ = api.person(), api.person()  # whom the first could want to be
        missing = {'token': ['is missing']}
        for header in (None, '', 'Token', 'Token ', 'Basic YTpi'):
            headers = {} if header is None else {'Authorization': header}
            r = api.get('/user', headers=headers)
            assert r.status == 401 and errors(r) == missing, (header, r)
        head, payload, mac = p.token.split('.')
        claims = json.loads(base64.urlsafe_b64decode(payload + '=='))
        forged = base64.urlsafe_b64encode(
            json.dumps({**claims, 'sub': claims['sub'] + 1}).encode()).decode().rstrip('=')
        none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip('=')
        for token in ('x', 'a.b.c', f'{head}.{forged}.{mac}', f'{none}.{payload}.',
                      f'{none}.{payload}.{mac}', f'{head}.{payload}', p.token + 'x',
                      p.token[:-1], p.token + '.x', 'x' * 5000):
            refused(Api(w.http, token).get('/user'), 401, 'token', 'is invalid')
            # also where a visitor may ask: a broken token is no visitor
            refused(Api(w.http, token).get('/articles'), 401, 'token', 'is invalid')
        assert p.get('/user').status == 200


def test_settings():
    with World(**WORLD) as w:
        p = Api(w.http).person()

        def change(**fields):
            return p.put('/user', user(**fields))
        r = change(bio='About me', image='https://example.com/a.png')
        assert r.status == 200 and r.json['user']['bio'] == 'About me'
        r = change(username=p.name + '2', email='2' + p.email)
        assert r.json['user']['username'] == p.name + '2'
        assert r.json['user']['email'] == '2' + p.email
        assert r.json['user']['bio'] == 'About me'  # untouched
        # "" and null make them null, and that stays
        for value in ('', None):
            change(bio='x', image='y')
            r = change(bio=value, image=value)
            assert r.json['user']['bio'] is None and r.json['user']['image'] is None, r
            r = p.get('/user')
            assert r.json['user']['bio'] is None and r.json['user']['image'] is None, r
        for key in ('username', 'email', 'password'):
            for value in ('', None):
                refused(change(**{key: value}), 422, key, "can't be blank")
        refused(change(password='1234567'), 422, 'password',
                'is too short (minimum is 8 characters)')
        for password in ('12345678', 'x' * 64):
            r = change(password=password)
            assert r.status == 200, r
            p.token = r.json['user']['token']  # the one before is void
        assert p.sign_in('2' + p.email, 'x' * 64).status == 200
        assert p.sign_in('2' + p.email, p.password).status == 401
        # what a page will not show is kept all the same
        for image in ('javascript:alert(1)', 'x"onerror="alert(1)', '<script>'):
            assert change(image=image).json['user']['image'] == image
        assert change().status == 200
        other = Api(w.http).person()
        taken = 'has already been taken'
        refused(change(username=other.name.upper()), 409, 'username', taken)
        refused(change(email=other.email), 409, 'email', taken)
        refused(Api(w.http).put('/user', user(bio='x')), 401, 'token', 'is missing')


def test_who_is_no_longer_there_has_no_token():
    with World(**WORLD) as w:
        p = Api(w.http).person()
        slug = p.slug()
        w.sql("UPDATE users SET epoch = epoch + 1 WHERE name = '%s'" % p.name)
        void = {'token': ['is invalid']}
        asked = [p.get('/user'), p.put('/user', user(bio='x')),
                 p.put('/user', user(email='')), p.get('/articles'), p.get('/articles/feed'),
                 p.publish(), p.publish(body=''), p.edit(slug, body='x'),
                 p.delete(f'/articles/{slug}'), p.comment(slug),
                 p.comment(slug, ''), p.post(f'/articles/{slug}/favorite'),
                 p.post(f'/profiles/{p.name}/follow'), p.get('/articles?limit=-1')]
        for r in asked:
            assert r.status == 401 and errors(r) == void, r
        # and nothing was done
        visitor = Api(w.http)
        assert visitor.get('/articles').json['articlesCount'] == 1
        assert visitor.get(f'/articles/{slug}').json['article']['body'] == 'The *body*.'
        assert visitor.get(f'/articles/{slug}/comments').json['comments'] == []


def test_of_two_who_change_the_password_at_once_one_has_done_it():
    with World(**WORLD) as w:
        p = Api(w.http).person()
        for attempt in range(3):
            got = {}

            def change(password):
                got[password] = p.put('/user', user(password=password))
            passwords = [f'password {attempt}.{i}' for i in range(3)]
            threads = [threading.Thread(target=change, args=(s,)) for s in passwords]
            [t.start() for t in threads]
            [t.join() for t in threads]
            done = [s for s in passwords if got[s].status == 200]
            assert len(done) == 1, got
            for s in passwords:
                if s not in done:
                    refused(got[s], 401, 'token', 'is invalid')
                assert p.sign_in(p.email, s).status == (200 if s in done else 401)
            p.token = got[done[0]].json['user']['token']
            assert p.get('/user').status == 200
