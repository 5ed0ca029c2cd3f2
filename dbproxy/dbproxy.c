/* dbproxy.c -- the manifest: what dbproxy is asked, how it starts and stops.
 *
 *     appd --MSG_SQL--> work.c    the jobs, in the order of their deadlines
 *                         pool.c  the connections
 *                         run.c   one job on one connection
 *                         db.h    the client library, in mysql.c
 *
 * Before it is ready it brings the schema up to date and has the server prepare and
 * explain every statement; after that nothing the database does ends it. */
#include "dbproxy/dbproxy.h"

#include <pwd.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "dbproxy/schema.h"
#include "dbproxy/work.h"

enum {
	START_PAUSE_US = 50000,
	CONNECT_US = 1000000,
	READ_US = 60000000, /* the backstop behind every deadline */
	MIGRATE_US = 600000000,
	CHECK_US = 10000000,
};

struct dbproxy {
	struct daemon *d;
	struct db_server server;
	char socket[108], user[64], database[65];
	struct once *once;
	struct work *work;
};

/* ---- requests ---- */

static void on_sql(struct daemon *d, const struct fabric_incoming *in)
{
	struct dbproxy *p = d->self;

	work_request(p->work, in);
}

static void on_cancel(struct daemon *d, const struct fabric_ticket *t)
{
	struct dbproxy *p = d->self;

	if (p->work != NULL)
		work_cancel(p->work, t);
}

static void reply(void *ctx, const struct fabric_ticket *t, enum msg_status status,
		  struct str body)
{
	struct dbproxy *p = ctx;

	fabric_reply(p->d->server, t, status, body, NULL);
}

/* ---- start ---- */

static int set_server(struct dbproxy *p)
{
	const struct conf *c = p->d->conf;
	const struct passwd *pw = getpwuid(geteuid());
	bool fits = true;

	if (c->database_socket[0] != '\0')
		fits = str_copy(p->socket, sizeof(p->socket), str_of(c->database_socket));
	else
		fits = (size_t)snprintf(p->socket, sizeof(p->socket), "%s/mariadb.sock",
					p->d->run_dir) < sizeof(p->socket);
	if (!fits) {
		log_error("bad_socket why=\"the path of the database's socket is longer "
			  "than %zu bytes; choose a shorter --run folder\"",
			  sizeof(p->socket) - 1);
		return EXIT_CONFIG;
	}
	if (pw == NULL || !str_copy(p->user, sizeof(p->user), str_of(pw->pw_name))) {
		log_error("no_user why=\"the user id %u has no name, and the database "
			  "knows users by name\"",
			  (unsigned)geteuid());
		return EXIT_SYSTEM;
	}
	(void)str_copy(p->database, sizeof(p->database), str_of(c->database));
	p->server = (struct db_server){ .socket = p->socket,
					.user = p->user,
					.connect_us = CONNECT_US,
					.read_us = READ_US };
	return 0;
}

/* Waits for a server that is not there yet, for a while. */
static bool open_session(struct dbproxy *p, struct session *s)
{
	int64_t give_up = clock_us() + p->d->conf->dbproxy_start_wait_us;

	for (;;) {
		if (session_open(s, &p->server, clock_us() + MIGRATE_US))
			return true;
		if (clock_us() >= give_up || s->code == SESSION_INTERRUPTED)
			return false;
		if (class_of(s->code) != CLASS_UNAVAILABLE)
			return false;
		session_close(s);
		usleep(START_PAUSE_US);
	}
}

static int prepare_database(struct dbproxy *p)
{
	struct session s;
	struct buf why;
	int failed = 0;

	buf_init(&why, 4096);
	if (!open_session(p, &s)) {
		log_error("no_database socket=%s user=%s why=\"%s\" remedy=\"start the "
			  "server, or name another in [dbproxy] socket\"",
			  p->socket, p->user, s.message);
		failed = EXIT_DEPENDENCY;
	} else if (!schema_migrate(&s, p->database, &why, &failed)) {
		log_error("schema_refused why=\"%.*s\"", STR_ARG(buf_get(&why)));
	} else if (!schema_check(&s, p->once, p->d->conf->dbproxy_portable, &why)) {
		log_error("statement_refused why=\"%.*s\"", STR_ARG(buf_get(&why)));
		failed = EXIT_CONFIG;
	}
	session_close(&s);
	buf_fini(&why);
	return failed;
}

static int start(struct daemon *d)
{
	struct dbproxy *p = calloc(1, sizeof(*p));
	struct work_options options = {
		.loop = d->loop,
		.connections = (unsigned)d->conf->dbproxy_connections,
		.portable = d->conf->dbproxy_portable,
		.reply = reply,
	};
	int failed;

	statements_init();
	d->self = p;
	if (p == NULL || !db_library_init() || (p->once = once_new()) == NULL)
		fatal(EXIT_SYSTEM, "out of memory");
	p->d = d;
	failed = set_server(p);
	if (failed == 0)
		failed = prepare_database(p);
	if (failed != 0)
		return failed;
	p->server.database = p->database;
	options.server = &p->server;
	options.once = p->once;
	options.ctx = p;
	p->work = work_new(&options);
	if (p->work == NULL)
		fatal(EXIT_SYSTEM, "out of memory");
	return daemon_ready(d) ? 0 : EXIT_SYSTEM;
}

static void stop(struct daemon *d)
{
	struct dbproxy *p = d->self;

	if (p == NULL)
		return;
	work_free(p->work);
	once_free(p->once);
	free(p);
	db_library_end();
}

static unsigned window(const struct conf *c)
{
	return (unsigned)c->dbproxy_window;
}

static int64_t drain_us(const struct conf *c)
{
	return c->dbproxy_drain_us;
}

static const struct daemon_handler handlers[] = {
	{ MSG_SQL, on_sql },
	{ 0, NULL },
};

const struct daemon_manifest dbproxy_manifest = {
	.name = "dbproxy",
	.summary = "named statements, run in the database",
	.handlers = handlers,
	.window = window,
	.drain_us = drain_us,
	.start = start,
	.stop = stop,
	.cancel = on_cancel,
};
