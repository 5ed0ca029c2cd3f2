"""dnsd beside other name servers with the same zones: where these agree, dnsd says the same.

    with side_by_side(zones, ['nsd', 'knot', 'bind']) as servers:
        found = compare(servers, packets)
        assert not found.differ, found.text()"""

import contextlib
import os
import struct
import tempfile

from lib.daemon import Daemon
from lib.nameservers import NameServer, Transfers
from lib.wire import PARTS, SILENCE, Client, read_message

BATCH = {False: 64, True: 8}  # over UDP and TCP
QUIET = .4  # seconds after which what has not been answered is taken for ignored
PATIENCE = 10
TC = 0x200
SECTIONS = range(PARTS.index('answer'), PARTS.index('opt'))


class Servers:
    def __init__(self, ours, theirs):
        self.ours, self.theirs = ours, theirs
        self.all = [ours, *theirs]


@contextlib.contextmanager
def side_by_side(zones, kinds, sets=()):
    """Yields the Clients of dnsd and of the others, who all serve these zones."""
    with contextlib.ExitStack() as running:
        folder = running.enter_context(tempfile.TemporaryDirectory(prefix='onebox-side-'))
        os.chmod(folder, 0o755)
        paths = {}
        for origin, text in zones.items():
            paths[origin] = os.path.join(folder, f'{origin.rstrip(".")}.zone')
            with open(paths[origin], 'w') as f:
                f.write(f'$ORIGIN {origin.rstrip(".")}.\n{text}')
        first = next(iter(zones))
        theirs = [Client(running.enter_context(NameServer(
            k, first, paths[first], transfers=Transfers(refused=True),
            more={z: p for z, p in paths.items() if z != first})).port) for k in kinds]
        conf = ''.join(f'[zone {z}]\nfile = {p}\n' for z, p in paths.items())
        ours = Client(running.enter_context(
            Daemon('dnsd', ['dns-udp', 'dns-tcp'], config=conf,
                   sets=['dnsd.threads=1', *sets])).port)
        servers = Servers(ours, theirs)
        for c in servers.all:
            running.callback(c.close)
        yield servers


def numbered(packets):
    """With an id of its own for each of a batch."""
    return [struct.pack('!H', 0x1000 + i) + p[2:] if len(p) > 1 else p
            for i, p in enumerate(packets)]


def ask_all(servers, packets, tcp, seconds):
    """What each says to each of them: a list by packet of lists by server."""
    packets = numbered(packets)
    for c in servers.all:
        for p in packets:
            c.send(p, tcp)
    if tcp:
        return list(zip(*[c.receive_tcp(seconds) for c in servers.all]))
    ids = {p[:2] for p in packets if len(p) >= 12}
    found = [c.receive_udp(ids, seconds) for c in servers.all]
    return [[f.get(p[:2]) for f in found] for p in packets]


def read_theirs(p):
    """NSD 4.6.1 sends heads that count a question which is not there."""
    try:
        return read_message(p)
    except (IndexError, struct.error):
        return ('unreadable',) * len(PARTS)


def is_cut(says):
    return isinstance(says[1], int) and says[1] & TC


def judge(raw):
    """raw: what each said, we first. What they agree upon, and where we do not; by index."""
    mine, say = read_message(raw[0]), [read_theirs(p) for p in raw[1:]]
    agreed = [i for i in range(len(PARTS)) if len({a[i] for a in say}) == 1]
    if 0 not in agreed:
        return [], [], mine, say  # the rest follows from what each took for wrong
    if any(is_cut(a) for a in say + [mine]):
        # what is behind TC is not compared
        agreed = [i for i in agreed if i not in SECTIONS]
    if all(is_cut(a) for a in say) and mine != SILENCE and not is_cut(mine):
        # names written shorter than theirs: all of it had room
        say = [(a[0], a[1] & ~TC, *a[2:]) for a in say]
    return agreed, [i for i in agreed if mine[i] != say[0][i]], mine, say


class Found:
    def __init__(self, show):
        self.asked = self.agreed = 0
        self.differ, self.show = [], show

    def take(self, p, tcp, raw):
        agreed, wrong, mine, say = judge(raw)
        self.asked += 1
        self.agreed += len(agreed) == len(PARTS) or say[0] == SILENCE
        if wrong:
            self.differ.append(describe(p, tcp, wrong, mine, say[0]))
            if len(self.differ) <= self.show:
                print(self.differ[-1], flush=True)

    def text(self):
        return f'{len(self.differ)} of {self.asked} differ\n' + '\n'.join(self.differ[:10])


def describe(p, tcp, wrong, mine, theirs):
    lines = [f'{"tcp" if tcp else "udp"} {p.hex()}']
    for i in wrong:
        if i in SECTIONS and isinstance(mine[i], frozenset):
            lines += [f'    {PARTS[i]}, {what}: {r}' for what, records in
                      (('only ours', mine[i] - theirs[i]), ('missing', theirs[i] - mine[i]))
                      for r in sorted(map(str, records))]
        else:
            lines.append(f'    {PARTS[i]}: {show(mine[i])}, not {show(theirs[i])}')
    return '\n'.join(lines)


def show(value):
    return f'{value:#x}' if isinstance(value, int) else str(value)[:300]


def one_batch(servers, batch, tcp, found):
    for p, raw in zip(batch, ask_all(servers, batch, tcp, QUIET)):
        if judge(raw)[1] or (raw[0] is not None and None in raw[1:]):
            # once more, should one only have been slow
            [raw] = ask_all(servers, [p], tcp, PATIENCE if judge(raw)[1] else QUIET)
        if raw[0] is not None and not tcp:
            assert len(raw[0]) <= 1232, f'{len(raw[0])} octets to {p.hex()}'
        found.take(p, tcp, raw)


def compare(servers, packets, show=0):
    """packets: (octets, over TCP) of each"""
    found, waiting = Found(show), {False: [], True: []}
    for p, tcp in packets:
        waiting[tcp].append(p)
        if len(waiting[tcp]) == BATCH[tcp]:
            one_batch(servers, waiting[tcp], tcp, found)
            waiting[tcp] = []
    for tcp, batch in waiting.items():
        one_batch(servers, batch, tcp, found)
    return found
