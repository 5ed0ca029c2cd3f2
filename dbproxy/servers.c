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
static bool set_address(struct server_conf *s, const char *text, struct buf *why)
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
	ok = ok && host.n > 0 && str_copy(s->host, sizeof(s->host), host) &&
	     s->host[strspn(s->host, "0123456789abcdefABCDEF.:")] == '\0';
	if (!ok)
		buf_fmt(why,
			"[server %s] address is '%s'; it may be 10.0.0.2:3306 or "
			"[fd00::2]:3306 (an address, for a name would block)",
			s->name, text);
	s->db.host = s->host;
	s->db.port = (unsigned)port;
	return ok;
}

static bool refuse_file(const struct server_conf *s, const char *path, const char *what,
			struct buf *why)
{
	buf_fmt(why, "[server %s] password_file %s %s", s->name, path, what);
	return false;
}

/* The first line. The file is for us alone: nobody else may read or change it. */
static bool read_password(struct server_conf *s, const char *path, struct buf *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return refuse_file(s, path, strerror(errno), why);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & 077) != 0 ||
	    (st.st_uid != geteuid() && st.st_uid != 0)) {
		close(fd);
		return refuse_file(s, path,
				   "may be read by others; it must be a file of yours "
				   "with mode 0600",
				   why);
	}
	n = read(fd, s->password, sizeof(s->password) - 1);
	close(fd);
	if (n <= 0 || n == (ssize_t)sizeof(s->password) - 1)
		return refuse_file(s, path, "is empty or too long", why);
	s->password[n] = '\0';
	s->password[strcspn(s->password, "\r\n")] = '\0';
	s->db.password = s->password;
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

static bool read_named(const struct conf_named *n, struct server_conf *s, struct buf *why)
{
	const char *socket = conf_named_text(n, "socket");
	const char *address = conf_named_text(n, "address");
	const char *user = conf_named_text(n, "user");
	const char *password = conf_named_text(n, "password_file");

	if (!str_copy(s->name, sizeof(s->name), str_of(conf_named_name(n))) ||
	    (socket[0] == '\0') == (address[0] == '\0')) {
		buf_fmt(why, "[server %s] needs either a socket or an address",
			conf_named_name(n));
		return false;
	}
	if (socket[0] != '\0' ? !set_socket(s, str_of(socket), why)
			      : !set_address(s, address, why))
		return false;
	if (user[0] == '\0' ? !own_user(s, why)
			    : !str_copy(s->user, sizeof(s->user), str_of(user)))
		return false;
	if (password[0] != '\0' && !read_password(s, password, why))
		return false;
	return set_tls(s, n, why);
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
	return true;
}

void servers_wipe(struct servers *s)
{
	explicit_bzero(s, sizeof(*s));
}

static bool same(const struct server_conf *a, const struct server_conf *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->socket, b->socket) == 0 &&
	       strcmp(a->host, b->host) == 0 && a->db.port == b->db.port &&
	       strcmp(a->user, b->user) == 0 && strcmp(a->password, b->password) == 0 &&
	       a->db.tls == b->db.tls && strcmp(a->tls_ca, b->tls_ca) == 0 &&
	       strcmp(a->tls_fingerprint, b->tls_fingerprint) == 0;
}

bool servers_same(const struct servers *a, const struct servers *b)
{
	bool equal = a->count == b->count && strcmp(a->database, b->database) == 0;

	for (unsigned i = 0; equal && i < a->count; i++)
		equal = same(&a->list[i], &b->list[i]);
	return equal;
}
