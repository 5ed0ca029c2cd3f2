"""HTTPS: the certificate, sessions that outlive a process, a swap under open connections."""

import os
import signal
import socket
import ssl
import subprocess

from lib import wait_until
from lib.daemon import Daemon, Folder
from lib.proc import cpu_us

SETS = ['webd.echo=yes', 'webd.wait=0s', 'webd.threads=1']


def context(folder, host=True):
    c = ssl.create_default_context(cafile=os.path.join(folder.state, 'tls', 'authority.pem'))
    c.check_hostname = host
    return c


def connect(d, c, name='www.foobar.com', session=None):
    s = c.wrap_socket(socket.create_connection(('127.0.0.1', d.port), timeout=10),
                      server_hostname=name, session=session)
    return s


def ask(s):
    s.sendall(b'GET / HTTP/1.1\r\nHost: www.foobar.com\r\n\r\n')
    answer = b''
    while not answer.endswith(b'\r\n\r\nwebd\n'):
        part = s.recv(4096)
        assert part, answer
        answer += part
    assert answer.startswith(b'HTTP/1.1 200 '), answer


def webd(folder, **more):
    return Daemon('webd', ['https'], folder=folder, sets=more.pop('sets', SETS), **more)


def make_certificate(folder, name):
    """A certificate of our own, as an operator would bring one; (certificate, key)."""
    key, certificate = f'{folder.path}/{name}.key', f'{folder.path}/{name}.pem'
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                    'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', certificate,
                    '-days', '9', '-subj', f'/CN={name}', '-addext',
                    f'subjectAltName=DNS:{name}'], check=True, stderr=subprocess.DEVNULL)
    os.chmod(key, 0o644)
    return certificate, key


def served(d):
    """The common name of the certificate that a new connection gets."""
    c = ssl.create_default_context()
    c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
    with connect(d, c) as s:
        der = s.getpeercert(binary_form=True)
    text = subprocess.run(['openssl', 'x509', '-inform', 'DER', '-noout', '-subject'],
                          input=der, check=True, stdout=subprocess.PIPE).stdout.decode()
    return text.strip().rpartition('CN = ')[2]


def test_the_authority_made_here_is_enough_to_trust_the_site():
    folder = Folder()
    with webd(folder) as d:
        for name in ('www.foobar.com', 'foobar.com', 'localhost'):
            with connect(d, context(folder), name) as s:
                assert s.version() == 'TLSv1.3'
                ask(s)
        made = os.stat(os.path.join(folder.state, 'tls', 'leaf.pem'))
        for key in ('authority.key', 'leaf.key'):
            assert os.stat(os.path.join(folder.state, 'tls', key)).st_mode & 0o077 == 0
        d.restart()
        again = os.stat(os.path.join(folder.state, 'tls', 'leaf.pem'))
        assert (made.st_ino, made.st_mtime) == (again.st_ino, again.st_mtime)
    folder.remove()


def test_another_domain_gets_another_authority():
    folder = Folder()
    with webd(folder):
        pass
    with webd(folder, sets=SETS + ['onebox.domain=example.org']) as d:
        with connect(d, context(folder), 'www.example.org') as s:
            ask(s)
    folder.remove()


def test_old_protocols_are_refused_and_h2_is_offered():
    folder = Folder()
    with webd(folder) as d:
        c = context(folder)
        c.set_alpn_protocols(['h2', 'http/1.1'])
        with connect(d, c) as s:
            assert s.selected_alpn_protocol() == 'h2'
        c = context(folder)
        c.maximum_version = ssl.TLSVersion.TLSv1_2
        with connect(d, c) as s:
            assert s.version() == 'TLSv1.2'
            ask(s)
        c = context(folder)
        c.minimum_version = ssl.TLSVersion.TLSv1
        c.maximum_version = ssl.TLSVersion.TLSv1_1
        c.set_ciphers('ALL:@SECLEVEL=0')
        try:
            connect(d, c)
        except (ssl.SSLError, ConnectionResetError):
            pass
        else:
            raise AssertionError('TLS 1.1 was spoken')
    folder.remove()


def test_a_session_is_resumed_with_the_next_process():
    folder = Folder()
    with webd(folder) as d:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            c = context(folder)
            c.maximum_version = version
            with connect(d, c) as s:
                ask(s)
                session = s.session
                assert not s.session_reused
            d.restart()
            with connect(d, c, session=session) as s:
                ask(s)
                assert s.session_reused, version
    folder.remove()


def test_a_certificate_is_swapped_under_open_connections():
    folder = Folder()
    certificate, key = make_certificate(folder, 'one.example')
    sets = SETS + [f'webd.certificate={certificate}', f'webd.key={key}']
    with webd(folder, sets=sets, expect=['reload_refused']) as d:
        assert served(d) == 'one.example'
        c = ssl.create_default_context(cafile=certificate)
        c.check_hostname = False
        with connect(d, c) as kept:
            ask(kept)
            os.rename(make_certificate(folder, 'two.example')[0], certificate)
            d.signal(signal.SIGHUP)  # its key is still the old one's
            wait_until(lambda: d.logs.lines('webd', 'reload_refused'), 10)
            ask(kept)
            assert served(d) == 'one.example'
            os.rename(f'{folder.path}/two.example.key', key)
            d.signal(signal.SIGHUP)
            wait_until(lambda: served(d) == 'two.example', 10)
            ask(kept)
    folder.remove()


def test_a_wrong_certificate_stops_the_start_with_a_sentence():
    folder = Folder()
    d = webd(folder, sets=SETS + ['webd.certificate=/nowhere.pem', 'webd.key=/nowhere.key'],
             ready=False, expect=['no_tls'])
    with d:
        assert d.wait_end() == 78
        [line] = d.logs.lines('webd', 'no_tls')
        assert '/nowhere.pem' in line.values['why'] and 'No such file' in line.values['why']
    folder.remove()


def test_a_client_that_never_shakes_hands_is_sent_away():
    folder = Folder()
    with webd(folder, sets=SETS + ['webd.handshake_timeout=500ms']) as d:
        with socket.create_connection(('127.0.0.1', d.port), timeout=30) as s:
            used = cpu_us(d.pid)
            assert s.recv(10) == b''
            assert cpu_us(d.pid) - used < 2000000
    folder.remove()


def test_the_leaf_names_a_list_of_those_revoked_that_can_be_had():
    """Programs that check revocation refuse a leaf that does not say where to ask."""
    folder = Folder()
    with webd(folder):
        leaf = f'{folder.state}/tls/leaf.pem'
    with Daemon('webd', ['http'], folder=folder, sets=SETS) as d:
        r = d.http.get('/-/revoked.crl')
    assert r.status == 200 and r.headers['Content-Type'] == 'application/pkix-crl'
    text = subprocess.run(['openssl', 'x509', '-in', leaf, '-noout', '-ext',
                           'crlDistributionPoints'], check=True,
                          stdout=subprocess.PIPE).stdout.decode()
    assert 'URI:http://www.foobar.com/-/revoked.crl' in text, text
    path = f'{folder.path}/fetched.crl'
    with open(path, 'wb') as f:
        f.write(r.body)
    subprocess.run(['openssl', 'crl', '-inform', 'DER', '-in', path, '-out', path + '.pem'],
                   check=True)
    subprocess.run(['openssl', 'verify', '-crl_check', '-CAfile',
                    f'{folder.state}/tls/authority.pem', '-CRLfile', path + '.pem', leaf],
                   check=True, stdout=subprocess.DEVNULL)
    folder.remove()
