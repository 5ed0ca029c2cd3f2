"""Backup and restore, by the very lines of docs/operations.md."""

import os
import re
import shutil
import subprocess
import tempfile

from lib import BUILD, ROOT
from lib.api import Api
from lib.env import sanitizer_env
from lib.http import Http
from lib.ports import free_port


def blocks():
    """The indented commands of the section, block by block."""
    with open(os.path.join(ROOT, 'docs', 'operations.md')) as f:
        section = f.read().split('## Back up and restore')[1].split('\n## ')[0]
    return [re.sub(r'^ {4}', '', b, flags=re.M)
            for b in re.findall(r'(?:^ {4}.*\n)+', section, re.M)]


def test_a_site_comes_back_with_its_people_and_their_sessions():
    folder = tempfile.mkdtemp(prefix='onebox-backup-')
    os.chmod(folder, 0o755)
    state, backup = os.path.join(folder, 'state'), os.path.join(folder, 'backup.tar.gz')
    port = free_port()
    options = f'--dns {free_port()} --http {port} --https {free_port()} --instances ' \
              'dnsd=1,webd=1,appd=1,dbproxy=1'

    def run(text):
        done = subprocess.run(['bash', '-euc', text], cwd=ROOT, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env={**sanitizer_env(), 'BUILD': BUILD}, timeout=100, check=False)
        assert done.returncode == 0, f'{text}: {done.stdout}'
    try:
        save, restore = blocks()
        ours = f'export ONEBOX_STATE={state}; backup={backup}; options="{options}"\n'
        first, rest = save.split('\n', 1)
        assert first.startswith('export ONEBOX_STATE='), first
        run(f'{ours} deploy/up $options')
        ann = Api(Http(port)).person()
        slug = ann.publish(title='To be kept').json['article']['slug']
        run(ours + rest)
        assert os.stat(backup).st_mode & 0o077 == 0  # keys are in it
        run(f'{ours} deploy/down')
        shutil.rmtree(state)
        run(ours + restore)
        assert ann.get(f'/articles/{slug}').status == 200
        assert ann.get('/user').status == 200  # the token still holds
        with open(os.path.join(state, 'zones', 'foobar.com.zone')) as f:
            assert 'www' in f.read()
    finally:
        run(f'ONEBOX_STATE={state} deploy/down')
        shutil.rmtree(folder, ignore_errors=True)
