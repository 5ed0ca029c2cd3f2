"""A server at an address: TLS, and a password from a file, by either way to prove it."""

import os
import subprocess
import tempfile

from lib import Skip
from lib.database import TABLES, Database, DbProxy, Sql
from lib.ports import free_port

# of Debian's mariadb-server; mariadb-server-core, which Onebox needs, has no plugins
PLUGINS = os.environ.get('MARIADB_PLUGINS', '/usr/lib/mysql/plugin')
KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']


def openssl(folder, *words):
    subprocess.run(['openssl', *words], cwd=folder, check=True, stdout=subprocess.PIPE,
                   stderr=subprocess.STDOUT)


def make_certificates(folder):
    """A CA, and with it a certificate for 127.0.0.1; and another CA."""
    for name in ('ca', 'other'):
        openssl(folder, 'req', '-x509', *KEY, '-nodes', '-days', '30', '-subj',
                f'/CN={name}', '-keyout', f'{name}.key', '-out', f'{name}.pem')
    openssl(folder, 'req', *KEY, '-nodes', '-subj', '/CN=127.0.0.1',
            '-keyout', 'server.key', '-out', 'server.csr')
    with open(os.path.join(folder, 'ext'), 'w') as f:
        f.write('subjectAltName=IP:127.0.0.1,DNS:127.0.0.1\n')
    openssl(folder, 'x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key',
            '-CAcreateserial', '-days', '30', '-extfile', 'ext', '-out', 'server.pem')
    for name in os.listdir(folder):
        os.chmod(os.path.join(folder, name), 0o644)
    os.chmod(folder, 0o755)
    text = subprocess.run(['openssl', 'x509', '-in', f'{folder}/server.pem', '-noout',
                           '-fingerprint', '-sha1'], stdout=subprocess.PIPE, text=True).stdout
    return text.strip().split('=')[1]


def far(folder, port, more=()):
    """The options of a server at a port, which takes nothing but TLS."""
    return ['--skip-networking=0', '--bind-address=127.0.0.1', f'--port={port}',
            f'--ssl-cert={folder}/server.pem', f'--ssl-key={folder}/server.key',
            '--require-secure-transport=ON', *more]


def make_user(db, identified):
    db.sql("CREATE DATABASE onebox CHARACTER SET utf8mb4; "
           f"CREATE USER site@'127.0.0.1' IDENTIFIED {identified}; "
           "GRANT ALL ON onebox.* TO site@'127.0.0.1'; "
           "GRANT CONNECTION ADMIN ON *.* TO site@'127.0.0.1'")
    db.sql(TABLES, database='onebox')


def write_password(folder, text='a secret'):
    path = os.path.join(folder, 'password')
    with open(path, 'w') as f:
        f.write(text + '\n')
    os.chmod(path, 0o600)
    return path


def config(port, password, trust):
    return (f'[server far]\naddress = 127.0.0.1:{port}\nuser = site\n'
            f'password_file = {password}\n{trust}')


def refused(text, words=''):
    """It does not start, and says why but not the secret."""
    p = DbProxy(None, config=text, ready=False, expect=['no_database'],
                sets=['dbproxy.start_wait=100ms'])
    p.start()
    assert p.wait_end() == 69, text
    log = p.logs.text('dbproxy')
    assert words in log and 'secret' not in log, log
    p.end(failed=False)


def test_a_server_at_an_address_is_trusted_only_with_its_certificate():
    with tempfile.TemporaryDirectory() as folder:
        fingerprint, port = make_certificates(folder), free_port()
        with Database(far(folder, port), tables=False) as db:
            make_user(db, "BY 'a secret'")
            password = write_password(folder)
            for trust in (f'tls_ca = {folder}/ca.pem\n', f'tls_fingerprint = {fingerprint}\n'):
                with DbProxy(None, config=config(port, password, trust)) as p, Sql(p) as sql:
                    got = sql('test_get', 1, budget=30000)
                    assert got.word == 'ok' and got.rows == [['row 1']], got
                    assert sql('test_bump', 1, key='ab' * 16, budget=30000).word == 'ok'
                    late = sql('test_sleep', 5.0, budget=200)
                    assert late.status == 'late'
                    assert 'a secret' not in p.logs.text('dbproxy')
            wrong = fingerprint[:-2] + ('00' if fingerprint[-2:] != '00' else '11')
            for trust in (f'tls_ca = {folder}/other.pem\n', f'tls_fingerprint = {wrong}\n',
                          'tls = no\n'):
                refused(config(port, password, trust))
            write_password(folder, 'another secret')
            refused(config(port, password, f'tls_ca = {folder}/ca.pem\n'), 'Access denied')


def test_a_password_is_proved_by_ed25519():
    if not os.path.exists(f'{PLUGINS}/auth_ed25519.so'):
        raise Skip(f'there is no auth_ed25519.so in {PLUGINS}')
    with tempfile.TemporaryDirectory() as folder:
        make_certificates(folder)
        port, trust = free_port(), f'tls_ca = {folder}/ca.pem\n'
        plugin = [f'--plugin-dir={PLUGINS}', '--plugin-load-add=auth_ed25519']
        with Database(far(folder, port, plugin), tables=False) as db:
            make_user(db, "VIA ed25519 USING PASSWORD('a secret')")
            password = write_password(folder)
            with DbProxy(None, config=config(port, password, trust)) as p, Sql(p) as sql:
                assert sql('test_get', 1, budget=30000).rows == [['row 1']]
                db.kill_connections()
                assert sql('test_bump', 1, key='ab' * 16, budget=30000).word == 'ok'
                assert 'secret' not in p.logs.text('dbproxy')
            write_password(folder, 'another secret')
            refused(config(port, password, trust), 'Access denied')
