"""What hostile people write is shown harmlessly, wherever it is shown."""

import json
import urllib.parse

from lib.browser import Browser, harmless
from lib.schema import valid_json, valid_xml
from lib.world import World

WORLD = {'instances': {'dnsd': 0}, 'sets': ['appd.demo=no']}
HOSTILE = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' onload='x",
           'javascript:alert(1)', '\u202egnirts\u202c \u2066x', '</title></textarea></style>',
           '{{7*7}}${7*7}<?= x ?>', '&lt;b&gt;&amp;', ']]></item><!-- --!><![CDATA[',
           '../../etc/passwd?#%00%2f', 'ﷺ\u0301\u0301\u0301\u200b\ufeff\ufffe', '\U0001f468\u200d\U0001f469']


def part(words):
    return urllib.parse.quote(words, safe='')


def write(b, words, i):
    """Everything that can be written, by one person; gives where it is shown."""
    b.sign_up(f'{words} {i}'[:60], f'h{i}@example.com')
    assert b.path == '/', (words, b.problems())
    b.get('/settings')
    b.submit('/settings', bio=words, image=words)
    assert b.status == 200, b.answer
    profile = b.path
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


def test_hostile_words_on_every_page():
    with World(**WORLD) as w:
        visitor = Browser(w)
        for i, words in enumerate(HOSTILE):
            b = Browser(w)
            profile, draft, article = write(b, words, i)
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
            for path in mine:
                b.get(path)
                assert b.status == 200, path
                harmless(b.page)
            b.get('/editor' + article.removeprefix('/article'))
            assert dict(b.fields(b.path))['title'] == f'{words} {i}'
            # what it says of itself
            visitor.get(article)
            meta = {n.attrs.get('property') or n.attrs.get('name'): n.attrs.get('content')
                    for n in visitor.page.all('meta')}
            assert meta['og:title'] == f'{words} {i}' and meta['og:description'] == words
            said = json.loads(visitor.page.one('script[type=application/ld+json]').text)
            assert said['headline'] == f'{words} {i}' and said['description'] == words
            for feed in ('/feed', profile + '/feed', tag + '/feed', article + '/comments'):
                for kind, schema in (('atom', 'atom'), ('rss', 'rss')):
                    valid_xml(visitor.get(f'{feed}.{kind}').body, schema)
                valid_json(visitor.get(feed + '.json').body, 'jsonfeed')
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
