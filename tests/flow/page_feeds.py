"""What feed readers and search engines get."""

import datetime
import email.utils
import json
import urllib.parse
import xml.etree.ElementTree as ET

from lib.browser import Browser
from lib.schema import valid_json, valid_xml
from lib.world import World

WORLD = {'instances': {'dnsd': 0}, 'sets': ['appd.demo=no']}
ATOM = '{http://www.w3.org/2005/Atom}'
MAP = '{http://www.sitemaps.org/schemas/sitemap/0.9}'
WORDS = '<script>&"\' ]]> \u202eevil\ufffe\uffff \U0001f422'
TYPES = {'atom': 'application/atom+xml', 'rss': 'application/rss+xml',
         'json': 'application/feed+json'}


def stamp(text):
    return datetime.datetime.fromisoformat(text.replace('Z', '+00:00'))


def read_atom(answer, base):
    valid_xml(answer.body, 'atom')
    feed = ET.fromstring(answer.body)
    assert feed.tag == ATOM + 'feed'
    for name in ('id', 'title', 'updated'):
        assert feed.find(ATOM + name).text, name
    stamp(feed.find(ATOM + 'updated').text)
    links = {x.get('rel'): x.get('href') for x in feed.findall(ATOM + 'link')}
    assert all(x.startswith(base) for x in links.values()), links
    assert set(links) == {'self', 'alternate'}
    entries = feed.findall(ATOM + 'entry')
    for e in entries:
        stamp(e.find(ATOM + 'updated').text)
        assert e.find(ATOM + 'author').find(ATOM + 'name').text
    ids = [e.find(ATOM + 'id').text for e in entries]
    assert len(set(ids)) == len(ids)
    return [(e.find(ATOM + 'title').text, e.find(ATOM + 'link').get('href'),
             e.find(ATOM + 'summary').text, e.find(ATOM + 'id').text) for e in entries]


def read_rss(answer, base):
    valid_xml(answer.body, 'rss')
    rss = ET.fromstring(answer.body)
    assert rss.tag == 'rss' and rss.get('version') == '2.0'
    channel = rss.find('channel')
    for name in ('title', 'link', 'description'):
        assert channel.find(name).text, name
    items = channel.findall('item')
    for i in items:
        assert email.utils.parsedate_to_datetime(i.find('pubDate').text)
        assert i.find('guid').get('isPermaLink') == 'false'
    return [(i.find('title').text, i.find('link').text, i.find('description').text,
             i.find('guid').text) for i in items]


def read_json(answer, base):
    valid_json(answer.body, 'jsonfeed')
    feed = json.loads(answer.body)
    assert feed['version'] == 'https://jsonfeed.org/version/1.1'
    assert feed['title'] and feed['home_page_url'].startswith(base)
    for i in feed['items']:
        stamp(i['date_published'])
        assert i['authors'][0]['name']
    return [(i['title'], i['url'], i['summary'], i['id']) for i in feed['items']]


READ = {'atom': read_atom, 'rss': read_rss, 'json': read_json}


def test_feeds_of_the_site_a_tag_a_person_and_comments():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        base = f'http://localhost:{w.http_port}'
        b.publish(WORDS, description=WORDS, tags=['c++'])
        slug = b.publish('Plain')
        b.submit(f'/article/{slug}/comments', body='A *word*')
        reader = Browser(w)
        kept = WORDS.replace('\u202e', '')
        clean = kept.replace('\ufffe', '').replace('\uffff', '')
        for kind, read in READ.items():
            words = kept if kind == 'json' else clean
            for path, titles in ((f'/feed.{kind}', ['Plain', words]),
                                 (f'/tag/c%2B%2B/feed.{kind}', [words]),
                                 (f'/profile/ann/feed.{kind}', ['Plain', words]),
                                 (f'/article/{slug}/comments.{kind}', ['ann'])):
                answer = reader.get(path)
                assert answer.status == 200, path
                assert answer.headers['Content-Type'].startswith(TYPES[kind])
                entries = read(answer, base)
                assert [e[0] for e in entries] == titles, (path, entries)
                for entry in entries:
                    assert reader.get(entry[1].removeprefix(base)).status == 200
                again = reader.get(path, headers={'If-None-Match': answer.headers['ETag']})
                assert again.status == 304 and not again.body
            assert reader.get(f'/profile/none/feed.{kind}').status == 404
            assert reader.get(f'/article/none/comments.{kind}').status == 404
            assert read(reader.get(f'/tag/none/feed.{kind}'), base) == []
        # what an entry is called stays when the title changes
        before = read_atom(reader.get('/feed.atom'), base)[0][3]
        b.get(f'/editor/{slug}')
        b.submit(f'/editor/{slug}', button='publish', title='Another')
        after = read_atom(reader.get('/feed.atom'), base)[0]
        assert after[0] == 'Another' and after[3] == before


def test_pages_name_their_feeds():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        slug = b.publish('One', tags=['t'])
        for path in ('/', '/tag/t', '/profile/ann', '/article/' + slug):
            b.get(path)
            feeds = [n.attrs['href'] for n in b.page.all('link[rel=alternate]')]
            assert len(feeds) >= 2
            for feed in feeds:
                assert Browser(w).get(feed).status == 200, feed


def test_what_search_engines_read():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        base = f'http://localhost:{w.http_port}'
        slug = b.publish(WORDS, description=WORDS)
        b = Browser(w)
        robots = b.get('/robots.txt').text
        assert f'Sitemap: {base}/sitemap.xml' in robots and 'Disallow: /settings' in robots
        valid_xml(b.get('/sitemap.xml').body, 'sitemap')
        places = ET.fromstring(b.answer.body)
        assert places.tag == MAP + 'urlset'
        assert [x.text for x in places.iter(MAP + 'loc')] == [base + '/',
                                                             f'{base}/article/{slug}']
        stamp(next(places.iter(MAP + 'lastmod')).text)
        w.sql('UPDATE site SET articles = 25000')
        valid_xml(b.get('/sitemap.xml').body, 'sitemap')
        index = ET.fromstring(b.answer.body)
        assert index.tag == MAP + 'sitemapindex'
        assert len(list(index.iter(MAP + 'loc'))) == 3
        assert b.get('/sitemap.xml?page=1').status == 200
        # the article says of itself what it is
        b.get('/article/' + slug)
        meta = {n.attrs.get('property') or n.attrs.get('name'): n.attrs.get('content')
                for n in b.page.all('meta')}
        kept = WORDS.replace('\u202e', '')
        assert meta['og:title'] == kept and meta['og:type'] == 'article'
        assert meta['og:description'] == kept == meta['description']
        assert meta['og:url'] == f'{base}/article/{slug}'
        assert b.page.one('link[rel=canonical]').attrs['href'] == meta['og:url']
        said = json.loads(b.page.one('script[type=application/ld+json]').text)
        assert said['headline'] == kept and said['author']['name'] == 'ann'
        # pages of a list stand for themselves; those of one person are for nobody else
        assert urllib.parse.urlsplit(meta['og:url']).query == ''


def test_a_strange_host_is_not_believed():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        b.publish('One')
        for path in ('/feed.atom', '/sitemap.xml', '/robots.txt', '/'):
            text = Browser(w, host='evil.example').get(path).text
            assert 'evil.example' not in text and 'https://www.foobar.com/' in text, path
