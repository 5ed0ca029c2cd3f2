/* test_fabric.c -- the fabric when all is well: calls, answers, credit, queue, deadlines,
 * cancelling, attachments, drain. test_fabric_death.c and test_fabric_hostile.c are for
 * when it is not. */
#include "tests/unit/fabric_world.h"

TEST(a_request_is_answered)
{
	struct answer a;
	pid_t pid;

	world_begin();
	pid = server_start(1, 64);
	a = ask("echo hello", true);
	CHECK_INT(a.status, STATUS_OK);
	CHECK_TEXT(a.body, "hello");
	CHECK_TEXT(a.peer, "echo.1");
	CHECK_INT(a.attempts, 1);
	CHECK_TEXT(ask("echo ", true).body, "");
	CHECK_INT(ask("fail", true).status, STATUS_FAIL);
	CHECK_TEXT(ask("", true).body, "what?");
	CHECK_INT(fabric_caller_ready(w.caller), 1);
	CHECK_INT(w.ready, 1);
	CHECK_INT(fabric_caller_underway(w.caller), 0);
	server_stop(pid);
	world_end();
}

TEST(a_server_that_was_there_before_is_found)
{
	pid_t pid;

	world_begin();
	pid = server_start(1, 64);
	RUN_UNTIL(w.ready == 1);
	fabric_tie_fini(&w.tie);
	fabric_caller_free(w.caller);
	w.caller = fabric_caller_new(w.fabric, &(struct fabric_caller_options){
						   .run_dir = w.run,
						   .service = "echo",
						   .calls_max = 4,
						   .queue_max = 4,
						   .wake = world_wake,
					       });
	CHECK(fabric_tie_caller(&w.tie, w.caller));
	CHECK_TEXT(ask("echo x", true).body, "x");
	server_stop(pid);
	world_end();
}

TEST(the_context_travels)
{
	struct answer a = { 0 };
	struct fabric_request r = {
		.type = MSG_SQL,
		.again = true,
		.budget_us = 3 * SECOND,
		.context = { .span = 0xabcdef },
		.body = STR("context"),
		.done = answer_done,
		.ctx = &a,
	};
	pid_t pid;

	world_begin();
	pid = server_start(1, 64);
	RUN_UNTIL(w.ready == 1);
	r.context.trace[15] = 0x7f;
	r.context.key[0] = 0x11;
	CHECK(fabric_call(w.caller, &r) != 0);
	RUN_UNTIL(a.done);
	CHECK_TEXT(a.body,
		   "type=10 again=1 attempt=0 trace=7f key=11 span=abcdef left=3000");
	server_stop(pid);
	world_end();
}

static unsigned freed;

static void count_free(void *p, void *hint)
{
	CHECK(hint == &freed);
	free(p);
	__atomic_add_fetch(&freed, 1, __ATOMIC_SEQ_CST);
}

static uint64_t ask_with_attachment(struct answer *a, size_t n)
{
	struct fabric_request r = {
		.type = MSG_PING,
		.again = true,
		.budget_us = 5 * SECOND,
		.body = STR("size"),
		.attachment = { malloc(n + 1), n, count_free, &freed },
		.done = answer_done,
		.ctx = a,
	};

	memset(a, 0, sizeof(*a));
	memset(r.attachment.p, 1, n + 1);
	return fabric_call(w.caller, &r);
}

TEST(attachments_go_there_and_come_back)
{
	static const size_t sizes[] = { 1, 4097, 1 << 20, FABRIC_MESSAGE_MAX };
	struct answer a;
	char want[64];
	pid_t pid;

	world_begin();
	pid = server_start(1, 64);
	for (size_t i = 0; i < 4; i++) {
		freed = 0;
		CHECK(ask_with_attachment(&a, sizes[i]) != 0);
		RUN_UNTIL(a.done);
		snprintf(want, sizeof(want), "%zu 2", sizes[i]);
		CHECK_TEXT(a.body, want);
		RUN_UNTIL(__atomic_load_n(&freed, __ATOMIC_SEQ_CST) == 1);
	}
	a = ask("big 5000000", true);
	CHECK_TEXT(a.body, "big");
	CHECK(a.attachment_n == 5000000 && a.attachment_last == 'b');
	CHECK_INT(world_counted().died_peers, 0);
	server_stop(pid);
	world_end();
}

/* ZeroMQ ends a connection that carries more: every call on it would be sent again. */
TEST(what_is_too_long_is_refused_and_kills_no_connection)
{
	struct answer a;
	pid_t pid;

	world_begin();
	pid = server_start(1, 64);
	RUN_UNTIL(w.ready == 1);
	freed = 0;
	CHECK(ask_with_attachment(&a, FABRIC_MESSAGE_MAX + 1) == 0);
	CHECK_INT(freed, 1);
	a = ask("big 16777217", true);
	CHECK_INT(a.status, STATUS_FAIL);
	CHECK_INT(a.attachment_n, 0);
	CHECK_INT(world_counted().died_peers, 0);
	CHECK_INT(world_counted().resent, 0);
	server_stop(pid);
	world_end();
}

static struct fabric_held *held;

static void keep(void *ctx, const struct fabric_answer *answer)
{
	held = fabric_hold(answer);
	*(bool *)ctx = true;
}

TEST(an_answer_may_be_kept)
{
	bool done = false;
	struct fabric_request r = {
		.type = MSG_PING,
		.budget_us = 5 * SECOND,
		.body = STR("big 100000"),
		.done = keep,
		.ctx = &done,
	};
	pid_t pid;

	world_begin();
	pid = server_start(1, 64);
	CHECK(fabric_call(w.caller, &r) != 0);
	RUN_UNTIL(done);
	CHECK_STR(fabric_held_body(held), STR("big"));
	CHECK_INT(fabric_held_attachment(held).n, 100000);
	CHECK(fabric_held_attachment(held).p[99999] == 'b');
	fabric_held_free(held);
	fabric_held_free(NULL);

	/* an answer that nobody gave can be kept as well */
	done = false;
	r.body = STR("hold");
	r.budget_us = 20 * MS;
	CHECK(fabric_call(w.caller, &r) != 0);
	RUN_UNTIL(done);
	CHECK_INT(fabric_held_body(held).n, 0);
	fabric_held_free(held);
	server_stop(pid);
	world_end();
}

TEST(a_deadline_ends_a_call_and_tells_the_server)
{
	struct answer a;
	pid_t pid;

	world_begin();
	pid = server_start(1, 64);
	RUN_UNTIL(w.ready == 1);
	CHECK(ask_begin(&a, "hold", true, 60 * MS) != 0);
	RUN_UNTIL(a.done);
	CHECK_INT(a.status, STATUS_LATE);
	CHECK_INT(a.times, 1);
	CHECK(a.took_us >= 60 * MS);
	CHECK_TEXT(a.peer, "echo.1");
	CHECK_INT(world_counted().late, 1);
	CHECK_INT(cancelled_count(), 1);
	RUN_UNTIL(world_counted().stale_replies == 1);
	server_stop(pid);
	world_end();
}

TEST(a_budget_of_nothing_is_late_and_not_sent)
{
	struct answer a;
	pid_t pid;

	world_begin();
	pid = server_start(1, 64);
	RUN_UNTIL(w.ready == 1);
	CHECK(ask_begin(&a, "note x", true, 0) != 0);
	CHECK(!a.done); /* not from inside fabric_call */
	RUN_UNTIL(a.done);
	CHECK_INT(a.status, STATUS_LATE);
	CHECK(ask_begin(&a, "note x", true, -5) != 0);
	RUN_UNTIL(a.done);
	CHECK_INT(a.status, STATUS_LATE);
	ask("echo", true);
	CHECK_INT(ledger_count("x"), 0);
	server_stop(pid);
	world_end();
}

TEST(without_a_server_calls_wait)
{
	struct answer late, a;
	pid_t pid;

	world_begin();
	CHECK(ask_begin(&late, "note late", true, 50 * MS) != 0);
	CHECK(ask_begin(&a, "echo here", false, 5 * SECOND) != 0);
	RUN_UNTIL(late.done);
	CHECK_INT(late.status, STATUS_LATE);
	CHECK_TEXT(late.peer, "");
	CHECK_INT(late.attempts, 0);
	pid = server_start(1, 64);
	RUN_UNTIL(a.done);
	CHECK_TEXT(a.body, "here");
	CHECK_INT(ledger_count("late"), 0); /* expired in the queue: never executed */
	server_stop(pid);
	world_end();
}

TEST(the_queue_has_a_bound)
{
	static struct answer a[16];
	pid_t pid;

	world_begin_with(16, 4);
	for (int i = 0; i < 4; i++)
		CHECK(ask_begin(&a[i], "echo", true, 5 * SECOND) != 0);
	freed = 0;
	CHECK(ask_begin(&a[4], "echo", true, 5 * SECOND) == 0);
	CHECK(ask_with_attachment(&a[4], 100) == 0);
	CHECK_INT(freed, 1);
	CHECK_INT(world_counted().full, 2);
	CHECK_INT(fabric_caller_underway(w.caller), 4);
	pid = server_start(1, 64);
	RUN_UNTIL(a[3].done);
	/* with a server there is room for all slots, held ones too */
	for (int i = 0; i < 16; i++)
		CHECK(ask_begin(&a[i], "hold", true, 5 * SECOND) != 0);
	CHECK(ask_begin(&a[0], "echo", true, SECOND) == 0);
	server_kill(pid);
	world_end();
}

TEST(credit_is_never_exceeded)
{
	static struct answer a[40];
	unsigned long long requests, peak, cancelled;
	pid_t pid;

	world_begin();
	pid = server_start(1, 4);
	RUN_UNTIL(w.ready == 1);
	for (int i = 0; i < 40; i++)
		CHECK(ask_begin(&a[i], "wait 5 x", true, 5 * SECOND) != 0);
	for (int i = 0; i < 40; i++) {
		RUN_UNTIL(a[i].done);
		CHECK_INT(a[i].status, STATUS_OK);
	}
	CHECK_INT(sscanf(ask("counts", true).body, "%llu %llu %llu", &requests, &peak,
			 &cancelled),
		  3);
	CHECK_INT(peak, 4);
	CHECK_INT(requests, 41);
	server_stop(pid);
	world_end();
}

TEST(a_cancelled_call_is_over_at_both_ends)
{
	struct answer a;
	uint64_t id;
	pid_t pid;

	world_begin();
	pid = server_start(1, 64);
	RUN_UNTIL(w.ready == 1);
	id = ask_begin(&a, "hold", true, 5 * SECOND);
	world_run_for(5 * MS);
	fabric_cancel(w.caller, id);
	fabric_cancel(w.caller, id);
	fabric_cancel(w.caller, 0);
	fabric_cancel(w.caller, UINT64_MAX);
	CHECK_INT(fabric_caller_underway(w.caller), 0);
	RUN_UNTIL(world_counted().stale_replies == 1);
	CHECK(!a.done);
	CHECK_INT(cancelled_count(), 1);
	server_stop(pid);

	/* and one that waits */
	id = ask_begin(&a, "note x", true, 5 * SECOND);
	fabric_cancel(w.caller, id);
	CHECK_INT(fabric_caller_underway(w.caller), 0);
	pid = server_start(1, 64);
	ask("echo", true);
	CHECK(!a.done && ledger_count("x") == 0);
	server_stop(pid);
	world_end();
}

TEST(equals_take_turns)
{
	int count[3] = { 0 };
	pid_t pids[3];

	world_begin();
	for (int i = 0; i < 3; i++)
		pids[i] = server_start(i + 1, 64);
	RUN_UNTIL(w.ready == 3);
	for (int i = 0; i < 30; i++)
		count[ask("who", true).body[0] - '1']++;
	for (int i = 0; i < 3; i++)
		CHECK_INT(count[i], 10);
	for (int i = 0; i < 3; i++)
		server_stop(pids[i]);
	world_end();
}

TEST(the_least_loaded_is_asked)
{
	static struct answer busy[8];
	pid_t one, two;

	world_begin();
	one = server_start(1, 64);
	RUN_UNTIL(w.ready == 1);
	for (int i = 0; i < 8; i++)
		CHECK(ask_begin(&busy[i], "hold", true, 5 * SECOND) != 0);
	two = server_start(2, 64);
	RUN_UNTIL(w.ready == 2);
	for (int i = 0; i < 10; i++)
		CHECK_TEXT(ask("who", true).body, "2");
	server_kill(one);
	server_kill(two);
	world_end();
}

TEST(refused_by_one_is_done_by_another)
{
	struct answer a;
	pid_t one, two;

	world_begin();
	one = server_start(1, 64);
	two = server_start(2, 64);
	RUN_UNTIL(w.ready == 2);
	for (int i = 0; i < 4; i++) { /* not even a write without a key is lost by it */
		a = ask("refuse 1", false);
		CHECK_INT(a.status, STATUS_OK);
		CHECK_TEXT(a.peer, "echo.2");
	}
	server_stop(two);
	/* alone it is asked again, but neither at once nor for ever */
	a = ask("refuse 1", false);
	CHECK_INT(a.status, STATUS_AGAIN);
	CHECK_INT(a.attempts, 5);
	CHECK(a.took_us >= 750 * MS);
	/* nor where there is no time for it */
	CHECK(ask_begin(&a, "refuse 1", false, 40 * MS) != 0);
	RUN_UNTIL(a.done);
	CHECK_INT(a.status, STATUS_AGAIN);
	CHECK_INT(a.attempts, 1);
	server_stop(one);
	world_end();
}

TEST(refused_by_all_it_waits_for_one_that_comes)
{
	pid_t one, two;
	struct answer a;

	world_begin();
	one = server_start(1, 64);
	RUN_UNTIL(w.ready == 1);
	CHECK(ask_begin(&a, "refuse 1", false, 5 * SECOND) != 0);
	world_run_for(20 * MS);
	CHECK(!a.done);
	two = server_start(2, 64);
	RUN_UNTIL(a.done);
	CHECK_INT(a.status, STATUS_OK);
	CHECK_TEXT(a.peer, "echo.2");
	server_stop(one);
	server_stop(two);
	world_end();
}

static unsigned chain;

static void ask_on(void *ctx, const struct fabric_answer *answer)
{
	struct fabric_request r = {
		.type = MSG_PING,
		.budget_us = 5 * SECOND,
		.body = STR("echo"),
		.done = ask_on,
		.ctx = ctx,
	};

	CHECK_INT(answer->status, STATUS_OK);
	if (++chain < 200)
		CHECK(fabric_call(w.caller, &r) != 0);
}

TEST(done_may_call)
{
	struct fabric_answer first = { .status = STATUS_OK };
	pid_t pid;

	world_begin_with(1, 1);
	pid = server_start(1, 64);
	chain = 0;
	ask_on(NULL, &first);
	RUN_UNTIL(chain == 200);
	server_stop(pid);
	world_end();
}

TEST(a_caller_may_go_with_calls_under_way)
{
	static struct answer a[10];
	pid_t pid;

	world_begin();
	pid = server_start(1, 4);
	RUN_UNTIL(w.ready == 1);
	for (int i = 0; i < 10; i++)
		CHECK(ask_begin(&a[i], "hold", true, 5 * SECOND) != 0);
	world_run_for(10 * MS);
	server_kill(pid);
	world_end();
	for (int i = 0; i < 10; i++)
		CHECK(!a[i].done);
}

/* ---- drain ---- */

TEST(a_draining_server_finishes_and_is_asked_no_more)
{
	static struct answer slow[8];
	pid_t one, two;

	world_begin();
	one = server_start(1, 64);
	RUN_UNTIL(w.ready == 1);
	for (int i = 0; i < 8; i++)
		CHECK(ask_begin(&slow[i], "wait 150 slow", false, 5 * SECOND) != 0);
	world_run_for(20 * MS);
	kill(one, SIGTERM);
	two = server_start(2, 64);
	for (int i = 0; i < 8; i++) {
		RUN_UNTIL(slow[i].done);
		CHECK_TEXT(slow[i].body, "slow");
		CHECK_TEXT(slow[i].peer, "echo.1");
	}
	CHECK_INT(server_reap(one), 0);
	CHECK_TEXT(ask("who", true).body, "2");
	CHECK_INT(world_counted().resent, 0);
	CHECK_INT(world_counted().died_peers, 0);
	RUN_UNTIL(w.ready == 1);
	server_stop(two);
	world_end();
}

TEST(a_drain_unlinks_the_socket_at_once_and_is_quick)
{
	struct answer a;
	int64_t began;
	pid_t pid;

	world_begin();
	pid = server_start(1, 64);
	RUN_UNTIL(w.ready == 1);
	CHECK(ask_begin(&a, "wait 200 x", false, 5 * SECOND) != 0);
	world_run_for(5 * MS);
	began = clock_us();
	kill(pid, SIGTERM);
	RUN_UNTIL(!server_has_file(pid));
	CHECK(clock_us() - began < at_rest(150 * MS));
	RUN_UNTIL(w.ready == 0);
	CHECK(!a.done);
	RUN_UNTIL(a.done);
	CHECK_INT(server_reap(pid), 0);
	CHECK(clock_us() - began < at_rest(SECOND));
	world_end();
}

/* Six of them. False: the machine gave a server no time for so long that it was taken for
 * dead, which is another matter. */
static bool rolling_restarts(void)
{
	static struct answer a[32];
	pid_t pids[2];
	unsigned asked = 0, failed = 0;
	bool fair;

	world_begin();
	pids[0] = server_start(1, 64);
	pids[1] = server_start(2, 64);
	RUN_UNTIL(w.ready == 2);
	for (int i = 0; i < 32; i++)
		CHECK(ask_begin(&a[i], "echo x", false, 5 * SECOND) != 0);
	for (int roll = 0; roll < 6; roll++) {
		pid_t next = server_start(roll % 2 + 1, 64);
		int64_t end = clock_us() + 5 * SECOND;

		while (!server_has_file(next) && clock_us() < end)
			world_run_for(MS);
		kill(pids[roll % 2], SIGTERM);
		end = clock_us() + 150 * MS;
		while (clock_us() < end) {
			world_run_for(MS / 2);
			for (int i = 0; i < 32; i++) {
				if (!a[i].done)
					continue;
				asked++;
				failed += a[i].status != STATUS_OK;
				CHECK(ask_begin(&a[i], "wait 2 x", false, 5 * SECOND) !=
				      0);
			}
		}
		CHECK_INT(server_reap(pids[roll % 2]), 0);
		pids[roll % 2] = next;
	}
	for (int i = 0; i < 32; i++)
		RUN_UNTIL(a[i].done);
	fair = world_counted().died_peers == 0;
	if (fair) {
		CHECK(asked > 100);
		CHECK_INT(failed, 0);
		CHECK_INT(world_counted().resent, 0);
		CHECK_INT(world_counted().lost, 0);
	}
	server_stop(pids[0]);
	server_stop(pids[1]);
	world_end();
	return fair;
}

TEST(rolling_restarts_send_nothing_twice)
{
	enum { TRIES = 12 };
	int i = 0;

	while (i < TRIES && !rolling_restarts())
		i++;
	CHECK(i < TRIES);
}

TEST(a_path_that_cannot_be_bound_is_an_error)
{
	char deep[200];
	struct fabric_server_options options = { .path = deep, .window = 1 };

	world_begin();
	memset(deep, 'x', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	CHECK(fabric_server_new(w.fabric, &options) == NULL);
	CHECK_INT(errno, ENAMETOOLONG);
	options.path = "/nonexistent-folder/echo.1.1.sock";
	CHECK(fabric_server_new(w.fabric, &options) == NULL);
	CHECK(errno != 0);
	world_end();
}
