/* test_fabric_storm.c -- three servers, 32 requests under way, one server killed, drained
 * or stopped every 0.4 s. STORM_SECONDS says for how long each (2; issue: 60); prints
 * what it cost. `STORM_SECONDS=60 build/cc-plain/tests/unit/test_fabric_storm`. */
#define CHECK_SECONDS 300
#include "tests/unit/fabric_world.h"

enum { INFLIGHT = 32, SERVERS = 3, EVERY_US = 400 * MS };

static struct {
	struct answer a[INFLIGHT];
	unsigned asked, failed;
	int64_t worst_us,
	    stood_us; /* stood: our own loop, longest, for want of a processor */
	pid_t pids[SERVERS];
} storm;

static int64_t storm_us(void)
{
	const char *text = getenv("STORM_SECONDS");
	uint64_t seconds = 2;

	if (text != NULL && !str_to_u64(str_of(text), &seconds))
		CHECK_FAIL("STORM_SECONDS is a number");
	return (int64_t)seconds * SECOND;
}

static void look(bool more)
{
	for (int i = 0; i < INFLIGHT; i++) {
		struct answer *a = &storm.a[i];

		if (!a->done)
			continue;
		storm.asked++;
		storm.failed += a->status != STATUS_OK;
		if (a->took_us > storm.worst_us)
			storm.worst_us = a->took_us;
		a->done = false;
		if (more)
			CHECK(ask_begin(a, "wait 1 x", true, 5 * SECOND) != 0);
	}
}

static void blow(int64_t us)
{
	int64_t end = clock_us() + us;

	for (int64_t now, before = clock_us(); before < end; before = now) {
		world_run_for(MS / 2);
		look(true);
		now = clock_us();
		if (now - before > storm.stood_us)
			storm.stood_us = now - before;
	}
}

static void begin(void)
{
	memset(&storm, 0, sizeof(storm));
	world_begin();
	for (int i = 0; i < SERVERS; i++)
		storm.pids[i] = server_start(i + 1, 64);
	RUN_UNTIL(w.ready == SERVERS);
	for (int i = 0; i < INFLIGHT; i++)
		CHECK(ask_begin(&storm.a[i], "wait 1 x", true, 5 * SECOND) != 0);
}

static void end(const char *what)
{
	struct fabric_counters c = world_counted();

	while (fabric_caller_underway(w.caller) > 0)
		world_run_for(MS);
	look(false);
	printf("  %s: %u asked, %u failed, %llu resent, worst %.1f ms "
	       "(we ourselves stood still for %.1f ms)\n",
	       what, storm.asked, storm.failed, (unsigned long long)c.resent,
	       (double)storm.worst_us / 1000, (double)storm.stood_us / 1000);
	CHECK_INT(storm.failed, 0);
	CHECK_INT(c.lost, 0);
	CHECK(storm.asked > 500);
	for (int i = 0; i < SERVERS; i++)
		server_stop(storm.pids[i]);
	world_end();
}

TEST(kill_9)
{
	int64_t until;

	begin();
	until = clock_us() + storm_us();
	for (int i = 0; clock_us() < until; i = (i + 1) % SERVERS) {
		server_kill(storm.pids[i]);
		storm.pids[i] = server_start(i + 1, 64);
		blow(EVERY_US);
	}
	CHECK(storm.worst_us < at_rest(100 * MS));
	CHECK(world_counted().resent > 0);
	end("kill -9");
}

TEST(sigterm)
{
	int64_t until;

	begin();
	until = clock_us() + storm_us();
	for (int i = 0; clock_us() < until; i = (i + 1) % SERVERS) {
		kill(storm.pids[i], SIGTERM);
		blow(EVERY_US);
		CHECK_INT(server_reap(storm.pids[i]), 0);
		storm.pids[i] = server_start(i + 1, 64);
	}
	CHECK_INT(world_counted().resent, 0);
	end("SIGTERM");
}

TEST(sigstop)
{
	int64_t until;

	begin();
	until = clock_us() + storm_us();
	for (int i = 0; clock_us() < until; i = (i + 1) % SERVERS) {
		kill(storm.pids[i], SIGSTOP);
		blow(2 * EVERY_US);
		kill(storm.pids[i], SIGCONT);
		blow(EVERY_US);
	}
	CHECK(storm.worst_us < at_rest(600 * MS));
	end("SIGSTOP");
}
