/* test_fabric_death.c -- the fabric when servers are killed, stopped, hang or come back:
 * nothing that may be done twice fails, the rest says LOST, nothing late is executed. */
#include "tests/unit/fabric_world.h"

enum { INFLIGHT = 32, SERVERS = 3 };

static struct {
	struct answer a[INFLIGHT];
	unsigned asked, failed, lost;
	int64_t worst_us;
} load;

static void load_begin(const char *body, bool again)
{
	memset(&load, 0, sizeof(load));
	for (int i = 0; i < INFLIGHT; i++)
		CHECK(ask_begin(&load.a[i], body, again, 5 * SECOND) != 0);
}

static void load_look(const char *body, bool again, bool more)
{
	for (int i = 0; i < INFLIGHT; i++) {
		struct answer *a = &load.a[i];

		if (!a->done)
			continue;
		load.asked++;
		load.lost += a->status == STATUS_LOST;
		load.failed += a->status != STATUS_OK;
		if (a->took_us > load.worst_us)
			load.worst_us = a->took_us;
		a->done = false;
		if (more)
			CHECK(ask_begin(a, body, again, 5 * SECOND) != 0);
	}
}

static void load_run(const char *body, bool again, int64_t us)
{
	int64_t end = clock_us() + us;

	while (clock_us() < end) {
		world_run_for(MS / 2);
		load_look(body, again, true);
	}
}

static void load_end(void)
{
	int64_t end = clock_us() + 10 * SECOND;

	while (fabric_caller_underway(w.caller) > 0 && clock_us() < end)
		world_run_for(MS);
	load_look("", false, false);
	CHECK_INT(fabric_caller_underway(w.caller), 0);
}

static void servers_begin(pid_t pids[SERVERS])
{
	world_begin();
	for (int i = 0; i < SERVERS; i++)
		pids[i] = server_start(i + 1, 64);
	RUN_UNTIL(w.ready == SERVERS);
}

static void servers_end(pid_t pids[SERVERS])
{
	for (int i = 0; i < SERVERS; i++)
		server_stop(pids[i]);
	world_end();
}

TEST(kills_fail_nothing_that_may_be_done_twice)
{
	pid_t pids[SERVERS];

	servers_begin(pids);
	load_begin("wait 1 x", true);
	for (int i = 0; i < 6; i++) {
		server_kill(pids[i % SERVERS]);
		pids[i % SERVERS] = server_start(i % SERVERS + 1, 64);
		load_run("wait 1 x", true, 200 * MS);
	}
	load_end();
	printf("  %u asked, %llu resent, worst %.1f ms\n", load.asked,
	       (unsigned long long)world_counted().resent, (double)load.worst_us / 1000);
	CHECK(load.asked > 1000);
	CHECK_INT(load.failed, 0);
	CHECK(world_counted().resent > 0);
	CHECK_INT(world_counted().died_peers, 6);
	servers_end(pids);
}

TEST(what_must_not_be_done_twice_is_lost_and_says_so)
{
	pid_t pids[SERVERS];

	servers_begin(pids);
	load_begin("wait 1 x", false);
	for (int i = 0; i < 4; i++) {
		server_kill(pids[i % SERVERS]);
		pids[i % SERVERS] = server_start(i % SERVERS + 1, 64);
		load_run("wait 1 x", false, 150 * MS);
	}
	load_end();
	CHECK_INT(load.failed, load.lost);
	CHECK_INT(load.lost, world_counted().lost);
	CHECK(load.lost > 0 && load.lost <= 4 * INFLIGHT);
	CHECK_INT(world_counted().resent, 0);
	servers_end(pids);
}

TEST(a_death_is_seen_at_once)
{
	struct answer a;
	pid_t pid;

	world_begin();
	pid = server_start(1, 64);
	RUN_UNTIL(w.ready == 1);
	CHECK(ask_begin(&a, "hold", false, 5 * SECOND) != 0);
	world_run_for(10 * MS);
	a.began_us = clock_us();
	kill(pid, SIGKILL);
	RUN_UNTIL(a.done);
	CHECK_INT(a.status, STATUS_LOST);
	CHECK_TEXT(a.peer, "echo.1");
	CHECK(a.took_us < at_rest(200 * MS));
	CHECK_INT(w.ready, 0);
	server_reap(pid);
	world_end();
}

TEST(with_all_dead_calls_wait_for_the_next)
{
	struct answer a;
	pid_t pid;

	world_begin();
	pid = server_start(1, 64);
	RUN_UNTIL(w.ready == 1);
	CHECK(ask_begin(&a, "hold", true, 5 * SECOND) != 0);
	world_run_for(10 * MS);
	server_kill(pid);
	world_run_for(100 * MS);
	CHECK(!a.done);
	CHECK_INT(fabric_caller_underway(w.caller), 1);
	pid = server_start(1, 64);
	RUN_UNTIL(world_counted().resent == 1 && w.ready == 1);
	world_run_for(20 * MS);
	server_kill(pid); /* it held it again */
	CHECK(!a.done);
	world_end();
}

TEST(a_call_is_not_tried_for_ever)
{
	struct answer a;

	world_begin();
	CHECK(ask_begin(&a, "hold", true, 30 * SECOND) != 0);
	for (int i = 0; i < 8; i++) {
		pid_t pid = server_start(1, 64);

		RUN_UNTIL(w.ready == 1);
		world_run_for(5 * MS);
		server_kill(pid);
		RUN_UNTIL(w.ready == 0);
	}
	CHECK(a.done);
	/* not AGAIN: one of them may have done it */
	CHECK_INT(a.status, STATUS_LOST);
	CHECK_INT(a.attempts, 8);
	world_end();
}

TEST(a_stopped_server_is_left_and_what_waits_there_is_never_executed)
{
	struct answer a, b, c;
	pid_t one, two;

	world_begin();
	one = server_start(1, 64);
	RUN_UNTIL(w.ready == 1);
	kill(one, SIGSTOP);
	CHECK(ask_begin(&a, "note twice", true, 5 * SECOND) != 0);
	CHECK(ask_begin(&b, "note once", false, 5 * SECOND) != 0);
	CHECK(ask_begin(&c, "note late", true, 300 * MS) != 0);
	two = server_start(2, 64);
	RUN_UNTIL(a.done && b.done && c.done);
	CHECK_TEXT(a.body, "noted");
	CHECK_TEXT(a.peer, "echo.2");
	CHECK(a.took_us > 300 * MS && a.took_us < at_rest(600 * MS));
	CHECK_INT(b.status, STATUS_LOST);
	CHECK_INT(c.status, STATUS_LATE);
	CHECK_INT(world_counted().died_peers, 1);
	CHECK_INT(w.ready, 1);

	kill(one, SIGCONT);
	RUN_UNTIL(w.ready == 2);
	RUN_UNTIL(world_counted().stale_replies == 3); /* it refused all three */
	CHECK_INT(ledger_count("twice"), 1);
	CHECK_INT(ledger_count("once"), 0);
	CHECK_INT(ledger_count("late"), 0);
	for (int i = 0; i < 4; i++) /* it is one of them again */
		CHECK_INT(ask("echo", true).status, STATUS_OK);
	server_stop(one);
	server_stop(two);
	world_end();
}

TEST(a_short_stop_loses_nothing)
{
	struct answer a, late;
	pid_t pid;

	world_begin();
	pid = server_start(1, 64);
	RUN_UNTIL(w.ready == 1);
	kill(pid, SIGSTOP);
	CHECK(ask_begin(&a, "note once", false, 5 * SECOND) != 0);
	CHECK(ask_begin(&late, "note late", false, 100 * MS) != 0);
	world_run_for(260 * MS);
	kill(pid, SIGCONT);
	RUN_UNTIL(a.done && late.done);
	CHECK_TEXT(a.body, "noted");
	CHECK_INT(late.status, STATUS_LATE);
	CHECK_INT(world_counted().died_peers, 0);
	ask("echo", true);
	CHECK_INT(ledger_count("late"), 0);
	server_stop(pid);
	world_end();
}

TEST(a_stop_under_load_costs_less_than_600_ms)
{
	pid_t pids[SERVERS];

	servers_begin(pids);
	load_begin("wait 1 x", true);
	load_run("wait 1 x", true, 100 * MS);
	kill(pids[0], SIGSTOP);
	load_run("wait 1 x", true, 900 * MS);
	load_end();
	CHECK_INT(load.failed, 0);
	CHECK(load.worst_us > 300 * MS && load.worst_us < at_rest(600 * MS));
	kill(pids[0], SIGCONT);
	RUN_UNTIL(w.ready == SERVERS);
	servers_end(pids);
}

/* The server's loop hangs in a request; ZeroMQ's own thread goes on answering pings. */
TEST(a_hang_is_seen_by_missing_beats)
{
	struct answer hang, a;
	pid_t pid;

	world_begin();
	pid = server_start(1, 64);
	RUN_UNTIL(w.ready == 1);
	CHECK(ask_begin(&hang, "hang 900", false, 5 * SECOND) != 0);
	world_run_for(50 * MS);
	CHECK(ask_begin(&a, "note x", false, 5 * SECOND) != 0);
	RUN_UNTIL(hang.done && a.done);
	CHECK_INT(hang.status, STATUS_LOST);
	CHECK_INT(a.status, STATUS_LOST);
	RUN_UNTIL(w.ready == 1);
	ask("echo", true);
	CHECK_INT(ledger_count("x"), 0);
	server_stop(pid);
	world_end();
}

/* It is we who slept: nobody is taken for dead because of it. */
TEST(a_caller_that_slept_blames_nobody)
{
	struct answer a;
	pid_t pid;

	world_begin();
	pid = server_start(1, 64);
	RUN_UNTIL(w.ready == 1);
	CHECK(ask_begin(&a, "wait 100 x", false, 5 * SECOND) != 0);
	usleep(800 * MS);
	RUN_UNTIL(a.done);
	CHECK_INT(a.status, STATUS_OK);
	CHECK_INT(world_counted().died_peers, 0);
	server_stop(pid);
	world_end();
}

/* ---- callers that die ---- */

static void *other_fabric_caller(void)
{
	struct fabric_caller_options options = {
		.run_dir = w.run,
		.service = "echo",
		.calls_max = 8,
		.queue_max = 8,
		.wake = world_wake,
	};

	return fabric_caller_new(w.fabric, &options);
}

TEST(a_server_notices_that_a_caller_went)
{
	struct fabric_request r = {
		.type = MSG_PING,
		.budget_us = 5 * SECOND,
		.body = STR("hold"),
		.done = answer_done,
	};
	struct fabric_caller *other;
	struct answer spare;
	pid_t pid;

	world_begin();
	pid = server_start(1, 64);
	RUN_UNTIL(w.ready == 1);
	other = other_fabric_caller();
	r.ctx = &spare;
	while (fabric_caller_ready(other) == 0) {
		fabric_caller_turn(other);
		usleep(MS);
	}
	for (int i = 0; i < 3; i++)
		CHECK(fabric_call(other, &r) != 0);
	fabric_caller_turn(other);
	world_run_for(20 * MS);
	fabric_caller_free(other);
	RUN_UNTIL(cancelled_count() == 3);
	server_stop(pid); /* and does not wait for it in its drain */
	world_end();
}

TEST(credit_is_shared_among_callers)
{
	static struct answer a[20];
	struct fabric_caller *other;
	unsigned long long requests, peak, cancelled;
	pid_t pid;

	world_begin();
	pid = server_start(1, 8);
	RUN_UNTIL(w.ready == 1);
	other = other_fabric_caller();
	while (fabric_caller_ready(other) == 0) {
		fabric_caller_turn(other);
		usleep(MS);
	}
	world_run_for(150 * MS); /* a beat brings the new share */
	for (int i = 0; i < 20; i++)
		CHECK(ask_begin(&a[i], "wait 10 x", true, 5 * SECOND) != 0);
	for (int i = 0; i < 20; i++)
		RUN_UNTIL(a[i].done);
	CHECK_INT(sscanf(ask("counts", true).body, "%llu %llu %llu", &requests, &peak,
			 &cancelled),
		  3);
	CHECK_INT(peak, 4);
	fabric_caller_free(other);
	server_stop(pid);
	world_end();
}

/* ---- another version ---- */

TEST(a_server_of_the_next_version_serves_us)
{
	pid_t old, new;

	world_begin();
	old = server_start(1, 64);
	new = server_start_as("fabric_peer_next", 2, 64);
	RUN_UNTIL(w.ready == 2);
	for (int i = 0; i < 6; i++)
		CHECK_INT(ask("echo x", true).status, STATUS_OK);
	CHECK_TEXT(ask("big 9000", true).body, "big");
	CHECK_INT(world_counted().bad_frames, 0);
	server_stop(new);
	CHECK_TEXT(ask("who", true).body, "1");
	server_stop(old);
	world_end();
}
