"""Who may sign up: everybody, whoever was invited, or nobody; on the pages and in the API."""

from lib.api import Api, refused
from lib.browser import Browser
from lib.world import World

WORLD = {'instances': {'dnsd': 0, 'appd': 2}, 'sets': ['appd.demo=no']}
LIST = '/settings/invitations'
NEEDED = 'is needed: this one is unknown, used or too old'


def invite(b):
    b.get(LIST)
    b.submit(LIST)
    assert b.status == 200, b.answer
    return b.page.one('.made code').text.partition('invitation=')[2]


def test_closed_is_closed():
    with World(**WORLD) as w:
        b = Browser(w)
        b.get('/register')
        form = dict(b.fields('/register'))
        w.sql("UPDATE site SET registration = 'closed'")
        b.get('/register')
        assert b.has('.notice') and not b.has('form[action=/register]')
        b.post('/register', {**form, 'username': 'ann', 'email': 'ann@example.com',
                             'password': 'password'})
        assert b.status == 403
        assert refused(Api(w.http).sign_up('ann', 'ann@example.com'), 403, 'registration',
                       'is closed')
        assert w.sql('SELECT COUNT(*) FROM users') == [['0']]
        w.sql("UPDATE site SET registration = 'open'")
        assert Api(w.http).sign_up('ann', 'ann@example.com').status == 201


def test_by_invitation():
    with World(**WORLD) as w:
        kay, ann = Browser(w).sign_up('kay'), Browser(w).sign_up('ann')
        w.onebox('site', 'role', 'kay', 'keeper')
        w.sql("UPDATE site SET registration = 'invitation'")
        b = Browser(w)
        b.get('/register')
        assert b.has('.notice') and not b.has('form[action=/register]')
        token = invite(kay)
        assert token.encode() not in w.dump(), 'only its hash is kept'
        assert kay.page.one('.made code').text.startswith('http')
        # a name that is taken uses nothing up
        b.get('/register?invitation=' + token)
        b.submit('/register', username='ann', email='bob@example.com', password='password')
        assert b.status == 409, b.answer
        b.submit('/register', username='bob', email='bob@example.com', password='password')
        assert b.status == 200 and b.has('a[href=/settings]'), b.answer
        kay.get(LIST)
        assert kay.has('.sessions a[href=/profile/bob]')
        # once is once; and an address that is there already opens nobody's account
        for given in (token, 'x', 'x' * 64, token[:-1]):
            r = Api(w.http).post('/users', {'user': {
                'username': 'eve', 'email': 'ann@example.com', 'password': 'password',
                'invitation': given}})
            assert refused(r, 403, 'invitation', NEEDED), given
        assert refused(Api(w.http).sign_up('eve'), 403, 'invitation', NEEDED)
        r = Api(w.http).post('/users', {'user': {
            'username': 'carl', 'email': 'carl@example.com', 'password': 'password',
            'invitation': invite(kay)}})
        assert r.status == 201, r
        # too old; taken back; of somebody suspended
        late = invite(kay)
        w.sql('UPDATE invitations SET expires_at = CURRENT_TIMESTAMP - INTERVAL 1 SECOND '
              'WHERE used_at IS NULL')
        back = invite(kay)
        kay.submit(kay.page.one('.sessions form').attrs['action'])
        assert kay.path == LIST
        for given in (late, back):
            r = Api(w.http).post('/users', {'user': {
                'username': 'eve', 'email': 'eve@example.com', 'password': 'password',
                'invitation': given}})
            assert refused(r, 403, 'invitation', NEEDED)
        assert w.sql('SELECT COUNT(*) FROM users') == [['4']]
        # who may invite the site says
        ann.get('/settings')
        assert not ann.has('a[href=/settings/invitations]')
        token = dict(ann.fields('/settings'))['token']
        assert ann.post(LIST, {'token': token}).status == 403
        w.sql("UPDATE site SET inviters = 'member'")
        ann.get('/settings')
        assert ann.has('a[href=/settings/invitations]')
        for _ in range(20):
            invite(ann)
        ann.submit(LIST)
        assert ann.status == 429 and w.sql(
            "SELECT COUNT(*) FROM invitations WHERE used_at IS NULL AND inviter_id = 2") == [['20']]


def test_a_used_invitation_stays_that_persons():
    with World(**WORLD) as w:
        kay = Browser(w).sign_up('kay')
        w.onebox('site', 'role', 'kay', 'keeper')
        token = invite(kay)
        for name in ('bob', 'eve'):  # everybody may come: the second without it
            r = Api(w.http).post('/users', {'user': {
                'username': name, 'email': name + '@example.com', 'password': 'password',
                'invitation': token}})
            assert r.status == 201, r
        assert w.sql('SELECT u.name, i.used_at < i.expires_at FROM invitations i '
                     'JOIN users u ON u.id = i.user_id') == [['bob', '1']]
