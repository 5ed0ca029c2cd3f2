"""The site's files: codings, validators, parts, methods, and paths that lead nowhere."""

import gzip
import os
import subprocess

import web_frames as h2
from lib.daemon import Daemon, Folder

CSS = b'body { color: #222 }\n' * 30


def world():
    folder = Folder()
    root = os.path.join(folder.path, 'files')
    os.makedirs(os.path.join(root, 'docs'))
    for name, data in {'a.css': CSS, 'a.css.gz': gzip.compress(CSS), 'big.bin': bytes(3000000),
                       'empty.txt': b'', 'app.0123456789abcdef.js': b'1;',
                       'docs/index.html': b'<!doctype html><title>docs</title>'}.items():
        with open(os.path.join(root, name), 'wb') as f:
            f.write(data)
    with open(os.path.join(root, 'a.css.br'), 'wb') as f:
        subprocess.run(['brotli', '-c', os.path.join(root, 'a.css')], stdout=f, check=True)
    os.symlink('/etc/passwd', os.path.join(root, 'passwd'))
    with open(os.path.join(folder.path, 'outside.txt'), 'w') as f:
        f.write('secret')
    d = Daemon('webd', ['http'], folder=folder,
               sets=['webd.wait=0s', 'webd.echo=yes', f'webd.static={root}',
                     'webd.deadline=100ms'])
    d.own_folder = True
    return d


def test_a_file_in_the_coding_that_is_asked_for():
    with world() as d:
        plain = d.http.get('/a.css')
        assert (plain.status, plain.body) == (200, CSS)
        assert plain.headers['Content-Type'] == 'text/css; charset=utf-8'
        assert plain.headers['Cache-Control'] == 'max-age=300'
        assert plain.headers['Vary'] == 'accept-encoding'
        assert plain.headers['Accept-Ranges'] == 'bytes' and plain.trace
        assert 'Content-Encoding' not in plain.headers
        packed = d.http.get('/a.css', {'Accept-Encoding': 'gzip'})
        assert packed.headers['Content-Encoding'] == 'gzip'
        assert gzip.decompress(packed.body) == CSS
        small = d.http.get('/a.css', {'Accept-Encoding': 'gzip, deflate, br'})
        assert small.headers['Content-Encoding'] == 'br' and len(small.body) < len(CSS)
        assert len({x.headers['ETag'] for x in (plain, packed, small)}) == 3


def test_a_file_that_the_client_has_is_not_sent_again():
    with world() as d:
        tag = d.http.get('/a.css').headers['ETag']
        assert tag.startswith('"') and tag.endswith('"')
        for value in (tag, f'W/{tag}', f'"x", {tag}', '*'):
            r = d.http.get('/a.css', {'If-None-Match': value})
            assert (r.status, r.body) == (304, b''), value
            assert r.headers['ETag'] == tag and r.headers['Vary'] and r.headers['Cache-Control']
        assert d.http.get('/a.css', {'If-None-Match': '"x"'}).status == 200
        assert d.http.get('/a.css', {'If-None-Match': tag,
                                     'Accept-Encoding': 'gzip'}).status == 200
        assert d.http.get('/a.css', {'If-Match': '"x"'}).status == 412
        assert d.http.get('/a.css', {'If-Match': tag}).status == 200


def test_parts_of_a_file():
    with world() as d:
        r = d.http.get('/a.css', {'Range': 'bytes=5-9'})
        assert (r.status, r.body) == (206, CSS[5:10])
        assert r.headers['Content-Range'] == f'bytes 5-9/{len(CSS)}'
        assert d.http.get('/a.css', {'Range': 'bytes=-7'}).body == CSS[-7:]
        tag = r.headers['ETag']
        for value, status in ((tag, 206), ('W/' + tag, 200), ('"x"', 200),
                              ('Sat, 21 Nov 2026 00:00:00 GMT', 200)):
            r = d.http.get('/a.css', {'Range': 'bytes=0-1', 'If-Range': value})
            assert r.status == status, value
        r = d.http.get('/a.css', {'Range': f'bytes={len(CSS)}-'})
        assert r.status == 416 and r.headers['Content-Range'] == f'bytes */{len(CSS)}'
        assert d.http.get('/a.css', {'Range': 'bytes=0-1,4-5'}).status == 200
        assert d.http.get('/empty.txt', {'Range': 'bytes=0-'}).status == 416


def test_head_and_other_methods():
    with world() as d:
        with d.http.open() as s:
            s.sendall(b'HEAD /a.css HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\n\r\n'
                      b'GET /empty.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
            answer = b''
            while part := s.recv(65536):
                answer += part
        first, _, second = answer.partition(b'\r\n\r\n')
        assert first.startswith(b'HTTP/1.1 200 ') and b'Content-Length: %d' % len(CSS) in first
        assert second.startswith(b'HTTP/1.1 200 ') and b'Content-Length: 0' in second
        for method in ('POST', 'PUT', 'DELETE'):
            r = d.http.request(method, '/a.css', b'x')
            assert r.status == 405 and r.headers['Allow'] == 'GET, HEAD, OPTIONS'
        assert d.http.request('OPTIONS', '/a.css').status == 204


def test_names_with_a_hash_are_kept_for_ever():
    with world() as d:
        r = d.http.get('/app.0123456789abcdef.js')
        assert 'immutable' in r.headers['Cache-Control']
        assert d.http.get('/docs/').headers['Content-Type'].startswith('text/html')


def test_no_path_leaves_the_folder():
    with world() as d:
        for path in ('/../outside.txt', '/%2e%2e/outside.txt', '/docs/..%2f..%2foutside.txt',
                     '/docs/../../outside.txt', '/passwd', '/a.css%00.txt', '/..%5coutside.txt',
                     '/a.css/', '/a.css/../../outside.txt', '/a.css.gz', '//etc/passwd',
                     '/%c0%ae%c0%ae/outside.txt', '/....//outside.txt'):
            answer = d.http.raw(b'GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
                                % path.encode())
            status = answer.split(b' ', 2)[1]
            assert status in (b'400', b'404', b'503', b'504'), (path, answer)
            assert b'secret' not in answer and b'root:' not in answer, path
        assert d.http.get('/docs/../a.css').body == CSS


def test_a_large_file_over_both_protocols():
    with world() as d:
        assert d.http.get('/big.bin').body == bytes(3000000)
        window = h2.frame(h2.WINDOW, 0, 0, (1 << 30).to_bytes(4, 'big'))
        with h2.H2(d.port, h2.setting(4, 1 << 30)) as c:
            c.send(window)
            c.ask(1, h2.request(path=b'/big.bin'))
            got = 0
            for kind, flags, stream, payload in c.frames():
                if kind == h2.DATA:
                    got += len(payload)
                    if flags & h2.END_STREAM:
                        break
            assert got == 3000000
