"""THE table of benches: what is compared, with which load. The first side is ours."""

import atexit
import os
import random
import tempfile

from bench import measure
from bench.sides import (Classic, Direct, DirectOne, Knot, Nginx, Nsd, OursDb, OursDbOne,
                         OursDns, OursFabric, OursFabricOne, OursSite, OursStatic, Pair)


def queries():
    """A mix as resolvers ask it: the name mostly, other types, names that are not there."""
    r = random.Random(1)
    lines = []
    for _ in range(20000):
        at = r.random()
        if at < 0.55:
            lines.append('www.foobar.com A')
        elif at < 0.7:
            lines.append('www.foobar.com AAAA')
        elif at < 0.8:
            lines.append('foobar.com ' + r.choice(['A', 'MX', 'NS', 'TXT', 'SOA']))
        elif at < 0.85:
            lines.append('mail.foobar.com ' + r.choice(['A', 'AAAA']))
        else:
            lines.append(f'n{r.randrange(100000)}.foobar.com A')
    file = tempfile.NamedTemporaryFile('w', prefix='onebox-queries-', delete=False)
    with file as f:
        f.write('\n'.join(lines) + '\n')
    atexit.register(os.unlink, file.name)
    return file.name


def load_dns():
    file = queries()
    return lambda side, seconds: measure.dnsperf(side.dns_port, file, seconds)


def load_wrk(path, connections=32):
    return lambda: lambda side, seconds: measure.wrk(side.http_port, path, seconds, connections)


def load_h2(path):
    return lambda: lambda side, seconds: measure.h2load(side.https_port, path, seconds)


class Bench:
    """load() gives a function (side, seconds) -> measure.Load."""

    def __init__(self, what, sides, load):
        self.what, self.sides, self.load = what, sides, load


BENCHES = {
    'dns': Bench('DNS over UDP, a mix of 20,000 questions', [OursDns, Nsd, Knot], load_dns),
    'static': Bench('a small file, HTTP/1.1, 32 connections', [OursStatic, Nginx],
                    load_wrk('/favicon.svg')),
    'static_h2': Bench('a small file, HTTP/2 over TLS, 8 connections with 8 streams',
                       [OursStatic, Nginx], load_h2('/favicon.svg')),
    'page': Bench('the home page, 1,000 articles, 16 connections', [OursSite, Classic],
                  load_wrk('/', 16)),
    'api': Bench('20 articles as JSON, 16 connections', [OursSite, Classic],
                 load_wrk('/api/articles?limit=20', 16)),
    'db': Bench('a row by its key, of 1,000; who asks is counted too',
                [OursDb, Direct, OursDbOne, DirectOne],
                lambda: lambda side, seconds: side.load(seconds)),
    'fabric': Bench('echo of 200 bytes, 32 calls under way, and one; both ends counted',
                    [OursFabric, OursFabricOne, Pair],
                    lambda: lambda side, seconds: side.load(seconds)),
}
