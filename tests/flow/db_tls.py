"""A server at an address: TLS, and a password from a file."""

import os
import subprocess
import tempfile

from lib.database import TABLES, Database, DbProxy, Sql
from lib.ports import free_port


def openssl(folder, *words):
    subprocess.run(['openssl', *words], cwd=folder, check=True, stdout=subprocess.PIPE,
                   stderr=subprocess.STDOUT)


def make_certificates(folder):
    """A CA, and with it a certificate for 127.0.0.1; and another CA."""
    for name in ('ca', 'other'):
        openssl(folder, 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj',
                f'/CN={name}', '-keyout', f'{name}.key', '-out', f'{name}.pem')
    openssl(folder, 'req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=127.0.0.1',
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


def test_a_server_at_an_address_is_trusted_only_with_its_certificate():
    with tempfile.TemporaryDirectory() as folder:
        fingerprint, port = make_certificates(folder), free_port()
        options = ['--skip-networking=0', '--bind-address=127.0.0.1', f'--port={port}',
                   f'--ssl-cert={folder}/server.pem', f'--ssl-key={folder}/server.key',
                   '--require-secure-transport=ON']
        with Database(options, tables=False) as db:
            db.sql("CREATE DATABASE onebox CHARACTER SET utf8mb4; "
                   "CREATE USER site@'127.0.0.1' IDENTIFIED BY 'a secret'; "
                   "GRANT ALL ON onebox.* TO site@'127.0.0.1'; "
                   "GRANT CONNECTION ADMIN ON *.* TO site@'127.0.0.1'")
            db.sql(TABLES, database='onebox')
            password = os.path.join(folder, 'password')
            with open(password, 'w') as f:
                f.write('a secret\n')
            os.chmod(password, 0o600)
            base = (f'[server far]\naddress = 127.0.0.1:{port}\nuser = site\n'
                    f'password_file = {password}\n')
            for trust in (f'tls_ca = {folder}/ca.pem\n', f'tls_fingerprint = {fingerprint}\n'):
                with DbProxy(None, config=base + trust) as p, Sql(p) as sql:
                    got = sql('test_get', 1)
                    assert got.word == 'ok' and got.rows == [['row 1']], got
                    assert sql('test_bump', 1, key='ab' * 16).word == 'ok'
                    late = sql('test_sleep', 5.0, budget=200)
                    assert late.status == 'late'
                    assert 'a secret' not in p.logs.text('dbproxy')
            wrong = fingerprint[:-2] + ('00' if fingerprint[-2:] != '00' else '11')
            for trust in (f'tls_ca = {folder}/other.pem\n', f'tls_fingerprint = {wrong}\n',
                          'tls = no\n'):
                p = DbProxy(None, config=base + trust, ready=False, expect=['no_database'],
                            sets=['dbproxy.start_wait=100ms'])
                p.start()
                assert p.wait_end() == 69, trust
                assert 'a secret' not in p.logs.text('dbproxy')
                p.end(failed=False)
