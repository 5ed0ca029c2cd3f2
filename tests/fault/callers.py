"""Callers of dbproxy that keep it under a mixed load while things are killed, and the dice
that say what is killed and when."""

import json
import os
import random
import subprocess

from lib.env import BUILD, sanitizer_env


def load(run, seconds, inflight=16, writes=30, budget=15000, number=1):
    return subprocess.Popen([os.path.join(BUILD, 'tests', 'tools', 'sqlload'), run,
                             str(seconds), str(inflight), str(writes), str(budget),
                             str(number)], stdout=subprocess.PIPE, text=True,
                            env=sanitizer_env())


def finish(process):
    out, _ = process.communicate(timeout=120)
    return json.loads(out)


def dice(seed=1):
    """What is killed and when; KILL_SEED has the say, and is said."""
    seed = int(os.environ.get('KILL_SEED', seed))
    print(f'KILL_SEED={seed}')
    return random.Random(seed)


def long_seconds():
    return int(os.environ.get('KILL_SECONDS', '600'))


class Victims:
    """Callers beside the one that counts, killed and begun again: each has a number of
    its own for what it writes."""

    def __init__(self, run):
        self.run, self.number, self.process = run, 1, None

    def __enter__(self):
        self.begin()
        return self

    def __exit__(self, *unused):
        self.process.kill()
        self.process.communicate()

    def begin(self):
        self.number += 1
        self.process = load(self.run, 3600, inflight=4, number=self.number)

    def kill(self):
        self.__exit__()
        self.begin()

    def check(self, sql):
        """What they wrote is there once, whoever heard of it."""
        for number in range(2, self.number + 1):
            rows, distinct = sql('test_puts', number, budget=30000).rows[0]
            assert rows == distinct, number
        return self.number - 1
