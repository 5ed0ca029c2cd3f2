"""What a side costs while a generator of load runs against it."""

import os
import re
import statistics
import subprocess
import tempfile
import time

from lib.proc import all_pids, marked, pss_kib, stat_of


def tree(pid):
    """The process and all its descendants."""
    children = {}
    for p in all_pids():
        fields = stat_of(p)
        if fields:
            children.setdefault(int(fields[1]), []).append(p)
    found, todo = [], [pid]
    while todo:
        p = todo.pop()
        found.append(p)
        todo += children.get(p, [])
    return found


def cpu_ns(pids):
    """CPU time of all threads of these processes so far, by the scheduler's own count."""
    total = {}
    for pid in pids:
        try:
            for task in os.listdir(f'/proc/{pid}/task'):
                with open(f'/proc/{pid}/task/{task}/schedstat') as f:
                    total[pid, task] = int(f.read().split()[0])
        except OSError:
            pass
    return total


def cpu_between(before, after):
    """Of threads that lived at the end; those that are new count from nothing."""
    return sum(ns - before.get(key, 0) for key, ns in after.items())


def pss(pids):
    return sum(pss_kib(p) for p in pids)


def busy_ns():
    """CPU time that the whole machine has spent so far, on whatever."""
    with open('/proc/stat') as f:
        user, nice, system, _idle, _wait, irq, softirq, steal = \
            (int(x) for x in f.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) * (10**9 // os.sysconf('SC_CLK_TCK'))


class Cpus:
    """With two processors or more, the last is the generator's and the others the sides': then
    neither takes the other's time or cache, and two runs agree."""

    def __init__(self, pin=True):
        self.all = sorted(os.sched_getaffinity(0))
        self.pinned = pin and len(self.all) > 1
        if self.pinned:
            os.sched_setaffinity(0, self.all[:-1])

    def generator(self, command):
        if not self.pinned:
            return list(command)
        return ['taskset', '-c', str(self.all[-1]), *command]


CPUS = None  # set by tests/bench/run


class Load:
    """What a generator says: requests, requests a second, milliseconds of p50 and p99 (None:
    it does not say), errors; cpu_ns: its own CPU time, where it is a part of that side."""

    def __init__(self, count, rps, p50=None, p99=None, errors=0, cpu_ns=0):
        self.count, self.rps, self.p50, self.p99, self.errors = count, rps, p50, p99, errors
        self.cpu_ns = cpu_ns


def generate(*command):
    """A generator of load, where it disturbs nobody."""
    return run(*(CPUS.generator(command) if CPUS else command))


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f'{" ".join(command)} ended with {done.returncode}: {done.stdout}')
    return done.stdout


def number(pattern, text):
    m = re.search(pattern, text)
    if m is None:
        raise RuntimeError(f'no {pattern} in: {text}')
    return float(m[1])


def dnsperf(port, queries, seconds):
    """As fast as answers come, from 16 sockets. It gives no percentiles."""
    text = generate('dnsperf', '-s', '127.0.0.1', '-p', str(port), '-d', queries, '-c', '16',
               '-T', '1', '-q', '200', '-l', str(seconds))
    return Load(number(r'Queries completed:\s+(\d+)', text),
                number(r'Queries per second:\s+([\d.]+)', text),
                number(r'Average Latency \(s\):\s+([\d.]+)', text) * 1000, None,
                number(r'Queries lost:\s+(\d+)', text))


UNITS = {'us': 0.001, 'ms': 1, 's': 1000, 'm': 60000}


def wrk(port, path, seconds, connections=32):
    text = generate('wrk', '-t', '1', '-c', str(connections), '-d', f'{seconds}s', '--latency', '-H',
               'Host: www.foobar.com', f'http://127.0.0.1:{port}{path}')

    def at(percent):
        m = re.search(rf'^\s+{percent}%\s+([\d.]+)(us|ms|s|m)\s*$', text, re.M)
        return float(m[1]) * UNITS[m[2]]
    errors = re.search(r'Non-2xx or 3xx responses: (\d+)', text)
    broken = re.search(r'Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)',
                       text)
    return Load(number(r'(\d+) requests in', text), number(r'Requests/sec:\s+([\d.]+)', text),
                at(50), at(99), (int(errors[1]) if errors else 0)
                + (sum(int(x) for x in broken.groups()) if broken else 0))


def h2load(port, path, seconds, connections=8, streams=8):
    """HTTP/2 over TLS."""
    with tempfile.NamedTemporaryFile('r') as log:
        text = generate('h2load', '-c', str(connections), '-m', str(streams), '-t', '1', '-D',
                   str(seconds), '--warm-up-time=0', f'--log-file={log.name}', '-H',
                   ':authority: www.foobar.com', f'https://127.0.0.1:{port}{path}')
        took = sorted(int(line.split()[2]) for line in log)
    done = number(r'(\d+) succeeded', text)
    return Load(done, number(r'([\d.]+) req/s', text), took[len(took) // 2] / 1000,
                took[len(took) * 99 // 100] / 1000, number(r'(\d+) failed', text))


def once(side, load_on, seconds):
    """One round against one side: {metric: value}. A second to warm up. others: how many
    processors whatever else there is took meanwhile, the generator's work left out."""
    load_on(side, 1)
    pids = side.pids()
    before, began, busy = cpu_ns(pids), time.monotonic(), busy_ns()
    children = os.times()
    load = load_on(side, seconds)
    took = time.monotonic() - began
    pids = side.pids()
    used = cpu_between(before, cpu_ns(pids)) + load.cpu_ns
    after = os.times()
    ours = used - load.cpu_ns + sum(
        getattr(after, x) - getattr(children, x)
        for x in ('user', 'system', 'children_user', 'children_system')) * 1e9
    others = max(0, busy_ns() - busy - ours) / 1e9 / took
    if load.count == 0 or load.errors > load.count / 1000:
        raise RuntimeError(f'{side.name}: {load.errors} errors in {load.count} requests')
    return {'cpu_us': used / 1000 / load.count, 'rps': load.rps, 'p50_ms': load.p50,
            'p99_ms': load.p99, 'pss_kib': pss(pids), 'cores': used / 1e9 / took,
            'others': others}


QUIET = 0.1  # of a processor: what else may go on in a round


def noise_of(results):
    """For each turn of all sides: what else went on, at the worst."""
    return [max(r['others'] for r in turn) for turn in zip(*results.values())]


def quietest(results, count):
    """So many turns, in their order: those in which the machine did least else. A turn stays
    whole, so that sides are compared with what they stood beside."""
    noise = noise_of(results)
    keep = sorted(sorted(range(len(noise)), key=lambda i: noise[i])[:count])
    return {side: [rounds[i] for i in keep] for side, rounds in results.items()}


def is_quiet(results, count):
    """There are so many turns that nothing disturbed."""
    return sum(n < QUIET for n in noise_of(results)) >= count


def ratio(rounds, ours):
    """Of CPU per request, round by round, what was measured side by side: the median."""
    return statistics.median(a['cpu_us'] / b['cpu_us'] for a, b in zip(rounds, ours))


def summary(rounds, metric):
    """(median, least, most) over the rounds; None if a generator does not say."""
    values = [r[metric] for r in rounds if r[metric] is not None]
    return (statistics.median(values), min(values), max(values)) if values else None


__all__ = ['Cpus', 'Load', 'cpu_between', 'cpu_ns', 'dnsperf', 'generate', 'h2load', 'is_quiet',
           'marked', 'noise_of', 'once', 'pss', 'quietest', 'ratio', 'run', 'summary', 'tree', 'wrk']
