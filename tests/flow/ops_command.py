"""The onebox command when it is used wrongly: one sentence that names the thing and the
remedy, and the right exit code."""

import os

from lib import World, wait_until

DAEMONS = 'it may be dnsd, webd, appd or dbproxy'
NONE = '0123456789abcdef0123456789abcdef'


def told(w, words, code, *says):
    got, text = w.onebox(*words.split(), check=False)
    assert got == code and text.count('\n') == 1, (words, got, text)
    assert text.startswith('onebox: ') and all(x in text for x in says), (words, text)


def test_wrong_words_are_told_in_one_sentence():
    with World() as w:
        w.http.get('/')
        for words, *says in (
                ('dance', "no command 'dance'", 'onebox --help'),
                ('statu', "no command 'statu'", "did you mean 'status'"),
                ('help dance', "no command 'dance'"),
                ('status x', "'status x' is not understood", 'usage: onebox status [--json]'),
                ('roll', "'roll' is not understood", 'usage: onebox roll DAEMON|supervisor|all'),
                ('roll webb', "no daemon 'webb'", "did you mean 'webd'?",
                 'it may be dnsd, webd, appd, dbproxy, supervisor or all'.capitalize()),
                ('roll mariadb', "no daemon 'mariadb'", 'supervisor or all'),
                ('scale webd', 'usage: onebox scale DAEMON NUMBER'),
                ('scale webd 99', "1 to 16 instances of webd, not '99'"),
                ('scale webd -1', "not '-1'"),
                ('scale nobody 2', "no daemon 'nobody'", DAEMONS),
                ('reload now', 'usage: onebox reload [--state DIR]'),
                ('stop now', 'usage: onebox stop [--state DIR]'),
                ('logs nosuch', "no log 'nosuch'", 'it may be access, appd, dbproxy, dnsd'),
                ('logs webb', "did you mean 'webd'?"),
                ('logs webd appd', 'usage: onebox logs [DAEMON]'),
                ('logs --trace zzz', "'zzz' is no trace id"),
                ('loglevel loud', "no level 'loud'", 'it may be error, warn, info or debug'),
                ('loglevel webd', "no level 'webd'"),
                ('loglevel webb info', "no daemon 'webb'", "did you mean 'webd'?"),
                ('loglevel webd.9 info', "no instance 'webd.9'"),
                ('stats nobody', "no daemon 'nobody'", DAEMONS),
                ('stats a b', 'usage: onebox stats [DAEMON[.SLOT]]'),
                ('zone chek x', "'zone chek x' is not understood", 'check FILE'),
                ('site role x king', "no role 'king'", 'it may be member, moderator or keeper'),
                ('db dance', "'db dance' is not understood"),
                ('check --wait x', 'usage: onebox check'),
                ('trace ftp://x', 'usage: onebox trace'),
                ('explain 99', 'no such question')):
            told(w, words, 64, *says)
        told(w, f'logs --trace {NONE}', 69, f'has the trace {NONE}')
        told(w, 'release /no/such/build', 69, '/no/such/build')
        assert w.onebox('scale', 'webd', '1') == (0, 'webd: 1 instance\n')
        assert w.onebox('roll', '--help') == w.onebox('help', 'roll')
        assert 'supervisor' in w.onebox('help', 'roll')[1]
        assert w.onebox('help') == w.onebox('--help')


def test_when_nothing_runs_that_is_what_is_said():
    w = World(instances={'webd': 0, 'appd': 0, 'dbproxy': 0})
    try:
        w.start()
        w.onebox('stop')
        assert w.supervisor.wait(20) == 0
        path = os.path.join(w.state, 'zones', 'foobar.com.zone')
        for words in ('status', 'check', 'reload', 'roll all', 'scale webd 2', 'stats',
                      'stats webd', 'loglevel info', 'db', 'db promote x',
                      'site role a keeper', f'zone diff {path}', 'trace', 'differs'):
            told(w, words, 69, f'no Onebox runs with {w.state}', 'deploy/up')
    finally:
        w.end(failed=False)


def test_a_reload_says_what_waits_for_a_roll():
    with World(config='[webd]\nthreads = 1\n') as w:
        assert w.onebox('reload') == (0, '')
        with open(w.config, 'w') as f:
            f.write('[webd]\nthreads = 2\nqueue = 10\n[dnsd]\nrate = 7\nthreads = 1\n'
                    '[onebox]\nwatchdog = 9s\n')
        code, text = w.onebox('reload')
        assert code == 0 and text.splitlines() == [
            'onebox.watchdog is taken over by onebox roll all',
            'dnsd.threads is taken over by onebox roll dnsd',
            'webd.threads is taken over by onebox roll webd',
            'webd.queue is taken over by onebox roll webd'], text
        wait_until(lambda: [x.values['option'] for x in w.logs.lines('dnsd', 'needs_a_roll')]
                   == ['dnsd.threads'])
        w.onebox('roll', 'all')
        assert w.onebox('reload') == (0, '')


def test_a_zone_is_checked_and_set_in_plain_words():
    with World(instances={'webd': 0, 'appd': 0, 'dbproxy': 0}) as w:
        path = os.path.join(w.state, 'zones', 'foobar.com.zone')
        os.chmod(path, 0o664)
        said = f'{path}: the zone foobar.com is right, with '
        assert w.onebox('zone', 'check', path)[1].startswith(said)
        assert w.onebox('zone', 'set', 'www', 'A', '192.0.2.9') == (0, 'www.foobar.com is set\n')
        assert os.stat(path).st_mode & 0o777 == 0o664
        wait_until(lambda: w.dns.values('www.foobar.com') == ['192.0.2.9'])
        code, text = w.onebox('zone', 'set', 'www', 'A', '192.0.2', check=False)
        assert code == 65 and text.startswith(f'{path}:') and '.set.' not in text, text
        assert os.listdir(os.path.dirname(path)).count('foobar.com.zone') == 1
        with open(path, 'a') as f:
            f.write('what is this\n')
        code, text = w.onebox('zone', 'check', path, check=False)
        assert code == 65 and text.startswith(f'{path}:') and 'right' not in text, text
        told(w, 'zone diff /x/other.org.zone', 65, 'no such zone is served')


def test_a_zone_made_ones_own_is_no_news_at_the_next_start():
    w = World(instances={'webd': 0, 'appd': 0, 'dbproxy': 0})
    try:
        w.start()
        w.onebox('zone', 'set', 'www', 'A', '192.0.2.9')
        w.onebox('stop')
        w.supervisor.wait(20)
        w.start()
        assert 'edited by hand' not in w.said(), w.said()
        assert w.dns.values('www.foobar.com') == ['192.0.2.9']
        w.onebox('stop')
        w.supervisor.wait(20)
        w.sets.append('onebox.address=192.0.2.33')  # now other things are asked for
        w.start()
        assert 'edited by hand' in w.said() and '192.0.2.33' in w.said(), w.said()
    finally:
        w.end(failed=False)
