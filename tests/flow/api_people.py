"""Profiles, following and comments in the API."""

from lib.api import Api, refused, unique
from lib.world import World

WORLD = {'instances': {'dnsd': 0}, 'sets': ['appd.demo=no']}


def profile(r):
    assert r.status == 200, r
    return r.json['profile']


def test_profiles():
    with World(**WORLD) as w:
        api = Api(w.http)
        p, q = api.person(), api.person('Jürgen / 100% & Söhne?')
        q.put('/user', {'user': {'bio': 'Hello', 'image': 'https://example.com/q.png'}})
        path = '/profiles/J%C3%BCrgen%20%2F%20100%25%20%26%20S%C3%B6hne%3F'
        want = {'username': q.name, 'bio': 'Hello', 'image': 'https://example.com/q.png',
                'following': False}
        assert profile(api.get(path)) == want
        assert profile(p.get(path)) == want
        refused(api.get('/profiles/no-such'), 404, 'profile', 'not found')
        for _ in range(2):  # twice is once
            assert profile(p.post(path + '/follow')) == {**want, 'following': True}
        assert profile(p.get(path))['following'] is True
        assert profile(api.get(path))['following'] is False
        assert profile(q.get(f'/profiles/{p.name}'))['following'] is False
        for _ in range(2):
            assert profile(p.delete(path + '/follow')) == want
        refused(p.post('/profiles/no-such/follow'), 404, 'profile', 'not found')
        refused(p.delete('/profiles/no-such/follow'), 404, 'profile', 'not found')
        refused(api.post('/profiles/no-such/follow'), 401, 'token', 'is missing')
        refused(api.delete('/profiles/no-such/follow'), 401, 'token', 'is missing')
        assert profile(p.post(f'/profiles/{p.name}/follow'))['following'] is False


def test_unfollowing_one_leaves_the_others():
    with World(**WORLD) as w:
        api = Api(w.http)
        p, q, r, other = (api.person() for _ in range(4))
        for who in (p, other):
            for whom in (q, r):
                who.post(f'/profiles/{whom.name}/follow')
        p.delete(f'/profiles/{q.name}/follow')
        assert profile(p.get(f'/profiles/{r.name}'))['following'] is True
        assert profile(other.get(f'/profiles/{q.name}'))['following'] is True


def test_comments():
    with World(**WORLD) as w:
        api = Api(w.http)
        p, q = api.person(), api.person()
        s, elsewhere = p.slug(), p.slug()
        path = f'/articles/{s}/comments'
        assert api.get(path).json == {'comments': []}
        r = q.comment(s, 'First\nline 🐉 <b>')
        assert r.status == 201, r
        c = r.json['comment']
        assert list(c) == ['id', 'createdAt', 'updatedAt', 'body', 'author']
        assert isinstance(c['id'], int) and c['body'] == 'First\nline 🐉 <b>'
        assert c['author'] == {'username': q.name, 'bio': None, 'image': None,
                               'following': False}
        second = p.comment(s).json['comment']
        p.post(f'/profiles/{q.name}/follow')
        listed = p.get(path).json['comments']
        assert [x['id'] for x in listed] == [c['id'], second['id']]
        assert [x['author']['following'] for x in listed] == [True, False]
        assert [x['author']['following'] for x in api.get(path).json['comments']] == [False] * 2
        assert api.get(f'/articles/{elsewhere}/comments').json == {'comments': []}
        # what is refused, in this order: 401, 404, 403, 422
        refused(api.comment(s), 401, 'token', 'is missing')
        refused(p.comment('no-such', ''), 404, 'article', 'not found')
        refused(p.comment('no-such'), 404, 'article', 'not found')
        for body in ('', ' \n ', None):
            refused(p.comment(s, body), 422, 'body', "can't be blank")
        refused(p.comment(s, 'x' * 10001), 422, 'body',
                'is too long (maximum is 10000 characters)')
        assert p.comment(s, '🐉' * 10000).status == 201
        refused(api.get('/articles/no-such/comments'), 404, 'article', 'not found')
        assert w.sql(f"SELECT comments FROM articles WHERE slug = '{s}'") == [['3']]


def test_deleting_comments():
    with World(**WORLD) as w:
        api = Api(w.http)
        p, q = api.person(), api.person()
        s, elsewhere = p.slug(), p.slug()
        mine, theirs = (x.comment(s).json['comment']['id'] for x in (p, q))

        def path(slug, number):
            return f'/articles/{slug}/comments/{number}'
        refused(api.delete(path(s, mine)), 401, 'token', 'is missing')
        refused(p.delete(path('no-such', mine)), 404, 'article', 'not found')
        for number in (999999, 'x', '-1', '0', '1e3', '99999999999999999999'):
            refused(p.delete(path(s, number)), 404, 'comment', 'not found')
        for number in (mine, theirs):
            refused(p.delete(path(elsewhere, number)), 404, 'comment', 'not found')
        refused(p.delete(path(s, theirs)), 403, 'comment', 'forbidden')
        assert len(api.get(f'/articles/{s}/comments').json['comments']) == 2
        r = p.delete(path(s, mine))
        assert r.status == 204 and r.body == b'', r
        refused(p.delete(path(s, mine)), 404, 'comment', 'not found')
        assert [c['id'] for c in api.get(f'/articles/{s}/comments').json['comments']] == [theirs]
        assert w.sql(f"SELECT comments FROM articles WHERE slug = '{s}'") == [['1']]


def test_comments_follow_an_article_that_moves():
    with World(**WORLD) as w:
        p = Api(w.http).person()
        s = p.slug()
        number = p.comment(s).json['comment']['id']
        p.edit(s, title=unique())
        assert len(p.get(f'/articles/{s}/comments').json['comments']) == 1
        assert p.comment(s).status == 201
        assert p.delete(f'/articles/{s}/comments/{number}').status == 204
        assert len(p.get(f'/articles/{s}/comments').json['comments']) == 1
