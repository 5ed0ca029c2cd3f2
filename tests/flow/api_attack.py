"""Clients that mean no good, or have none of the luck: the order of refusals and the
methods on every route there is, addresses in other letters, text that nobody can see,
tokens that are forged, and people who do the same at once."""

import base64
import hashlib
import hmac
import json
import re
import threading
import time

from lib.api import Api, errors, refused, unique
from lib.browser import Browser
from lib.world import World

WORLD = {'instances': {'dnsd': 0}, 'sets': ['appd.demo=no']}
SEVERAL = {'instances': {'dnsd': 0, 'appd': 2, 'dbproxy': 2}, 'sets': ['appd.demo=no']}
STRANGE = ['%C3%A9', '%E2%80%AE', '%E6%97%A5%E6%9C%AC', '%F0%9F%90%A2', 'one%C2%A0']


def at_once(*calls):
    """What they answered, in their order."""
    got = [None] * len(calls)

    def go(i):
        got[i] = calls[i]()
    threads = [threading.Thread(target=go, args=(i,)) for i in range(len(calls))]
    [t.start() for t in threads]
    [t.join() for t in threads]
    return got


def statuses(answers):
    return sorted(r.status for r in answers)


# ---- on every route ----

class Site:
    """An article with a comment by one person, and every operation of the description."""

    def __init__(self, w):
        self.api = Api(w.http)
        self.author, self.other = self.api.person(), self.api.person()
        self.slug = self.author.slug(title='One')
        self.number = self.author.comment(self.slug).json['comment']['id']
        self.paths = self.api.get('/openapi.json').json['paths']

    def address(self, path, slug=None):
        return path.removeprefix('/api').format(slug=slug or self.slug, id=self.number,
                                                username=self.author.name)

    def operations(self):
        return [(m.upper(), p, op) for p, item in self.paths.items() for m, op in item.items()]


def test_refusals_come_in_one_order():
    with World(**WORLD) as w:
        s = Site(w)
        bodies = [b'{', b'\xff', b'null', b'[]', b'{"user":7,"article":[],"comment":"x"}',
                  b'{"user":{"email":[]},"article":{"title":1.5},"comment":{"body":null}}']
        for method, path, op in s.operations():
            sent = bodies if 'requestBody' in op else [None]
            closed = 'security' in op and {} not in op['security']
            for body in sent:
                if closed:
                    for slug in (s.slug, 'no-such', STRANGE[0]):
                        refused(s.api.request(method, s.address(path, slug), body), 401,
                                'token', 'is missing')
                if '{slug}' in path:
                    for slug in ('no-such', *STRANGE):
                        r = s.other.request(method, s.address(path, slug), body)
                        refused(r, 404, 'article', 'not found')
                if re.search(r'\{(slug|id)\}$', path) and method != 'GET':
                    r = s.other.request(method, s.address(path), body)
                    assert r.status == 403 and 'forbidden' in str(errors(r)), (path, r)
                if body is not None:
                    r = s.author.request(method, s.address(path), body)
                    assert r.status == 422 and errors(r), (method, path, body, r)


def test_methods_on_every_route():
    with World(**WORLD) as w:
        s = Site(w)
        for path, item in s.paths.items():
            at = s.address(path)
            allowed = {m.upper() for m in item} | {'OPTIONS'}
            allowed |= {'HEAD'} if 'GET' in allowed else set()
            for method in {'GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'PROPFIND'} - allowed:
                r = s.author.request(method, at)
                assert r.status == 405, (method, at, r)
                assert set(r.headers['Allow'].split(', ')) == allowed, (at, r.headers)
            r = s.api.request('OPTIONS', at)
            said = r.headers['Access-Control-Allow-Methods'].split(', ')
            assert r.status in (200, 204) and set(said) == allowed, (at, said)
            assert r.headers['Access-Control-Allow-Origin'] == '*', at
            if 'GET' in allowed:
                get, head = s.author.get(at), s.author.request('HEAD', at)
                assert (head.status, head.body) == (get.status, b''), at
                assert head.headers['Content-Length'] == get.headers['Content-Length'], at
                r = s.author.get(at + '/')
                assert r.status == 301 and r.headers['Location'] == '/api' + at, (at, r)


def test_pages_at_addresses_in_other_letters():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        for slug in STRANGE:
            for path in (f'/article/{slug}', f'/editor/{slug}', f'/article/{slug}/comments.atom',
                         f'/article/{slug}/comments.rss', f'/tag/{slug}/x', '/' + slug):
                assert b.get(path).status == 404, path
        assert b.get('/tag/%E2%80%AE').status == 200
        assert b.get('/profile/%E2%80%AE').status == 404


# ---- what is sent ----

def test_text_that_nobody_can_see():
    with World(**WORLD) as w:
        api = Api(w.http)
        p = api.person()
        s = p.slug()
        blank = "can't be blank"
        for text in ('\u200b', '\u202e', '\ufeff', ' \u00a0\u2003 ', '\u3164', '\u2800\u2800',
                     '\u200d\ufe0f', '\U000e0041'):
            refused(api.sign_up(text), 422, 'username', blank)
            refused(p.put('/user', {'user': {'username': text}}), 422, 'username', blank)
            for key in ('title', 'description', 'body'):
                refused(p.post('/articles', {'article': {
                    'title': 'x', 'description': 'x', 'body': 'x', key: text}}), 422, key, blank)
            refused(p.comment(s, text), 422, 'body', blank)
        # beside what can be seen they are part of how some languages are written
        assert p.comment(s, 'می\u200cخواهم').status == 201


def test_names_and_mails_that_cannot_be():
    with World(**WORLD) as w:
        api = Api(w.http)
        p = api.person()
        for name in ('.', '..'):
            refused(api.sign_up(name), 422, 'username', 'is invalid')
            refused(p.put('/user', {'user': {'username': name}}), 422, 'username', 'is invalid')
        for mail in ('a@b@c', 'a@', '@', 'a b@c'):
            refused(api.sign_up(None, mail), 422, 'email', 'is invalid')
            refused(p.put('/user', {'user': {'email': mail}}), 422, 'email', 'is invalid')
        for name in ('x' * 10000, '\u202e' * 65):
            r = api.sign_up(name)
            assert r.status == 422 and list(errors(r)) == ['username'], r
        for name in ('...', 'a/b', '%2e%2e', '<script>', '?x=1&y', '#', '\\', 'ﷺ'):
            name = name + unique()[-4:] if len(name) > 1 else name
            assert api.sign_up(name).json['user']['username'] == name


def test_only_the_body_says_what_it_is():
    with World(**WORLD) as w:
        p = Api(w.http).person()
        for kind in ('text/plain', 'application/xml', 'application/json;charset=utf-8', 'x' * 500):
            r = p.put('/user', b'{"user":{"bio":"x"}}', headers={'Content-Type': kind})
            assert r.status == 200, (kind, r)
        r = p.put('/user', b'user[bio]=x',
                  headers={'Content-Type': 'application/x-www-form-urlencoded'})
        assert r.status == 422, r


# ---- tokens ----

def coded(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


def signed(key, header, claims):
    """Both as compact JSON, as ours are."""
    text = '.'.join(coded(json.dumps(x, separators=(',', ':')).encode())
                    for x in (header, claims))
    return text + '.' + coded(hmac.new(key, text.encode(), hashlib.sha256).digest())


def test_tokens_of_other_makes():
    with World(**WORLD) as w:
        p = Api(w.http).person()
        with open(w.state + '/secret/appd.key', 'rb') as f:
            key = f.read()
        header, claims = (json.loads(base64.urlsafe_b64decode(x + '=='))
                          for x in p.token.split('.')[:2])

        def ask(key, header, **more):
            return Api(w.http, signed(key, header, {**claims, **more})).get('/user')
        assert signed(key, header, claims) == p.token
        assert ask(key, header).status == 200
        # the same with another key, or with no signature that counts
        for other in (b'', b'\0' * 32, b'secret', key[::-1]):
            refused(ask(other, header), 401, 'token', 'is invalid')
        for word in ('none', 'None', 'HS512', 'RS256'):
            refused(ask(key, {**header, 'alg': word}), 401, 'token', 'is invalid')
        # well signed, but not for now, or not for anybody
        assert ask(key, header, exp=int(time.time()) + 60).status == 200
        refused(ask(key, header, exp=int(time.time()) - 60), 401, 'token', 'has expired')
        for more in ({'epoch': claims['epoch'] + 1}, {'sub': 999999}, {'sub': -1}, {'sub': 0},
                     {'exp': None}, {'sub': 'x'}):
            refused(ask(key, header, **more), 401, 'token', 'is invalid')


def test_who_was_suspended_or_has_gone():
    with World(**WORLD) as w:
        for state in ('suspended', 'gone'):
            p = Api(w.http).person()
            s = p.slug()
            w.sql(f"UPDATE users SET state = '{state}' WHERE name = '{p.name}'")
            for r in (p.get('/user'), p.get('/articles'), p.get('/articles/feed'), p.publish(),
                      p.publish(title=''), p.edit(s, body='x'), p.delete(f'/articles/{s}'),
                      p.comment(s), p.post(f'/articles/{s}/favorite'),
                      p.post(f'/profiles/{p.name}/follow'),
                      p.put('/user', {'user': {'bio': 'x'}})):
                assert r.status == 401 and list(errors(r)) == ['token'], (state, r)
            assert p.sign_in(p.email, p.password).status in (401, 403), state


# ---- at once ----

def test_two_race_for_one_mail():
    with World(**SEVERAL) as w:
        api = Api(w.http)
        mail = unique() + '@example.com'
        got = at_once(*[lambda: api.sign_up(unique(), mail) for _ in range(4)])
        assert statuses(got) == [201, 409, 409, 409], got
        people = [api.person() for _ in range(4)]
        name = unique()
        got = at_once(*[lambda p=p: p.put('/user', {'user': {'username': name}})
                        for p in people])
        assert statuses(got) == [200, 409, 409, 409], got
        assert all(errors(r) == {'username': ['has already been taken']}
                   for r in got if r.status == 409)


def test_favourites_back_and_forth():
    with World(**SEVERAL) as w:
        api = Api(w.http)
        s = api.person().slug()
        people = [api.person() for _ in range(4)]
        path = f'/articles/{s}/favorite'

        def to_and_fro(p, first):
            for i in range(8):
                r = p.request('POST' if (i + first) % 2 else 'DELETE', path)
                assert r.status == 200, r
            return True
        calls = [lambda p=p, n=n: to_and_fro(p, n) for p in people for n in (0, 1)]
        assert at_once(*calls) == [True] * 8
        of = [p.get(f'/articles/{s}').json['article']['favorited'] for p in people]
        assert api.get(f'/articles/{s}').json['article']['favoritesCount'] == sum(of)
        for p, mine in zip(people, of):
            r = api.get(f'/articles?favorited={p.name}').json
            assert r['articlesCount'] == len(r['articles']) == mine


def test_many_at_one_article_wait_for_each_other():
    """And none is rolled back in favour of another, over and over."""
    with World(instances=SEVERAL['instances'],
               sets=[*SEVERAL['sets'], 'webd.max_excess=0']) as w:
        api = Api(w.http)
        s = api.person().slug()
        people = [api.person() for _ in range(4)]
        calls = [lambda p=p: p.post(f'/articles/{s}/favorite') for p in people for _ in range(8)]
        calls += [lambda p=p: p.comment(s) for p in people for _ in range(8)]
        assert statuses(at_once(*calls)) == [200] * 32 + [201] * 32
        assert api.get(f'/articles/{s}').json['article']['favoritesCount'] == 4
        assert w.sql('SELECT favorites, comments FROM articles') == [['4', '32']]
        again = [x for x in w.logs.lines('dbproxy', 'sql')
                 if re.search('favorite_add|comment_add', x.text) and x.values['tries'] != '1']
        assert not again, again


def test_deleted_while_others_read_and_write():
    with World(**SEVERAL) as w:
        api = Api(w.http)
        p, others = api.person(), [api.person() for _ in range(3)]
        for _ in range(3):
            s = p.slug(tags=['t'])
            number = p.comment(s).json['comment']['id']
            again = at_once(*[lambda: p.delete(f'/articles/{s}/comments/{number}')] * 3)
            assert statuses(again) == [204, 404, 404], again
            gone = [lambda: p.delete(f'/articles/{s}')] * 3
            heard = ([lambda o=o: o.comment(s) for o in others]
                     + [lambda o=o: o.post(f'/articles/{s}/favorite') for o in others])
            got = at_once(*gone, *heard)
            assert statuses(got[:3]) == [204, 404, 404], got
            for r in got[3:]:
                assert r.status in (200, 201, 404), r
        counts = w.sql('SELECT articles FROM site; SELECT SUM(articles) FROM users;'
                       'SELECT SUM(favorites) FROM users; SELECT SUM(articles) FROM tags;'
                       'SELECT COUNT(*) FROM comments')
        assert counts == [['0']] * 5, counts


def test_one_key_at_once_is_one_article():
    with World(**SEVERAL) as w:
        p, key = Api(w.http).person(), unique()
        article = {'article': {'title': 'Once', 'description': 'd', 'body': 'b'}}
        got = at_once(*[lambda: p.post('/articles', article, headers={'Idempotency-Key': key})
                        for _ in range(6)])
        assert {r.status for r in got} == {201}, got
        assert len({r.json['article']['slug'] for r in got}) == 1, got
        assert p.get('/articles').json['articlesCount'] == 1
