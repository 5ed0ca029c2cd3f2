"""The JSON API as a client sees it: people who sign up, write and read.

    api = Api(w.http)
    ann = api.person()
    slug = ann.publish(title='One').json['article']['slug']
    assert api.get(f'/articles/{slug}').status == 200"""

import json
import secrets


def unique(prefix='x'):
    return f'{prefix}_{secrets.token_hex(6)}'


class Api:
    """A visitor; with a token, a member."""

    def __init__(self, http, token=None, name=None, email=None, password=None):
        self.http, self.token = http, token
        self.name, self.email, self.password = name, email, password

    def request(self, method, path, body=None, headers=None, on=None):
        """path is under /api; a body that is not bytes is sent as JSON."""
        h = {}
        if self.token is not None:
            h['Authorization'] = f'Token {self.token}'
        if body is not None:
            h['Content-Type'] = 'application/json'
            if not isinstance(body, bytes):
                body = json.dumps(body).encode()
        return self.http.request(method, '/api' + path, body, {**h, **(headers or {})}, on)

    def get(self, path, **kw):
        return self.request('GET', path, **kw)

    def post(self, path, body=None, **kw):
        return self.request('POST', path, body, **kw)

    def put(self, path, body=None, **kw):
        return self.request('PUT', path, body, **kw)

    def delete(self, path, **kw):
        return self.request('DELETE', path, **kw)

    # ---- people ----

    def sign_up(self, name=None, email=None, password='password'):
        name = name or unique('u')
        email = email or unique('u') + '@example.com'
        return self.post('/users', {'user': {'username': name, 'email': email,
                                             'password': password}})

    def person(self, name=None, password='password'):
        r = self.sign_up(name, None, password)
        assert r.status == 201, r
        user = r.json['user']
        return Api(self.http, user['token'], user['username'], user['email'], password)

    def sign_in(self, email, password):
        return self.post('/users/login', {'user': {'email': email, 'password': password}})

    # ---- what a member does ----

    def publish(self, title=None, tags=(), **more):
        article = {'title': title or unique('Title'), 'description': 'About it',
                   'body': 'The *body*.', 'tagList': list(tags), **more}
        return self.post('/articles', {'article': article})

    def slug(self, **kw):
        r = self.publish(**kw)
        assert r.status == 201, r
        return r.json['article']['slug']

    def edit(self, slug, **fields):
        return self.put(f'/articles/{slug}', {'article': fields})

    def comment(self, slug, body='A comment'):
        return self.post(f'/articles/{slug}/comments', {'comment': {'body': body}})


def errors(r):
    """{key: [message]} of a refusal."""
    return r.json['errors']


def refused(r, status, key, message):
    """Is it this refusal, in the API's form?"""
    assert r.status == status, r
    assert r.headers['Content-Type'] == 'application/json; charset=utf-8', r.headers
    assert errors(r) == {key: [message]}, r
    return True
