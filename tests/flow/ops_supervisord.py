"""The same daemons under supervisord, which knows no readiness and holds no UDP sockets."""

import os
import pwd
import re
import shutil
import signal
import subprocess

from lib import BUILD, ROOT, Skip, World, kill, wait_until
from lib.daemon import Folder
from lib.dns import Dns
from lib.env import sanitizer_env
from lib.http import Http
from lib.ports import free_port
from lib.proc import wait_gone

SECONDS = 120


def adapted(folder, sets):
    """The configuration that ships, with our places and ports in it."""
    with open(os.path.join(ROOT, 'deploy', 'supervisord', 'onebox.conf')) as f:
        text = f.read()
    text = text.replace('/usr/lib/onebox', BUILD)
    text = re.sub(r'--state /var/lib/onebox', f'--state {folder.state} ' + ' '.join(
        f'--set {x}' for x in sets), text)
    text = text.replace('/var/lib/onebox', folder.state)
    if os.geteuid() != 0:
        text = text.replace('user=onebox\n', '')
    path = os.path.join(folder.path, 'supervisord.conf')
    with open(path, 'w') as f:
        f.write(f'[unix_http_server]\nfile={folder.path}/ctl\n[supervisorctl]\n'
                f'serverurl=unix://{folder.path}/ctl\n[rpcinterface:supervisor]\n'
                'supervisor.rpcinterface_factory=supervisor.rpcinterface:'
                'make_main_rpcinterface\n[supervisord]\nnodaemon=true\n'
                f'logfile={folder.path}/supervisord.log\npidfile={folder.path}/pid\n'
                + ('user=root\n' if os.geteuid() == 0 else '') + text)
    return path


def own(folder):
    """As the user that a stack started by root runs as, made as that makes it."""
    try:
        user = pwd.getpwnam('onebox')
    except KeyError:
        with World(instances={'webd': 0, 'appd': 0, 'dbproxy': 0}):
            user = pwd.getpwnam('onebox')
    for place, _, _ in os.walk(folder):
        os.chown(place, user.pw_uid, user.pw_gid)


def test_the_daemons_under_supervisord():
    if not shutil.which('supervisord'):
        raise Skip('supervisord is not installed')
    folder = Folder()
    ports = {'dns': free_port(), 'http': free_port(), 'https': free_port()}
    sets = [f'onebox.{k}_port={v}' for k, v in ports.items()]
    http, dns = Http(ports['http']), Dns(ports['dns'])
    conf = adapted(folder, sets)
    env = sanitizer_env()
    setup = [os.path.join(BUILD, 'bin', 'supervisor'), '--setup', '--state', folder.state]
    if os.geteuid() == 0:  # as the user whom the files are to belong to
        own(folder.state)
        setup = ['setpriv', '--reuid=onebox', '--regid=onebox', '--clear-groups', *setup]
    subprocess.run(setup + [y for x in sets for y in ('--set', x)], check=True, env=env,
                   timeout=60)
    p = subprocess.Popen(['supervisord', '-c', conf], stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)

    def pids():
        text = subprocess.run(['supervisorctl', '-c', conf, 'status'], text=True,
                              stdout=subprocess.PIPE, check=False).stdout
        return {x.split()[0].split(':')[1]: int(re.search(r'pid (\d+)', x)[1])
                for x in text.splitlines() if ' RUNNING ' in x}

    def answers():
        return http.get('/').status == 200 and dns.values('www.foobar.com') == ['8.8.8.8'] \
            and dns.values('www.foobar.com', tcp=True) == ['8.8.8.8']
    try:
        wait_until(lambda: len(pids()) == 9 and answers(), 60, 'all to answer')
        for name, pid in pids().items():
            kill(pid)
            wait_until(lambda: pids().get(name) not in (None, pid), 20, name)
        wait_until(answers, 30, 'the answers')
        left = pids()
    except BaseException:
        for name in os.listdir(os.path.join(folder.state, 'log')):
            with open(os.path.join(folder.state, 'log', name), errors='replace') as f:
                print('----', name, '\n', f.read()[-1500:])
        raise
    finally:
        p.send_signal(signal.SIGTERM)
        p.wait(60)
    for pid in left.values():
        wait_gone(pid)
    folder.remove()
