"""Galera nodes on the loopback interface, each a Database of its own.

    with Galera() as g, DbProxy(None, config=g.config(folder)) as p: ...
        g.nodes[0].kill()
        g.back(0)

Nobody copies data between nodes (Debian's scripts for that are in `mariadb-server`): all
begin with those of the first, closed in good order, and so with its place in the history.
What one that was away has missed, it gets from what the others keep (IST)."""

import os
import re
import shutil
import signal
import subprocess

from lib.database import TABLES, Database
from lib.env import ROOT
from lib.ports import free_port
from lib.wait import wait_until

LIBRARY = '/usr/lib/galera/libgalera_smm.so'
SCRIPT = os.path.join(ROOT, 'tests', 'lib', 'wsrep_sst_history')
# A node that answers nobody for `suspect` is shut out. A new one looks around, gives up
# and begins again: often, or the tests wait for it.
PROVIDER = ('gcache.size=16M;pc.recovery=false;pc.announce_timeout=PT0.5S;'
            'evs.keepalive_period=PT0.2S;evs.inactive_check_period=PT0.2S;'
            'evs.join_retrans_period=PT0.2S;evs.suspect_timeout=PT2S;'
            'evs.inactive_timeout=PT5S;evs.install_timeout=PT5S')


class Node(Database):
    def __init__(self, nodes, number):
        super().__init__(tables=False)
        self.nodes, self.number = nodes, number
        self.others, self.more = [], []
        self.port, self.ist = free_port(), free_port()
        self.env = {**os.environ, 'PATH': f"{self.folder}/bin:{os.environ['PATH']}",
                    'TMPDIR': f'{self.folder}/tmp'}

    def command(self):
        return super().command() + [
            f'--server-id={self.number}', '--thread-handling=one-thread-per-connection',
            '--binlog-format=ROW', '--innodb-autoinc-lock-mode=2', '--wsrep-on=ON',
            f'--wsrep-provider={LIBRARY}', '--wsrep-cluster-name=tests',
            f"--wsrep-cluster-address=gcomm://{','.join(self.others)}",
            f'--wsrep-node-name=n{self.number}', '--wsrep-sst-method=history',
            f'--wsrep-node-address=127.0.0.1:{self.port}',
            '--wsrep-provider-options=base_host=127.0.0.1;'
            f'base_port={self.port};gmcast.listen_addr=tcp://127.0.0.1:{self.port};'
            f'ist.recv_addr=127.0.0.1:{self.ist};{PROVIDER}', *self.more]

    def create(self, like=None):
        if like is None:
            super().create()
        else:
            subprocess.run(['cp', '-a', f'{like.folder}/.', self.folder], check=True)
        os.makedirs(f'{self.folder}/bin', exist_ok=True)
        shutil.copy(SCRIPT, f'{self.folder}/bin/')

    def begin(self, alone=False):
        self.others = [] if alone else [f'127.0.0.1:{n.port}' for n in self.nodes]
        self.start(wait=False)

    def position(self):
        """Of one that was killed: what it has."""
        done = subprocess.run([*self.command(), '--wsrep-recover'], stderr=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, text=True, cwd=self.folder,
                              timeout=60, env=self.env, **self._as_user())
        found = re.search(r'Recovered position: *(\S+)', done.stderr)
        assert found, done.stderr
        return found[1]

    def is_synced(self, nodes):
        if not self.answers():
            return False
        rows = self.sql("SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_cluster_status', "
                        "'wsrep_ready', 'wsrep_cluster_size')")
        return sorted(x[1] for x in rows) == sorted(['Primary', 'ON', str(nodes)])

    def has_quorum(self):
        return self.sql("SHOW GLOBAL STATUS LIKE 'wsrep_cluster_status'")[0][1] == 'Primary'


class Galera:
    def __init__(self, count=3):
        self.nodes = []
        for i in range(count):
            self.nodes.append(Node(self.nodes, i + 1))

    def __enter__(self):
        try:
            self.begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *unused):
        for node in self.nodes:
            node.__exit__()

    def begin(self):
        first = self.nodes[0]
        first.create()
        first.begin(alone=True)
        wait_until(lambda: first.is_synced(1), 60)
        if os.getuid() == 0:
            first.sql('ALTER USER root@localhost IDENTIFIED VIA unix_socket',
                      as_user=first.user.pw_name)
        first.sql('CREATE DATABASE onebox CHARACTER SET utf8mb4; '
                  "CREATE USER site@localhost IDENTIFIED BY 'site'; "
                  'GRANT ALL ON onebox.* TO site@localhost; '
                  'GRANT CONNECTION ADMIN, BINLOG MONITOR ON *.* TO site@localhost')
        first.sql(TABLES, database='onebox')
        first.kill(signal.SIGTERM)
        for node in self.nodes[1:]:
            node.create(like=first)
            os.unlink(f'{node.folder}/data/galera.cache')
        first.begin(alone=True)
        wait_until(lambda: first.is_synced(1), 60)
        for node in self.nodes[1:]:
            node.begin()
        self.wait()

    def wait(self):
        """Until all are there and have what the others have."""
        for node in self.nodes:
            wait_until(lambda n=node: n.is_synced(len(self.nodes)), 60,
                       f'n{node.number} to be synced')

    def back(self, number):
        """One that was killed."""
        node = self.nodes[number]
        node.more = [f'--wsrep-start-position={node.position()}']
        node.begin()

    def config(self, folder):
        path = os.path.join(folder, 'site.password')
        with open(path, 'w') as f:
            f.write('site\n')
        os.chmod(path, 0o600)
        return ''.join(f'[server n{n.number}]\nsocket = {n.socket}\nuser = site\n'
                       f'password_file = {path}\n' for n in self.nodes)
