"""Articles in the API: writing, reading, changing, deleting, lists and their counts."""

import re
import threading

from lib.api import Api, errors, refused, unique
from lib.world import World

SECONDS = 180
WORLD = {'instances': {'dnsd': 0}, 'sets': ['appd.demo=no']}
TIME = re.compile(r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$')
IN_LIST = ['slug', 'title', 'description', 'tagList', 'createdAt', 'updatedAt', 'favorited',
           'favoritesCount', 'author']
ALONE = IN_LIST[:3] + ['body'] + IN_LIST[3:]


def article(r, status=200):
    assert r.status == status, r
    return r.json['article']


def slugs(r):
    assert r.status == 200, r
    return [a['slug'] for a in r.json['articles']]


def test_publishing():
    with World(**WORLD) as w:
        p = Api(w.http).person()
        a = article(p.publish('How to train your dragon 🐉', ['training', 'dragons']), 201)
        assert list(a) == ALONE
        assert a['slug'] == 'how-to-train-your-dragon'
        assert a['title'] == 'How to train your dragon 🐉'
        assert a['body'] == 'The *body*.' and a['tagList'] == ['dragons', 'training']
        assert TIME.match(a['createdAt']) and a['createdAt'] == a['updatedAt']
        assert a['favorited'] is False and a['favoritesCount'] == 0
        assert a['author'] == {'username': p.name, 'bio': None, 'image': None,
                               'following': False}
        assert article(Api(w.http).get('/articles/' + a['slug'])) == a
        # the same title again is another article
        b = article(p.publish(a['title']), 201)
        assert b['slug'] != a['slug'] and b['slug'].startswith(a['slug'] + '-')
        assert b['tagList'] == []
        # titles that leave nothing, or an address that is taken by a list
        for title in ('日本語', '!!!', 'Feed'):
            s = article(p.publish(title), 201)['slug']
            assert re.match(r'^[a-z0-9-]{6,}$', s) and s != 'feed', s
            assert article(p.get('/articles/' + s))['title'] == title
        article_without_tags = {'title': 'x', 'description': 'y', 'body': 'z'}
        r = p.post('/articles', {'article': article_without_tags})
        assert article(r, 201)['tagList'] == []


def test_slugs():
    with World(**WORLD) as w:
        p = Api(w.http).person()
        for title, slug in (('Zażółć «gęślą» jaźń', 'zazolc-gesla-jazn'),
                            ('Straße & ﬁre — naïve Façade', 'strasse-fire-naive-facade'),
                            ("don't stop", 'dont-stop'), ('Łódź Øre Æther đ', 'lodz-ore-aether-d'),
                            ('ＦＵＬＬ　ｗｉｄｔｈ', 'full-width'), ('--a--b--', 'a-b'),
                            ('x' * 200, 'x' * 80)):
            assert article(p.publish(title), 201)['slug'] == slug, title


def test_what_publishing_refuses():
    with World(**WORLD) as w:
        p = Api(w.http).person()
        for key in ('title', 'description', 'body'):
            for value in ('', ' \n', None):
                refused(p.publish(**{'title': 'x', key: value} if key != 'title'
                                  else {'title': value or '   '}), 422, key, "can't be blank")
            refused(p.publish(**{'title': 'x', key: ['y']}), 422, key, 'must be a string')
        assert set(errors(p.post('/articles', {'article': {}}))) == {'title', 'description',
                                                                     'body'}
        refused(p.publish('x' * 201), 422, 'title', 'is too long (maximum is 200 characters)')
        article(p.publish('🐉' * 200), 201)
        refused(p.publish(body='x' * 100001), 422, 'body',
                'is too long (maximum is 100000 characters)')
        refused(p.publish('a\nb'), 422, 'title', 'has characters that cannot be shown')
        refused(p.publish(body='a\x00b'), 422, 'body', 'is not valid JSON at line 1')
        refused(p.publish(body='a\x1bb'), 422, 'body', 'has characters that cannot be shown')
        for tags in ('x', {'a': 1}, [1], [None], None):
            refused(p.publish(tagList=tags), 422, 'tagList', 'must be a list of strings')
        refused(p.publish(tags=['x' * 51]), 422, 'tagList',
                'is too long (maximum is 50 characters)')
        refused(p.publish(tags=[str(i) for i in range(21)]), 422, 'tagList',
                'has too many (maximum is 20)')
        refused(p.publish(tags=['a\nb']), 422, 'tagList', 'has characters that cannot be shown')
        a = article(p.publish(tags=[' b ', 'a', 'b', '']), 201)
        assert a['tagList'] == ['a', 'b']
        refused(Api(w.http).publish(), 401, 'token', 'is missing')
        refused(Api(w.http).post('/articles', b'{'), 401, 'token', 'is missing')


def test_bodies_that_are_no_json():
    with World(**WORLD) as w:
        p = Api(w.http).person()
        bad = [b'', b'{', b'null', b'7', b'"x"', b'[]', b'{}', b'{"article":7}',
               b'{"article":{"title":"a","title":"b","description":"c","body":"d"}}',
               b'\xff', b'{"article":{"title":"\xff","description":"c","body":"d"}}',
               b'{"article":{"title":"\\ud800","description":"c","body":"d"}}',
               b'{"article":{"title":"a","description":"c","body":"d"}} x',
               b'[' * 100000, b'{"a":' * 50000, b'{"article":' + b'[' * 15 + b']' * 15 + b'}',
               b'"' + b'[' * 1000, b'\xef\xbb\xbf{}']
        for body in bad:
            r = p.post('/articles', body)
            assert r.status == 422 and errors(r), (body[:40], r)
        assert p.get('/articles').json['articlesCount'] == 0
        r = p.post('/articles', b'{"article":{"title":"' + b'x' * 1100000 + b'"}}')
        assert r.status == 413, r


def test_changing():
    with World(**WORLD) as w:
        api = Api(w.http)
        p, other = api.person(), api.person()
        a = article(p.publish('First', ['b', 'a']), 201)
        b = article(p.edit('first', body='Other *words*'))
        assert b['body'] == 'Other *words*' and b['title'] == 'First'
        assert b['slug'] == 'first' and b['tagList'] == ['a', 'b']
        assert b['createdAt'] == a['createdAt'] and b['updatedAt'] > a['updatedAt']
        times = [article(p.edit('first', body='x' * n))['updatedAt'] for n in range(1, 6)]
        assert len(set(times)) == 5 and times == sorted(times)  # however quickly
        assert article(p.edit('first'))['body'] == 'xxxxx'
        assert article(p.edit('first', tagList=[]))['tagList'] == []
        assert article(p.edit('first', tagList=['z', 'y']))['tagList'] == ['y', 'z']
        refused(p.edit('first', tagList=None), 422, 'tagList', 'must be a list of strings')
        # the address moves with the title, and the old one leads to it
        moved = article(p.edit('first', title='Second'))
        assert moved['slug'] == 'second'
        r = api.get('/articles/first')
        assert r.status == 301 and r.headers['Location'] == '/api/articles/second', r
        assert r.headers['Access-Control-Allow-Origin'] == '*'
        assert article(p.edit('first', description='via the old'))['slug'] == 'second'
        # to a title that is taken, and back
        article(other.publish('Taken'), 201)
        assert article(p.edit('second', title='Taken'))['slug'].startswith('taken-')
        assert article(p.edit('second', title='First'))['slug'] == 'first'
        for key in ('title', 'description', 'body'):
            for value in ('', None):
                refused(p.edit('first', **{key: value}), 422, key, "can't be blank")
        # who may not, in this order: 401, 404, 403, 422
        refused(api.edit('first', title=''), 401, 'token', 'is missing')
        refused(other.edit('no-such', title=''), 404, 'article', 'not found')
        refused(other.edit('first', title=''), 403, 'article', 'forbidden')
        assert article(api.get('/articles/first'))['description'] == 'via the old'


def test_deleting():
    with World(**WORLD) as w:
        api = Api(w.http)
        p, other = api.person(), api.person()
        p.slug(title='One', tags=['t', 'u'])
        p.slug(title='Two', tags=['t'])
        other.post('/articles/one/favorite')
        refused(api.delete('/articles/one'), 401, 'token', 'is missing')
        refused(other.delete('/articles/no-such'), 404, 'article', 'not found')
        refused(other.delete('/articles/one'), 403, 'article', 'forbidden')
        assert article(api.get('/articles/one'))['favoritesCount'] == 1
        r = p.delete('/articles/one')
        assert r.status == 204 and r.body == b'', r
        refused(api.get('/articles/one'), 404, 'article', 'not found')
        refused(p.delete('/articles/one'), 404, 'article', 'not found')
        # nothing of it is counted any more
        for query, count in (('', 1), ('?tag=t', 1), ('?tag=u', 0), (f'?author={p.name}', 1),
                             (f'?favorited={other.name}', 0)):
            r = api.get('/articles' + query)
            assert r.json['articlesCount'] == count == len(r.json['articles']), (query, r)
        assert api.get('/tags').json == {'tags': ['t']}
        # by an address that it had before
        article(p.edit('two', title='Three'))
        assert p.delete('/articles/two').status == 204
        assert api.get('/articles').json['articlesCount'] == 0


def test_lists():
    with World(**WORLD) as w:
        api = Api(w.http)
        p, q = api.person(), api.person()
        made = [p.slug(title=f'A{i}', tags=['x'] + ['even'] * (i % 2 == 0)) for i in range(5)]
        made += [q.slug(title=f'B{i}', tags=['x', 'ö &']) for i in range(3)]
        made.reverse()
        r = api.get('/articles')
        assert slugs(r) == made and r.json['articlesCount'] == 8
        assert all(list(a) == IN_LIST for a in r.json['articles'])
        r = api.get('/articles?limit=2&offset=3')
        assert slugs(r) == made[3:5] and r.json['articlesCount'] == 8
        r = api.get('/articles?tag=even&limit=1')
        assert slugs(r) == ['a4'] and r.json['articlesCount'] == 3
        assert slugs(api.get('/articles?tag=%C3%B6+%26')) == made[:3]
        r = api.get(f'/articles?author={p.name.upper()}&limit=2')
        assert slugs(r) == ['a4', 'a3'] and r.json['articlesCount'] == 5
        for s in ('a1', 'b2'):
            article(q.post(f'/articles/{s}/favorite'))
        r = api.get(f'/articles?favorited={q.name}&limit=1')
        assert slugs(r) == ['b2'] and r.json['articlesCount'] == 2
        assert [a['favorited'] for a in api.get('/articles').json['articles']] == [False] * 8
        seen = {a['slug']: a['favorited'] for a in q.get('/articles').json['articles']}
        assert [s for s in seen if seen[s]] == ['b2', 'a1']
        # several filters at once, and ones that nothing fits
        both = f'/articles?tag=x&author={p.name}&favorited={q.name}'
        assert slugs(api.get(both)) == ['a1'] and api.get(both).json['articlesCount'] == 1
        r = api.get(f'/articles?tag=x&author={p.name}&limit=2')
        assert slugs(r) == ['a4', 'a3'] and r.json['articlesCount'] == 5
        for query in ('tag=none', 'author=none', 'favorited=none', 'tag=x&author=none',
                      'tag=', 'offset=8', 'offset=1000000000', 'offset=9223372036854775807'):
            assert slugs(api.get('/articles?' + query)) == [], query
        assert len(slugs(api.get('/articles?limit=1000000'))) == 8
        for key, low in (('limit', 1), ('offset', 0)):
            for value in ('-1', 'x', '', '1e9', '99999999999999999999', '1.5', '%20'):
                refused(api.get(f'/articles?{key}={value}'), 422, key,
                        f'must be a number from {low}')
        refused(api.get('/articles?limit=0'), 422, 'limit', 'must be a number from 1')


def test_twenty_to_a_page():
    with World(**WORLD) as w:
        p = Api(w.http).person()
        made = [p.slug(title=f'N{i}') for i in range(23)][::-1]
        r = p.get('/articles')
        assert slugs(r) == made[:20] and r.json['articlesCount'] == 23
        assert slugs(p.get('/articles?offset=20')) == made[20:]


def test_the_feed():
    with World(**WORLD) as w:
        api = Api(w.http)
        reader, a, b, c = (api.person() for _ in range(4))
        refused(api.get('/articles/feed'), 401, 'token', 'is missing')
        assert reader.get('/articles/feed').json == {'articles': [], 'articlesCount': 0}
        for who in (a, b, c, a, b):
            who.slug(title=who.name)
        reader.post(f'/profiles/{a.name}/follow')
        reader.post(f'/profiles/{b.name}/follow')
        r = reader.get('/articles/feed')
        assert [x['author']['username'] for x in r.json['articles']] == [b.name, a.name] * 2
        assert r.json['articlesCount'] == 4
        assert all(x['author']['following'] for x in r.json['articles'])
        r = reader.get('/articles/feed?limit=1&offset=1')
        assert r.json['articles'][0]['author']['username'] == a.name
        assert r.json['articlesCount'] == 4
        seen = {x['author']['username']: x['author']['following']
                for x in reader.get('/articles').json['articles']}
        assert seen == {a.name: True, b.name: True, c.name: False}
        reader.delete(f'/profiles/{a.name}/follow')
        assert reader.get('/articles/feed').json['articlesCount'] == 2
        refused(reader.get('/articles/feed?limit=-1'), 422, 'limit', 'must be a number from 1')


def test_favourites():
    with World(**WORLD) as w:
        api = Api(w.http)
        p, q = api.person(), api.person()
        s = p.slug()
        path = f'/articles/{s}/favorite'
        for _ in range(2):  # twice is once
            a = article(p.post(path))
            assert a['favorited'] is True and a['favoritesCount'] == 1
        assert article(q.post(path))['favoritesCount'] == 2
        a = article(api.get('/articles/' + s))
        assert a['favorited'] is False and a['favoritesCount'] == 2
        for _ in range(2):
            a = article(p.delete(path))
            assert a['favorited'] is False and a['favoritesCount'] == 1
        assert api.get(f'/articles?favorited={p.name}').json['articlesCount'] == 0
        assert api.get(f'/articles?favorited={q.name}').json['articlesCount'] == 1
        refused(api.post(path), 401, 'token', 'is missing')
        refused(api.delete(path), 401, 'token', 'is missing')
        refused(p.post('/articles/no-such/favorite'), 404, 'article', 'not found')
        refused(p.delete('/articles/no-such/favorite'), 404, 'article', 'not found')
        new = article(p.edit(s, title=unique()))['slug']
        assert article(p.post(path))['slug'] == new  # by the old address
        assert article(p.get('/articles/' + new))['favoritesCount'] == 2


def test_tags():
    with World(**WORLD) as w:
        api = Api(w.http)
        assert api.get('/tags').json == {'tags': []}
        p = api.person()
        p.slug(title='One', tags=['seldom', 'often'])
        p.slug(title='Two', tags=['often', 'Often'])
        assert api.get('/tags').json['tags'][0] == 'often'
        assert set(api.get('/tags').json['tags']) == {'seldom', 'often', 'Often'}
        p.edit('one', tagList=['new'])
        assert set(api.get('/tags').json['tags']) == {'new', 'often', 'Often'}
        assert api.get('/articles?tag=often').json['articlesCount'] == 1
        assert api.get('/articles?tag=seldom').json['articlesCount'] == 0
        assert Api(w.http, 'void').get('/tags').status == 200  # the same for everybody


def test_two_race_for_one_slug():
    with World(instances={'dnsd': 0, 'appd': 2, 'dbproxy': 2}, sets=['appd.demo=no']) as w:
        people, got = [Api(w.http).person() for _ in range(4)], []
        threads = [threading.Thread(target=lambda p=p: got.append(p.publish('Same', ['t'])))
                   for p in people]
        [t.start() for t in threads]
        [t.join() for t in threads]
        assert [r.status for r in got] == [201] * 4, got
        assert len({r.json['article']['slug'] for r in got}) == 4
        r = Api(w.http).get('/articles?tag=t')
        assert r.json['articlesCount'] == 4 == len(r.json['articles'])


def pages_read(w):
    return int(w.sql("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_read_requests'")[0][1])


def test_page_five_hundred_reads_an_index_not_the_articles():
    with World(**WORLD) as w:
        p = Api(w.http).person()
        p.slug(title='The last', tags=['many'])
        # the server's own look at a table of which much has changed reads pages, too, some
        # seconds later: here it looks once, when it is told to
        w.sql('SET GLOBAL innodb_stats_auto_recalc = OFF')
        w.sql("""INSERT INTO articles (author_id, slug, title, description, body, html)
                 SELECT 1, CONCAT('n', seq), CONCAT('N', seq), 'd', REPEAT('body ', 400), ''
                 FROM seq_1_to_11000;
                 INSERT INTO article_tags SELECT t.id, a.id FROM tags t JOIN articles a
                 WHERE a.slug LIKE 'n%' AND t.name = 'many';
                 UPDATE site SET articles = 11001; ANALYZE TABLE articles, article_tags;""")
        for query in ('offset=10000', 'offset=10000&tag=many', f'offset=10000&author={p.name}'):
            for more in ('', '&limit=20', '&limit=10'):  # a plan may be for one time only
                before = pages_read(w)
                assert len(slugs(p.get('/articles?' + query + more))) >= 10
                read = pages_read(w) - before
                print(f'{query}{more}: {read} pages')
                assert read < 600, (query, read)  # the articles themselves have 1,400 pages
        for _ in range(3):
            before = pages_read(w)
            assert w.http.get('/?page=1000').status == 200
            assert pages_read(w) - before < 600
