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

#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "dbproxy/schema.h"
#include "dbproxy/work.h"

enum {
	START_PAUSE_US = 50000,
	MIGRATE_US = 600000000,
	READ_ONLY = 1290, /* the error number */
};

struct dbproxy {
	struct daemon *d;
	struct servers servers;
	const struct server_conf *asked; /* at start: the last one */
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
		"dbproxy_jobs{state=\"waiting\"} %u\ndbproxy_jobs{state=\"running\"} "
		"%u\n",
		work_waiting(p->work), work_running(p->work));
	work_print(p->work, b);
	metrics_print(p->metrics, b);
}

/* ---- start ---- */

/* Once over all servers: the first that may be written to. */
static bool find_primary(struct dbproxy *p, struct session *s)
{
	for (unsigned i = 0; i < p->servers.count; i++) {
		struct db_server server = p->servers.list[i].db;

		server.database = NULL; /* it may have to be made */
		p->asked = &p->servers.list[i];
		if (session_open(s, &server, clock_us() + MIGRATE_US)) {
			if (p->servers.count == 1 || schema_writable(s))
				return true;
			str_copy(s->message, sizeof(s->message),
				 STR("no server may be written to"));
			s->code = READ_ONLY;
		}
		if (i + 1 < p->servers.count)
			session_close(s);
	}
	return false;
}

/* Waits for a server that is not there yet, for a while. */
static bool open_session(struct dbproxy *p, struct session *s)
{
	int64_t give_up = clock_us() + p->d->conf->dbproxy_start_wait_us;

	while (!find_primary(p, s)) {
		if (clock_us() >= give_up || class_of(s->code) != CLASS_UNAVAILABLE)
			return false;
		session_close(s);
		usleep(START_PAUSE_US);
	}
	return true;
}

static int prepare_database(struct dbproxy *p)
{
	struct session s;
	struct buf why;
	int failed = 0;

	buf_init(&why, 4096);
	if (!open_session(p, &s)) {
		log_error("no_database server=%s at=%s user=%s why=\"%s\" "
			  "remedy=\"start the server, or name another in [dbproxy] "
			  "socket or a [server NAME] section\"",
			  p->asked->name,
			  p->asked->db.socket != NULL ? p->asked->socket : p->asked->host,
			  p->asked->user, s.message);
		failed = EXIT_DEPENDENCY;
	} else if (!schema_migrate(&s, p->servers.database, &why, &failed)) {
		log_error("schema_refused why=\"%.*s\"", STR_ARG(buf_get(&why)));
	} else if (!schema_check(&s, p->once, p->d->conf->dbproxy_portable, &why)) {
		log_error("statement_refused why=\"%.*s\"", STR_ARG(buf_get(&why)));
		failed = EXIT_CONFIG;
	}
	session_close(&s);
	buf_fini(&why);
	return failed;
}

static int read_servers(struct dbproxy *p)
{
	struct buf why;
	bool ok;

	buf_init(&why, 16 << 10);
	ok = servers_read(p->d->conf, p->d->run_dir, &p->servers, &why);
	if (!ok)
		log_error("bad_server why=\"%.*s\"", STR_ARG(buf_get(&why)));
	buf_fini(&why);
	return ok ? 0 : EXIT_CONFIG;
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
	failed = read_servers(p);
	if (failed == 0)
		failed = prepare_database(p);
	if (failed != 0)
		return failed;
	options.servers = &p->servers;
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
	servers_wipe(&p->servers);
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
