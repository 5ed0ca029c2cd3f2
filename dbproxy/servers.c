/* servers.c -- see servers.h. */
#include "dbproxy/servers.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	CONNECT_US = 1000000,
	READ_US = 60000000, /* the backstop behind every deadline */
	MYSQL_PORT = 3306,
	PASSWORD_SIZE = sizeof(((struct server_login *)0)->password),
};

/* The user that a unix socket lets in without a password: ourselves. */
static bool own_user(struct server_conf *s, struct buf *why)
{
	const struct passwd *pw = getpwuid(geteuid());

	if (pw != NULL && str_copy(s->user, sizeof(s->user), str_of(pw->pw_name)))
		return true;
	buf_fmt(why,
		"the user id %u has no name, and the database knows users by name; run "
		"as a user of /etc/passwd",
		(unsigned)geteuid());
	return false;
}

static bool set_socket(struct server_conf *s, struct str path, struct buf *why)
{
	if (str_copy(s->socket, sizeof(s->socket), path)) {
		s->db.socket = s->socket;
		return true;
	}
	buf_fmt(why,
		"the path of the database's socket is longer than %zu bytes; choose a "
		"shorter folder",
		sizeof(s->socket) - 1);
	return false;
}

/* "10.0.0.2:3306", "10.0.0.2", "[::1]:3306" */
static bool parse_address(const char *text, struct server_address *ret)
{
	struct str rest = str_of(text), host;
	uint64_t port = MYSQL_PORT;
	bool ok = true;

	if (rest.n > 0 && rest.p[0] == '[') {
		rest = (struct str){ rest.p + 1, rest.n - 1 };
		host = str_cut(&rest, ']');
		ok = rest.p != NULL;
		if (ok && rest.n > 0 && rest.p[0] == ':')
			rest = (struct str){ rest.p + 1, rest.n - 1 };
		else
			ok = ok && rest.n == 0;
	} else {
		host = str_cut(&rest, ':');
	}
	if (ok && rest.n > 0)
		ok = str_to_u64(rest, &port) && port >= 1 && port <= 65535;
	ret->port = (unsigned)port;
	return ok && host.n > 0 && str_copy(ret->host, sizeof(ret->host), host) &&
	       ret->host[strspn(ret->host, "0123456789abcdefABCDEF.:")] == '\0';
}

static bool set_address(const struct server_conf *s, const char *key, const char *text,
			struct server_address *ret, struct buf *why)
{
	if (parse_address(text, ret))
		return true;
	buf_fmt(why,
		"[server %s] %s is '%s'; it may be 10.0.0.2:3306 or [fd00::2]:3306 (an "
		"address, for a name would block)",
		s->name, key, text);
	return false;
}

static bool refuse_file(const char *where, const char *path, const char *what,
			struct buf *why)
{
	buf_fmt(why, "%s %s %s", where, path, what);
	return false;
}

/* The first line. The file is for us alone: nobody else may read or change it. */
static bool read_password(const char *where, const char *path, char ret[PASSWORD_SIZE],
			  struct buf *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return refuse_file(where, path, strerror(errno), why);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & 077) != 0 ||
	    (st.st_uid != geteuid() && st.st_uid != 0)) {
		close(fd);
		return refuse_file(where, path,
				   "may be read by others; it must be a file of yours "
				   "with mode 0600",
				   why);
	}
	n = read(fd, ret, PASSWORD_SIZE - 1);
	close(fd);
	if (n <= 0 || n == PASSWORD_SIZE - 1)
		return refuse_file(where, path, "is empty or too long", why);
	ret[n] = '\0';
	ret[strcspn(ret, "\r\n")] = '\0';
	return true;
}

static bool set_tls(struct server_conf *s, const struct conf_named *n, struct buf *why)
{
	(void)str_copy(s->tls_ca, sizeof(s->tls_ca),
		       str_of(conf_named_text(n, "tls_ca")));
	(void)str_copy(s->tls_fingerprint, sizeof(s->tls_fingerprint),
		       str_of(conf_named_text(n, "tls_fingerprint")));
	s->db.tls = s->db.socket == NULL && conf_named_int(n, "tls") != 0;
	s->db.tls_ca = s->tls_ca[0] != '\0' ? s->tls_ca : NULL;
	s->db.tls_fingerprint = s->tls_fingerprint[0] != '\0' ? s->tls_fingerprint : NULL;
	if (!s->db.tls || s->db.tls_ca != NULL || s->db.tls_fingerprint != NULL)
		return true;
	buf_fmt(why,
		"[server %s] needs tls_ca or tls_fingerprint, for without one it would "
		"trust whoever answers there",
		s->name);
	return false;
}

/* Where it is, and where the others reach it. */
static bool read_place(const struct conf_named *n, struct server_conf *s, struct buf *why)
{
	const char *socket = conf_named_text(n, "socket");
	const char *address = conf_named_text(n, "address");
	const char *replicate = conf_named_text(n, "replicate_from");

	if ((socket[0] == '\0') == (address[0] == '\0')) {
		buf_fmt(why, "[server %s] needs either a socket or an address", s->name);
		return false;
	}
	if (socket[0] != '\0' && !set_socket(s, str_of(socket), why))
		return false;
	if (address[0] != '\0') {
		if (!set_address(s, "address", address, &s->at, why))
			return false;
		s->db.host = s->at.host;
		s->db.port = s->at.port;
	}
	if (replicate[0] == '\0')
		replicate = address;
	return replicate[0] == '\0' ||
	       set_address(s, "replicate_from", replicate, &s->replicate, why);
}

static bool read_named(const struct conf_named *n, struct server_conf *s, struct buf *why)
{
	const char *user = conf_named_text(n, "user");
	const char *password = conf_named_text(n, "password_file");
	char where[100];

	if (!str_copy(s->name, sizeof(s->name), str_of(conf_named_name(n)))) {
		buf_fmt(why, "[server %s] has too long a name", conf_named_name(n));
		return false;
	}
	if (!read_place(n, s, why))
		return false;
	if (user[0] == '\0' ? !own_user(s, why)
			    : !str_copy(s->user, sizeof(s->user), str_of(user)))
		return false;
	snprintf(where, sizeof(where), "[server %s] password_file", s->name);
	if (password[0] != '\0') {
		if (!read_password(where, password, s->password, why))
			return false;
		s->db.password = s->password;
	}
	return set_tls(s, n, why);
}

static bool read_login(const char *where, const char *user, const char *path,
		       struct server_login *ret, struct buf *why)
{
	(void)str_copy(ret->user, sizeof(ret->user), str_of(user));
	if (path[0] != '\0' && !read_password(where, path, ret->password, why))
		return false;
	if (strpbrk(ret->user, "'\\") == NULL && strpbrk(ret->password, "'\\") == NULL)
		return true;
	buf_fmt(why, "%s: a name or password here may not have ' or \\ in it", where);
	return false;
}

static bool read_manager(const struct conf *c, struct servers *ret, struct buf *why)
{
	ret->manage = c->dbproxy_manage;
	ret->manage_after_us = c->dbproxy_manage_after_us;
	if (!read_login("[dbproxy] manage_password_file", c->dbproxy_manage_user,
			c->dbproxy_manage_password_file, &ret->manager, why) ||
	    !read_login("[dbproxy] replication_password_file",
			c->dbproxy_replication_user, c->dbproxy_replication_password_file,
			&ret->replication, why))
		return false;
	if (ret->manage && !servers_managed(ret)) {
		buf_text(why, "[dbproxy] manage needs several [server NAME] sections and "
			      "a manage_user");
		return false;
	}
	if (!servers_managed(ret))
		return true;
	for (unsigned i = 0; i < ret->count; i++)
		if (ret->list[i].replicate.host[0] == '\0') {
			buf_fmt(why,
				"[server %s] needs replicate_from, the address where the "
				"other servers reach it",
				ret->list[i].name);
			return false;
		}
	if (ret->replication.user[0] != '\0')
		return true;
	buf_text(why, "[dbproxy] manage_user needs a replication_user, too");
	return false;
}

/* Without sections: the one of [dbproxy] socket, or the private instance. */
static bool read_default(const struct conf *c, const char *run_dir, struct servers *ret,
			 struct buf *why)
{
	struct server_conf *s = &ret->list[0];
	struct buf path;
	bool ok;

	buf_init(&path, 8192);
	if (c->database_socket[0] != '\0')
		buf_text(&path, c->database_socket);
	else
		buf_fmt(&path, "%s/mariadb.sock", run_dir);
	ret->count = 1;
	ret->is_private = c->database_socket[0] == '\0';
	(void)str_copy(s->name, sizeof(s->name), STR("private"));
	ok = set_socket(s, buf_get(&path), why) && own_user(s, why);
	buf_fini(&path);
	return ok;
}

static bool check_database(const char *name, struct buf *why)
{
	if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] == '\0')
		return true;
	buf_fmt(why, "[dbproxy] database is '%s'; use letters, digits and _ only", name);
	return false;
}

bool servers_read(const struct conf *c, const char *run_dir, struct servers *ret,
		  struct buf *why)
{
	const struct conf_named *n;

	*ret = (struct servers){ 0 };
	(void)str_copy(ret->database, sizeof(ret->database), str_of(c->database));
	if (!check_database(ret->database, why))
		return false;
	while ((n = conf_named(c, "server", ret->count)) != NULL) {
		if (ret->count == SERVERS_MAX) {
			buf_fmt(why, "more than %d [server NAME] sections", SERVERS_MAX);
			return false;
		}
		if (!read_named(n, &ret->list[ret->count++], why))
			return false;
	}
	if (ret->count == 0 && !read_default(c, run_dir, ret, why))
		return false;
	for (unsigned i = 0; i < ret->count; i++) {
		struct db_server *db = &ret->list[i].db;

		db->user = ret->list[i].user;
		db->connect_us = CONNECT_US;
		db->read_us = READ_US;
		db->database = ret->database;
	}
	return read_manager(c, ret, why);
}

void servers_wipe(struct servers *s)
{
	explicit_bzero(s, sizeof(*s));
}

bool servers_managed(const struct servers *s)
{
	return s->count > 1 && s->manager.user[0] != '\0';
}

static bool same_login(const struct server_login *a, const struct server_login *b)
{
	return strcmp(a->user, b->user) == 0 && strcmp(a->password, b->password) == 0;
}

static bool same(const struct server_conf *a, const struct server_conf *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->socket, b->socket) == 0 &&
	       strcmp(a->at.host, b->at.host) == 0 && a->db.port == b->db.port &&
	       strcmp(a->user, b->user) == 0 && strcmp(a->password, b->password) == 0 &&
	       a->db.tls == b->db.tls && strcmp(a->tls_ca, b->tls_ca) == 0 &&
	       strcmp(a->tls_fingerprint, b->tls_fingerprint) == 0 &&
	       strcmp(a->replicate.host, b->replicate.host) == 0 &&
	       a->replicate.port == b->replicate.port;
}

bool servers_same(const struct servers *a, const struct servers *b)
{
	bool equal = a->count == b->count && strcmp(a->database, b->database) == 0 &&
		     a->manage == b->manage && a->manage_after_us == b->manage_after_us &&
		     same_login(&a->manager, &b->manager) &&
		     same_login(&a->replication, &b->replication);

	for (unsigned i = 0; equal && i < a->count; i++)
		equal = same(&a->list[i], &b->list[i]);
	return equal;
}
