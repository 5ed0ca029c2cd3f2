"""A write with an Idempotency-Key happens once, and the key is one client's own."""

from lib import World
from lib.api import Api


def articles(api):
    return api.get('/articles').json['articlesCount']


def publish(person, key, title='One', body='text'):
    return person.post('/articles', {'article': {'title': title, 'description': 'd',
                                                 'body': body}},
                       headers={'Idempotency-Key': key})


def test_the_same_key_again_gives_the_same_answer_and_writes_nothing():
    with World() as w:
        api = Api(w.http)
        ann = api.person()
        before = articles(api)
        first, again = publish(ann, 'k1'), publish(ann, 'k1')
        assert first.status == again.status == 201, (first, again)
        assert first.json['article']['slug'] == again.json['article']['slug']
        assert articles(api) == before + 1
        assert publish(ann, 'k2').status == 201
        assert articles(api) == before + 2


def test_another_persons_key_is_another_key():
    with World() as w:
        api = Api(w.http)
        ann, ben = api.person(), api.person()
        a, b = publish(ann, 'same', 'Of Ann'), publish(ben, 'same', 'Of Ben')
        assert a.status == b.status == 201, (a, b)
        assert b.json['article']['title'] == 'Of Ben'
        assert b.json['article']['author']['username'] == ben.name


def test_another_path_is_another_key():
    with World() as w:
        ann = Api(w.http).person()
        slug = publish(ann, 'k').json['article']['slug']
        r = ann.post(f'/articles/{slug}/comments', {'comment': {'body': 'c'}},
                     headers={'Idempotency-Key': 'k'})
        assert r.status == 201 and r.json['comment']['body'] == 'c', r


def test_the_same_key_with_another_body_is_refused():
    with World() as w:
        ann = Api(w.http).person()
        assert publish(ann, 'k', body='one').status == 201
        r = publish(ann, 'k', body='two')
        assert r.status == 422 and 'idempotency-key' in r.json['errors'], r


def test_two_visitors_with_one_key_are_two_people():
    with World() as w:
        api = Api(w.http)
        for name in ('carol', 'dave'):
            r = api.post('/users', {'user': {'username': name, 'email': name + '@example.com',
                                             'password': 'password'}},
                         headers={'Idempotency-Key': 'Z'})
            assert r.status == 201 and r.json['user']['username'] == name, r
