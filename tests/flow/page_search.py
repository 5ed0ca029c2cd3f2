"""Finding articles."""

import urllib.parse

from lib.browser import Browser
from lib.world import World

WORLD = {'instances': {'dnsd': 0}, 'sets': ['appd.demo=no']}


def found(b, question):
    b.get('/search?' + urllib.parse.urlencode({'q': question}))
    assert b.status == 200, b.answer
    return [h.words for h in b.page.all('.article-preview h1')]


def test_words_phrases_people_and_tags():
    with World(**WORLD) as w:
        ann, bob = Browser(w).sign_up('ann'), Browser(w).sign_up(
            'bob b', 'bob@example.com')
        ann.publish('Name servers', 'They answer questions about names.', tags=['dns'])
        ann.publish('Web servers', 'They speak the protocol of pages.', tags=['web', 'a b'])
        bob.publish('Żółw', 'The turtle answers slowly. Pages of protocol.', tags=['dns'])
        b = Browser(w)
        assert found(b, '') == [] and not b.page.all('.found')
        assert set(found(b, 'servers')) == {'Name servers', 'Web servers'}
        assert set(found(b, 'SERV')) == {'Name servers', 'Web servers'}, 'a beginning will do'
        assert found(b, 'turtle') == ['Żółw'] == found(b, 'żółw')
        assert set(found(b, 'protocol pages')) == {'Web servers', 'Żółw'}
        assert found(b, '"protocol of pages"') == ['Web servers']
        assert found(b, 'answer tag:dns author:ann') == ['Name servers']
        assert found(b, 'author:"bob b"') == ['Żółw']
        assert found(b, 'tag:"a b"') == ['Web servers']
        assert found(b, 'tag:dns') == ['Żółw', 'Name servers'], 'newest first'
        assert found(b, 'servers nowhere') == [] and b.has('.empty-feed-message')
        for strange in ('+-@(', '"', '*', 'x' * 5000, "' OR 1=1 --", '%', '\\', 'a b c',
                        '@@@ +++', '"+" "-"', '\U0001f422', 'tag:', 'author:"'):
            found(b, strange)
        b.get('/search')
        assert b.fields('/search') == [('q', '')]


def test_what_was_found_is_marked():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        b.publish('A Turtle\'s <b>life</b>', 'x ' * 3000 + 'Here a **turtle** [walks]'
                  '(https://example.com) <script>turtle()</script> ' + 'y ' * 3000,
                  'Of turtles, türtle and others', tags=['t'])
        b = Browser(w)
        assert len(found(b, 'turtle')) == 1
        one = b.page.one('.article-preview')
        assert [m.words for m in one.one('h1').all('mark')] == ['Turtle']
        about, snippet = one.all('p')
        assert [m.words for m in about.all('mark')] == ['turtles', 'türtle']
        assert [m.words for m in snippet.all('mark')] == ['turtle', 'turtle']
        assert 'Here a turtle walks <script' in snippet.words, snippet.words
        assert snippet.words.startswith('… ') and snippet.words.endswith(' …')
        assert len(snippet.words) < 400
        found(b, '"and others" tag:t')
        assert [m.words for m in b.page.all('.article-preview mark')] == ['and others']
        found(b, 'tag:t')
        assert not b.page.all('mark') and not b.page.all('.snippet')
        for strange in ('turtle -turtle', 'turtle" OR "', '+turtle* @3', 'turtle\\',
                        'turtle ' * 1400, 'tu rt le <turtle>', '"' * 9000, 'life "'):
            b.get('/search?' + urllib.parse.urlencode({'q': strange}))
            assert b.status in (200, 414), (strange[:40], b.answer)
            assert b.page is None or '<script' not in b.answer.text


def test_results_have_pages():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        for i in range(11):
            b.publish(f'Common word {i}')
        assert len(found(b, 'common')) == 10 and b.page.one('.found').words == '11 articles found'
        b.turn_to(2)
        assert b.path == '/search?q=common&page=2'
        assert len(b.page.all('.article-preview')) == 1
        assert b.get('/search?q=common&page=3').status == 404
