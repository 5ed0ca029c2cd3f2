"""A schedule of faults made from a seed: the same seed gives the same faults at the same
times (not the same interleaving of what they meet)."""

import os
import random
import signal
import time

from lib.proc import kill, process_alive
from lib.wait import wait_until

# action -> which daemons it may befall; weights are how often
ACTIONS = {
    'kill': (('dnsd', 'webd', 'appd', 'dbproxy', 'mariadb'), 5),
    'stop': (('dnsd', 'appd', 'dbproxy'), 1),  # SIGSTOP for a second
    'term': (('dnsd', 'webd', 'appd', 'dbproxy'), 2),
    'roll': (('dnsd', 'webd', 'appd', 'dbproxy', 'all'), 2),
}


class Schedule:
    def __init__(self, seed, seconds, daemons=None, actions=None, every=1.5):
        r = random.Random(seed)
        names = [a for a in ACTIONS if actions is None or a in actions]
        self.steps, at = [], every
        while at < seconds:
            action = r.choices(names, [ACTIONS[a][1] for a in names])[0]
            among = [d for d in ACTIONS[action][0] if daemons is None or d in daemons]
            if among:
                self.steps.append((at, action, r.choice(among), r.randrange(100)))
            at += r.uniform(0.6, 1.4) * every

    def run(self, w, probes=None):
        """Each step at its time, or as soon as everything is ready again."""
        began = time.monotonic()
        for at, action, daemon, which in self.steps:
            time.sleep(max(0, began + at - time.monotonic()))
            wait_until(w.is_ready, 30, 'all to be ready before the next fault')
            what = f'{action} {daemon}'
            if probes is not None:
                probes.mark(what)
            DO[action](w, daemon, which)
        wait_until(w.is_ready, 30, 'all to be ready at the end')

    def __str__(self):
        return '\n'.join(f'{at:8.3f} {action} {daemon} {which}'
                         for at, action, daemon, which in self.steps)


def one_of(w, daemon, which):
    pids = w.pids(daemon)
    return pids[which % len(pids)]


def do_kill(w, daemon, which):
    pid = one_of(w, daemon, which)
    w.kill(pid)
    wait_until(lambda: not process_alive(pid), 5)


def do_term(w, daemon, which):
    pid = one_of(w, daemon, which)
    w.expect.append(rf'\bpid={pid} ')
    kill(pid, signal.SIGTERM)
    wait_until(lambda: not process_alive(pid), 30)


def do_stop(w, daemon, which):
    pid = one_of(w, daemon, which)
    w.expect.append(rf'\bpid={pid} ')  # the watchdog may end it
    os.kill(pid, signal.SIGSTOP)
    time.sleep(1)
    kill(pid, signal.SIGCONT)


def do_roll(w, daemon, which):
    w.onebox('roll', daemon)


DO = {'kill': do_kill, 'term': do_term, 'stop': do_stop, 'roll': do_roll}
