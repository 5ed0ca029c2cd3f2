"""A browser without a screen: cookies, redirects, and forms sent as they stand in a page.

    b = Browser(w)
    b.sign_up('ann')
    b.get('/editor')
    b.submit('/editor', title='One', description='About', body='Text', button='publish')
    assert b.path == '/article/one' and b.has('h1', 'One')"""

import html.parser
import json
import re
import urllib.parse

from lib.http import Http

VOID = {'area', 'base', 'br', 'col', 'embed', 'hr', 'img', 'input', 'link', 'meta', 'source',
        'track', 'wbr'}


class Node:
    def __init__(self, tag, attrs, parent):
        self.tag, self.attrs, self.parent, self.children = tag, dict(attrs), parent, []

    def walk(self):
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child.walk()

    @property
    def text(self):
        return ''.join(c if isinstance(c, str) else c.text for c in self.children)

    @property
    def words(self):
        return ' '.join(self.text.split())

    @property
    def classes(self):
        return (self.attrs.get('class') or '').split()

    def is_(self, selector):
        """tag, .class, tag.class.class, tag[name=value]"""
        selector, _, rest = selector.partition('[')
        tag, *classes = selector.split('.')
        name, _, value = rest.rstrip(']').partition('=')
        return ((not tag or tag == self.tag) and all(c in self.classes for c in classes)
                and (not name or (name in self.attrs
                                  and (not value or self.attrs[name] == value))))

    def all(self, selector):
        """Descendants; 'a b' is a b anywhere under an a."""
        found = [self]
        for part in selector.split():
            found = [n for f in found for n in f.walk() if n.is_(part)]
        return list(dict.fromkeys(found))

    def one(self, selector):
        found = self.all(selector)
        assert len(found) == 1, f'{len(found)} of {selector}'
        return found[0]


class Parser(html.parser.HTMLParser):
    """Builds the tree, and notes what is not closed as it should be."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.root = self.at = Node('root', [], None)
        self.wrong = []
        self.feed(text)
        self.close()
        if self.at is not self.root:
            self.wrong.append(f'<{self.at.tag}> is not closed')

    def handle_starttag(self, tag, attrs):
        if len(dict(attrs)) != len(attrs):
            self.wrong.append(f'<{tag}> has an attribute twice')
        node = Node(tag, attrs, self.at)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_endtag(self, tag):
        if self.at.tag != tag:
            self.wrong.append(f'</{tag}> closes <{self.at.tag}> at {self.getpos()}')
            return
        self.at = self.at.parent

    def handle_data(self, data):
        self.at.children.append(data)


def parse(text):
    p = Parser(text)
    assert not p.wrong, p.wrong
    return p.root


HREFS = re.compile(r'^(https?://|mailto:|(?![^/?#]*:))')


def harmless(page):
    """No element that is not ours, no handler, no foreign scheme: relative addresses will do."""
    for n in page.walk():
        if n.tag == 'script' and n.attrs == {'type': 'application/ld+json'}:
            json.loads(n.text)
            continue
        assert n.tag not in ('script', 'style', 'iframe', 'object', 'embed', 'svg', 'base'), n.tag
        for name, value in n.attrs.items():
            assert not name.startswith('on') and name not in ('style', 'srcdoc'), (n.tag, name)
            if name in ('href', 'src', 'action', 'formaction'):
                assert HREFS.match(value), (n.tag, name, value)
                assert not value.startswith('//'), value


class Browser:
    """http: of whom to ask; host: what it believes to ask. Redirects are followed."""

    def __init__(self, world, host=None, https=False, headers=None):
        self.http = world.https if https else world.http
        port = self.http.port
        self.host = host or f'localhost:{port}'
        self.scheme = 'https' if https else 'http'
        self.headers = {'User-Agent': 'Test/1.0', **(headers or {})}
        self.cookies, self.set_cookies = {}, []
        self.page = self.answer = self.path = None

    # ---- asking ----

    def _take_cookies(self, answer):
        self.set_cookies = answer.headers.get_all('Set-Cookie') or []
        for line in self.set_cookies:
            pair, *rest = [x.strip() for x in line.split(';')]
            name, _, value = pair.partition('=')
            if 'Max-Age=0' in rest:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value

    def request(self, method, path, body=None, headers=None, follow=True):
        for _ in range(5):
            h = {**self.headers, 'Host': self.host, **(headers or {})}
            if self.cookies:
                h['Cookie'] = '; '.join(f'{k}={v}' for k, v in self.cookies.items())
            at = path.partition('#')[0]
            answer = Http(self.http.port, self.http.address, self.http.tls).request(
                method, at, body, h)
            self._take_cookies(answer)
            self.answer, self.path = answer, path
            to = answer.headers.get('Location')
            if not follow or answer.status not in (301, 303, 308) or not to.startswith('/'):
                break
            if answer.status != 308:
                method, body = 'GET', None
            headers = {k: v for k, v in (headers or {}).items() if k == 'Accept-Language'}
            path = to
        text = answer.headers.get('Content-Type', '').startswith('text/html')
        self.page = parse(answer.text) if text and answer.body else None
        return answer

    def get(self, path, **kw):
        return self.request('GET', path, **kw)

    def post(self, path, fields, headers=None, follow=True):
        body = urllib.parse.urlencode(fields).encode()
        return self.request('POST', path, body, {
            'Content-Type': 'application/x-www-form-urlencoded',
            'Origin': f'{self.scheme}://{self.host}', 'Sec-Fetch-Site': 'same-origin',
            **(headers or {})}, follow)

    # ---- forms ----

    def form(self, action):
        found = [f for f in self.page.all('form') if f.attrs.get('action') == action]
        assert found, f'no form to {action}, only to ' + ', '.join(
            f.attrs.get('action', '?') for f in self.page.all('form'))
        return found[0]

    def fields(self, action):
        """What the form would send as it stands, buttons left out."""
        fields = []
        for n in self.form(action).walk():
            if n.tag == 'textarea':
                fields.append((n.attrs.get('name'), n.text.removeprefix('\n')))
            elif n.tag == 'select':
                options = n.all('option')
                chosen = [o for o in options if 'selected' in o.attrs] or options[:1]
                fields += [(n.attrs.get('name'), o.attrs.get('value', '')) for o in chosen]
            elif n.tag == 'input' and (n.attrs.get('type') != 'checkbox'
                                       or 'checked' in n.attrs):
                fields.append((n.attrs.get('name'), n.attrs.get('value', '')))
        return fields

    def submit(self, action, button=None, headers=None, follow=True, **values):
        """With other values in some fields; button: ('name', 'value') or the value of do."""
        fields = [(k, values.pop(k, v)) for k, v in self.fields(action)]
        assert not values, f'the form has no {list(values)}'
        if button is not None:
            fields.append(button if isinstance(button, tuple) else ('do', button))
        return self.post(action, fields, headers, follow)

    def turn_to(self, page):
        """By the button of the list's pages, as a browser sends a form by GET."""
        [button] = [n for n in self.page.all('.pagination button')
                    if n.attrs['value'] == str(page)]
        form = button
        while form.tag != 'form':
            form = form.parent
        sent = [(n.attrs['name'], n.attrs['value']) for n in form.all('input')]
        sent.append((button.attrs['name'], button.attrs['value']))
        return self.get(form.attrs['action'] + '?' + urllib.parse.urlencode(sent))

    # ---- looking ----

    def has(self, selector, words=None):
        return any(words is None or words in n.words for n in self.page.all(selector))

    def problems(self):
        return [n.words for n in self.page.all('.error-messages li')]

    @property
    def status(self):
        return self.answer.status

    # ---- people ----

    def sign_up(self, name, email=None, password='password'):
        self.get('/register')
        self.submit('/register', username=name, email=email or f'{name}@example.com',
                    password=password)
        return self

    def sign_in(self, email, password='password'):
        self.get('/login')
        return self.submit('/login', email=email, password=password)

    def publish(self, title, body='The *body*.', description='About it', tags=()):
        self.get('/editor')
        for tag in tags:
            self.submit('/editor', button='tag', tag=tag)
        self.submit('/editor', button='publish', title=title, description=description,
                    body=body)
        assert self.status == 200 and self.path.startswith('/article/'), self.answer
        return self.path.removeprefix('/article/')
