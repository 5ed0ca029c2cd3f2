"""onebox db, and dbproxy that manages a primary with replicas by itself: nothing that was
acknowledged is lost, and what would lose it is refused."""

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import threading
import time

from lib import wait_until
from lib.database import DbProxy, Sql, restart
from lib.env import BUILD, sanitizer_env
from lib.replicas import Replicas

from fault.callers import Victims, dice, finish, load, long_seconds

SECONDS = 150
ALONE = True


class Managed:
    """Three servers, dbproxies that manage them, a caller."""

    def __init__(self, manage='yes', proxies=1, more=''):
        self.manage, self.count, self.more = manage, proxies, more

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        try:
            self.begin(self.stack.enter_context)
        except BaseException:
            self.stack.close()
            raise
        return self

    def begin(self, enter):
        folder = enter(tempfile.TemporaryDirectory())
        self.replicas = enter(Replicas(3))
        config = self.replicas.config(folder, self.manage)
        config = config.replace('[dbproxy]\n', '[dbproxy]\n' + self.more)
        # the way to n1, which a test may cut
        self.way = os.path.join(folder, 'n1.sock')
        os.symlink(self.replicas.nodes[0].socket, self.way)
        config = config.replace(self.replicas.nodes[0].socket, self.way)
        self.proxies = []
        for i in range(self.count):
            shared = self.proxies[0].folder if self.proxies else None
            self.proxies.append(enter(DbProxy(None, config=config, folder=shared, slot=i + 1)))
        self.proxy = self.proxies[0]
        os.symlink(self.proxy.folder.run, os.path.join(self.proxy.folder.state, 'run'))
        self.sql = enter(Sql(self.proxy))
        wait_until(lambda: 'n1 protected' in self.record(), 20)
        wait_until(lambda: self.roles() == ['primary', 'replica', 'replica'], 20)

    def __exit__(self, *how):
        self.stack.__exit__(*how)

    def record(self):
        path = os.path.join(self.proxy.folder.run, 'database.primary')
        return open(path).read() if os.path.exists(path) else ''

    def order(self, *words):
        return subprocess.Popen([os.path.join(BUILD, 'bin', 'onebox'), 'db', *words, '--state',
                                 self.proxy.folder.state], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env=sanitizer_env())

    def db(self, *words, code=0):
        done = self.order(*words)
        said = done.communicate()
        assert done.returncode == code, (words, done.returncode, said)
        return ''.join(said)

    def roles(self):
        """As onebox db shows them, in the order of the servers."""
        return re.findall(r'^n\d +(\w+)', self.db(), re.M)

    def settled(self, primary):
        want = ['primary' if i == primary else 'replica' for i in range(3)]
        wait_until(lambda: self.roles() == want, 30, f'{want}, not\n{self.db()}')
        wait_until(lambda: 'protected' in self.record(), 20)


class Writer:
    """Puts rows one after another from several threads, each row with a key."""

    def __init__(self, sql, run, threads=4, budget=10000):
        self.sql, self.run, self.budget = sql, run, budget
        self.acknowledged, self.failed, self.times = set(), [], []
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(i,)) for i in range(threads)]

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *unused):
        self.ended.set()
        for t in self.threads:
            t.join()

    def work(self, number):
        seq = number
        while not self.ended.is_set():
            got = self.sql('test_put', self.run, seq, key=os.urandom(16).hex(),
                           budget=self.budget)
            if got.word == 'ok':
                self.times.append(time.monotonic())
                self.acknowledged.add(seq)
            else:
                self.failed.append(got)
            seq += len(self.threads)

    def wait_more(self, count=200):
        n = len(self.times)
        wait_until(lambda: len(self.times) >= n + count, 30, 'writes to go on')

    def gap(self):
        """The longest time without an acknowledgement, in ms."""
        times = sorted(self.times)
        return max(b - a for a, b in zip(times, times[1:])) * 1000

    def check(self, node):
        rows = [int(r[0]) for r in node.sql(f'SELECT seq FROM test_puts WHERE run = {self.run}',
                                            database='onebox')]
        assert len(rows) == len(set(rows)), 'a row is there twice'
        lost = self.acknowledged - set(rows)
        assert not lost, f'{len(lost)} acknowledged rows are lost'
        assert not self.failed, self.failed[:3]


def test_a_switchover_by_order_fails_nothing():
    with Managed('no') as s:
        assert 'semi-sync' in s.db('status')
        with Writer(s.sql, 1) as w:
            w.wait_more()
            assert 'n2 is the primary now' in s.db('switchover', 'n2')
            w.wait_more()
            s.settled(1)
            assert 'n1 is the primary now' in s.db('switchover', 'n1')
            w.wait_more()
        s.settled(0)
        w.check(s.replicas.nodes[0])
        print(f'{len(w.times)} writes, longest gap {w.gap():.0f} ms')
        assert w.gap() < 1000
        assert 'is the primary already' in s.db('switchover', 'n1', code=69)
        assert 'use switchover' in s.db('promote', 'n2', code=69)
        assert 'no [server nine]' in s.db('promote', 'nine', code=69)


def test_one_that_ends_in_the_midst_of_a_switchover_leaves_somebody_writable():
    with Managed('no', more='drain = 0s\n') as s:
        old = s.replicas.nodes[0]
        waiting = ('SELECT 1 FROM information_schema.processlist WHERE info LIKE '
                   "'SET STATEMENT lock_wait_timeout%'")
        old.sql('CREATE TABLE onebox.held (id INT)')
        lock = old.lock('LOCK TABLES onebox.held WRITE')
        order = s.order('switchover', 'n2')
        wait_until(lambda: old.sql(waiting), 10)
        s.proxy.signal(signal.SIGTERM)
        s.proxy.wait_end()
        lock.end()
        wait_until(lambda: not old.sql(waiting), 10)
        assert old.sql('SELECT @@read_only') == [['0']]
        order.communicate(timeout=30)


def test_killed_returned_and_killed_again():
    with Managed() as s:
        primary, gaps = 0, []
        for turn in range(4):
            with Writer(s.sql, 10 + turn) as w:
                w.wait_more()
                s.replicas.nodes[primary].kill()
                w.wait_more()
            old, primary = primary, int(s.record().split()[0][1]) - 1
            assert primary != old
            w.check(s.replicas.nodes[primary])
            gaps.append(w.gap())
            s.replicas.nodes[old].start()
            s.settled(primary)
            for node in s.replicas.nodes:  # all have the same in the end
                wait_until(lambda n=node: n.sql('SELECT COUNT(*) FROM test_puts',
                           database='onebox') == s.replicas.nodes[primary].sql(
                               'SELECT COUNT(*) FROM test_puts', database='onebox'), 20)
        print('write gaps', ', '.join(f'{g:.0f}' for g in gaps), 'ms')
        assert min(gaps) < 1000, gaps
        # nor did any wait for semi-sync to give up, which takes ten seconds
        assert max(gaps) < 8000, gaps


def test_the_elected_dies_with_the_primary():
    with Managed(proxies=2) as s:
        assert 'elected: dbproxy.1' in s.db()
        wait_until(lambda: re.search(r'dbproxy.2 +n1 [1-9]', s.db()), 20)
        with Writer(s.sql, 20) as w:
            w.wait_more()
            s.replicas.nodes[0].kill()
            s.proxies[0].signal(signal.SIGKILL)
            w.wait_more()
        w.check(s.replicas.nodes[int(s.record().split()[0][1]) - 1])
        s.proxies[0].wait_end()
        for name in os.listdir(s.proxy.folder.run):  # as the supervisor would
            if name.startswith('dbproxy.1.'):
                os.unlink(os.path.join(s.proxy.folder.run, name))
        wait_until(lambda: 'elected: dbproxy.2' in s.db(), 10)


def test_a_replica_that_has_not_applied_is_not_promoted():
    with Managed() as s:
        for node in s.replicas.nodes[1:]:
            node.sql('STOP SLAVE SQL_THREAD')
        for i in range(20):
            assert s.sql('test_put', 30, i, key=os.urandom(16).hex()).word == 'ok'
        wait_until(lambda: s.replicas.received(1) == s.replicas.received(2) ==
                   s.replicas.position(0), 20)
        assert s.db().count('applies nothing') == 2
        s.replicas.nodes[0].kill()
        wait_until(lambda: s.proxy.logs.lines('dbproxy', 'promotion_refused'), 20)
        assert 'applier stands still' in s.proxy.logs.text('dbproxy')
        assert 'applier stands still' in s.db('promote', 'n2', code=69)
        for node in s.replicas.nodes[1:]:
            node.sql('START SLAVE SQL_THREAD')
        assert s.sql('test_puts', 30, seen='', budget=20000).rows == [[20, 20]]


def test_a_replica_that_lacks_what_another_may_have_is_not_promoted():
    with Managed() as s:
        s.replicas.nodes[1].sql('STOP SLAVE IO_THREAD')
        assert s.replicas.wait_for(2, s.replicas.position(0))
        s.replicas.nodes[2].sql('STOP SLAVE SQL_THREAD; FLUSH NO_WRITE_TO_BINLOG ENGINE LOGS')
        for i in range(20):  # n3 alone receives these, and applies none
            assert s.sql('test_put', 31, i, key=os.urandom(16).hex()).word == 'ok'
        s.replicas.nodes[2].kill()
        s.replicas.nodes[0].kill()
        wait_until(lambda: s.proxy.logs.lines('dbproxy', 'promotion_refused'), 20)
        assert re.search('n3 does not answer', s.db('promote', 'n2', code=69))
        # it restarts without what it had received and not applied
        s.replicas.nodes[2].start()
        wait_until(lambda: 'was away together' in s.db('promote', 'n3', code=69), 20)
        assert 'n3 is the primary now' in s.db('promote', 'n3', '--force')
        s.replicas.nodes[0].start()
        s.replicas.nodes[1].sql('START SLAVE IO_THREAD')
        assert s.sql('test_put', 31, 99, key=os.urandom(16).hex(), budget=20000).word == 'ok'


def test_replicas_left_standing_by_a_failover_that_ended_early_go_on():
    with Managed() as s:
        replicas = s.replicas.nodes[1:]
        for node in replicas:
            node.sql('SET GLOBAL rpl_semi_sync_slave_enabled = 0; STOP SLAVE IO_THREAD')
        for node in replicas:
            wait_until(lambda: node.sql("SHOW STATUS LIKE 'Rpl_semi_sync_slave_status'")
                       == [['Rpl_semi_sync_slave_status', 'ON']], 20)
        assert s.sql('test_put', 32, 1, key=os.urandom(16).hex(), budget=20000).word == 'ok'
        wait_until(lambda: '2 semi-sync replicas' in s.db(), 20)
        # who stops one by hand means it
        replicas[0].sql('STOP SLAVE IO_THREAD')
        wait_until(lambda: '1 semi-sync replicas' in s.db(), 20)
        assert 'receives nothing' in s.db()


def test_one_that_returns_open_for_writes_is_not_written_to():
    with Managed() as s:
        old = s.replicas.nodes[0]
        old.kill()
        assert s.sql('test_put', 40, 1, key=os.urandom(16).hex(), budget=20000).word == 'ok'
        old.options.remove('--read-only=1')
        old.start()
        for i in range(2, 100):
            assert s.sql('test_put', 40, i, key=os.urandom(16).hex()).word == 'ok'
        new = int(s.record().split()[0][1]) - 1
        s.settled(new)
        assert old.sql('SELECT @@read_only') == [['1']]
        assert s.replicas.nodes[new].sql('SELECT COUNT(*) FROM test_puts WHERE run = 40',
                                         database='onebox') == [['99']]


def test_one_with_writes_of_its_own_is_left_out():
    with Managed() as s:
        old = s.replicas.nodes[0]
        old.kill()
        wait_until(lambda: not s.record().startswith('n1'), 20)
        old.start()
        s.settled(int(s.record().split()[0][1]) - 1)
        old.kill()
        old.options.append('--skip-slave-start=1')
        old.start()
        for _ in range(5):
            old.sql('INSERT INTO onebox.test_puts VALUES (NULL, 9, 9)')
        old.sql('STOP SLAVE; RESET SLAVE ALL')
        wait_until(lambda: 'never had' in s.db(), 20)
        assert s.sql('test_put', 41, 1, key=os.urandom(16).hex()).word == 'ok'


def test_after_all_were_lost_at_once_somebody_decides():
    with Managed() as s:
        for i in range(50):
            assert s.sql('test_put', 50, i, key=os.urandom(16).hex()).word == 'ok'
        # a server that dies forgets its last commit unless its log was flushed since: n2
        # keeps everything, and n1 and n3 may be one behind it
        assert s.replicas.wait_for(1, s.replicas.position(0))
        s.replicas.nodes[1].sql('FLUSH NO_WRITE_TO_BINLOG ENGINE LOGS')
        for node in s.replicas.nodes:
            node.kill()
        for node in s.replicas.nodes:
            node.start(wait=False)
        wait_until(lambda: 'was away together' in s.db('promote', 'n2', code=69), 20)
        assert 'n2 is the primary now' in s.db('promote', 'n2', '--force')
        assert s.sql('test_puts', 50, seen='', budget=25000).rows == [[50, 50]]
        s.settled(1)


def test_an_unprotected_primary_stays_so_when_the_record_cannot_be_written():
    with Managed() as s:
        blocked = os.path.join(s.proxy.folder.run, 'database.primary.new')
        os.mkdir(blocked)
        s.proxy.expect.append('record_not_written')
        for node in s.replicas.nodes[1:]:
            node.sql('STOP SLAVE IO_THREAD')
        s.replicas.nodes[0].sql('SET GLOBAL rpl_semi_sync_master_timeout = 100')
        assert s.sql('test_put', 32, 1, key=os.urandom(16).hex()).word == 'ok'
        wait_until(lambda: s.proxy.logs.lines('dbproxy', 'record_not_written'), 20)
        assert s.record() == 'n1 protected\n'
        # or it forgets this when it dies, as the other test says
        s.replicas.nodes[0].sql('FLUSH NO_WRITE_TO_BINLOG ENGINE LOGS')
        s.replicas.nodes[0].kill()
        wait_until(lambda: s.proxy.logs.lines('dbproxy', 'promotion_refused'), 20)
        assert 'semi-sync was off' in s.db('promote', 'n2', code=69)
        os.rmdir(blocked)
        s.replicas.nodes[0].start()
        s.db('promote', 'n1', '--force')
        assert s.sql('test_puts', 32, seen='', budget=20000).rows == [[1, 1]]


def replaced(s, w):
    """Until another than n1 has its place, and writes go on."""
    wait_until(lambda: not s.record().startswith('n1'), 30)
    w.wait_more()
    assert re.search(r'^n1 +(down|lost) +- ', s.db(), re.M), s.db()
    return int(s.record().split()[0][1]) - 1


def is_closed(s):
    """n1 has been told, and is a replica again or said not to be fit for it."""
    wait_until(lambda: s.replicas.nodes[0].sql('SELECT @@read_only') == [['1']], 30)
    wait_until(lambda: re.search(r'^n1 .*( of 127|never had)', s.db(), re.M), 30)


def test_a_primary_that_hangs_is_replaced_and_closed_when_it_goes_on():
    with Managed() as s:
        with Writer(s.sql, 33, budget=20000) as w:
            w.wait_more()
            s.replicas.nodes[0].signal(signal.SIGSTOP)
            new = replaced(s, w)
            s.replicas.nodes[0].signal(signal.SIGCONT)
            is_closed(s)
            w.wait_more()
        w.check(s.replicas.nodes[new])
        print(f'write gap {w.gap():.0f} ms')


def test_a_primary_that_only_the_replicas_reach_is_replaced_and_acknowledges_nothing():
    with Managed() as s:
        with Writer(s.sql, 34, budget=20000) as w:
            w.wait_more()
            os.unlink(s.way)
            s.replicas.nodes[0].sql('KILL USER site; KILL USER manager')
            new = replaced(s, w)
            # open still, but its replicas have left it
            assert s.replicas.nodes[0].sql('SELECT @@read_only') == [['0']]
            assert s.replicas.nodes[0].sql(
                "SHOW STATUS LIKE 'Rpl_semi_sync_master_clients'")[0][1] == '0'
            os.symlink(s.replicas.nodes[0].socket, s.way)
            is_closed(s)
            w.wait_more()
        w.check(s.replicas.nodes[new])
        print(f'write gap {w.gap():.0f} ms')


def kill_something(s, chance, primary):
    """One server, one dbproxy or one caller, and back; gives what was done and the
    primary of then."""
    victim = chance.choice(['primary', 'primary', 'replica', 'dbproxy', 'client',
                            'switchover'])
    proxy, other = chance.choice(s.proxies), chance.choice([1, 2])
    other = (primary + other) % 3
    if victim == 'dbproxy':
        restart(proxy)
    elif victim == 'client':
        s.victims.kill()
    elif victim == 'switchover':
        try:
            s.db('switchover', f'n{other + 1}')
            primary = other
        except AssertionError as e:  # a busy machine's replica may be too far behind
            assert 'did not catch up' in str(e), e
            victim = 'refused'
    elif victim == 'replica':
        s.replicas.nodes[other].kill()
        s.replicas.nodes[other].start()
    else:
        s.replicas.nodes[primary].kill()
        old = f'n{primary + 1}'
        wait_until(lambda: not s.record().startswith(old), 30, 'a promotion')
        s.replicas.nodes[primary].start()
        primary = int(s.record().split()[0][1]) - 1
    s.settled(primary)
    # or the loss of the only one that acknowledges is waited for: two faults at once
    wait_until(lambda: '2 semi-sync replicas' in s.db(), 60)
    return victim, primary


def gaps_of(steps, gaps):
    """For each kind of step the longest times without an acknowledged write, in ms."""
    found = {}
    for what, begin, end in steps:
        found.setdefault(what, []).append(max(
            (ms for at, ms in gaps if at < end * 1000 and at + ms > begin * 1000), default=0))
    return found


def manage_with_kills(seconds):
    chance = dice()
    with Managed(proxies=2) as s, Victims(s.proxy.folder.run) as s.victims:
        process, steps, primary = load(s.proxy.folder.run, seconds, budget=20000), [], 0
        end = time.monotonic() + seconds - 20
        while time.monotonic() < end:
            begin = time.monotonic()
            victim, primary = kill_something(s, chance, primary)
            steps.append((victim, begin, time.monotonic()))
            # a part of the schedule: what is killed next must not always meet the moment
            # in which everything has just come to rest
            time.sleep(chance.uniform(0.2, 1.5))
        result = finish(process)
        rows = s.replicas.nodes[primary].sql('SELECT COUNT(*), COUNT(DISTINCT seq) FROM '
                                             'test_puts WHERE run = 1', database='onebox')
        found = gaps_of(steps, result.pop('gaps'))
        for what, gaps in sorted(found.items()):
            print(f'{what}: {len(gaps)}, writes paused for {sorted(gaps)} ms')
        switched = [x.values['ms'] for x in s.proxy.logs.lines('dbproxy', 'database_switched')]
        print('switched within', switched, 'ms;', result, rows)
        stored, distinct = map(int, rows[0])
        assert stored == distinct, rows
        # a write answered "late" may be stored: nobody was told that it is not
        assert 0 <= stored - result['acknowledged'] <= result['late'], (result, rows)
        assert result['acknowledged'] > 0 and result['fail'] == result['lost'] == 0, result
        print(s.victims.check(s.sql), 'callers killed')


def long_kills_with_managed_promotion():
    """KILL_SECONDS says how long, 600 if nobody does."""
    manage_with_kills(long_seconds())
