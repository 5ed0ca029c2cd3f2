"""Limits of memory and descriptors: within them work is shed, and the daemons live."""

import re
import socket

from lib import BUILD, World, wait_until


def limits(pid):
    with open(f'/proc/{pid}/limits') as f:
        return dict(re.findall(r'^(Max [a-z ]+?)  +(\S+)', f.read(), re.M))


def test_each_daemon_has_its_walls():
    with World(sets=['onebox.memory_wall=400m', 'onebox.descriptors=500']) as w:
        for daemon in ('dnsd', 'webd', 'appd', 'dbproxy'):
            found = limits(w.pids(daemon)[0])
            assert found['Max open files'] == '500', (daemon, found)
            if 'plain' in BUILD:
                assert found['Max data size'] == str(400 << 20), (daemon, found)
        assert limits(w.pids('mariadb')[0])['Max data size'] == 'unlimited'
        assert w.http.get('/').status == 200


def test_out_of_descriptors_is_waiting_not_dying():
    with World(sets=['onebox.descriptors=120'],
               expect=['accept', 'descriptor', 'too many', 'full']) as w:
        before = w.pids('webd') + w.pids('dnsd')
        held = []
        for port in (w.http_port, w.dns_port):
            for _ in range(300):
                s = socket.socket()
                s.settimeout(5)
                s.connect(('127.0.0.1', port))
                held.append(s)
        assert w.dns.values('www.foobar.com') == ['8.8.8.8']  # UDP needs none
        for s in held:
            s.close()
        wait_until(lambda: w.http.get('/').status == 200, 20)
        wait_until(lambda: w.dns.values('www.foobar.com', tcp=True) == ['8.8.8.8'], 20)
        assert w.pids('webd') + w.pids('dnsd') == before
