"""What is not published yet: kept, seen by its author only, published from there."""

import io
import json
import zipfile

from lib.api import Api
from lib.browser import Browser
from lib.world import World

WORLD = {'instances': {'dnsd': 0}, 'sets': ['appd.demo=no']}
SECRET = 'Unspoken'


def saved(b, **values):
    b.get('/editor')
    b.submit('/editor', button='draft', **values)
    assert b.status == 200 and b.path.startswith('/drafts/'), b.answer
    return b.path


def counts(w):
    return (w.sql('SELECT articles FROM site') + w.sql('SELECT name, articles FROM tags')
            + w.sql('SELECT name, articles FROM users'))


def test_a_draft_is_kept_and_then_published():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        b.publish('Before', tags=['old'])
        draft = saved(b, title=SECRET)
        assert b.has('.saved', 'Only you can see it')
        b.submit(draft, button='tag', tag='zebra')
        assert [p.words for p in b.page.all('.tag-pill')] == ['zebra']
        b.submit(draft, button='draft', tag='ape', body='# Head\r\n\r\ntext')
        assert b.path == draft
        assert [p.words for p in b.page.all('.tag-pill')] == ['ape', 'zebra']
        assert dict(b.fields(draft))['body'].splitlines() == ['# Head', '', 'text']
        b.submit(draft, button='preview')
        assert b.has('.preview h2', 'Head')
        b.submit(draft, button='publish')
        assert b.status == 422 and b.problems() == ["Description can't be blank"]
        b.get('/drafts')
        assert [h.words for h in b.page.all('.rows h2')] == [SECRET]
        b.get('/profile/ann')
        assert b.has('.nav-link', 'Drafts')
        b.get(draft)
        b.submit(draft, button='publish', description='About it')
        assert b.path == '/article/unspoken', b.answer
        assert [t.words for t in b.page.all('.tag-list .tag-default')] == ['ape', 'zebra']
        assert b.get(draft).status == 404
        b.get('/drafts')
        assert b.has('.empty-feed-message')
        # it is the newest, however old the draft is
        b.get('/')
        assert [h.words for h in b.page.all('.article-preview h1')] == [SECRET, 'Before']
        assert w.sql('SELECT articles FROM site') == [['2']]
        # an article that is published has no drafts
        b.get('/editor/unspoken')
        assert not b.has('button[value=draft]') and b.has('button', 'Publish Article')


def test_nobody_else_sees_it():
    with World(**WORLD) as w:
        ann, bob = Browser(w).sign_up('ann'), Browser(w).sign_up('bob')
        ann.publish('Spoken', tags=['t'])
        before = counts(w)
        draft = saved(ann, title=SECRET, description=SECRET, body=SECRET, tag=SECRET)
        assert counts(w) == before
        for path in ('/', '/tag/Unspoken', '/tags', '/profile/ann', '/search?q=unspoken',
                     '/feed.atom', '/feed.rss', '/feed.json', '/profile/ann/feed.atom',
                     '/sitemap.xml', '/drafts', '/api/articles', '/api/tags',
                     '/api/articles?author=ann', draft):
            for who in (bob, Browser(w)):
                answer = who.get(path)
                shown = answer.text.replace('/tag/Unspoken', '').replace(
                    'value="unspoken"', '')
                if path == '/tag/Unspoken':
                    assert not who.page.all('.article-preview')
                elif who.path != '/login':
                    assert SECRET not in shown, path
        assert bob.get(draft).status == 404
        token = {'token': dict(bob.get('/editor') and bob.fields('/editor'))['token']}
        for form in ({'title': 'x', 'do': 'draft'}, ):
            assert bob.post(draft, {**token, **form}).status == 404
        bob.post(draft + '/delete', token)
        ann.get(draft)
        assert dict(ann.fields(draft))['title'] == SECRET
        for bad in ('/drafts/0', '/drafts/x', '/drafts/-1', '/drafts/99999999999999999999'):
            assert ann.get(bad).status == 404, bad
        # publishing by a stranger's hand makes an article of the stranger's, and no more
        bob.post(draft, {**token, 'title': 'Mine', 'description': 'd', 'body': 'b',
                         'do': 'publish'})
        assert bob.path == '/article/mine' and ann.get(draft).status == 200


def test_half_of_it_is_enough_but_not_too_much():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        draft = saved(b)
        b.get('/drafts')
        assert b.has('.rows h2', 'Untitled')
        b.submit(draft + '/delete')
        assert b.path == '/drafts' and not b.page.all('.rows')
        b.get('/editor')
        b.submit('/editor', button='draft', title='x' * 201)
        assert b.status == 422 and b.path == '/editor' and 'too long' in b.problems()[0]
        w.sql('INSERT INTO drafts (author_id, title, description, body)'
              " SELECT id, 't', '', '' FROM users, seq_1_to_200")
        b.get('/editor')
        b.submit('/editor', button='draft', title='One more')
        assert b.status == 422 and 'too many' in b.problems()[0]
        assert dict(b.fields('/editor'))['title'] == 'One more'
        w.sql("DELETE FROM drafts WHERE title = 't' LIMIT 1")
        b.submit('/editor', button='draft')
        assert b.path.startswith('/drafts/'), 'the same form again, now that there is room'


def test_a_form_sent_twice_is_kept_once():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        b.get('/editor')
        fields = {**dict(b.fields('/editor')), 'title': 'Once', 'do': 'draft'}
        for _ in range(2):
            b.post('/editor', fields)
        assert w.sql('SELECT COUNT(*) FROM drafts') == [['1']]
        draft = b.path
        fields = {**dict(b.fields(draft)), 'description': 'd', 'body': 'b', 'do': 'publish'}
        for _ in range(2):
            b.post(draft, fields)
            assert b.path == '/article/once', b.answer
        # back and forth: what was overwritten may be so again
        draft = saved(b, title='A')
        fields = dict(b.fields(draft))
        for title in 'BAB':
            b.post(draft, {**fields, 'title': title, 'do': 'draft'})
            assert dict(b.fields(draft))['title'] == title


def test_it_leaves_with_its_author():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        saved(b, title='Żółw "x"', body='a\r\nb', tag='t')
        z = zipfile.ZipFile(io.BytesIO(b.get('/settings/export').body))
        drafts = json.loads(z.read('drafts.json'))
        assert [(d['title'], d['body'], d['tagList']) for d in drafts] == [
            ('Żółw "x"', 'a\nb', ['t'])]
        b.get('/settings/delete')
        b.submit('/settings/delete', password='password')
        assert w.sql('SELECT COUNT(*) FROM drafts') == [['0']]


def test_twenty_long_tags():
    with World(**WORLD) as w:
        ann = Api(w.http).person('ann')
        tags = sorted(f'{i:02}' + 'ż' * 48 for i in range(20))
        assert ann.publish('Many', tags).json['article']['tagList'] == tags
