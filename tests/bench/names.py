"""A zone of a million names: how long each name server takes to load it and to load it
again, and in how much memory it lies."""

import os
import signal
import socket
import tempfile
import time

from bench.measure import pss, tree
from lib.daemon import Daemon
from lib.nameservers import NameServer, Transfers
from lib.wait import wait_until
from lib.wire import first_of, read_message, wire_name

ORIGIN = 'example.com'
NAMES = int(os.environ.get('BENCH_NAMES', '1000000'))
PATIENCE = 900


def write(path, serial):
    with open(path, 'w') as f:
        f.write(f'$ORIGIN {ORIGIN}.\n$TTL 3600\n@ SOA ns1 h {serial} 3600 900 1209600 300\n'
                f'@ NS ns1\nns1 A 192.0.2.1\nversion A 192.0.2.{serial}\n')
        for i in range(NAMES):
            f.write(f'host{i:07d} A 10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}\n')


def has(port, serial):
    """Over TCP: while it loads it may be too busy for a datagram."""
    question = b'\0\1\0\0\0\1\0\0\0\0\0\0' + wire_name(f'version.{ORIGIN}') + b'\0\1\0\1'
    s = socket.create_connection(('127.0.0.1', port), timeout=5)
    s.sendall(len(question).to_bytes(2, 'big') + question)
    answer = first_of(s, 5)
    return answer is not None and any(
        r[4] == (bytes([192, 0, 2, serial]),) for r in read_message(answer)[3])


def ours(path):
    d = Daemon('dnsd', ['dns-udp', 'dns-tcp'], config=f'[zone {ORIGIN}]\nfile = {path}\n',
                  sets=['dnsd.threads=1'], ready=False)
    d.start()
    return d


def theirs(kind):
    return lambda path: NameServer(kind, ORIGIN, path, Transfers(refused=True))


def measure_one(make, path):
    write(path, 1)
    began = time.monotonic()
    side = make(path)
    try:
        if isinstance(side, NameServer):
            wait_until(side.answers, PATIENCE, f'{side.kind} to answer', every=0.02)
        wait_until(lambda: has(side.port, 1), PATIENCE, 'the zone', every=0.02)
        out = {'load_s': time.monotonic() - began}
        pid = side.pid if isinstance(side, Daemon) else side.process.pid
        out['pss_kib'] = pss(tree(pid))
        write(path, 2)
        began = time.monotonic()
        os.kill(pid, signal.SIGHUP)
        wait_until(lambda: has(side.port, 2), PATIENCE, 'the next version', every=0.02)
        out['reload_s'] = time.monotonic() - began
        out['pss_after_kib'] = pss(tree(pid))
    finally:
        side.end(failed=False) if isinstance(side, Daemon) else side.end()
    return out


def names(_args):
    out = {}
    print(f'\nnames: a zone of {NAMES:,} names, each with one address')
    for kind, make in (('onebox', ours), ('nsd', theirs('nsd')), ('knot', theirs('knot'))):
        with tempfile.TemporaryDirectory(prefix='onebox-names-') as folder:
            os.chmod(folder, 0o755)
            m = out[kind] = measure_one(make, os.path.join(folder, ORIGIN + '.zone'))
        print(f'  {kind:10} loaded in {m["load_s"]:5.1f} s, {m["pss_kib"] / 1024:6.0f} MiB; '
              f'reloaded in {m["reload_s"]:5.1f} s, then {m["pss_after_kib"] / 1024:6.0f} MiB',
              flush=True)
    return out
