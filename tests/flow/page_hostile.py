"""What hostile people write is shown harmlessly, wherever it is shown."""

import json
import re
import urllib.parse

from lib.browser import Browser, harmless
from lib.schema import valid_json, valid_xml
from lib.world import World

WORLD = {'instances': {'dnsd': 0}, 'sets': ['appd.demo=no']}
HOSTILE = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' onload='x",
           'javascript:alert(1)', '\u202egnirts\u202c \u2066x', '</title></textarea></style>',
           '{{7*7}}${7*7}<?= x ?>', '&lt;b&gt;&amp;', ']]></item><!-- --!><![CDATA[',
           '../../etc/passwd?#%00%2f', 'ﷺ\u0301\u0301\u0301\u200b\ufeff\ufffe', '\U0001f468\u200d\U0001f469']
# what turns the direction of words, and more that cannot be seen
TURNS = re.compile('[\u202a-\u202e\u2066-\u2069]')
UNSEEN = re.compile('[\u200b\ufeff\ufffe\u202a-\u202e\u2066-\u2069]')


def part(words):
    return urllib.parse.quote(words, safe='')


def sign_up(w, b, name, email, bio):
    """Names that hide something are refused; one that is older than that is shown all the
    same. Gives the address of the profile."""
    b.sign_up(name, email)
    if UNSEEN.search(name):
        assert b.status == 422, name
        assert b.problems() == ['Username has characters that cannot be seen'], b.problems()
        b.sign_up('of ' + email, email)
    assert b.path == '/', (name, b.problems())
    b.get('/settings')
    b.submit('/settings', bio=bio, image=bio)
    assert b.status == 200, b.answer
    w.sql(f"UPDATE users SET name = CONVERT(x'{name.encode().hex()}' USING utf8mb4) "
          f"WHERE email = '{email}'")
    b.get('/profile/' + part(name))
    return b.path


def write(w, b, words, i):
    """Everything that can be written, by one person; gives where it is shown."""
    profile = sign_up(w, b, f'{words} {i}'[:60], f'h{i}@example.com', words)
    assert b.page.one('.user-info p').text == words
    assert b.page.one('.user-img').attrs['src'] == '/default-avatar.svg'
    b.get('/editor')
    b.submit('/editor', button='draft', title=words, description=words, body=words,
             tag=words[:40])
    draft = b.path
    harmless(b.page)
    b.submit(draft, button='preview')
    harmless(b.page)
    slug = b.publish('First', 'Once', 'upon', ['a'])
    b.get('/editor/' + slug)
    b.submit('/editor/' + slug, button='publish', title=f'{words} {i}', description=words,
             body=words + f'\n\n[a]({words})\n\n![b]({words})', tag=words[:40])
    article = b.path
    assert b.page.one('h1').text == f'{words} {i}'
    b.submit(article + '/comments', body=words)
    b.get(article)
    return profile, draft, article


def turned(page):
    """What turns words stands only within elements that keep that to themselves, or where
    it can be edited."""
    for n in page.walk():
        if n.tag == 'textarea' or n.tag == 'bdi' or 'dir' in n.attrs and n.tag != 'html':
            n.children = []
    assert not TURNS.search(page.text), page.text
    for n in page.walk():
        for name, value in n.attrs.items():
            assert name == 'value' or not TURNS.search(value or ''), (n.tag, name, value)


def test_hostile_words_on_every_page():
    with World(**WORLD) as w:
        visitor = Browser(w)
        for i, words in enumerate(HOSTILE):
            b = Browser(w)
            profile, draft, article = write(w, b, words, i)
            tag = '/tag/' + part(words[:40])
            mine = ['/drafts', draft, article + '/revisions', '/settings', '/settings/delete',
                    '/?feed=following', '/editor' + article.removeprefix('/article')]
            for path in ['/', article, profile, profile + '/favorites', '/tags', tag,
                         '/search?q=' + part(words), '/search?q=' + part(f'"{words}" alert'),
                         '/nothing/' + part(words), '/login?next=' + part(words)]:
                for who in (visitor, b):
                    who.get(path)
                    assert who.status in (200, 400, 404), (path, who.answer)
                    harmless(who.page)
                    turned(who.page)
            for path in mine:
                b.get(path)
                assert b.status == 200, path
                harmless(b.page)
                turned(b.page)
            b.get('/editor' + article.removeprefix('/article'))
            assert dict(b.fields(b.path))['title'] == f'{words} {i}'
            # what it says of itself
            visitor.get(article)
            meta = {n.attrs.get('property') or n.attrs.get('name'): n.attrs.get('content')
                    for n in visitor.page.all('meta')}
            kept_in = TURNS.sub('', words)
            assert meta['og:title'] == f'{kept_in} {i}' and meta['og:description'] == kept_in
            assert visitor.page.one('title').text == f'{kept_in} {i} - Onebox'
            said = json.loads(visitor.page.one('script[type=application/ld+json]').text)
            assert said['headline'] == f'{kept_in} {i}' and said['description'] == kept_in
            turned(visitor.page)
            for feed in ('/feed', profile + '/feed', tag + '/feed', article + '/comments'):
                for kind, schema in (('atom', 'atom'), ('rss', 'rss')):
                    valid_xml(visitor.get(f'{feed}.{kind}').body, schema)
                    if 'comments' not in feed:
                        assert not TURNS.search(visitor.answer.text), (feed, kind)
                valid_json(visitor.get(feed + '.json').body, 'jsonfeed')
                assert 'comments' in feed or not TURNS.search(visitor.answer.text), feed
        valid_xml(visitor.get('/sitemap.xml').body, 'sitemap')


def test_ten_thousand_characters():
    long = '\u202e"<' + 'x' * 9997
    with World(**WORLD) as w:
        b = Browser(w)
        b.sign_up(long, 'a@example.com')
        assert b.status == 422 and 'too long' in b.problems()[0]
        harmless(b.page)
        b.sign_up('ann')
        for field in ('bio', 'image', 'username', 'email'):
            b.get('/settings')
            b.submit('/settings', **{field: long})
            assert b.status == 422, field
            harmless(b.page)
            assert dict(b.fields('/settings'))[field] == long
        b.get('/editor')
        b.submit('/editor', button='publish', title=long, description=long, body=long, tag='')
        assert b.status == 422 and len(b.problems()) == 2
        harmless(b.page)
        b.submit('/editor', button='tag', tag=long)
        harmless(b.page)
        slug = b.publish('One', long * 9, 'About')
        harmless(b.page)
        b.submit(f'/article/{slug}/comments', body=long)
        assert b.page.all('.card-block')[1].text.strip() == long
        b.submit(f'/article/{slug}/comments', body=long + 'y')
        assert b.status == 422 and 'too long' in b.problems()[0]
        harmless(b.page)
        for path in ('/search?q=', '/tag/', '/profile/', '/article/', '/nothing/'):
            assert b.get(path + part('"<x' * 800)).status in (200, 400, 404, 414), path
            if b.page is not None:
                harmless(b.page)
