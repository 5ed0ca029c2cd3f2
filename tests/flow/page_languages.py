"""The pages in other languages: by what the browser prefers, and by choice."""

import re

from lib.browser import Browser
from lib.world import World

WORLD = {'instances': {'dnsd': 0}, 'sets': ['appd.demo=no']}
# words of people and of the site, which stay as they are written
OURS = ('ann', 'Onebox', 'English', 'Polski', 'Atom', 'RSS', 'A whole web stack on one machine.',
        'Test/1.0', '/api/openapi.json', 'Titel', 'Inhalt', 'Ding', 'API', 'C', 'Markdown')


def words_left(b):
    for n in b.page.all('script'):
        n.children = []
    text = b.page.one('html').text
    for ours in sorted(OURS, key=len, reverse=True):
        text = text.replace(ours, ' ')
    return text


def test_no_english_is_left():
    english = re.compile(r'\b(the|and|your|article|sign|settings|tags|password|not|is|of)\b', re.I)
    with World(**WORLD) as w:
        Browser(w).sign_up('ann').publish('Titel', 'Inhalt', 'Ding', ['Ding'])
        w.onebox('site', 'role', 'ann', 'keeper')
        w.sql("UPDATE site SET inviters = 'member'")
        for code, direction in (('pl', 'ltr'), ('ar', 'rtl')):
            b = Browser(w, headers={'Accept-Language': f'xx,{code};q=0.9,en;q=0.1'})
            pages = ['/', '/login', '/register', '/tags', '/about', '/article/titel',
                     '/profile/ann', '/nothing', '/reset', '/reset/x', '/moderation/log']
            for path in pages:
                b.get(path)
                html = b.page.one('html')
                assert html.attrs['lang'] == code and html.attrs['dir'] == direction
                found = english.findall(words_left(b))
                assert not found, (code, path, found)
            b.get('/login')
            b.submit('/login', email='', password='')
            assert b.problems() and not english.findall(' '.join(b.problems())), b.problems()
            b.sign_in('ann@example.com')
            for path in ('/', '/editor', '/settings', '/article/titel', '/?feed=following',
                         '/profile/ann/favorites', '/settings/site', '/moderation',
                         '/settings/invitations', '/report?article=titel', '/drafts'):
                b.get(path)
                found = english.findall(words_left(b))
                assert not found, (code, path, found)


def test_the_language_is_chosen():
    with World(**WORLD) as w:
        b = Browser(w, headers={'Accept-Language': 'de'})
        b.get('/tags')
        assert b.page.one('html').attrs['lang'] == 'en'
        b.submit('/choices', button=('language', 'ar'))
        assert b.path == '/tags' and b.page.one('html').attrs['lang'] == 'ar'
        b.submit('/choices', button=('theme', 'dark'))
        assert b.page.one('html').attrs['data-theme'] == 'dark'
        assert b.page.one('html').attrs['dir'] == 'rtl'
        b.submit('/choices', button=('language', 'xx'))
        assert b.page.one('html').attrs['lang'] == 'ar'
        b.submit('/choices', button=('theme', 'auto'))
        assert 'data-theme' not in b.page.one('html').attrs
        for bad in ('en; evil', 'e n', '<b>'):
            b.cookies['language'] = bad
            assert b.get('/').status == 200
