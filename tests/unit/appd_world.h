/* appd_world.h -- a real appd in a process of its own, between a stand-in for webd and
 * one for dbproxy, both on this test's loop. Included once, by the test program.
 *
 * The program starts itself again to be appd (see world_child). What the database says is
 * up to the test: world.rows is called for each statement and writes its result. */
#ifndef TESTS_UNIT_APPD_WORLD_H
#define TESTS_UNIT_APPD_WORLD_H

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

#include "appd/appd.h"
#include "common/clock.h"
#include "common/fabric_loop.h"
#include "common/http_msg.h"
#include "common/sql_msg.h"
#include "common/trace.h"
#include "tests/unit/check.h"

enum { WORLD_ANSWERS = 2000, WORLD_HELD = 2000 };

struct world_answer {
	bool arrived;
	enum msg_status fabric;
	struct http_response r;
	struct str body; /* NUL-ended, freed by world_end */
	char *bytes;
};

static struct {
	char dir[64];
	pid_t appd;
	struct loop *loop;
	struct fabric *fabric;
	struct fabric_caller *webd;
	struct fabric_server *dbproxy;
	struct fabric_tie webd_tie, dbproxy_tie;
	struct timer stop;
	bool timed_out;
	bool (*until)(void);
	struct world_answer answers[WORLD_ANSWERS];
	unsigned asked, arrived;
	uint64_t last_id;
	/* of the database */
	void (*rows)(struct str name, struct wire *values, uint32_t count,
		     struct buf *out);
	const char *class; /* other than "ok": every answer is this */
	bool hold;         /* nothing is answered */
	struct fabric_ticket held[WORLD_HELD];
	unsigned held_count, messages, cancels;
	uint8_t last_key[FABRIC_KEY_SIZE], last_trace[FABRIC_TRACE_SIZE];
	bool last_again;
	int64_t last_budget_us; /* of the database */
	const char *position;   /* what it answers */
	char seen[64];          /* what it was told; "null" if nothing */
} world;

/* In the child this never returns: it is appd. */
__attribute__((constructor)) static void world_child(int argc, char **argv)
{
	if (getenv("TEST_APPD_CHILD") != NULL)
		exit(daemon_main(argc, argv, &appd_manifest));
}

/* ---- the database ---- */

static void world_result(struct buf *out, int64_t columns, uint32_t cells)
{
	sql_result_head_put(
	    out, &(struct sql_result_head){ .columns = columns, .cells = cells });
}

static void world_sql(void *ctx, const struct fabric_incoming *in)
{
	struct wire w = wire_of(in->body.n > 0 ? in->body : in->attachment);
	struct sql_request_head head = sql_request_head_get(&w);
	struct sql_reply_head reply = { .class = str_of(world.class), .detail = STR("") };
	bool ok = strcmp(world.class, "ok") == 0;
	struct buf out;

	(void)ctx;
	world.messages++;
	str_copy(world.seen, sizeof(world.seen),
		 head.position.p != NULL ? head.position : STR("null"));
	reply.position = str_of(world.position);
	world.last_again = in->again;
	world.last_budget_us = in->deadline_us - in->ticket.start_us;
	memcpy(world.last_key, in->context.key, sizeof(world.last_key));
	memcpy(world.last_trace, in->context.trace, sizeof(world.last_trace));
	if (world.hold && world.held_count < WORLD_HELD) {
		world.held[world.held_count++] = in->ticket;
		return;
	}
	reply.results = ok ? head.statements : 0;
	buf_init(&out, 8 << 20);
	sql_reply_head_put(&out, &reply);
	for (uint32_t i = 0; i < reply.results; i++) {
		struct sql_statement_head s = sql_statement_head_get(&w);
		const char *before = w.p;

		world.rows(s.name, &w, s.values, &out);
		w.p = before;
		for (uint32_t n = 0; n < s.values; n++)
			wire_skip(&w);
	}
	CHECK(!ok || wire_end(&w));
	fabric_reply(world.dbproxy, &in->ticket, STATUS_OK, buf_get(&out), NULL);
	buf_fini(&out);
}

static void world_cancelled(void *ctx, const struct fabric_ticket *t)
{
	(void)ctx;
	for (unsigned i = 0; i < world.held_count; i++) {
		if (world.held[i].id != t->id)
			continue;
		world.cancels++;
		fabric_reply(world.dbproxy, t, STATUS_FAIL, STR(""), NULL);
		world.held[i] = world.held[--world.held_count];
		return;
	}
}

static void world_wake_dbproxy(void *ctx)
{
	(void)ctx;
	fabric_tie_wake(&world.dbproxy_tie);
}

static void world_database(void)
{
	char path[108];
	const struct fabric_server_options options = {
		.path = path,
		.window = WORLD_HELD,
		.wake = world_wake_dbproxy,
		.request = world_sql,
		.cancel = world_cancelled,
	};

	snprintf(path, sizeof(path), "%s/dbproxy.1.%d.sock", world.dir, (int)getpid());
	fabric_tie_init(&world.dbproxy_tie, world.loop);
	world.dbproxy = fabric_server_new(world.fabric, &options);
	if (world.dbproxy == NULL ||
	    !fabric_tie_server(&world.dbproxy_tie, world.dbproxy))
		abort();
}

static void world_no_database(void)
{
	fabric_tie_fini(&world.dbproxy_tie);
	fabric_server_free(world.dbproxy);
	world.dbproxy = NULL;
}

/* ---- the loop ---- */

static void world_stop(void *ctx)
{
	(void)ctx;
	world.timed_out = true;
	loop_stop(world.loop);
}

static void world_look(void)
{
	if (world.until != NULL && world.until())
		loop_stop(world.loop);
}

static void world_tick(void *ctx)
{
	struct timer *t = ctx;

	world_look();
	loop_timer_in(world.loop, t, 2000);
}

/* Runs the loop until the condition holds; false if it took too long. */
static bool world_until(bool (*until)(void))
{
	struct timer tick = { .run = world_tick, .ctx = &tick };

	world.stop = (struct timer){ .run = world_stop };
	world.timed_out = false;
	world.until = until;
	loop_timer_in(world.loop, &world.stop, 25000000);
	loop_timer_in(world.loop, &tick, 0);
	loop_run(world.loop);
	loop_timer_stop(world.loop, &world.stop);
	loop_timer_stop(world.loop, &tick);
	return !world.timed_out;
}

static bool world_all_arrived(void)
{
	return world.arrived == world.asked;
}

static bool world_has_appd(void)
{
	return fabric_caller_ready(world.webd) > 0;
}

/* ---- webd ---- */

static void world_answer(void *ctx, const struct fabric_answer *a)
{
	struct world_answer *w = ctx;
	struct http_response r;

	world.arrived++;
	w->arrived = true;
	w->fabric = a->status;
	if (a->status != STATUS_OK)
		return;
	/* borrowed until we return, so it is all copied */
	w->bytes = calloc(1, a->body.n + a->attachment.n + 1);
	memcpy(w->bytes, a->body.p, a->body.n);
	if (a->attachment.n > 0)
		memcpy(w->bytes + a->body.n, a->attachment.p, a->attachment.n);
	CHECK(http_response_get((struct str){ w->bytes, a->body.n },
				(struct str){ w->bytes + a->body.n, a->attachment.n },
				&r));
	w->r = r;
	w->body = r.body;
}

/* Fills what is missing: GET, http, localhost. */
static struct world_answer *world_send(struct http_request r, int64_t budget_us)
{
	struct world_answer *w = &world.answers[world.asked++];
	struct fabric_request f = { .type = MSG_HTTP,
				    .again = true,
				    .budget_us = budget_us,
				    .done = world_answer,
				    .ctx = w };
	struct buf b;

	if (world.asked > WORLD_ANSWERS)
		abort();
	*w = (struct world_answer){ 0 };
	r.method = r.method.p == NULL ? STR("GET") : r.method;
	r.scheme = STR("http");
	r.authority = STR("localhost");
	r.client = r.client.p == NULL ? STR("127.0.0.1") : r.client;
	trace_new(&f.context);
	f.context.key[0] = 7;
	buf_init(&b, 4 << 20);
	http_request_put(&b, &r);
	f.body = buf_get(&b);
	if (!http_body_is_inline(r.body))
		f.attachment =
		    (struct fabric_attachment){ .p = (void *)r.body.p, .n = r.body.n };
	world.last_id = fabric_call(world.webd, &f);
	CHECK(world.last_id != 0);
	buf_fini(&b);
	return w;
}

static inline struct world_answer *world_ask(const char *method, const char *target)
{
	struct world_answer *w = world_send(
	    (struct http_request){ .method = str_of(method), .target = str_of(target) },
	    5000000);

	CHECK(world_until(world_all_arrived));
	CHECK_INT(w->fabric, STATUS_OK);
	return w;
}

static struct str world_header(const struct world_answer *w, const char *name)
{
	return http_header_find(&w->r.headers, str_of(name));
}

static void world_wake_webd(void *ctx)
{
	(void)ctx;
	fabric_tie_wake(&world.webd_tie);
}

/* ---- beginning and end ---- */

static void world_spawn(void)
{
	char exe[256] = { 0 };

	if (readlink("/proc/self/exe", exe, sizeof(exe) - 1) < 0)
		abort();
	world.appd = fork();
	if (world.appd != 0)
		return;
	setenv("TEST_APPD_CHILD", "1", 1);
	execl(exe, exe, "--state", world.dir, "--run", world.dir, "--set",
	      "onebox.log_level=error", "--set", "appd.window=1500", "--set",
	      "appd.drain=300ms", (char *)NULL);
	_exit(99);
}

static void world_start_without_database(void)
{
	struct fabric_caller_options options = {
		.run_dir = world.dir,
		.service = "appd",
		.calls_max = WORLD_ANSWERS,
		.queue_max = WORLD_ANSWERS,
		.wake = world_wake_webd,
	};

	memset(&world, 0, sizeof(world));
	world.class = "ok";
	str_copy(world.dir, sizeof(world.dir), STR("/tmp/appd-test-XXXXXX"));
	if (mkdtemp(world.dir) == NULL)
		abort();
	world_spawn();
	world.loop = loop_new();
	world.fabric = fabric_new();
	fabric_tie_init(&world.webd_tie, world.loop);
	world.webd = fabric_caller_new(world.fabric, &options);
	if (world.webd == NULL || !fabric_tie_caller(&world.webd_tie, world.webd))
		abort();
}

static bool world_start(void (*rows)(struct str, struct wire *, uint32_t, struct buf *))
{
	world_start_without_database();
	world.rows = rows;
	world_database();
	return CHECK(world_until(world_has_appd));
}

static void world_remove_dir(void)
{
	DIR *d = opendir(world.dir);
	char path[400];

	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		snprintf(path, sizeof(path), "%s/%s", world.dir, e->d_name);
		unlink(path);
	}
	closedir(d);
	snprintf(path, sizeof(path), "%s/secret/appd.key", world.dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/secret", world.dir);
	rmdir(path);
	rmdir(world.dir);
}

/* appd must leave by itself, with nothing wrong. */
static void world_end(void)
{
	int status = 0;

	kill(world.appd, SIGTERM);
	while (waitpid(world.appd, &status, WNOHANG) == 0) {
		struct timer t = { .run = world_stop };

		loop_timer_in(world.loop, &t, 5000);
		loop_run(world.loop);
	}
	CHECK_INT(status, 0);
	fabric_tie_fini(&world.webd_tie);
	fabric_caller_free(world.webd);
	if (world.dbproxy != NULL)
		world_no_database();
	fabric_free(world.fabric);
	loop_free(world.loop);
	for (unsigned i = 0; i < world.asked; i++)
		free(world.answers[i].bytes);
	world_remove_dir();
}

#endif
