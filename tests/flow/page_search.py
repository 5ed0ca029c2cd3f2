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


def test_results_have_pages():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        for i in range(11):
            b.publish(f'Common word {i}')
        assert len(found(b, 'common')) == 10 and b.page.one('.found').words == 'Found: 11'
        b.turn_to(2)
        assert b.path == '/search?q=common&page=2'
        assert len(b.page.all('.article-preview')) == 1
        assert b.get('/search?q=common&page=3').status == 404
