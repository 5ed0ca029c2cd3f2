"""The API's own description: it is what the routes are, and every answer fits it. CORS,
methods, HEAD, and what a read costs in messages to the database."""

import re

from lib.api import Api, errors, refused, unique
from lib.wait import wait_until
from lib.world import World

WORLD = {'instances': {'dnsd': 0}, 'sets': ['appd.demo=no']}
TIME = re.compile(r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$')
TYPES = {'string': str, 'integer': int, 'boolean': bool, 'object': dict, 'array': list,
         'null': type(None)}


def fits(spec, schema, value, at=''):
    """The part of JSON Schema that the description uses."""
    if '$ref' in schema:
        schema = spec['components']['schemas'][schema['$ref'].rsplit('/', 1)[1]]
    types = schema['type'] if isinstance(schema['type'], list) else [schema['type']]
    assert any(type(value) is TYPES[t] for t in types), f'{at}: {value!r} is no {types}'
    if schema.get('format') == 'date-time':
        assert TIME.match(value), f'{at}: {value}'
    if isinstance(value, list):
        for i, item in enumerate(value):
            fits(spec, schema['items'], item, f'{at}[{i}]')
    if isinstance(value, dict):
        known, more = schema.get('properties', {}), schema.get('additionalProperties', True)
        for key in schema.get('required', []):
            assert key in value, f'{at} lacks {key}'
        for key, item in value.items():
            if key in known:
                fits(spec, known[key], item, f'{at}.{key}')
            else:
                assert more is not False, f'{at}.{key} is not described'
                if isinstance(more, dict):
                    fits(spec, more, item, f'{at}.{key}')


class Checked(Api):
    """Checks every answer against the description, and notes which operations answered as
    they should."""

    spec, seen = None, set()

    def request(self, method, path, body=None, headers=None, on=None):
        r = super().request(method, path, body, headers, on)
        if self.spec is not None:
            self.check(method, '/api' + path.split('?')[0], r)
        return r

    def person(self, **kw):
        p = super().person(**kw)
        return Checked(p.http, p.token, p.name, p.email, p.password)

    def check(self, method, path, r):
        found = [p for p in self.spec['paths']
                 if re.match('^' + re.sub(r'\{\w+\}', '[^/]+', p) + '$', path)]
        operation = self.spec['paths'][min(found, key=lambda p: p.count('{'))][method.lower()]
        responses = operation['responses']
        answer = responses.get(str(r.status), responses['default'])
        if str(r.status) in responses and r.status < 300:
            self.seen.add((method, min(found, key=lambda p: p.count('{'))))
        if 'content' not in answer:
            assert r.status == 204 and r.body == b'' or path == '/api/openapi.json', r
            return
        assert r.headers['Content-Type'] == 'application/json; charset=utf-8', r.headers
        fits(self.spec, answer['content']['application/json']['schema'], r.json)


def test_every_answer_is_as_described():
    with World(**WORLD) as w:
        Checked.spec = Api(w.http).get('/openapi.json').json
        Checked.seen = set()
        api = Checked(w.http)
        api.get('/openapi.json')
        p, q = api.person(), api.person()
        p.sign_in(p.email, p.password), p.sign_in(p.email, 'wrong'), p.sign_in('', '')
        p.sign_up(p.name), p.sign_up('')
        p.get('/user'), p.put('/user', {'user': {'bio': 'x', 'image': ''}}), api.get('/user')
        s = p.slug(tags=['a', 'b'])
        p.publish(title=''), p.edit(s, body='y'), q.edit(s, body='y'), p.edit('none', body='y')
        number = q.comment(s).json['comment']['id']
        q.comment(s, ''), api.get(f'/articles/{s}/comments'), p.get(f'/articles/{s}/comments')
        p.delete(f'/articles/{s}/comments/{number}'), q.delete(f'/articles/{s}/comments/{number}')
        for path in (f'/articles/{s}/favorite', f'/profiles/{p.name}/follow'):
            q.post(path), q.delete(path), q.post(path), api.post(path)
        api.get(f'/profiles/{p.name}'), api.get('/profiles/none')
        for who in (api, p, q):
            who.get('/articles'), who.get('/articles?tag=a'), who.get('/articles/feed')
            who.get(f'/articles/{s}'), who.get('/articles/none'), who.get('/tags')
            who.get('/articles?limit=x')
        q.delete(f'/articles/{s}'), p.delete(f'/articles/{s}')
        described = {(m.upper(), path) for path, item in Checked.spec['paths'].items()
                     for m in item}
        assert described == Checked.seen, described - Checked.seen
        assert len(described) == 20
        Checked.spec = None


def test_the_description_is_whole():
    with World(**WORLD) as w:
        spec = Api(w.http).get('/openapi.json').json
        text = Api(w.http).get('/openapi.json').text
        names = set(re.findall(r'"#/components/schemas/(\w+)"', text))
        assert names <= set(spec['components']['schemas']), names
        for path, item in spec['paths'].items():
            for method, operation in item.items():
                assert operation['summary'], (path, method)
                wanted = re.findall(r'\{(\w+)\}', path)
                given = [x['name'] for x in operation['parameters'] if x['in'] == 'path']
                assert wanted == given, (path, method)
                assert ('requestBody' in operation) == (method in ('post', 'put') and not
                                                        path.endswith(('favorite', 'follow')))


def test_scripts_of_any_site_may_ask():
    with World(**WORLD) as w:
        api = Api(w.http)
        for path in ('/articles', '/user', '/users/login', '/articles/x/favorite', '/no/such/x'):
            r = api.request('OPTIONS', path, headers={
                'Origin': 'https://elsewhere.example', 'Access-Control-Request-Method': 'PUT',
                'Access-Control-Request-Headers': 'authorization,content-type'})
            assert r.status in (200, 204) and r.body == b'', (path, r)
            assert r.headers['Access-Control-Allow-Origin'] == '*'
            allowed = r.headers['Access-Control-Allow-Headers'].lower()
            for name in ('authorization', 'content-type', 'x-requested-with'):
                assert name in allowed
            assert r.headers['Access-Control-Allow-Methods']
        r = api.request('OPTIONS', '/articles/x')
        assert r.headers['Access-Control-Allow-Methods'] == 'GET, HEAD, PUT, DELETE, OPTIONS'
        for r in (api.get('/tags'), api.get('/user'), api.get('/no/such'), api.post('/users', b'{'),
                  api.delete('/articles')):
            assert r.headers['Access-Control-Allow-Origin'] == '*', r


def test_methods():
    with World(**WORLD) as w:
        api = Api(w.http)
        p = api.person()
        s = p.slug()
        r = api.request('PATCH', f'/articles/{s}')
        assert r.status == 405 and r.headers['Allow'] == 'GET, HEAD, PUT, DELETE, OPTIONS', r
        assert errors(r)['method']
        r = api.delete('/articles')
        assert r.status == 405 and r.headers['Allow'] == 'GET, HEAD, POST, OPTIONS', r
        for path in ('/tags', f'/articles/{s}', '/articles', '/articles/none', '/user'):
            head, get = api.request('HEAD', path), api.get(path)
            assert head.status == get.status and head.body == b'', (path, head)
            assert head.headers['Content-Length'] == get.headers['Content-Length'], path
        r = api.get('/tags/')
        assert r.status == 301 and r.headers['Location'] == '/api/tags', r
        r = api.get('/articles/?limit=1')
        assert r.status == 301 and r.headers['Location'] == '/api/articles?limit=1', r
        assert api.post('/users/', {}).status == 308
        for path in ('/articles/%ff', '/articles/%', '/articles?tag=%ff', '/articles/a%00b',
                     '/profiles/%c0%af'):
            assert api.get(path).status == 400, path  # by webd or by appd
        refused(api.get('/no/such'), 404, 'page', 'There is nothing at this address.')
        refused(api.get('/articles/a%2Fb'), 404, 'article', 'not found')
        refused(api.get('/articles/' + 'x' * 3000), 404, 'article', 'not found')


def test_a_read_is_one_message_to_the_database():
    with World(**WORLD) as w:
        p = Api(w.http).person()
        s = p.slug()
        p.comment(s)
        for who in (Api(w.http), p):
            for path in ('/articles', '/articles?tag=a', '/articles/feed', f'/articles/{s}',
                         f'/articles?author={p.name}&favorited={p.name}',
                         f'/articles/{s}/comments', '/tags', '/user', f'/profiles/{p.name}'):
                if who.token is None and path in ('/articles/feed', '/user'):
                    continue
                trace = who.get(path).trace
                line = wait_until(lambda: [x for x in w.logs.text('appd').splitlines()
                                           if f'trace={trace}' in x], 5, 'its line')[0]
                assert ' status=200 ' in line and ' messages=1' in line, line
        trace = Api(w.http).get('/' + unique()).trace
        line = wait_until(lambda: [x for x in w.logs.text('appd').splitlines()
                                   if f'trace={trace}' in x], 5, 'its line')[0]
        assert ' messages=0' in line, line
