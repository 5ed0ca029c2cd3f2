"""What a new site begins with."""

import os
import re

from lib.api import Api
from lib.env import ROOT
from lib.world import World


def titles(w):
    return [a['title'] for a in Api(w.http).get('/articles').json['articles']]


def questions():
    with open(os.path.join(ROOT, 'docs', 'whiteboard.md')) as f:
        return re.findall('^## (.*)$', f.read(), re.M)


def test_a_new_site_explains_itself():
    with World(instances={'dnsd': 0, 'appd': 2, 'dbproxy': 2}) as w:
        api = Api(w.http)
        assert titles(w) == questions() and len(questions()) >= 12
        page = w.http.get('/').text
        assert 'What happens when you type www.foobar.com?' in page
        assert '/profile/johndoe' in page and '/tag/whiteboard' in page
        r = api.get('/articles?author=johndoe').json
        other = api.get('/articles?author=janeroe').json
        assert r['articlesCount'] == len(r['articles'])
        assert r['articlesCount'] + other['articlesCount'] == len(questions())
        r = api.get('/articles?tag=dns').json
        assert r['articlesCount'] == len(r['articles']) == 2
        assert api.get('/tags').json['tags'][0] == 'whiteboard'
        slug = r['articles'][0]['slug']
        assert api.get(f'/articles/{slug}').json['article']['body']
        # they are nobody's accounts
        assert api.sign_in('johndoe@example.com', '!').status == 401
        # and only once: not after a restart, nor after all of it was deleted
        w.kill_and_wait('appd')
        assert titles(w) == questions()
        w.sql('DELETE FROM articles; UPDATE site SET articles = 0')
        w.kill_and_wait('appd')
        assert titles(w) == []


def test_an_empty_site_stays_empty():
    with World(instances={'dnsd': 0}, sets=['appd.demo=no']) as w:
        assert titles(w) == []
        assert Api(w.http).get('/profiles/johndoe').status == 404
        assert w.http.get('/').status == 200
        assert w.sql('SELECT begun FROM site') == [['1']]
