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


def test_words_run_their_own_way():
    """English words on an Arabic page, and what is ours beside them."""
    with World(**WORLD) as w:
        b = Browser(w, headers={'Accept-Language': 'ar'}).sign_up('ann')
        slug = b.publish('Titel', 'One.\n\nTwo.')
        b.get('/editor/' + slug)
        b.submit('/editor/' + slug, button='publish', body='One.\n\nThree.')
        b.get('/')
        assert b.page.one('.banner p').attrs['dir'] == 'auto'
        b.get(f'/article/{slug}/revisions')
        gone = b.page.one('.diff-gone')
        # what says its direction does not decide that of the line
        assert gone.attrs['dir'] == 'auto' and gone.one('.visually-hidden').attrs['dir'] == 'rtl'


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


COUNTED = {
    'en': {1: '1 comment', 2: '2 comments', 5: '5 comments', 11: '11 comments',
           100: '100 comments'},
    'pl': {1: '1 komentarz', 2: '2 komentarze', 5: '5 komentarzy', 11: '11 komentarzy',
           22: '22 komentarze'},
    'ar': {1: 'تعليق واحد', 2: 'تعليقان', 5: '5 تعليقات', 11: '11 تعليقًا', 100: '100 تعليق'},
}
# what is refused: at 1 character of 8, at 201 of 200, at the sixth wrong password
REFUSED = {
    'en': ('minimum is 8 characters', 'maximum is 200 characters', r'wait \d+ minutes?$'),
    'pl': ('najmniej 8 znaków', 'najwyżej 200 znaków', r'odczekaj \d+ (minutę|minuty|minut)$'),
    'ar': ('8 أحرف', '200 حرف', r'انتظر (\d+ )?(دقائق|دقيقة|دقيقتين)'),
}


def test_numbers_are_said_in_each_language():
    with World(**WORLD) as w:
        Browser(w).sign_up('ann').publish('Titel', 'Inhalt', 'Ding')
        for code, counted in COUNTED.items():
            b = Browser(w, headers={'Accept-Language': code})
            for n, words in counted.items():
                w.sql(f'UPDATE articles SET comments = {n}')
                b.get('/')
                assert b.page.one('.comment-count').words == words, (code, n)
            w.sql('UPDATE articles SET comments = 0')
            b.get('/')
            assert not b.has('.comment-count')
            b.get('/search?q=Titel')
            assert b.page.one('.found').words == {
                'en': '1 article found', 'pl': 'Znaleziono 1 artykuł',
                'ar': 'عُثر على مقال واحد'}[code]
            least, most, wait = REFUSED[code]
            b.sign_up(f'new {code}', f'{code}@example.com', password='x')
            assert b.status == 422 and least in b.problems()[0]
            b.sign_up(f'new {code}', f'{code}@example.com')
            assert b.path == '/', b.problems()
            b.get('/editor')
            b.submit('/editor', button='publish', title='x' * 201, description='x', body='x')
            assert b.status == 422 and most in b.problems()[0], b.problems()
            other = Browser(w, headers={'Accept-Language': code})
            for _ in range(6):
                other.sign_in(f'{code}@example.com', 'wrong')
            assert other.status == 429 and re.search(wait, other.problems()[0]), other.problems()
