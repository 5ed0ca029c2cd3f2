"""The counters and the log level of running daemons, asked over the fabric."""

import os
import re

from lib import World, wait_until


def test_every_instance_tells_its_counters():
    with World() as w:
        for _ in range(3):
            assert w.http.get('/').status == 200
        _, text = w.onebox('stats', 'dbproxy')
        assert '# instance dbproxy.1\n' in text and 'dnsd' not in text, text
        _, text = w.onebox('stats', 'appd')
        asked = [float(line.split()[1]) for line in text.splitlines()
                 if line.startswith('onebox_fabric_requests_total ')]
        assert sum(asked) >= 3, text
        code, text = w.onebox('stats', 'nobody', check=False)
        assert code == 64 and 'nobody' in text, text


def test_the_log_level_is_changed_while_it_runs():
    with World() as w:
        w.http.get('/')
        assert not w.logs.lines('appd', 'request', type='MSG_HTTP')
        w.onebox('loglevel', 'appd', 'debug')
        w.http.get('/')
        wait_until(lambda: w.logs.lines('appd', 'request', type='MSG_HTTP'))
        code, text = w.onebox('loglevel', 'appd', 'loud', check=False)
        assert code != 0 and 'error, warn, info or debug' in text, text


def test_a_slow_statement_is_logged_where_all_logs_are():
    with World(instances={'dnsd': 0}, sets=['dbproxy.slow=1us', 'onebox.log_size=1m']) as w:
        trace = w.http.get('/').trace
        path = os.path.join(w.state, 'log', 'slow.log')
        wait_until(lambda: trace in open(path).read(), 10, 'its entry')
        with open(path, 'a') as f:  # whoever rotates it, what comes then is in a new one
            f.write('# filled\n' * 150000)
        wait_until(lambda: os.path.getsize(path) < 100000, 10, 'a new file')
        trace = w.http.get('/').trace
        wait_until(lambda: trace in open(path).read(), 10, 'its entry')


def test_the_database_of_a_stack_is_shown_as_it_is():
    with World() as w:
        wait_until(lambda: re.search(r'dbproxy.1 +private [1-9]', w.onebox('db')[1]))
        _, text = w.onebox('db')
        assert re.search(r'^private +primary .*/mariadb.sock$', text, re.M), text
        assert 'the private MariaDB' in text and 'manage_user' in text, text
        code, text = w.onebox('db', 'promote', 'private', check=False)
        assert code == 78 and 'no dbproxy manages' in text, (code, text)
        w.onebox('db')
