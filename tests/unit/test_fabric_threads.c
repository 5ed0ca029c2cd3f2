/* test_fabric_threads.c -- callers and servers on threads of one process, as in webd:
 * each belongs to its thread, the context is shared. For ThreadSanitizer above all. */
#include <pthread.h>

#include "tests/unit/fabric_world.h"

enum { SERVERS = 2, CALLERS = 4, EACH = 1500, AT_ONCE = 8 };

struct server {
	struct loop *loop;
	struct fabric_server *server;
	struct fabric_tie tie;
	struct timer look;
	int number;
	pthread_t thread;
};

struct caller {
	struct loop *loop;
	struct fabric_caller *caller;
	struct fabric_tie tie;
	unsigned asked, answered, failed;
	pthread_t thread;
};

static _Atomic bool over;

static void on_request(void *ctx, const struct fabric_incoming *in)
{
	struct server *s = ctx;

	fabric_reply(s->server, &in->ticket, STATUS_OK, in->body, NULL);
}

static void wake_server(void *ctx)
{
	fabric_tie_wake(&((struct server *)ctx)->tie);
}

static void look_over(void *ctx)
{
	struct server *s = ctx;

	if (over)
		fabric_server_drain(s->server);
	if (over && fabric_server_drained(s->server))
		loop_stop(s->loop);
	else
		loop_timer_in(s->loop, &s->look, 5 * MS);
}

static void *serve(void *ctx)
{
	struct server *s = ctx;
	char path[128];
	const struct fabric_server_options options = { .path = path,
						       .window = 64,
						       .request = on_request,
						       .wake = wake_server,
						       .ctx = s };

	s->loop = loop_new();
	snprintf(path, sizeof(path), "%s/echo.%d.%d.sock", w.run, s->number, s->number);
	fabric_tie_init(&s->tie, s->loop);
	s->server = fabric_server_new(w.fabric, &options);
	if (CHECK(s->server != NULL && fabric_tie_server(&s->tie, s->server))) {
		s->look = (struct timer){ .run = look_over, .ctx = s };
		look_over(s);
		loop_run(s->loop);
	}
	fabric_tie_fini(&s->tie);
	fabric_server_free(s->server);
	loop_free(s->loop);
	return NULL;
}

static void ask_next(struct caller *c);

static void on_answer(void *ctx, const struct fabric_answer *answer)
{
	struct caller *c = ctx;

	c->answered++;
	c->failed += answer->status != STATUS_OK || !str_eq(answer->body, STR("hello"));
	if (c->asked < EACH)
		ask_next(c);
	else if (c->answered == EACH)
		loop_stop(c->loop);
}

static void ask_next(struct caller *c)
{
	const struct fabric_request r = { .type = MSG_PING,
					  .again = true,
					  .budget_us = 10 * SECOND,
					  .body = STR("hello"),
					  .done = on_answer,
					  .ctx = c };

	c->asked++;
	if (!CHECK(fabric_call(c->caller, &r) != 0))
		loop_stop(c->loop);
}

static void wake_caller(void *ctx)
{
	fabric_tie_wake(&((struct caller *)ctx)->tie);
}

static void *call(void *ctx)
{
	struct caller *c = ctx;
	const struct fabric_caller_options options = { .run_dir = w.run,
						       .service = "echo",
						       .calls_max = 64,
						       .queue_max = 64,
						       .wake = wake_caller,
						       .ctx = c };

	c->loop = loop_new();
	fabric_tie_init(&c->tie, c->loop);
	c->caller = fabric_caller_new(w.fabric, &options);
	if (CHECK(c->caller != NULL && fabric_tie_caller(&c->tie, c->caller))) {
		for (int i = 0; i < AT_ONCE; i++)
			ask_next(c);
		loop_run(c->loop);
	}
	fabric_tie_fini(&c->tie);
	fabric_caller_free(c->caller);
	loop_free(c->loop);
	return NULL;
}

TEST(callers_and_servers_on_threads)
{
	static struct server servers[SERVERS];
	static struct caller callers[CALLERS];

	world_begin();
	for (int i = 0; i < SERVERS; i++) {
		servers[i].number = i + 1;
		pthread_create(&servers[i].thread, NULL, serve, &servers[i]);
	}
	for (int i = 0; i < CALLERS; i++)
		pthread_create(&callers[i].thread, NULL, call, &callers[i]);
	for (int i = 0; i < CALLERS; i++) {
		pthread_join(callers[i].thread, NULL);
		CHECK_INT(callers[i].answered, EACH);
		CHECK_INT(callers[i].failed, 0);
	}
	over = true;
	RUN_UNTIL(w.ready == 0);
	for (int i = 0; i < SERVERS; i++)
		pthread_join(servers[i].thread, NULL);
	CHECK_INT(world_counted().resent, 0);
	world_end();
}
