"""Markdown as it is kept: what hostile authors write is parsed as a browser would, and
holds nothing but what the renderer is known to make."""

import re
from html.parser import HTMLParser

from lib.api import Api
from lib.world import World

ALLOWED = {
    'h2': (), 'h3': (), 'h4': (), 'h5': (), 'h6': (), 'p': (), 'br': (), 'hr': (), 'em': (),
    'strong': (), 'del': (), 'blockquote': (), 'ul': (), 'li': (), 'pre': (), 'table': (),
    'thead': (), 'tbody': (), 'tr': (), 'th': ('class',), 'td': ('class',), 'ol': ('start',),
    'code': ('class',), 'a': ('href', 'title', 'rel'),
    'img': ('src', 'alt', 'title', 'loading')}
# what a browser takes for a scheme, after it has dropped what it drops
SCHEME = re.compile(r'^[a-z][a-z0-9+.-]*:', re.I)
DROPPED = re.compile(r'[\t\n\r]|^[\x00-\x20]+')

HOSTILE = r'''
<script>alert(1)</script>
<img src=x onerror=alert(1)>
<svg/onload=alert(1)>
<a href="javascript:alert(1)">x</a>
<iframe src="//evil"></iframe>
<style>*{display:none}</style>
<!-- --><script>x</script>
<![CDATA[<script>x</script>]]>
<?php x ?>
<math><mi//xlink:href="data:x,<script>x</script>">
[x](javascript:alert(1))
[x](JAVASCRIPT:alert(1))
[x](java&#115;cript:alert(1))
[x](&#x6A;avascript:alert(1))
[x](javascript&colon;alert(1))
[x](javascript&#58alert(1))
[x](&#1;javascript:alert(1))
[x](<java&#10;script:alert(1)>)
[x](< javascript:alert(1)>)
[x](java%0ascript:alert(1))
[x](data:text/html,<script>x</script>)
[x](data:text/html;base64,PHNjcmlwdD4=)
[x](vbscript:msgbox)
[x](file:///etc/passwd)
[x](feed:javascript:alert(1))
[x](view-source:javascript:alert(1))
[x](//evil.example)
[x](\\evil)
[x]("onmouseover="alert(1))
[x](a"onmouseover="alert(1))
[x](a 'b"onmouseover="alert(1)')
[x](a "b\"onmouseover=\"alert(1)")
[x](<a"><script>x</script>>)
[x][y]\n\n[y]: javascript:alert(1)
[x][y]\n\n[y]: a "\"><script>x</script>"
[<script>x</script>](a)
[x](javascript:alert(1) "t")
![x](javascript:alert(1))
![x](a"onerror="alert(1))
![x" onerror="alert(1)](a)
![<script>x</script>](a)
![x](data:image/svg+xml,<svg/onload=alert(1)>)
![x](https://e/ "t\" onerror=\"alert(1)")
![a[b](javascript:x)](c)
[![x](javascript:a)](javascript:b)
<javascript:alert(1)>
<data:text/html,x>
<vbscript:x>
<a@b"onclick="x>
`<script>x</script>`
``` "><script>x</script>\nx\n```
```js onload=alert(1)\nx\n```
~~~ </code></pre><script>x</script>\nx\n~~~
    <script>x</script>
# <script>x</script>
> <script>x</script>
- <script>x</script>
|<script>|\n|--------|\n|"><img src=x onerror=x>|
|a|\n|:--" onclick="x"|\n|b|
&lt;script&gt;alert(1)&lt;/script&gt;
&#60;script&#62;x&#60;/script&#62;
&#0;&#xD800;&#1114112;&#x110000;&bogus;&amp
\<script>x\</script>
**<b onclick=x>**
*[x](javascript:a)*
~~<del onclick=x>~~
<scr<script>ipt>x</scr</script>ipt>
<a href=`javascript:x`>
<A HREF="jav	ascript:x">
[x](#"onclick="x")
[x](?a=<script>)
[x](mailto:a@b?subject=<script>)
[x](https://a/'"><script>x</script>)
[x](https://a/‮gnp.exe)
‮[x](https://a)‬
'''.strip().split('\n')


class Checker(HTMLParser):
    def __init__(self, source):
        super().__init__()
        self.source, self.open = source, []

    def wrong(self, what):
        raise AssertionError(f'{what} from {self.source!r}')

    def handle_starttag(self, tag, attributes):
        if tag not in ALLOWED:
            self.wrong(f'<{tag}>')
        for name, value in attributes:
            if name not in ALLOWED[tag]:
                self.wrong(f'<{tag} {name}>')
            if name in ('href', 'src'):
                address = DROPPED.sub('', value or '')
                scheme = SCHEME.match(address)
                if scheme and scheme[0].lower() not in ('http:', 'https:', 'mailto:'):
                    self.wrong(f'{name}={value!r}')
        if tag not in ('br', 'hr', 'img'):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong(f'</{tag}> out of place')

    def handle_comment(self, data):
        self.wrong(f'<!--{data}-->')

    def handle_decl(self, data):
        self.wrong(f'<!{data}>')

    def handle_pi(self, data):
        self.wrong(f'<?{data}>')

    unknown_decl = handle_decl


def check(html, source):
    c = Checker(source)
    c.feed(html)
    c.close()
    assert not c.open, (c.open, source)


def kept(w, table):
    """{Markdown: HTML}; hexadecimal, so that no byte of either is lost on the way."""
    rows = w.sql(f'SELECT HEX(body), HEX(html) FROM {table}')
    return {bytes.fromhex(a).decode(): bytes.fromhex(b).decode() for a, b in rows}


def test_hostile_articles_and_comments():
    with World(instances={'dnsd': 0}, sets=['appd.demo=no']) as w:
        p = Api(w.http).person()
        slug = p.slug(body='start')
        texts = [line.replace('\\n', '\n') for line in HOSTILE]
        assert len(texts) > 50
        for text in texts + ['\n\n'.join(texts)]:
            assert p.edit(slug, body=text).status == 200, text
            (html,) = [h for t, h in kept(w, 'articles').items() if t == text]
            check(html, text)
            assert p.comment(slug, text[:10000]).status == 201, text
        comments = kept(w, 'comments')
        assert len(comments) == len(set(texts)) + 1
        for text, html in comments.items():
            check(html, text)


def test_what_would_take_too_long_is_refused():
    with World(instances={'dnsd': 0}, sets=['appd.demo=no']) as w:
        p = Api(w.http).person()
        for body in ('[a]\n' * 12500, '>' * 50000, '[a]: ' + 'x' * 20000 + '\n\n' + '[a]\n' * 200):
            r = p.publish(body=body)
            assert r.status == 422 and list(r.json['errors']) == ['body'], r
        assert p.publish(body='*a _b ' * 8000).status == 201
