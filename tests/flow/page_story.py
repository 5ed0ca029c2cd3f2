"""Two people use the site by its pages, from signing up to deleting."""

from lib.browser import Browser
from lib.world import World

WORLD = {'instances': {'dnsd': 0}, 'sets': ['appd.demo=no']}


def test_signing_up_in_and_out():
    with World(**WORLD) as w:
        b = Browser(w)
        b.sign_up('ann')
        assert b.status == 200 and b.path == '/', b.answer
        assert b.has('.navbar a[href=/profile/ann]', 'ann')
        assert b.has('.feed-toggle a.nav-link', 'Your Feed')
        assert len(b.page.all('a[href=/editor]')) == 1
        assert len(b.page.all('a[href=/settings]')) == 1
        b.get('/login')
        assert b.path == '/', 'who is signed in need not sign in'
        b.get('/settings')
        b.submit('/logout')
        assert b.path == '/' and b.has('a[href=/login]', 'Sign in')
        assert 'session' not in b.cookies
        for path, words in (('/register', 'Sign in'), ('/login', 'Sign up')):
            b.get(path)
            links = [a.words for a in b.page.all('a')]
            assert links.count(words) == 1, 'a list of links would have it twice'
        for path in ('/editor', '/settings', '/editor/x', '/?feed=following'):
            b.get(path)
            assert b.path == '/login', path
        b.sign_in('ann@example.com', 'wrong password')
        assert b.status == 401 and b.path == '/login'
        assert b.problems() == ['Email or password invalid']
        assert b.has('input[name=email][value=ann@example.com]') or dict(
            b.fields('/login'))['email'] == 'ann@example.com'
        b.submit('/login', password='password')
        assert b.path == '/?feed=following', 'back to where one wanted to go'


def test_what_signing_up_refuses():
    with World(**WORLD) as w:
        b = Browser(w)
        Browser(w).sign_up('ann')
        b.sign_up('', 'nothing', '')
        assert b.status == 422 and b.path == '/register'
        assert b.problems() == ["Username can't be blank", "Password can't be blank",
                                'Email is invalid'], b.problems()
        b.sign_up('Ann', 'other@example.com')
        assert b.status == 409 and b.problems() == ['Username has already been taken']
        b.sign_up('bob', 'ANN@example.com')
        assert b.status == 409 and b.problems() == ['Email has already been taken']


def test_an_article_from_first_to_last():
    with World(**WORLD) as w:
        ann, bob = Browser(w).sign_up('ann'), Browser(w).sign_up('bob')
        slug = ann.publish('A first article', 'Some *words*.', 'What it says', ['zebra', 'ape'])
        assert slug == 'a-first-article'
        page = ann.page
        assert page.one('h1').words == 'A first article'
        assert page.one('.article-content p').text == 'Some words.'
        assert [t.words for t in page.all('.tag-list .tag-default')] == ['ape', 'zebra']
        assert ann.has('a', 'Edit Article') and ann.has('button', 'Delete Article')
        bob.get('/')
        preview = bob.page.one('.article-preview')
        for one in ('h1', 'p', '.author', '.article-meta img'):
            preview.one(one)
        assert [t.words for t in bob.page.all('.sidebar .tag-pill')] == ['ape', 'zebra']
        bob.get('/article/' + slug)
        assert not bob.has('a', 'Edit Article') and not bob.has('button', 'Delete Article')
        # what others do there
        assert bob.has('button.btn-outline-primary', 'Favorite Article')
        bob.submit(f'/article/{slug}/favorite')
        assert bob.has('button.btn-primary', 'Unfavorite Article (1)')
        bob.post(f'/article/{slug}/favorite', {'token': bob.fields(
            f'/article/{slug}/unfavorite')[0][1]})
        assert bob.has('button.btn-primary', '(1)'), 'twice is as good as once'
        bob.submit('/profile/ann/follow')
        assert bob.path == f'/article/{slug}' and bob.has('button', 'Unfollow ann')
        bob.submit(f'/article/{slug}/comments', body='Well *said*.')
        cards = [c for c in bob.page.all('.card') if 'comment-form' not in c.classes]
        assert len(cards) == 1 and 'Well said.' in cards[0].words
        assert cards[0].one('em').text == 'said'
        bob.get('/?feed=following')
        assert bob.has('.article-preview h1', 'A first article')
        ann.get('/?feed=following')
        empty = ann.page.one('.empty-feed-message')
        assert 'Your feed is empty' in empty.words and empty.one('a[href=/]')
        bob.get('/profile/bob/favorites')
        assert bob.has('.article-preview h1', 'A first article')
        # ann changes it: the old address leads to the new one
        ann.get(f'/editor/{slug}')
        ann.submit(f'/editor/{slug}', button='publish', title='Another title')
        assert ann.path == '/article/another-title'
        assert [t.words for t in ann.page.all('.tag-list .tag-default')] == ['ape', 'zebra']
        assert bob.get(f'/article/{slug}').status == 200 and bob.path == ann.path
        # not everybody may do everything
        comment = [f.attrs['action'] for f in bob.page.all('form.comment-delete')][0]
        ann.get(ann.path)
        assert not ann.page.all('.mod-options')
        assert ann.post(comment, dict(ann.fields(ann.path + '/comments'))).status == 403
        assert bob.get('/editor/another-title').status == 403
        bob.get('/article/another-title')
        bob.submit(comment)
        assert not bob.page.all('.mod-options')
        ann.get('/article/another-title')
        ann.submit('/article/another-title/delete')
        assert ann.path == '/' and not ann.page.all('.article-preview')
        assert bob.get('/article/another-title').status == 404
        assert bob.has('h1', 'Not found') and bob.has('.navbar a[href=/profile/bob]')


def test_the_editor_without_a_script():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        b.get('/editor')
        first = [n for n in b.form('/editor').walk() if n.tag == 'button'][0]
        assert first.attrs['value'] == 'tag' and 'visually-hidden' in first.classes
        b.submit('/editor', button='tag', title='T', body='one\r\n\r\ntwo', tag=' alpha ')
        b.submit('/editor', button='tag', tag='beta')
        b.submit('/editor', button='tag', tag='alpha')
        pills = b.page.all('.tag-list .tag-pill')
        assert [p.words for p in pills] == ['alpha', 'beta']
        assert dict(b.fields('/editor'))['title'] == 'T'
        button = pills[0].one('button')
        b.submit('/editor', button=(button.attrs['name'], button.attrs['value']))
        assert [p.words for p in b.page.all('.tag-list .tag-pill')] == ['beta']
        # the preview is what is published
        b.submit('/editor', button='preview', description='d',
                 body='# Head\r\n\r\n- one\r\n\r\n[x](https://example.com) <b>no</b>\r\n')
        preview = b.answer.text.split('<div class="article-content" dir="auto">')[1]
        preview = preview.split('</div>')[0]
        assert '<h2' in preview and '&lt;b&gt;' in preview
        b.submit('/editor', button='publish', tag='gamma')
        assert f'<div class="article-content" dir="auto">{preview}</div>' in b.answer.text
        assert [t.words for t in b.page.all('.tag-list .tag-default')] == ['beta', 'gamma']
        # what is missing is said, and nothing that was written is lost
        b.get('/editor')
        b.submit('/editor', button='publish', body='Much work\r\n')
        assert b.status == 422 and b.path == '/editor'
        assert b.problems() == ["Title can't be blank", "Description can't be blank"]
        assert dict(b.fields('/editor'))['body'].splitlines() == ['Much work']


def test_a_form_sent_twice_is_done_once():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        b.get('/editor')
        fields = {**dict(b.fields('/editor')), 'title': 'Once', 'description': 'd',
                  'body': 'b', 'do': 'publish'}
        for _ in range(2):
            b.post('/editor', fields)
            assert b.path == '/article/once', b.answer
        fields = {**dict(b.fields('/article/once/comments')), 'body': 'Hello'}
        for _ in range(2):
            b.post('/article/once/comments', fields)
        assert len(b.page.all('span.mod-options')) == 1, 'the public tests want a span'
        b.get('/article/once')
        b.submit('/article/once/comments', body='Hello')
        assert len(b.page.all('.mod-options')) == 2, 'meant twice is done twice'


def test_pages_of_a_list():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        for i in range(12):
            b.publish(f'Number {i}', tags=['t'] if i < 11 else ())
        b.get('/')
        assert len(b.page.all('.article-preview')) == 10
        assert [i.words for i in b.page.all('.pagination .page-item')] == ['1', '2']
        assert b.page.one('.pagination .page-item.active .page-link').words == '1'
        b.turn_to(2)
        assert b.path == '/?page=2' and len(b.page.all('.article-preview')) == 2
        assert b.page.one('.page-item.active').words == '2'
        b.get('/tag/t?page=2')
        assert len(b.page.all('.article-preview')) == 1 and b.has('.nav-link.active', 't')
        for path in ('/?page=3', '/?page=0', '/?page=x', '/?page=-1', '/tag/t?page=99'):
            assert b.get(path).status == 404, path
        b.get('/tag/nothing')
        assert b.status == 200 and b.has('.empty-feed-message') and not b.page.all(
            '.pagination')
        reader = Browser(w).sign_up('reader')
        reader.get('/profile/ann')
        reader.submit('/profile/ann/follow')
        reader.get('/?feed=following')
        reader.turn_to(2)
        assert reader.path == '/?feed=following&page=2'
        assert len(reader.page.all('.article-preview')) == 2
        b.get('/profile/ann?page=2')
        assert len(b.page.all('.article-preview')) == 2


def test_settings():
    with World(**WORLD) as w:
        b = Browser(w).sign_up('ann')
        b.get('/settings')
        assert dict(b.fields('/settings'))['username'] == 'ann'
        image = 'https://api.realworld.io/images/smiley-cyrus.jpeg'
        b.submit('/settings', bio='First line\nsecond', image=image)
        assert b.path == '/profile/ann' and b.page.one('h4').words == 'ann'
        assert b.page.one('.user-img').attrs['src'] == image
        assert b.page.one('.user-info p').text == 'First line\nsecond'
        b.get('/settings')
        b.submit('/settings', username='ann b/ę', bio='', image='')
        assert b.path == '/profile/ann%20b%2F%C4%99' and b.status == 200
        assert b.page.one('.user-info p').text == ''
        assert 'default-avatar.svg' in b.page.one('.user-img').attrs['src']
        b.get('/settings')
        b.submit('/settings', password='short')
        assert b.status == 422 and b.problems() == [
            'Password is too short (minimum is 8 characters)']
        b.submit('/settings', username='', email='nobody')
        assert b.problems() == ["Username can't be blank", 'Email is invalid']
