"""The markup that browser tests of clients of this kind of site look for: fixed addresses,
class names, words and placeholders, and how often each may be on a page. All of it without
a script."""

from lib.api import Api
from lib.browser import Browser
from lib.world import World

WORLD = {'instances': {'dnsd': 0}, 'sets': ['appd.demo=no']}
PREVIEW = [('h1', 1), ('p', 1), ('.author', 1), ('.article-meta img', 1), ('.preview-link', 1),
           ('.date', 1), ('button.btn-sm', 1)]

# who, where; selector, how many, words of the first
VISITOR = [
    ('/', 'a.navbar-brand[href=/]', 1, 'Onebox'),
    ('/', '.navbar a.nav-link[href=/]', 1, 'Home'),
    ('/', 'a[href=/login]', 1, 'Sign in'),
    ('/', 'a[href=/register]', 1, 'Sign up'),
    ('/', 'a[href=/editor]', 0, None),
    ('/', 'a[href=/settings]', 0, None),
    ('/', '.feed-toggle .nav-link.active', 1, 'Global Feed'),
    ('/', '.home-page .banner h1', 1, 'Onebox'),
    ('/', '.sidebar .tag-list .tag-pill.tag-default', 2, 'alpha'),
    ('/', '.article-preview .tag-list .tag-outline', 2, 'alpha'),
    ('/', '.pagination', 0, None),
    ('/', 'link[rel=stylesheet]', 1, None),
    ('/', 'script', 0, None),
    ('/tag/alpha', '.feed-toggle .nav-link.active', 1, 'alpha'),
    ('/tag/none', '.empty-feed-message', 1, 'No articles are here... yet.'),
    ('/article/one', 'h1', 1, 'One'),
    ('/article/one', '.article-page .banner h1', 1, 'One'),
    ('/article/one', '.article-content p', 1, 'The body.'),
    ('/article/one', 'a[href=/login]', 1, 'Sign in'),
    ('/article/one', '.article-content h1', 0, None),
    ('/article/one', 'textarea', 0, None),
    ('/article/headings', 'h1', 1, 'Headings'),
    ('/article/headings', '.article-content h2', 1, 'Top'),
    ('/profile/ann', 'h4', 1, 'ann'),
    ('/profile/ann', '.user-info p', 1, ''),
    ('/profile/ann', '.user-info .user-img', 1, None),
    ('/profile/ann', '.articles-toggle .nav-link.active', 1, 'My Articles'),
    ('/profile/ann/favorites', '.articles-toggle .nav-link.active', 1, 'Favorited Articles'),
    ('/login', 'h1', 1, 'Sign in'),
    ('/login', 'input[name=email][type=email]', 1, None),
    ('/login', 'input[name=password]', 1, None),
    ('/login', 'button[type=submit]', 1, 'Sign in'),
    ('/register', 'h1', 1, 'Sign up'),
    ('/register', 'input[name=username]', 1, None),
    ('/register', 'input[name=email]', 1, None),
    ('/register', 'input[name=password]', 1, None),
    ('/register', 'button[type=submit]', 1, 'Sign up'),
]

OTHER = [
    ('/', 'a[href=/editor]', 1, 'New Article'),
    ('/', 'a[href=/settings]', 1, 'Settings'),
    ('/', '.navbar a[href=/profile/bob]', 1, 'bob'),
    ('/', 'a[href=/login]', 0, None),
    ('/', '.feed-toggle .nav-link', 2, 'Your Feed'),
    ('/?feed=following', '.feed-toggle .nav-link.active', 1, 'Your Feed'),
    ('/editor', 'input[placeholder=Article Title]', 1, None),
    ('/editor', "input[placeholder=What's this article about?]", 1, None),
    ('/editor', 'textarea[placeholder=Write your article (in markdown)]', 1, None),
    ('/editor', 'input[placeholder=Enter tags]', 1, None),
    ('/editor', 'button[type=submit]', 1, 'Publish Article'),
    ('/settings', 'input[name=image]', 1, None),
    ('/settings', 'input[name=username]', 1, None),
    ('/settings', 'textarea[name=bio]', 1, None),
    ('/settings', 'input[name=email]', 1, None),
    ('/settings', 'input[name=password]', 1, None),
    ('/settings', 'button[type=submit]', 1, 'Update Settings'),
    ('/settings', 'button.btn-outline-danger', 1, 'Or click here to logout.'),
    ('/article/one', 'button.btn-outline-primary', 1, 'Favorite Article (0)'),
    ('/article/one', 'button.btn-outline-secondary', 1, 'Follow ann'),
    ('/article/one', 'textarea[placeholder=Write a comment...]', 1, None),
    ('/article/one', '.comment-form button', 1, 'Post Comment'),
    ('/profile/ann', '.user-info button', 1, 'Follow ann'),
    ('/profile/bob', '.user-info button', 0, None),
    ('/profile/bob', '.user-info a[href=/settings]', 1, 'Edit Profile Settings'),
]

AUTHOR = [
    ('/article/one', 'a[href=/editor/one]', 1, 'Edit Article'),
    ('/article/one', 'button.btn-outline-danger', 1, 'Delete Article'),
    ('/article/one', 'button.btn-outline-primary', 0, None),
    ('/editor/one', 'button[type=submit]', 1, 'Publish Article'),
    ('/editor/one', '.tag-list .tag-pill', 2, 'alpha'),
    ('/editor/one', '.tag-list .tag-pill i.ion-close-round', 2, None),
]


def selector_of(text):
    """tag.class[a=b][c=d]: the helper takes one attribute."""
    head, *attrs = text.split('[')
    return head, [a.rstrip(']').partition('=') for a in attrs]


def found(page, selector):
    head, attrs = selector_of(selector)
    if not attrs:
        return page.all(head)
    nodes = page.all(head) if head.strip() else list(page.walk())
    return [n for n in nodes if all(n.attrs.get(k) == v for k, _, v in attrs)]


def check(b, rows):
    wrong = []
    for path, selector, count, words in rows:
        if b.path != path:
            b.get(path)
            assert b.status == 200 and b.path == path, (path, b.path, b.answer)
        nodes = found(b.page, selector)
        if len(nodes) != count:
            wrong.append(f'{path}: {len(nodes)} of {selector}, not {count}')
        elif words is not None and nodes[0].words != words:
            wrong.append(f'{path}: {selector} says {nodes[0].words!r}, not {words!r}')
    assert not wrong, '\n'.join(wrong)


def test_what_is_where():
    with World(**WORLD) as w:
        ann, bob = Browser(w).sign_up('ann'), Browser(w).sign_up('bob')
        ann.publish('Headings', '# Top\n\ntext')
        ann.publish('One', tags=['alpha', 'beta'])
        check(Browser(w), VISITOR)
        check(bob, OTHER)
        check(ann, AUTHOR)
        bob.get('/')
        for preview in bob.page.all('.article-preview'):
            for selector, count in PREVIEW:
                assert len(preview.all(selector)) == count, selector
        # no button but the one to follow speaks of following
        bob.get('/profile/ann')
        assert sum('follow' in n.words.lower() for n in bob.page.all('button')) == 1
        # what is pressed changes its words, its colour and the count
        bob.get('/article/one')
        bob.submit('/article/one/favorite')
        check(bob, [('/article/one', 'button.btn-primary', 2, 'Unfavorite Article (1)'),
                    ('/profile/bob/favorites', '.article-preview h1', 1, 'One'),
                    ('/profile/bob/favorites', '.article-preview button.btn-primary', 1, '1')])
        bob.get('/profile/ann')
        bob.submit('/profile/ann/follow')
        check(bob, [('/profile/ann', '.user-info button.btn-secondary', 1, 'Unfollow ann')])
        bob.get('/article/one')
        bob.submit('/article/one/comments', body='Said')
        bob.get('/article/one')
        check(bob, [('/article/one', '.card .card-block p', 1, 'Said'),
                    ('/article/one', 'span.mod-options i.ion-trash-a', 1, None),
                    ('/article/one', '.card-footer .date-posted', 1, None)])


def test_what_is_wrong_is_a_list():
    with World(**WORLD) as w:
        ann, b = Browser(w).sign_up('ann'), Browser(w)
        b.sign_in('nobody@example.com', 'password')
        assert b.path == '/login' and b.status == 401
        assert b.problems() == ['Email or password invalid']
        b.sign_up('ann', 'other@example.com')
        assert b.path == '/register' and b.problems() == ['Username has already been taken']
        ann.get('/editor')
        ann.submit('/editor', button='publish')
        assert ann.problems() == ["Title can't be blank", "Description can't be blank",
                                  "Text can't be blank"]
        ann.get('/settings')
        ann.submit('/settings', username='')
        assert ann.problems() == ["Username can't be blank"]
        for page in (b.page, ann.page):
            assert page.one('ul.error-messages')


def test_pages_of_ten():
    with World(**WORLD) as w:
        api = Api(w.http).person('ann')
        for i in range(11):
            api.publish(f'Number {i}', ['t'])
        b = Browser(w)
        for path in ('/', '/tag/t', '/profile/ann'):
            check(b, [(path, '.article-preview', 10, None),
                      (path, '.pagination .page-item', 2, '1'),
                      (path, '.pagination .page-item.active .page-link', 1, '1')])
            b.get(path + '?page=2')
            check(b, [(b.path, '.article-preview', 1, None),
                      (b.path, '.pagination .page-item.active .page-link', 1, '2')])


def test_pictures_of_the_api():
    with World(**WORLD) as w:
        api = Api(w.http).person('ann')
        api.publish('One')
        b = Browser(w)
        for image, shown in ((None, '/default-avatar.svg'), ('javascript:alert(1)', '/default-avatar.svg'),
                             ('x"onerror="alert(1)', '/default-avatar.svg'),
                             ('https://example.com/a.png?b=c&d=e', 'https://example.com/a.png?b=c&d=e')):
            answer = api.put('/user', {'user': {'image': image}})
            assert answer.status == 200 and answer.json['user']['image'] == image
            for path, selector in (('/', '.article-meta img'), ('/profile/ann', '.user-img'),
                                   ('/article/one', '.article-meta img')):
                b.get(path)
                assert b.page.one(selector).attrs['src'] == shown, (path, image)
