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
	struct metrics *metrics;
	struct work *work;
	char slow_log[4096];
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

static void free_bytes(void *p, void *hint)
{
	(void)hint;
	free(p);
}

/* A long answer goes as an attachment, which is not copied. */
static void reply(void *ctx, const struct fabric_ticket *t, enum msg_status status,
		  struct buf *body)
{
	struct dbproxy *p = ctx;
	const struct fabric_attachment bytes = { .p = body->p,
						 .n = body->n,
						 .free_fn = free_bytes };

	if (body->n > FABRIC_INLINE_MAX) {
		fabric_reply(p->d->server, t, status, STR(""), &bytes);
		return;
	}
	fabric_reply(p->d->server, t, status, buf_get(body), NULL);
	buf_fini(body);
}

static void print_stats(struct daemon *d, struct buf *b)
{
	struct dbproxy *p = d->self;

	if (p->work == NULL)
		return;
	buf_fmt(b,
		"# HELP dbproxy_jobs requests taken on\n# TYPE dbproxy_jobs gauge\n"
		"dbproxy_jobs{state=\"waiting\"} %u\ndbproxy_jobs{state=\"running\"} %u\n"
		"# HELP dbproxy_connections connections to the database\n"
		"# TYPE dbproxy_connections gauge\ndbproxy_connections %u\n",
		work_waiting(p->work), work_running(p->work), work_connected(p->work));
	metrics_print(p->metrics, b);
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
	snprintf(p->slow_log, sizeof(p->slow_log), "%s/log/slow.log", d->state_dir);
	p->metrics = metrics_new(p->slow_log);
	if (p->metrics == NULL)
		fatal(EXIT_SYSTEM, "out of memory");
	metrics_set_slow(p->metrics, d->conf->dbproxy_slow_us);
	failed = set_server(p);
	if (failed == 0)
		failed = prepare_database(p);
	if (failed != 0)
		return failed;
	p->server.database = p->database;
	options.server = &p->server;
	options.once = p->once;
	options.metrics = p->metrics;
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
	metrics_free(p->metrics);
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
	.stats = print_stats,
};
