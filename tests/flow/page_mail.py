"""Mail: a forgotten password, a confirmed address; by a relay and by a command; once, and
again when it failed."""

import email
import email.policy
import os
import re
import socket
import tempfile
import threading

from lib.api import Api, refused
from lib.browser import Browser
from lib.ports import free_port
from lib.wait import wait_until
from lib.world import World

SECONDS = 120
WORLD = {'dnsd': 0, 'appd': 2}


class Relay:
    """A little SMTP server. refuse: how many mails it says 451 to first. It greets when
    open is set."""

    def __init__(self, refuse=0):
        self.port, self.refuse, self.open = free_port(), refuse, threading.Event()
        self.open.set()
        self.mails, self.talks = [], 0
        self.server = socket.create_server(('127.0.0.1', self.port))
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                s, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(s,), daemon=True).start()

    def talk(self, s):
        f = s.makefile('rwb')

        def say(text):
            f.write(text + b'\r\n')
            f.flush()
        self.talks += 1
        self.open.wait(20)
        say(b'220 relay')
        to, sender = [], None
        for line in f:
            word = line.split()[0].upper() if line.strip() else b''
            if word == b'EHLO':
                f.write(b'250-relay\r\n250-8BITMIME\r\n')
                say(b'250 HELP')
            elif word == b'MAIL':
                sender = line.strip().decode()
                say(b'250 ok')
            elif word == b'RCPT':
                to.append(line.strip().decode())
                if self.refuse > 0:
                    self.refuse -= 1
                    say(b'451 later')
                    break
                say(b'250 ok')
            elif word == b'DATA':
                say(b'354 go on')
                text = b''
                for line in f:
                    if line == b'.\r\n':
                        break
                    assert line.endswith(b'\r\n') and len(line) <= 998
                    text += line
                self.mails.append((sender, to, text))
                say(b'250 taken')
            elif word == b'QUIT':
                say(b'221 bye')
                break
        s.close()

    def read(self, n):
        """The n-th mail, from 0: (headers, text, path of its link)."""
        wait_until(lambda: len(self.mails) > n, 20, f'mail {n}')
        return read(self.mails[n][2])


def read(text):
    m = email.message_from_bytes(text, policy=email.policy.default)
    body = m.get_content()
    link = re.search(r'https://site\.example(/\S+)', body)
    return m, body, link and link.group(1)


def world(*sets, **kw):
    return World(instances=WORLD, sets=['appd.demo=no', 'mail.site=https://site.example',
                                        *sets], **kw)


def due(w):
    w.sql('UPDATE outbox SET next_at = CURRENT_TIMESTAMP(3)')


def test_a_forgotten_password():
    relay = Relay()
    with world(f'mail.relay=127.0.0.1:{relay.port}', 'mail.from=box@site.example') as w:
        p = Api(w.http).person('ann')
        relay.read(0)
        b = Browser(w)
        b.get('/login')
        assert b.has('a[href=/reset]')
        b.get('/reset')
        b.submit('/reset', email='nobody@example.com')
        unknown = b.page.one('p[role=status]').words
        b.get('/reset')
        b.submit('/reset', email=p.email)
        assert b.status == 200 and b.page.one('p[role=status]').words == unknown
        m, body, link = relay.read(1)
        assert relay.mails[1][:2] == ('MAIL FROM:<box@site.example>', [f'RCPT TO:<{p.email}>'])
        assert m['To'] == f'<{p.email}>' or p.email in m['To'], m['To']
        assert m['Subject'] == 'Onebox: A new password' and m['Message-ID'] and m['Date']
        token = link.removeprefix('/reset/')
        assert re.fullmatch('[0-9a-f]{32}', token), link
        assert token.encode() not in w.dump()
        wait_until(lambda: w.sql('SELECT COUNT(*) FROM outbox') == [['0']], 10, 'it to be out')
        # looking at the link uses nothing up
        for _ in range(2):
            b.get(link)
            assert b.status == 200
        b.submit(link, password='short')
        assert b.status == 422 and len(b.problems()) == 1
        session = Browser(w)
        session.sign_in(p.email)
        b.submit(link, password='a new password')
        assert b.path == '/login', b.answer
        assert refused(p.get('/user'), 401, 'token', 'is invalid')
        session.get('/settings')
        assert session.path == '/login'
        assert Api(w.http).sign_in(p.email, 'password').status == 401
        assert Api(w.http).sign_in(p.email, 'a new password').status == 200
        # once is once
        b.get(link)
        assert b.status == 410 and b.has('.error-messages', 'used, or is too old')
        # who reads logs cannot open it either
        told = os.path.join(w.state, 'log')
        wait_until(lambda: open(f'{told}/access.log').read().count('"POST /reset/ ') == 2, 10,
                   'the link in the log')
        for log in os.listdir(told):
            with open(os.path.join(told, log), errors='replace') as f:
                assert token not in f.read(), log
        assert w.sql('SELECT confirmed FROM users') == [['1']], 'mail is read there'
        for path in ('/reset/x', '/reset/' + '0' * 32, '/confirm/x'):
            assert b.get(path).status == 410, path
        # too old; and void after another password
        for spoil in ('UPDATE tickets SET expires_at = CURRENT_TIMESTAMP - INTERVAL 1 SECOND',
                      None):
            n = len(relay.mails)
            b.get('/reset')
            b.submit('/reset', email=p.email)
            link = relay.read(n)[2]
            if spoil:
                w.sql(spoil)
            else:
                session.sign_in(p.email, 'a new password')
                session.get('/settings')
                session.submit('/settings', password='yet another one')
            assert b.get(link).status == 410
        # not too often: the words stay the same
        n = len(relay.mails)
        b.get('/reset')
        b.submit('/reset', email=p.email)
        assert b.page.one('p[role=status]').words == unknown
        assert w.sql('SELECT COUNT(*) FROM outbox') == [['0']] and len(relay.mails) == n


def test_an_address_is_confirmed():
    relay = Relay()
    with world(f'mail.relay=127.0.0.1:{relay.port}') as w:
        w.sql("UPDATE site SET name = 'Wieści & „co”'")
        b = Browser(w, headers={'Accept-Language': 'pl'}).sign_up('ann')
        m, body, link = relay.read(0)
        assert m['Subject'] == 'Wieści & „co”: Potwierdź swój adres', m['Subject']
        assert 'Ktoś, zapewne ty' in body
        b.get('/settings')
        assert b.has('form[action=/settings/confirm]')
        visitor = Browser(w)
        visitor.get(link)
        assert w.sql('SELECT confirmed FROM users') == [['0']]
        visitor.submit(link)
        assert visitor.status == 200 and w.sql('SELECT confirmed FROM users') == [['1']]
        b.get('/settings')
        assert not b.has('form[action=/settings/confirm]')
        # saving without another address asks nothing; another one asks again
        b.submit('/settings', bio='x')
        assert w.sql('SELECT confirmed FROM users') == [['1']]
        b.get('/settings')
        b.submit('/settings', email='other@example.com')
        link = relay.read(1)[2]
        assert relay.mails[1][1] == ['RCPT TO:<other@example.com>']
        assert w.sql('SELECT confirmed FROM users') == [['0']]
        b.get('/settings')
        b.submit('/settings/confirm')
        relay.read(2)
        # the address before is nobody's to confirm any more
        b.get('/settings')
        b.submit('/settings', email='third@example.com')
        assert visitor.get(link).status == 410
        relay.read(3)
        assert len(relay.mails) == 4


def test_what_fails_is_tried_again_and_given_up():
    relay = Relay(refuse=3)
    with world(f'mail.relay=127.0.0.1:{relay.port}') as w:
        Api(w.http).person('ann')
        for n in range(1, 4):
            wait_until(lambda: [[str(n), '0', '0']] == w.sql(
                'SELECT tries, dead, claim FROM outbox WHERE tries = %d' % n), 20, 'a try')
            assert w.sql('SELECT TIMESTAMPDIFF(SECOND, CURRENT_TIMESTAMP, next_at) > 20 '
                         'FROM outbox') == [['1']]
            due(w)
        relay.read(0)
        assert relay.talks == 4 and len(relay.mails) == 1
        # the eighth failure is the last
        relay.refuse = 99
        Api(w.http).person('bob')
        wait_until(lambda: w.sql('SELECT tries, claim FROM outbox') == [['1', '0']], 20, 'one')
        w.sql('UPDATE outbox SET tries = 7')
        due(w)
        wait_until(lambda: w.sql('SELECT tries, dead FROM outbox') == [['8', '1']], 20, 'the end')
        wait_until(lambda: 'try=8 of=8 dead=yes why="the relay said 451"' in w.logs.text('appd'),
                   10, 'the line that says so')
        # an eighth try that ended its appd is not followed by a ninth
        talks = relay.talks
        w.sql('UPDATE outbox SET dead = 0, claim = 7')
        due(w)
        wait_until(lambda: w.sql('SELECT tries, dead FROM outbox') == [['9', '1']], 20, 'the end')
        assert relay.talks == talks


def test_a_reload_while_a_mail_is_sent():
    relay = Relay()
    relay.open.clear()
    sender = 'no-reply-of-this-long-name@site.example'
    with world(config=f'[mail]\nrelay = 127.0.0.1:{relay.port}\nfrom = {sender}\n') as w:
        p = Api(w.http).person('ann')
        wait_until(lambda: relay.talks == 1, 20, 'the call')
        for _ in range(3):
            w.onebox('reload')
        relay.open.set()
        m, _, _ = relay.read(0)
        assert relay.mails[0][:2] == (f'MAIL FROM:<{sender}>', [f'RCPT TO:<{p.email}>'])
        assert m['From'] == f'"foobar.com" <{sender}>' or sender in m['From'], m['From']


def test_several_instances_send_each_once():
    relay = Relay()
    with world(f'mail.relay=127.0.0.1:{relay.port}') as w:
        people = [Api(w.http).person() for _ in range(12)]
        wait_until(lambda: w.sql('SELECT COUNT(*) FROM outbox') == [['0']], 40, 'all to be sent')
        to = sorted(m[1][0] for m in relay.mails)
        assert to == sorted(f'RCPT TO:<{p.email}>' for p in people)


def test_a_command():
    script = tempfile.mkdtemp(dir='/tmp')
    os.chmod(script, 0o777)  # the daemons may be somebody else
    program, out = os.path.join(script, 'sendmail'), os.path.join(script, 'mail')
    with open(program, 'w') as f:
        f.write(f'#!/bin/sh\ncat > {out}.$$\necho "$#:$*" >> {out}.$$\nls /proc/self/fd | wc -l '
                f'>> {out}.$$\nmv {out}.$$ {out}\n[ ! -e {out}.fail ]\n')
    os.chmod(program, 0o755)
    try:
        with world(f'mail.command={program} -i  -t') as w:
            odd = 'x$(touch${IFS}/tmp/pwned)\';`id`"@example.com'
            Api(w.http).person('ann')
            wait_until(lambda: os.path.exists(out), 20, 'the mail')
            with open(out, 'rb') as f:
                lines = f.read().split(b'\n')
            assert lines[-3] == b'2:-i -t', lines[-3]
            assert int(lines[-2]) <= 4, 'nothing of ours is open in it'
            m, body, link = read(b'\n'.join(lines[:-3]))
            assert link.startswith('/confirm/')
            wait_until(lambda: w.sql('SELECT COUNT(*) FROM outbox') == [['0']], 20, 'it out')
            # what could be a header or an option is no address
            r = Api(w.http).sign_up('odd', odd)
            assert r.status == 201, r
            wait_until(lambda: 'try=1 of=8 dead=yes why="the recipient' in w.logs.text('appd'),
                       20, 'the refusal')
            assert Api(w.http).sign_up('umlaut', 'jürgen@example.com').status == 201
            wait_until(lambda: w.sql('SELECT tries, dead FROM outbox') == [['1', '1']] * 2, 20,
                       'both to be given up at once')
            assert not os.path.exists('/tmp/pwned')
            w.sql('DELETE FROM outbox')
            open(out + '.fail', 'w').close()
            Api(w.http).person('bob')
            wait_until(lambda: 'why="the command ended with 1"' in w.logs.text('appd'), 20,
                       'the failure')
    finally:
        for name in os.listdir(script):
            os.unlink(os.path.join(script, name))
        os.rmdir(script)


def test_without_mail_it_says_so():
    with world() as w:
        b = Browser(w).sign_up('ann')
        wait_until(lambda: 'mail_off' in w.logs.text('appd'), 10, 'the log to say so')
        b.get('/settings')
        assert 'sends no mail' in b.page.one('main').text
        b.get('/reset')
        assert b.has('.notice', 'sends no mail') and not b.has('form[action=/reset]')
        token = dict(b.fields('/choices'))['token']
        b.post('/reset', {'token': token, 'email': 'ann@example.com'})
        assert w.sql('SELECT COUNT(*) FROM outbox') == [['0']]
        assert w.sql('SELECT COUNT(*) FROM tickets') == [['0']]


def test_a_reload_sets_mail_or_takes_it_away():
    relay = Relay()
    with world(config='[mail]\n') as w:
        wait_until(lambda: 'mail_off' in w.logs.text('appd'), 10, 'the log to say so')
        with open(w.config, 'w') as f:
            f.write(f'[mail]\nrelay = 127.0.0.1:{relay.port}\n')
        w.onebox('reload')
        Api(w.http).person('ann')
        relay.read(0)
        offs = w.logs.text('appd').count('mail_off')
        with open(w.config, 'w') as f:
            f.write('[mail]\n')
        w.onebox('reload')
        wait_until(lambda: w.logs.text('appd').count('mail_off') == offs + WORLD['appd'], 20,
                   'the log to say so')
        Api(w.http).person('bob')
        assert 'mail_failed' not in w.logs.text('appd')


def test_who_leaves_leaves_no_mail():
    with world('mail.relay=127.0.0.1:1') as w:
        b = Browser(w).sign_up('anneliese')
        wait_until(lambda: 'mail_failed' in w.logs.text('appd'), 20, 'a try')
        assert b'anneliese' in w.dump()
        b.get('/settings/delete')
        b.submit('/settings/delete', password='password')
        assert b'anneliese' not in w.dump().lower()
        assert 'anneliese' not in w.logs.text('appd').replace('/profile/anneliese', '')
