/* database.c -- see database.h. */
#include "deploy/supervisor/database.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"

#define INSTALLER "/usr/bin/mariadb-install-db"

/* What a small private server does not need is off or at its floor: 38 MiB instead of the
 * 101 of Debian's defaults, and no slower at what we ask of it. */
static const char settings[] =
    "skip-networking\n"
    "skip-name-resolve\n"
    "unix_socket=ON\n"
    "local-infile=0\n"
    "symbolic-links=0\n"
    "character-set-server=utf8mb4\n"
    "collation-server=utf8mb4_bin\n"
    "sql-mode=STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY,NO_ENGINE_SUBSTITUTION,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE\n"
    "# durable: a commit is on disk before anybody hears of it\n"
    "innodb-flush-log-at-trx-commit=1\n"
    "innodb-doublewrite=1\n"
    "# nothing waits for ever, but for the connections of dbproxy: their ends are here\n"
    "max-statement-time=30\n"
    "innodb-lock-wait-timeout=5\n"
    "innodb-rollback-on-timeout=1\n"
    "wait-timeout=31536000\n"
    "thread-handling=pool-of-threads\n"
    "back-log=64\n"
    "# small\n"
    "performance-schema=OFF\n"
    "innodb-buffer-pool-size=16M\n"
    "innodb-buffer-pool-chunk-size=1M\n"
    "innodb-log-file-size=16M\n"
    "innodb-autoextend-increment=8\n"
    "innodb-log-buffer-size=2M\n"
    "innodb-buffer-pool-dump-at-shutdown=1\n"
    "innodb-read-io-threads=1\n"
    "innodb-write-io-threads=2\n"
    "innodb-purge-threads=1\n"
    "innodb-fast-shutdown=1\n"
    "aria-pagecache-buffer-size=1M\n"
    "aria-log-file-size=8M\n"
    "key-buffer-size=64K\n"
    "table-open-cache=256\n"
    "table-definition-cache=400\n"
    "open-files-limit=1024\n"
    "query-cache-type=0\n"
    "query-cache-size=0\n"
    "thread-cache-size=16\n"
    "thread-stack=192K\n"
    "tmp-table-size=1M\n"
    "max-heap-table-size=1M\n"
    "sort-buffer-size=256K\n"
    "join-buffer-size=128K\n"
    "read-buffer-size=64K\n"
    "read-rnd-buffer-size=64K\n";

bool database_missing(const struct super *s)
{
	char path[PATH_MAX];

	return access(place_path(&s->place, "mysql/data/mysql", path), F_OK) < 0;
}

/* The pool of every dbproxy, one more each for KILL, and room for the curious. */
static int connections(const struct conf *c)
{
	int64_t n = (c->dbproxy_connections + 2) * c->dbproxy_instances * 2 + 16;

	return n < 64 ? 64 : (int)n;
}

static bool write_settings(const struct super *s)
{
	const char *state = s->place.state;
	char path[PATH_MAX], temporary[PATH_MAX];
	FILE *f;
	bool ok;

	place_path(&s->place, "my.cnf", path);
	place_path(&s->place, "my.cnf.new", temporary);
	unlink(temporary);
	f = fopen(temporary, "wxe");
	if (f == NULL)
		return false;
	fprintf(
	    f,
	    "# written by Onebox at each start; changes here are lost\n"
	    "[mariadbd]\n"
	    "datadir=%s/mysql/data\nsocket=%s/mariadb.sock\npid-file=%s/mariadb.pid\n"
	    "tmpdir=%s/mysql/tmp\nsecure-file-priv=%s/mysql/tmp\nmax-connections=%d\n%s",
	    state, s->place.run, s->place.run, state, state, connections(s->conf),
	    settings);
	ok = fchmod(fileno(f), 0644) == 0;
	ok = fclose(f) == 0 && ok;
	return ok && rename(temporary, path) == 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

/* What an interrupted installation left. By its owner, not by root: inside, that user
 * decides what lies where. */
static bool remove_leftover(const struct super *s, const char *folder)
{
	int status = 1;
	pid_t child;

	if (access(folder, F_OK) < 0)
		return true;
	child = fork();
	if (child == 0) {
		if (account_become(&s->account))
			nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return false;
	return rmdir(folder) == 0 || errno == ENOENT;
}

/* The file lives in static storage until the child was started. */
static const char *option(char ret[PATH_MAX + 64], const char *name, const char *value,
			  const char *more)
{
	snprintf(ret, PATH_MAX + 64, "--%s=%s%s", name, value, more);
	return ret;
}

bool database_install(const struct super *s, struct child *c)
{
	static char folder[PATH_MAX + 64], temporary[PATH_MAX + 64], user[PATH_MAX + 64],
	    tmpdir[PATH_MAX + 64];
	char path[PATH_MAX];

	place_path(&s->place, "mysql/data.new", path);
	if (!remove_leftover(s, path) || mkdir(path, 0700) < 0 ||
	    (s->account.other && chown(path, s->account.uid, s->account.gid) < 0))
		return false;
	child_arg(c, INSTALLER);
	child_arg(c, "--no-defaults");
	child_arg(c, option(folder, "datadir", s->place.state, "/mysql/data.new"));
	child_arg(c, "--basedir=/usr");
	child_arg(c, "--auth-root-authentication-method=socket");
	child_arg(c, option(user, "auth-root-socket-user", s->account.name, ""));
	child_arg(c, "--skip-test-db");
	child_arg(c, "--skip-name-resolve");
	child_arg(c, "--innodb-log-file-size=16M");
	/* its own: a starting server removes what another has in a shared one */
	child_arg(c, option(temporary, "tmpdir", s->place.state, "/mysql/tmp"));
	snprintf(tmpdir, sizeof(tmpdir), "TMPDIR=%s/mysql/tmp", s->place.state);
	child_env(c, tmpdir);
	return true;
}

bool database_installed(const struct super *s)
{
	char from[PATH_MAX], to[PATH_MAX];

	place_path(&s->place, "mysql/data.new", from);
	place_path(&s->place, "mysql/data", to);
	return (rmdir(to) == 0 || errno == ENOENT) && rename(from, to) == 0;
}

bool database_serve(const struct super *s, struct child *c)
{
	static char file[PATH_MAX + 64];

	if (!write_settings(s))
		return false;
	child_arg(c, DATABASE_SERVER);
	child_arg(c, option(file, "defaults-file", s->place.state, "/my.cnf"));
	child_env(c, "TZ=UTC"); /* its log lines then sort with ours */
	return true;
}
