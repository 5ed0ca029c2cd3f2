"""A primary and its replicas (GTID, semi-sync), each a Database of its own.

    with Replicas(3) as r, DbProxy(r, config=r.config()) as p: ...
        r.switchover(0, 1)"""

import os
import re

from lib.database import TABLES, Database
from lib.ports import free_port

PASSWORD = 'replicas-only-in-tests'


def options(number, port):
    return [f'--server-id={number}', '--skip-networking=0', '--bind-address=127.0.0.1',
            f'--port={port}', '--log-bin=bin', '--binlog-format=ROW', '--sync-binlog=1',
            '--log-slave-updates', '--gtid-strict-mode=1', '--relay-log=relay',
            '--relay-log-recovery=1', '--skip-slave-start=0', '--read-only=1',
            # what a killed primary wrote and no replica acknowledged, it takes back
            '--init-rpl-role=SLAVE',
            # or a replica falls behind a primary that commits in groups
            '--slave-parallel-threads=4', '--slave-net-timeout=4', '--rpl-semi-sync-slave-enabled=1',
            '--rpl-semi-sync-master-wait-point=AFTER_SYNC']


class Replicas:
    def __init__(self, count=3):
        self.ports = [free_port() for _ in range(count)]
        self.nodes = [Database(options(i + 1, port), tables=False)
                      for i, port in enumerate(self.ports)]
        for node in self.nodes[1:]:
            node.like, self.nodes[0].copied = self.nodes[0], True
        self.primary = 0

    def __enter__(self):
        try:
            for node in self.nodes:
                node.__enter__()
            self.begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *unused):
        for node in self.nodes:
            node.__exit__()

    def begin(self):
        for node in self.nodes:
            node.sql("RESET MASTER; SET GLOBAL gtid_slave_pos=''")
        first = self.nodes[0]
        first.sql("SET GLOBAL read_only=0; "
                  f"CREATE USER repl@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'; "
                  "GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO repl@'127.0.0.1'; "
                  # what a site's user may do: not write where it is read-only
                  "CREATE USER site@localhost IDENTIFIED BY 'site'; "
                  "GRANT ALL ON onebox.* TO site@localhost; "
                  "GRANT CONNECTION ADMIN, BINLOG MONITOR ON *.* TO site@localhost; "
                  # who changes the roles, see docs/database.md
                  "CREATE USER manager@localhost IDENTIFIED BY 'manager'; "
                  "GRANT READ_ONLY ADMIN, REPLICATION SLAVE ADMIN, SLAVE MONITOR, "
                  "REPLICATION MASTER ADMIN, BINLOG MONITOR, RELOAD, CONNECTION ADMIN ON *.* "
                  "TO manager@localhost; "
                  "CREATE DATABASE onebox CHARACTER SET utf8mb4")
        first.sql('SET GLOBAL log_bin_trust_function_creators=1')
        first.sql(TABLES, database='onebox')
        for node in self.nodes[1:]:
            self.follow(node, 0)
        first.sql('SET GLOBAL rpl_semi_sync_master_enabled=1')

    def follow(self, node, primary, demote=False):
        node.sql("STOP SLAVE; SET GLOBAL read_only=1; "
                 "SET GLOBAL rpl_semi_sync_master_enabled=0; "
                 f"CHANGE MASTER TO master_host='127.0.0.1', "
                 f"master_port={self.ports[primary]}, master_user='repl', "
                 f"master_password='{PASSWORD}', master_use_gtid=slave_pos, "
                 "master_connect_retry=1, master_heartbeat_period=1"
                 + (", master_demote_to_slave=1" if demote else '') + "; START SLAVE")

    def position(self, number):
        return self.nodes[number].sql('SELECT @@gtid_current_pos')[0][0]

    def wait_for(self, number, position):
        """Until that node has applied it; False if it does not."""
        got = self.nodes[number].sql(f"SELECT MASTER_GTID_WAIT('{position}', 10)")
        return got == [['0']]

    def open_for_writes(self, number):
        self.nodes[number].sql("STOP SLAVE; RESET SLAVE ALL; "
                               "SET GLOBAL rpl_semi_sync_master_enabled=1; "
                               "SET GLOBAL read_only=0")
        self.primary = number

    def switchover(self, new):
        old = self.primary
        self.nodes[old].sql("SET GLOBAL read_only=1")
        assert self.wait_for(new, self.position(old))
        self.open_for_writes(new)
        self.nodes[old].sql('SET GLOBAL rpl_semi_sync_master_enabled=0')
        for i, node in enumerate(self.nodes):
            if i != new:
                self.follow(node, new, demote=i == old)

    def received(self, number):
        """What that replica has of its primary, applied or not: Gtid_IO_Pos."""
        found = [x for x in self.nodes[number].sql('SHOW SLAVE STATUS')[0]
                 if re.fullmatch(r'\d+-\d+-\d+', x)]
        return found[0] if found else '0-0-0'

    def failover(self):
        """The primary is dead: of the replicas the one that received most writes, once it
        has applied all of it; any other might lack what was acknowledged."""
        alive = [i for i, node in enumerate(self.nodes)
                 if i != self.primary and node.process.poll() is None]
        new = max(alive, key=lambda i: int(self.received(i).split('-')[2]))
        assert self.wait_for(new, self.received(new))
        self.open_for_writes(new)
        for i in alive:
            if i != new:
                self.follow(self.nodes[i], new)

    def password_file(self, folder, name='site', password='site'):
        path = os.path.join(folder, f'{name}.password')
        with open(path, 'w') as f:
            f.write(f'{password}\n')
        os.chmod(path, 0o600)
        return path

    def config(self, folder, managed=None):
        """managed: yes or no, or None for nobody to manage them."""
        password = self.password_file(folder)
        text = ''
        if managed is not None:
            text = ('[dbproxy]\n'
                    f'manage = {managed}\nmanage_user = manager\nmanage_password_file = '
                    f"{self.password_file(folder, 'manager', 'manager')}\n"
                    'replication_user = repl\nreplication_password_file = '
                    f"{self.password_file(folder, 'repl', PASSWORD)}\n")
        return text + ''.join(
            f'[server n{i + 1}]\nsocket = {node.socket}\nuser = site\n'
            f'replicate_from = 127.0.0.1:{self.ports[i]}\n'
            f'password_file = {password}\n' for i, node in enumerate(self.nodes))
