"""Builds whose fabric speaks different versions, rolled into each other under load. Takes a
second build, so it is not part of the ordinary run: tests/lib/flow --long fault_versions."""

import os
import subprocess

from lib import BUILD, ROOT, World
from lib.env import sanitizer_env

from fault.ledger import Ledger
from fault.probes import Probes

SECONDS = 60
TWO = {'dnsd': 2, 'webd': 2, 'appd': 2, 'dbproxy': 2}


def next_build():
    folder = os.path.join(ROOT, 'build', 'cc-next')
    subprocess.run(['make', '-s', '-j2', f'B={os.path.relpath(folder, ROOT)}',
                    'CFLAGS=-O2 -g -DFABRIC_VERSION=2', 'all'], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL)
    return folder


def roll_to(build, w):
    done = subprocess.run([os.path.join(build, 'bin', 'onebox'), 'roll', 'all', '--state',
                           w.state], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=120, check=False,
                          env=sanitizer_env())
    assert done.returncode == 0, done.stdout


def long_roll_to_the_next_version_and_back():
    newer = next_build()
    with World(instances=TWO) as w:
        ledger = Ledger(w)
        with Probes(w, rate=100, extra={'write': ledger.writer}) as probes:
            for build in (newer, BUILD, newer, BUILD):
                probes.mark(f'roll all to {build}')
                roll_to(build, w)
        print(probes.report(), ledger.report(), sep='\n')
        assert probes.failed() == [], probes.report()
        assert ledger.problems() == []
