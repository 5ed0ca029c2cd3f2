"""The sides of a bench: each is started on free ports and in a folder of its own, and knows
all its processes. Competitors are Debian's packages with the settings that their own
documentation recommends for a machine like this; what differs from the default is said."""

import json
import os
import shutil
import subprocess
import tempfile
import time
import uuid

from bench.measure import Load, generate, number, run, tree
from lib import World
from lib.database import Database, DbProxy
from lib.dns import Dns
from lib.env import BUILD, ROOT
from lib.http import Http
from lib.ports import free_port
from lib.proc import marked
from lib.wait import wait_until

CORES = os.cpu_count()
ZONE = """$TTL 3600
@ SOA ns1 hostmaster 1 3600 900 1209600 300
@ NS ns1
@ NS ns2
ns1 A 8.8.8.8
ns2 A 8.8.8.8
@ A 8.8.8.8
@ MX 10 mail
mail A 8.8.8.8
www A 8.8.8.8
www AAAA 2001:db8::8
@ TXT "v=spf1 -all"
"""


class Side:
    """with Side() as s: s.pids()"""

    name = '?'

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='onebox-bench-')
        os.chmod(self.folder, 0o755)
        self.processes = []

    def path(self, name, text=None, mode=0o644):
        path = os.path.join(self.folder, name)
        if text is not None:
            with open(path, 'w') as f:
                f.write(text)
            os.chmod(path, mode)
        return path

    def spawn(self, *command, env=None):
        with open(self.path('output'), 'ab') as output:
            p = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                 stderr=output, env=env, start_new_session=True)
        self.processes.append(p)
        return p

    def __enter__(self):
        began = time.monotonic()
        try:
            self.start()
        except BaseException:
            with open(self.path('output'), 'a+') as f:
                f.seek(0)
                print(f.read()[-3000:])
            self.__exit__()
            raise
        self.start_ms = (time.monotonic() - began) * 1000
        return self

    def __exit__(self, *_):
        for p in reversed(self.processes):
            p.terminate()
            try:
                p.wait(20)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def pids(self):
        return sorted({pid for p in self.processes for pid in tree(p.pid)})


# ---- ours ----

class Ours(Side):
    """The whole of it, or some daemons, two instances of each as by default."""

    name = 'onebox'
    instances = {'dnsd': 2, 'webd': 2, 'appd': 2, 'dbproxy': 2}
    sets = ()

    def start(self):
        # the environment's mark tells our processes from all others
        # on a processor that is all the generator's and ours, beats may come late
        self.world = World(instances=self.instances, zones={'foobar.com': ZONE},
                           sets=['onebox.watchdog=60s', *self.sets])
        self.world.mark = uuid.uuid4().hex
        self.world.start()
        self.dns_port, self.http_port = self.world.dns_port, self.world.http_port
        self.https_port = self.world.https_port

    def __exit__(self, *_):
        self.world.end(failed=False)
        super().__exit__()

    def pids(self):
        return marked(self.world.mark)


class OursDns(Ours):
    """One answering thread, as the others have: what a question costs depends on how many
    come at once to a thread, and dnsperf's are shared out among all there are."""

    instances = {'dnsd': 1, 'webd': 0, 'appd': 0, 'dbproxy': 0}
    sets = ('dnsd.threads=1',)


class OursStatic(Ours):
    instances = {'dnsd': 0, 'webd': 2, 'appd': 0, 'dbproxy': 0}


class OursSite(Ours):
    """With the 1,000 articles."""

    instances = {'dnsd': 0, 'webd': 2, 'appd': 2, 'dbproxy': 2}

    def start(self):
        super().start()
        seed(os.path.join(self.world.state, 'run', 'mariadb.sock'), 'onebox')


# ---- the database ----

class OursDb(Side):
    """One dbproxy before a MariaDB of its own. Who asks is counted, as with sysbench."""

    name = 'dbproxy'
    calls = 32

    def start(self):
        self.db = Database().__enter__()
        self.proxy = DbProxy(self.db).__enter__()

    def __exit__(self, *_):
        self.proxy.__exit__(None, None, None)
        self.db.__exit__()
        super().__exit__()

    def pids(self):
        return tree(self.db.process.pid) + tree(self.proxy.pid)

    def load(self, seconds):
        text = generate(os.path.join(BUILD, 'tests', 'tools', 'sqlload'), self.proxy.folder.run,
                   str(seconds), str(self.calls), '0', '5000')
        said = json.loads(text.splitlines()[-1])
        return Load(said['ok'], said['rate'], said['p50_us'] / 1000, said['p99_us'] / 1000,
                    said['fail'] + said['late'] + said['lost'] + said['full'],
                    said['client_cpu_us'] * said['ok'] * 1000)


class OursDbOne(OursDb):
    name = 'dbproxy, 1'
    calls = 1


class Direct(Side):
    """The same server, asked by sysbench over its own connections, prepared statements."""

    name = 'direct'
    threads = 8

    def start(self):
        self.db = Database().__enter__()
        self.command = ['sysbench', 'oltp_point_select', '--db-driver=mysql',
                        f'--mysql-socket={self.db.socket}', '--mysql-user=root',
                        '--mysql-db=onebox', '--tables=1', '--table-size=1000',
                        f'--threads={self.threads}', '--percentile=99']
        run(*self.command, 'prepare')

    def __exit__(self, *_):
        self.db.__exit__()
        super().__exit__()

    def pids(self):
        return tree(self.db.process.pid)

    def load(self, seconds):
        before = os.times()
        text = generate(*self.command, f'--time={seconds}', 'run')
        after = os.times()
        own = after.children_user + after.children_system \
            - before.children_user - before.children_system
        return Load(number(r'total:\s+(\d+)', text),
                    number(r'queries:\s+\d+\s+\(([\d.]+) per sec', text), None,
                    number(r'99th percentile:\s+([\d.]+)', text), 0, own * 1e9)


class DirectOne(Direct):
    name = 'direct, 1'
    threads = 1


# ---- the fabric ----

class OursFabric(Side):
    """A caller and a server of the fabric; both are counted."""

    name = 'fabric'
    calls = 32

    def start(self):
        run_dir = self.path('run')
        os.mkdir(run_dir)
        self.spawn(os.path.join(BUILD, 'tests', 'unit', 'fabric_peer'),
                   os.path.join(run_dir, 'echo.1.1.sock'), '1', '1024')
        wait_until(lambda: os.path.exists(os.path.join(run_dir, 'echo.1.1.sock')))

    def load(self, seconds, *args):
        text = generate(os.path.join(BUILD, 'tests', 'tools', 'fabricload'),
                   *(args or (self.path('run'), str(seconds), str(self.calls))))
        said = json.loads(text)
        return Load(said['ok'], said['rate'], said['p50_us'] / 1000, said['p99_us'] / 1000,
                    said['failed'], said['cpu_us'] * 1000)


class OursFabricOne(OursFabric):
    name = 'fabric, 1'
    calls = 1


class Pair(OursFabric):
    """The same bytes over a plain socket pair, one call at a time: what two processes and
    the kernel cost at least."""

    name = 'pair, 1'

    def start(self):
        pass

    def load(self, seconds):
        return super().load(seconds, '--bare', str(seconds))


# ---- DNS ----

class Nsd(Side):
    """One server process. Rate limiting off, as ours exempts loopback."""

    name = 'nsd'

    def start(self):
        self.dns_port = free_port()
        self.path('foobar.com.zone', '$ORIGIN foobar.com.\n' + ZONE)
        conf = self.path('nsd.conf', f"""server:
  ip-address: 127.0.0.1@{self.dns_port}
  server-count: 1
  username: ""
  zonesdir: "{self.folder}"
  zonelistfile: "{self.folder}/zone.list"
  xfrdfile: "{self.folder}/xfrd.state"
  pidfile: "{self.folder}/nsd.pid"
  xfrdir: "{self.folder}"
  reuseport: yes
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: foobar.com
  zonefile: foobar.com.zone
""")
        self.spawn('nsd', '-d', '-c', conf)
        wait_for_name(self.dns_port)


class Knot(Side):
    """One UDP worker; no journal, no statistics."""

    name = 'knot'

    def start(self):
        self.dns_port = free_port()
        self.path('foobar.com.zone', '$ORIGIN foobar.com.\n' + ZONE)
        conf = self.path('knot.conf', f"""server:
    listen: 127.0.0.1@{self.dns_port}
    rundir: "{self.folder}"
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: "{self.folder}"
zone:
  - domain: foobar.com
    storage: "{self.folder}"
    file: foobar.com.zone
    zonefile-sync: -1
    journal-content: none
""")
        self.spawn('knotd', '-c', conf)
        wait_for_name(self.dns_port)


def wait_for_name(port):
    dns = Dns(port, seconds=0.3)

    def answers():
        try:
            return dns.values('www.foobar.com') == ['8.8.8.8']
        except Exception:  # noqa: BLE001 -- whatever: not yet
            return False
    wait_until(answers, 20, 'an answer')


# ---- HTTP ----

NGINX = """{user}
worker_processes {cores};
pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
events {{ worker_connections 4096; }}
http {{
  include /etc/nginx/mime.types;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  access_log {folder}/access.log combined;
  sendfile on; tcp_nopush on; keepalive_requests 1000000;
  open_file_cache max=1000 inactive=60s;
  {upstream}
  server {{
    listen 127.0.0.1:{http} reuseport backlog=1024;
    listen 127.0.0.1:{https} ssl http2 reuseport backlog=1024;
    ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
    ssl_session_cache shared:s:1m; http2_max_requests 1000000;
    server_name www.foobar.com;
    root {root};
    {location}
  }}
}}
"""


class Nginx(Side):
    """Workers as cores, sendfile, the open file cache; an access log, as ours writes."""

    name = 'nginx'
    upstream = location = ''

    def start(self):
        self.http_port, self.https_port = free_port(), free_port()
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                        'ec_paramgen_curve:prime256v1', '-nodes', '-keyout',
                        self.path('key.pem'), '-out', self.path('cert.pem'), '-subj',
                        '/CN=www.foobar.com', '-days', '2'], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        root = self.path('static')
        shutil.copytree(os.path.join(ROOT, 'webd', 'static'), root)
        user = 'user www-data;' if os.geteuid() == 0 else ''
        conf = self.path('nginx.conf', NGINX.format(
            cores=CORES, folder=self.folder, http=self.http_port, https=self.https_port,
            root=root, user=user, upstream=self.upstream.format(folder=self.folder),
            location=self.location))
        self.spawn('nginx', '-c', conf, '-p', self.folder, '-e', self.path('error.log'))
        wait_until(lambda: Http(self.http_port).get('/favicon.svg').status == 200, 20)


# ---- the classic form of this design ----

class Classic(Nginx):
    """nginx + gunicorn + Flask + SQLAlchemy + MariaDB with the same tables and rows: two
    synchronous workers per core and one, pooled connections, the same statements in one
    round trip each (late joins), Jinja's compiled templates (bench/classic.py)."""

    name = 'classic'
    upstream = 'upstream app {{ server unix:{folder}/app.sock; }}'
    location = """location / { proxy_pass http://app; proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr; }
    location = /favicon.svg { }"""

    def start(self):
        template = Ours()
        template.instances = {'dnsd': 0, 'webd': 0, 'appd': 0, 'dbproxy': 1}
        with template:  # the tables as ours makes them, the server with our options
            old = template.world.state
            command = [x.replace(old, self.folder) for x in mariadb_command(template)]
            with open(os.path.join(old, 'my.cnf')) as f:
                self.path('my.cnf', f.read().replace(old, self.folder))
            template.world.stop()
            subprocess.run(['cp', '-a', os.path.join(old, 'mysql'), self.path('mysql')],
                           check=True)
        sock = self.path('run/mariadb.sock')
        os.mkdir(self.path('run'))
        if os.geteuid() == 0:
            for name in ('', 'run'):
                shutil.chown(self.path(name), 'onebox')
            command = ['setpriv', '--reuid=onebox', '--regid=onebox', '--clear-groups',
                       *command]
        self.spawn(*command)
        wait_until(lambda: os.path.exists(sock), 20, 'mariadb')
        seed(sock, 'onebox')
        env = {**os.environ, 'CLASSIC_DB': f'mysql+mysqldb://onebox@localhost/onebox?unix_socket='
               f'{sock}&charset=utf8mb4', 'PYTHONDONTWRITEBYTECODE': '1'}
        become = ['setpriv', '--reuid=onebox', '--regid=onebox', '--clear-groups'] \
            if os.geteuid() == 0 else []
        here = os.path.dirname(os.path.abspath(__file__))
        shutil.copy(os.path.join(here, 'classic.py'), self.path('classic.py'))
        self.spawn(*become, '/usr/bin/python3', '/usr/bin/gunicorn', '-w', str(2 * CORES + 1),
                   '-b', f'unix:{self.path("app.sock")}', '--umask', '0', '--chdir',
                   self.folder, 'classic:app', '--access-logfile', self.path('app.log'),
                   env=env)
        wait_until(lambda: os.path.exists(self.path('app.sock')), 20, 'gunicorn')
        super().start()
        wait_until(lambda: Http(self.http_port).get('/').status == 200, 20, 'the page')


def mariadb_command(side):
    """How the supervisor started the database: the same options for the other side."""
    for pid in side.pids():
        with open(f'/proc/{pid}/cmdline') as f:
            words = f.read().rstrip('\0').split('\0')
        if words[0].endswith('mariadbd'):
            return words
    raise RuntimeError('no mariadbd')


def seed(sock, database, articles=1000):
    """20 authors, 1,000 articles with three of 50 tags each."""
    rows, links = [], []
    for i in range(1, articles + 1):
        tags = sorted({f'tag-{(i * 7) % 50}', f'tag-{(i * 11) % 50}', f'tag-{(i * 13) % 50}'})
        text = f'Paragraph {i}. ' * 40
        rows.append(f"({i % 20 + 1000}, 'article-{i}', 'Article number {i}', 'What it is about,"
                    f" {i}', '{text}', '<p>{text}</p>', '{chr(10).join(tags)}', NOW(3))")
        links += [(tag, f'article-{i}') for tag in tags]
    sql = ["INSERT INTO users (id, name, email, password) VALUES " + ', '.join(
        f"({1000 + i}, 'author{i}', 'a{i}@example.com', '!')" for i in range(20))]
    sql += ['INSERT INTO articles (author_id, slug, title, description, body, html, tags, '
            'published) VALUES ' + ', '.join(rows[i:i + 200])
            for i in range(0, len(rows), 200)]
    sql += ['INSERT IGNORE INTO tags (name) VALUES ' + ', '.join(
        f"('{t}')" for t in sorted({t for t, _ in links}))]
    values = ', '.join(f"('{t}', '{s}')" for t, s in links)
    sql += ['CREATE TEMPORARY TABLE l (t VARCHAR(50) COLLATE utf8mb4_bin, '
            's VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin)',
            f'INSERT INTO l VALUES {values}',
            'INSERT INTO article_tags (tag_id, article_id) SELECT t.id, a.id FROM l '
            'JOIN tags t ON t.name = l.t JOIN articles a ON a.slug = l.s',
            'UPDATE tags SET articles = (SELECT COUNT(*) FROM article_tags x WHERE '
            'x.tag_id = tags.id), heat = articles',
            'UPDATE users SET articles = (SELECT COUNT(*) FROM articles a WHERE '
            'a.author_id = users.id) WHERE id >= 1000',
            'UPDATE site SET articles = (SELECT COUNT(*) FROM articles)',
            'ANALYZE TABLE articles, users, tags, article_tags']
    become = ['setpriv', '--reuid=onebox', '--regid=onebox', '--clear-groups'] \
        if os.geteuid() == 0 else []
    done = subprocess.run([*become, 'mariadb', '--no-defaults', '--socket', sock, database],
                          input=';\n'.join(sql) + ';\n', text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise RuntimeError(done.stdout[:2000])
