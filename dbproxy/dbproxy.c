/* dbproxy.c -- the manifest: what dbproxy is asked, how it starts and stops.
 *
 *     appd --MSG_SQL--> work.c    the jobs, in the order of their deadlines
 *                         pool.c  the connections
 *                         run.c   one job on one connection
 *                         db.h    the client library, in mysql.c
 *     onebox --MSG_DATABASE--> manage.c  who is the primary
 *
 * Before it is ready it brings the schema up to date and has the server prepare and
 * explain every statement; after that nothing the database does ends it. */
#include "dbproxy/dbproxy.h"

#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/wire.h"
#include "dbproxy/manage.h"
#include "dbproxy/record.h"
#include "dbproxy/schema.h"
#include "dbproxy/work.h"

enum {
	START_PAUSE_US = 50000,
	MIGRATE_US = 600000000,
	CHECK_US = 300000,
	FAREWELL_LOOK_US = 100000,
	READ_ONLY = 1290, /* the error number */
};

/* What a reload replaces as a whole: the one before ends when its last job has. */
struct generation {
	struct servers servers;
	struct work *work;
	struct manage *manage; /* NULL: nothing to manage, or the next one does */
};

struct dbproxy {
	struct daemon *d;
	struct once *once;
	struct metrics *metrics;
	struct generation *now, *before; /* before: may be NULL */
	struct timer farewell;
	const struct server_conf *asked; /* the last one a session was opened with */
	char slow_log[4096];
};

/* ---- requests ---- */

static void on_sql(struct daemon *d, const struct fabric_incoming *in)
{
	struct dbproxy *p = d->self;

	work_request(p->now->work, in);
}

static void on_cancel(struct daemon *d, const struct fabric_ticket *t)
{
	struct dbproxy *p = d->self;

	if (p->now != NULL)
		work_cancel(p->now->work, t);
	if (p->before != NULL)
		work_cancel(p->before->work, t);
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

/* ---- orders ---- */

static void answer_order(void *ctx, const struct order *o, bool ok, struct str words)
{
	struct dbproxy *p = ctx;
	struct buf b;

	buf_init(&b, 128 << 10);
	if (o->kind == ORDER_STATUS) {
		struct buf text;

		buf_init(&text, 64 << 10);
		buf_text(&text, "elected\n");
		topology_connections(work_topology(p->now->work), &text);
		buf_text(&text, "\n");
		buf_str(&text, words);
		wire_put_bytes(&b, buf_get(&text));
		buf_fini(&text);
	} else {
		wire_put_bytes(&b, words);
	}
	fabric_reply(p->d->server, &o->ticket, ok ? STATUS_OK : STATUS_FAIL, buf_get(&b),
		     NULL);
	buf_fini(&b);
}

static void reply_words(struct dbproxy *p, const struct fabric_incoming *in,
			enum msg_status status, struct str words)
{
	struct buf b;

	buf_init(&b, 128 << 10);
	wire_put_bytes(&b, words);
	daemon_reply(p->d, in, status, buf_get(&b));
	buf_fini(&b);
}

/* What the answer to "status" begins with: how the servers are led. */
static const char *way_of(const struct dbproxy *p)
{
	if (p->now->manage != NULL)
		return "waits";
	if (p->now->servers.count > 1)
		return "unmanaged";
	return p->now->servers.is_private ? "private" : "single";
}

/* One that is not elected, or has nobody to elect: what it sees itself. */
static void own_status(struct dbproxy *p, const struct fabric_incoming *in)
{
	struct buf b;

	buf_init(&b, 64 << 10);
	buf_fmt(&b, "%s\n", way_of(p));
	topology_connections(work_topology(p->now->work), &b);
	buf_text(&b, "\n");
	topology_table(work_topology(p->now->work), &b);
	reply_words(p, in, STATUS_OK, buf_get(&b));
	buf_fini(&b);
}

/* "status", "promote NAME", "promote NAME force", "switchover NAME" */
static bool parse_order(const struct fabric_incoming *in, struct order *ret)
{
	struct wire w = wire_of(in->body);
	struct str rest = wire_bytes(&w), word;

	*ret = (struct order){ .ticket = in->ticket };
	if (!wire_end(&w))
		return false;
	word = str_cut(&rest, ' ');
	if (str_eq(word, STR("status")))
		return rest.n == 0;
	ret->kind = str_eq(word, STR("promote")) ? ORDER_PROMOTE : ORDER_SWITCHOVER;
	if (ret->kind == ORDER_SWITCHOVER && !str_eq(word, STR("switchover")))
		return false;
	if (!str_copy(ret->server, sizeof(ret->server), str_cut(&rest, ' ')))
		return false;
	ret->force = str_eq(rest, STR("force"));
	return ret->force ? ret->kind == ORDER_PROMOTE : rest.n == 0;
}

static void on_database(struct daemon *d, const struct fabric_incoming *in)
{
	struct dbproxy *p = d->self;
	struct manage *m = p->now->manage;
	const char *refusal = NULL;
	struct order o;

	if (!parse_order(in, &o))
		refusal = "this order is not understood";
	else if (o.kind == ORDER_STATUS && (m == NULL || !manage_elected(m)))
		own_status(p, in);
	else if (m == NULL)
		refusal = "it has no servers to manage: several [server NAME] sections "
			  "and [dbproxy] manage_user are needed";
	else if (!manage_elected(m))
		refusal = "another dbproxy is the elected one";
	else if (!manage_order(m, &o))
		refusal = "another order is under way";
	if (refusal != NULL)
		reply_words(p, in, STATUS_FAIL, str_of(refusal));
}

static void print_stats(struct daemon *d, struct buf *b)
{
	struct dbproxy *p = d->self;

	if (p->now == NULL)
		return;
	buf_fmt(b,
		"# HELP dbproxy_jobs requests taken on\n# TYPE dbproxy_jobs gauge\n"
		"dbproxy_jobs{state=\"waiting\"} %u\ndbproxy_jobs{state=\"running\"} "
		"%u\n",
		work_waiting(p->now->work), work_running(p->now->work));
	work_print(p->now->work, b);
	metrics_print(p->metrics, b);
}

/* ---- start ---- */

/* Once over all servers: the first that may be written to, or the recorded one. */
static bool find_primary(struct dbproxy *p, const struct servers *servers,
			 struct session *s, int64_t deadline_us)
{
	struct record r = { 0 };

	*s = (struct session){ .code = READ_ONLY };
	p->asked = &servers->list[0];
	str_copy(s->message, sizeof(s->message), STR("no server may be written to"));
	if (servers_managed(servers))
		r = record_read(p->d->run_dir);
	for (unsigned i = 0; i < servers->count; i++) {
		struct db_server server = servers->list[i].db;
		bool named = strcmp(r.primary, servers->list[i].name) == 0;

		if (r.primary[0] != '\0' && !named)
			continue;
		server.database = NULL; /* it may have to be made */
		p->asked = &servers->list[i];
		if (session_open(s, &server, deadline_us, NULL)) {
			if (servers->count == 1 || schema_writable(s))
				return true;
			str_copy(s->message, sizeof(s->message),
				 STR("no server may be written to"));
			s->code = READ_ONLY;
		}
		if (i + 1 < servers->count && !named)
			session_close(s);
	}
	return false;
}

/* Waits for a server that is not there yet, for a while. */
static bool open_session(struct dbproxy *p, const struct servers *servers,
			 struct session *s)
{
	int64_t give_up = clock_us() + p->d->conf->dbproxy_start_wait_us;

	while (!find_primary(p, servers, s, clock_us() + MIGRATE_US)) {
		if (clock_us() >= give_up || class_of(s->code) != CLASS_UNAVAILABLE)
			return false;
		session_close(s);
		usleep(START_PAUSE_US);
	}
	return true;
}

static int prepare_database(struct dbproxy *p, const struct servers *servers)
{
	struct session s;
	struct buf why;
	int failed = 0;

	buf_init(&why, 4096);
	if (!open_session(p, servers, &s)) {
		log_error("no_database server=%s at=%s user=%s why=\"%s\" "
			  "remedy=\"start the server, or name another in [dbproxy] "
			  "socket or a [server NAME] section\"",
			  p->asked->name,
			  p->asked->db.socket != NULL ? p->asked->socket
						      : p->asked->at.host,
			  p->asked->user, s.message);
		failed = EXIT_DEPENDENCY;
	} else if (!schema_migrate(&s, servers->database, &why, &failed)) {
		log_error("schema_refused why=\"%.*s\"", STR_ARG(buf_get(&why)));
	} else if (!schema_check(&s, p->once, p->d->conf->dbproxy_portable, &why)) {
		log_error("statement_refused why=\"%.*s\"", STR_ARG(buf_get(&why)));
		failed = EXIT_CONFIG;
	}
	session_close(&s);
	buf_fini(&why);
	return failed;
}

/* ---- generations ---- */

static void generation_free(struct generation *g)
{
	if (g == NULL)
		return;
	manage_free(g->manage);
	work_free(g->work);
	servers_wipe(&g->servers);
	free(g);
}

static struct generation *generation_read(struct dbproxy *p, const struct conf *c,
					  struct buf *why)
{
	struct generation *g = calloc(1, sizeof(*g));

	if (g == NULL)
		buf_text(why, "out of memory");
	else if (servers_read(c, p->d->run_dir, &g->servers, why))
		return g;
	generation_free(g);
	return NULL;
}

static bool generation_open(struct dbproxy *p, struct generation *g, const struct conf *c)
{
	const struct work_options options = {
		.loop = p->d->loop,
		.servers = &g->servers,
		.run_dir = p->d->run_dir,
		.once = p->once,
		.metrics = p->metrics,
		.connections = (unsigned)c->dbproxy_connections,
		.portable = c->dbproxy_portable,
		.value_max = (size_t)c->dbproxy_value_max,
		.piece = (size_t)c->dbproxy_piece,
		.keep_keys_us = c->dbproxy_keep_keys_us,
		.reply = reply,
		.ctx = p,
	};

	g->work = work_new(&options);
	return g->work != NULL;
}

/* Before anything else needs a primary: it may be the manager who makes one. */
static bool generation_manage(struct dbproxy *p, struct generation *g)
{
	const struct manage_options options = {
		.servers = &g->servers,
		.run_dir = p->d->run_dir,
		.loop = p->d->loop,
		.done = answer_order,
		.ctx = p,
	};

	if (servers_managed(&g->servers))
		g->manage = manage_new(&options);
	return !servers_managed(&g->servers) || g->manage != NULL;
}

static void look_farewell(void *ctx)
{
	struct dbproxy *p = ctx;

	if (work_is_idle(p->before->work)) {
		generation_free(p->before);
		p->before = NULL;
	} else {
		loop_timer_in(p->d->loop, &p->farewell, FAREWELL_LOOK_US);
	}
}

/* ---- start, reload, stop ---- */

static int start(struct daemon *d)
{
	struct dbproxy *p = calloc(1, sizeof(*p));
	struct generation *g;
	struct buf why;
	int failed;

	if (p == NULL || !db_library_init()) {
		log_error("out of memory");
		free(p);
		return EXIT_SYSTEM;
	}
	statements_init();
	d->self = p;
	p->d = d;
	p->once = once_new();
	p->farewell = (struct timer){ .run = look_farewell, .ctx = p };
	snprintf(p->slow_log, sizeof(p->slow_log), "%s/log/slow.log", d->state_dir);
	p->metrics = metrics_new(p->slow_log);
	if (p->metrics == NULL || p->once == NULL)
		fatal(EXIT_SYSTEM, "out of memory");
	metrics_set_slow(p->metrics, d->conf->dbproxy_slow_us);
	buf_init(&why, 16 << 10);
	g = generation_read(p, d->conf, &why);
	if (g == NULL)
		log_error("bad_server why=\"%.*s\"", STR_ARG(buf_get(&why)));
	buf_fini(&why);
	if (g != NULL && !generation_manage(p, g))
		fatal(EXIT_SYSTEM, "out of memory");
	failed = g == NULL ? EXIT_CONFIG : prepare_database(p, &g->servers);
	if (failed != 0) {
		generation_free(g);
		return failed;
	}
	p->now = g;
	if (!generation_open(p, g, d->conf))
		fatal(EXIT_SYSTEM, "out of memory");
	return daemon_ready(d) ? 0 : EXIT_SYSTEM;
}

static bool needs_generation(const struct dbproxy *p, const struct generation *g,
			     const struct conf *next)
{
	const struct conf *c = p->d->conf;

	return !servers_same(&g->servers, &p->now->servers) ||
	       c->dbproxy_connections != next->dbproxy_connections ||
	       c->dbproxy_portable != next->dbproxy_portable ||
	       c->dbproxy_value_max != next->dbproxy_value_max ||
	       c->dbproxy_piece != next->dbproxy_piece ||
	       c->dbproxy_keep_keys_us != next->dbproxy_keep_keys_us;
}

/* Everything is checked as at start, in less time than callers take for hanging. What is
 * in use already was checked: that the machine has no time for it now is no mistake. */
static bool check_again(struct dbproxy *p, const struct generation *g,
			const struct conf *next, struct buf *why)
{
	int64_t deadline = clock_us() + CHECK_US;
	struct session s;
	bool ok = false;

	if (!find_primary(p, &g->servers, &s, deadline) ||
	    !session_query(&s, "USE `%s`", g->servers.database))
		buf_fmt(why, "server %s: %s", p->asked->name, s.message);
	else
		ok = schema_check(&s, p->once, next->dbproxy_portable, why);
	session_close(&s);
	if (ok || needs_generation(p, g, next) || clock_us() < deadline)
		return ok;
	log_warn("not_checked why=\"%.*s\"", STR_ARG(str_trim(buf_get(why))));
	buf_reset(why);
	return true;
}

static bool reload(struct daemon *d, const struct conf *next, struct buf *why)
{
	struct dbproxy *p = d->self;
	struct generation *g = generation_read(p, next, why);

	if (g == NULL || !check_again(p, g, next, why)) {
		generation_free(g);
		return false;
	}
	if (!needs_generation(p, g, next)) {
		generation_free(g);
	} else if (p->before != NULL || !generation_open(p, g, next)) {
		buf_text(why, "the reload before this one is still under way");
		generation_free(g);
		return false;
	} else {
		manage_free(p->now->manage);
		p->now->manage = NULL;
		if (!generation_manage(p, g))
			log_error("no_manager why=\"out of memory\"");
		p->before = p->now;
		p->now = g;
		work_retire(p->before->work);
		loop_timer_in(d->loop, &p->farewell, FAREWELL_LOOK_US);
	}
	metrics_set_slow(p->metrics, next->dbproxy_slow_us);
	return true;
}

static void stop(struct daemon *d)
{
	struct dbproxy *p = d->self;

	if (p == NULL)
		return;
	loop_timer_stop(d->loop, &p->farewell);
	generation_free(p->now);
	generation_free(p->before);
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
	{ MSG_DATABASE, on_database },
	{ 0, NULL },
};

/* What is made once, at the start. */
static const char *const settled[] = { "dbproxy.window", NULL };

const struct daemon_manifest dbproxy_manifest = {
	.name = "dbproxy",
	.summary = "named statements, run in the database",
	.handlers = handlers,
	.window = window,
	.drain_us = drain_us,
	.settled = settled,
	.start = start,
	.reload = reload,
	.stop = stop,
	.cancel = on_cancel,
	.stats = print_stats,
};
