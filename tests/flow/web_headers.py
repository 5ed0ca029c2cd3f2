"""What the answers say about themselves, page by page: lengths, dates, validators, variants,
and the same from HEAD, with a condition and in parts."""

import email.utils
import gzip
import re
import time

from lib import World

PATHS = ('/', '/about', '/article/what-is-a-server', '/profile/johndoe', '/tag/dns',
         '/search?q=dns', '/feed.atom', '/feed.rss', '/feed.json', '/sitemap.xml', '/robots.txt',
         '/site.css', '/favicon.svg', '/api/articles', '/api/articles/what-is-a-server',
         '/api/tags', '/api/openapi.json', '/api/user', '/api/none', '/none', '/-/live',
         '/-/none')
ONCE = ('cache-control', 'content-length', 'content-type', 'date', 'etag', 'location', 'server',
        'vary')
CHANGING = ('date', 'server-timing', 'x-request-id')
IN_304 = ('cache-control', 'etag', 'vary')


def fields(r):
    return {k.lower(): v for k, v in r.headers.items()}


def check(what, r):
    """What holds for every answer."""
    names, f = [k.lower() for k in r.headers.keys()], fields(r)
    for name in names:
        assert re.fullmatch(r"[a-z0-9-]+", name), (what, name)
        assert name not in ONCE or names.count(name) == 1, (what, name)
        assert f[name] == f[name].strip() and f[name].isprintable(), (what, name)
    assert re.fullmatch(r'\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT', f['date']), what
    sent = email.utils.parsedate_to_datetime(f['date']).timestamp()
    assert abs(sent - time.time()) < 60, what
    if r.status in (204, 304):
        assert not r.body and 'content-type' not in f, what
        assert 'content-length' not in f, what
    if r.status == 200 and r.body:
        assert 'content-type' in f and 'cache-control' in f, what
        assert 'public' not in f['cache-control'], what  # says nothing more
    if r.status == 405:
        assert f['allow'], what
    if r.status == 401:
        assert f['www-authenticate'], what
    if 'etag' in f:
        assert re.fullmatch(r'(W/)?"[!#-~]*"', f['etag']), what


def same(what, one, other, *but):
    a, b = ({k: v for k, v in fields(r).items() if k not in CHANGING + but} for r in (one, other))
    assert a == b, (what, set(a.items()) ^ set(b.items()))


def test_every_page():
    with World() as w:
        for path in PATHS:
            r = w.http.get(path)
            check(path, r)
            head = w.http.request('HEAD', path)
            check(f'HEAD {path}', head)
            assert head.status == r.status and not head.body, path
            same(f'HEAD {path}', r, head)
            for method in ('OPTIONS', 'FOOBAR', 'TRACE'):
                other = w.http.request(method, path)
                check(f'{method} {path}', other)
                assert other.status in (204, 401, 404, 405, 501), (method, path, other.status)
            if r.status == 200:
                conditions(w, path, r)
                parts(w, path, r)
                variants(w, path, r)


def conditions(w, path, r):
    tag = r.headers['ETag']
    if tag is None:
        return
    for value in (tag, f'"x", W/{tag}', '*'):
        again = w.http.get(path, {'If-None-Match': value})
        check(f'{path} if not {value}', again)
        assert again.status == 304, (path, value)
        for name in IN_304:
            assert again.headers[name] == r.headers[name], (path, name)
    for name, value in (('If-None-Match', tag.strip('"')), ('If-None-Match', '"x"'),
                        ('If-Modified-Since', 'yesterday')):
        assert w.http.get(path, {name: value}).status == 200, (path, value)


def parts(w, path, r):
    part = w.http.get(path, {'Range': 'bytes=1-3'})
    check(f'a part of {path}', part)
    if r.headers['Accept-Ranges'] is None:
        assert part.status == 200, path
        return
    assert part.status == 206 and part.body == r.body[1:4], path
    assert part.headers['Content-Range'] == f'bytes 1-3/{len(r.body)}', path
    for name in IN_304:
        assert part.headers[name] == r.headers[name], (path, name)


def variants(w, path, r):
    packed = w.http.get(path, {'Accept-Encoding': 'gzip'})
    check(f'{path} packed', packed)
    if packed.headers['Content-Encoding'] is None:
        return
    assert gzip.decompress(packed.body) == r.body and len(packed.body) < len(r.body), path
    assert 'accept-encoding' in packed.headers['Vary'].lower(), path
    same(f'{path} packed', r, packed, 'content-encoding', 'content-length', 'etag')
    assert packed.headers['ETag'] != r.headers['ETag'], path
    plain = w.http.get(path, {'Accept-Encoding': 'gzip;q=0'})
    assert plain.headers['Content-Encoding'] is None, path
