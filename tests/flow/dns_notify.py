"""Secondaries are told of a change, and told again until they say that they heard."""

import os
import signal
import socket

import dns.flags
import dns.message
import dns.opcode
import dns.tsigkeyring

from lib.daemon import Daemon
from lib.wait import wait_until

SECRET = 'bm90IGEgc2VjcmV0IGF0IGFsbCwganVzdCBhIHRlc3Q='
KEYS = dns.tsigkeyring.from_text({'tell': SECRET})
ZONE = '$TTL 60\n@ SOA ns1 h {} 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n'


def listener(address='127.0.0.1'):
    s = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, 0))
    s.settimeout(20)
    return s


def hear(s):
    packet, peer = s.recvfrom(4096)
    message = dns.message.from_wire(packet, keyring=KEYS)
    assert message.opcode() == dns.opcode.NOTIFY
    assert message.flags & dns.flags.AA
    assert message.question[0].name.to_text() == 'foobar.com.'
    return message, peer


def acknowledge(s, message, peer):
    answer = dns.message.make_response(message)
    s.sendto(answer.to_wire(), peer)


def test_told_at_start_and_after_a_change_and_again_until_heard():
    with listener() as v4, listener('::1') as v6:
        peers = f'127.0.0.1:{v4.getsockname()[1]}, [::1]:{v6.getsockname()[1]} key tell'
        config = f'[key tell]\nsecret = {SECRET}\n[zone foobar.com]\nnotify = {peers}\n'
        with Daemon('dnsd', ['dns-udp', 'dns-tcp'], zones={'foobar.com': ZONE.format(1)},
                    config=config) as d:
            message, peer = hear(v6)
            assert message.had_tsig
            acknowledge(v6, message, peer)
            first, _ = hear(v4)
            again, peer = hear(v4)
            assert again.id == first.id
            acknowledge(v4, again, peer)
            wait_until(lambda: len(d.logs.lines('dnsd', 'notified')) == 2, 10, 'both to be heard')
            path = os.path.join(d.folder.state, 'zones', 'foobar.com.zone')
            with open(path, 'w') as f:
                f.write(ZONE.format(2))
            os.kill(d.pid, signal.SIGHUP)
            message, _ = hear(v4)
            assert message.id != first.id
