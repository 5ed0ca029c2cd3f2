/* appd.c -- the application: HTTP requests from webd in, answers out, the database asked
 * through dbproxy on the way.
 *
 * Peers: webd sends MSG_HTTP, we send MSG_SQL to dbproxy. One thread, one loop, one task
 * for each request. We are ready when our own home page can be made. */
#include "appd/appd.h"

#include <errno.h>
#include <sodium.h>

#include "appd/demo/demo.h"
#include "appd/mail/mail.h"
#include "appd/operator.h"
#include "appd/pages/pages.h"
#include "appd/password.h"
#include "appd/request.h"
#include "appd/task.h"
#include "common/clock.h"
#include "common/stat.h"

enum {
	CHECK_BUDGET_US = 3000000,
	CHECK_AGAIN_US = 100000,
	CALLS_PER_REQUEST = 2, /* headroom: cancelled calls leave later than requests */
};

static void on_http(struct daemon *d, const struct fabric_incoming *in)
{
	request_serve(d->self, in);
}

static void on_site(struct daemon *d, const struct fabric_incoming *in)
{
	operator_serve(d->self, in);
}

static const struct daemon_handler handlers[] = {
	{ MSG_HTTP, on_http },
	{ MSG_SITE, on_site },
	{ 0, NULL },
};

/* ---- the self-check ---- */

static void checked(void *ctx, int status)
{
	struct appd *a = ctx;
	unsigned held;

	a->checking = false;
	if (status == 200) {
		daemon_ready(a->daemon);
		return;
	}
	if (log_gate_open(&a->check_gate, &held))
		log_warn("not_ready why=\"the home page gives %d; is dbproxy well?\"",
			 status);
	loop_timer_in(a->daemon->loop, &a->look, CHECK_AGAIN_US);
}

/* The home page is made as for a visitor; a new site is given its first articles. */
static void begin(struct request *q)
{
	page_home(q);
	demo_begin(q, q->appd->daemon->conf->appd_demo);
}

static void check(void *ctx)
{
	struct appd *a = ctx;
	const struct errand e = {
		.run = begin,
		.done = checked,
		.ctx = a,
		.budget_us = CHECK_BUDGET_US,
	};

	if (a->daemon->server != NULL || a->daemon->draining || a->checking)
		return;
	if (fabric_caller_ready(a->dbproxy) == 0) {
		daemon_status(a->daemon, "waiting for dbproxy");
		return; /* peers_changed comes back */
	}
	a->checking = true;
	request_serve_errand(a, &e);
}

/* From a turn of the fabric: the check itself waits for the loop. */
static void on_peers(void *ctx, unsigned ready)
{
	struct appd *a = ctx;

	log_info("dbproxy instances=%u", ready);
	if (ready > 0)
		loop_timer_in(a->daemon->loop, &a->look, 0);
}

/* ---- life ---- */

static void wake_caller(void *ctx)
{
	struct appd *a = ctx;

	fabric_tie_wake(&a->dbproxy_tie);
}

static bool is_right(const struct conf *c)
{
	struct buf why;
	bool ok;

	buf_init(&why, 4096);
	ok = mail_right(c, &why);
	if (!ok)
		log_error("bad_configuration why=\"%.*s\"",
			  STR_ARG(str_trim(buf_get(&why))));
	buf_fini(&why);
	return ok;
}

/* appd -t */
static int check_conf(const struct daemon *d)
{
	return is_right(d->conf) ? EXIT_OK : EXIT_CONFIG;
}

static int start(struct daemon *d)
{
	static struct appd appd;
	struct appd *a = &appd;
	unsigned window = (unsigned)d->conf->appd_window;
	const struct fabric_caller_options options = {
		.run_dir = d->run_dir,
		.service = "dbproxy",
		.calls_max = CALLS_PER_REQUEST * window + 64,
		.queue_max = CALLS_PER_REQUEST * window + 64,
		.wake = wake_caller,
		.peers_changed = on_peers,
		.ctx = a,
	};

	if (!is_right(d->conf))
		return EXIT_CONFIG;
	d->self = a;
	a->daemon = d;
	a->look = (struct timer){ .run = check, .ctx = a };
	list_init(&a->live);
	task_pool_limit(window);
	fabric_tie_init(&a->dbproxy_tie, d->loop);
	a->dbproxy = fabric_caller_new(d->fabric, &options);
	if (a->dbproxy == NULL || !fabric_tie_caller(&a->dbproxy_tie, a->dbproxy)) {
		log_error("cannot_watch run=%s why=\"%s\"", d->run_dir, strerror(errno));
		return EXIT_SYSTEM;
	}
	if (sodium_init() < 0 || (a->passwords = passwords_new(d->loop)) == NULL) {
		log_error("cannot_start why=\"no threads for passwords: %s\"",
			  strerror(errno));
		return EXIT_SYSTEM;
	}
	if (!secret_load(&a->secret, d->state_dir)) {
		log_error("cannot_start file=%s/secret/appd.key why=\"%s\"", d->state_dir,
			  strerror(errno));
		return EXIT_WRITE;
	}
	outbox_start(a);
	daemon_status(d, "waiting for dbproxy");
	loop_timer_in(d->loop, &a->look, 0);
	return EXIT_OK;
}

static bool reload(struct daemon *d, const struct conf *next, struct buf *why)
{
	(void)d;
	return mail_right(next, why);
}

static void cancel(struct daemon *d, const struct fabric_ticket *t)
{
	struct appd *a = d->self;
	struct list *link = list_first(&a->live);

	/* ending one may end others: begin anew after each */
	while (link != NULL && link != &a->live) {
		struct request *q = LIST_OF(link, struct request, link);

		if (q->errand.run == NULL && !q->cancelled &&
		    q->ticket.client == t->client &&
		    q->ticket.generation == t->generation &&
		    (t->id == 0 || q->ticket.id == t->id) && request_cancel(q))
			link = list_first(&a->live);
		else
			link = link->next;
	}
}

static void stop(struct daemon *d)
{
	struct appd *a = d->self;

	if (a == NULL)
		return;
	for (struct list *link; (link = list_first(&a->live)) != NULL;)
		if (!request_cancel(LIST_OF(link, struct request, link)))
			break;
	loop_timer_stop(d->loop, &a->look);
	outbox_stop(a);
	if (a->dbproxy != NULL) {
		fabric_tie_fini(&a->dbproxy_tie);
		fabric_caller_free(a->dbproxy);
	}
	passwords_free(a->passwords);
	task_pool_free();
}

static unsigned window(const struct conf *c)
{
	return (unsigned)c->appd_window;
}

static int64_t drain_us(const struct conf *c)
{
	return c->appd_drain_us;
}

static void stats(struct daemon *d, struct buf *b)
{
	(void)d;
	buf_fmt(b,
		"# HELP appd_tasks Requests being answered.\n# TYPE appd_tasks gauge\n"
		"appd_tasks %zu\n",
		task_count());
}

/* What is made once, at the start. */
static const char *const settled[] = { "appd.window", NULL };

const struct daemon_manifest appd_manifest = {
	.name = "appd",
	.summary = "the application: the site's pages and its JSON API",
	.handlers = handlers,
	.window = window,
	.drain_us = drain_us,
	.settled = settled,
	.check = check_conf,
	.reload = reload,
	.start = start,
	.stop = stop,
	.cancel = cancel,
	.stats = stats,
};
