"""What the four daemons have in common: the command line and its exit codes, readiness,
the watchdog, reload, the end. (common/daemon.c)"""

import os
import signal
import subprocess
import tempfile

from lib import BUILD, Daemon, wait_until
from lib.env import sanitizer_env

DAEMONS = ('dnsd', 'webd', 'appd', 'dbproxy')
SOCKETS = ['dns-udp', 'dns-tcp']
ZONE = '@ 3600 SOA ns1 h 1 1 1 1 1\n@ 3600 NS ns1\nns1 3600 A 8.8.8.8\nwww 3600 A 8.8.8.8\n'


def run(daemon, *args):
    """(exit code, what it said on both)"""
    done = subprocess.run([os.path.join(BUILD, 'bin', daemon), *args], check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=20, env=sanitizer_env())
    return done.returncode, done.stdout


def config(text):
    f = tempfile.NamedTemporaryFile('w', suffix='.conf')
    f.write(text)
    f.flush()
    return f


def test_help_and_version():
    for daemon in DAEMONS:
        code, text = run(daemon, '--help')
        assert code == 0 and text.startswith(daemon + ' ') and '--state DIR' in text, text
        assert len(text.splitlines()) <= 24
        code, text = run(daemon, '--version')
        assert code == 0 and text.startswith(daemon + ' '), text


def test_a_wrong_command_line_is_64():
    for daemon in DAEMONS:
        for args in (['--nonsense'], ['stray'], ['--slot', '0'], ['--slot', 'x'], [],
                     ['--state', '/tmp']):
            code, text = run(daemon, *args)
            assert code == 64 and text, (daemon, args, code, text)


def test_a_wrong_configuration_is_78_with_file_and_line():
    with config('[webd]\n\ndeadlin = 5s\n') as f:
        for daemon in DAEMONS:
            code, text = run(daemon, '-t', '--config', f.name)
            assert (code, text) == (78, f"{f.name}:3: unknown key 'deadlin' in [webd]; did you "
                                        "mean 'deadline'?\n"), (code, text)
    code, text = run('appd', '-t', '--set', 'onebox.log_level=loud')
    assert code == 78 and 'error, warn, info or debug' in text, text
    for wrong in ('relay=foo', 'relay=mail.example:25', 'from=me', 'site=www.foobar.com'):
        code, text = run('appd', '-t', '--set', f'mail.{wrong}')
        key, value = wrong.split('=')
        assert code == 78 and f"[mail] {key} is '{value}'" in text, text
    for right in ('relay=127.0.0.1:25', 'relay=[::1]:25', 'from=me@foobar.com'):
        assert run('appd', '-t', '--set', f'mail.{right}')[0] == 0
    code, text = run('appd', '-t', '--config', '/nonexistent.conf')
    assert (code, text) == (78, '/nonexistent.conf: cannot be read: No such file or '
                                'directory\n'), text


def test_checking_and_printing_what_is_in_force():
    with config('[webd]\ndeadline = 7s\n') as f:
        for daemon in DAEMONS:
            code, text = run(daemon, '-t', '--config', f.name)
            assert (code, text) == (0, f'{daemon}: the configuration is right\n'), text
        code, text = run('webd', '-T', '--config', f.name, '--set', 'webd.echo=yes')
        assert code == 0 and f'deadline = 7s\n    # from {f.name}:2\n' in text
        assert 'echo = yes\n    # from --set\n' in text
        with config(text) as again:
            assert run('webd', '-t', '--config', again.name)[0] == 0
        code, text = run('dnsd', '--sample')
        assert code == 0 and '#deadline = 5s\n' in text
        with config(text) as sample:
            assert run('dnsd', '-t', '--config', sample.name)[0] == 0


def dnsd(**more):
    return Daemon('dnsd', SOCKETS, zones={'foobar.com': ZONE}, **more)


def test_ready_status_and_the_end_are_told():
    with dnsd() as d:
        assert d.notes.count('READY=1') == 1
        wait_until(lambda: d.ready() and 'STATUS=' in d.notes)
        assert d.stop() == 0
        try:
            while True:
                d.notes += d.notify.recv(4096).decode() + '\n'
        except BlockingIOError:
            pass
        assert 'STOPPING=1' in d.notes, d.notes


def test_the_watchdog_is_fed_while_the_loop_turns():
    with dnsd(env={'WATCHDOG_USEC': '150000'}) as d:
        wait_until(lambda: d.ready() and d.notes.count('WATCHDOG=1') >= 4)
        d.signal(signal.SIGSTOP)
        d.notes = 'READY=1'
        wait_until(lambda: d.ready() and d.notes.count('WATCHDOG=1') <= 1, 1)
        d.signal(signal.SIGCONT)
        wait_until(lambda: d.ready() and d.notes.count('WATCHDOG=1') >= 3)


def test_reload_takes_over_or_refuses():
    with dnsd(config='[onebox]\nlog_level = info\n', expect=['reload_refused']) as d:
        conf = os.path.join(d.folder.path, 'onebox.conf')

        def reload(text):
            with open(conf + '.new', 'w') as f:
                f.write(text)
            os.rename(conf + '.new', conf)
            d.signal(signal.SIGHUP)
        reload('[onebox]\nlog_levle = debug\n')
        wait_until(lambda: d.logs.lines('dnsd', 'reload_refused'))
        assert 'log_level' in d.logs.lines('dnsd', 'reload_refused')[0].text
        assert not d.logs.lines('dnsd', 'reloaded')
        reload('[onebox]\nlog_level = debug\n')
        wait_until(lambda: d.logs.lines('dnsd', 'reloaded'))
        assert d.dns.values('www.foobar.com') == ['8.8.8.8']


def test_a_run_directory_that_is_gone_is_71():
    d = dnsd(ready=False, expect=['cannot_bind'])
    os.rmdir(d.folder.run)
    with d:
        assert d.wait_end() == 71
        assert d.logs.lines('dnsd', 'cannot_bind')
        d.code = 0  # asked for


def test_nothing_is_left_in_the_run_directory():
    with dnsd() as d:
        assert [x.split('.')[0] for x in os.listdir(d.folder.run)] == ['dnsd']
        assert d.stop() == 0
        assert os.listdir(d.folder.run) == []
