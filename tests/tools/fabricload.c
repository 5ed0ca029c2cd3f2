/* fabricload.c -- keeps a number of echo calls of 200 bytes under way on the fabric for
 * some time, and tells what came of them as one line of JSON.
 *
 *     fabricload RUNDIR SECONDS INFLIGHT     servers of the name `echo` (fabric_peer)
 *     fabricload --bare SECONDS              the same over a plain socket pair, one at a
 * time: what two processes and a kernel cost at least */
#include <inttypes.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fabric_loop.h"

enum { BODY = 200, CALLS_MAX = 1024, TIMES_MAX = 1 << 24 };

struct slot {
	int64_t began_us;
};

static struct {
	struct loop *loop;
	struct fabric_caller *caller;
	struct fabric_tie tie;
	struct timer end;
	struct slot slots[CALLS_MAX];
	unsigned calls;
	bool over;
	uint64_t ok, failed;
	uint32_t *times;
	char body[BODY];
} load;

static void took(int64_t us)
{
	if (load.ok < TIMES_MAX)
		load.times[load.ok] = (uint32_t)us;
	load.ok++;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int64_t cpu_us(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 + u.ru_utime.tv_usec +
	       u.ru_stime.tv_usec;
}

static void tell(int64_t seconds)
{
	size_t n = load.ok < TIMES_MAX ? load.ok : TIMES_MAX;

	qsort(load.times, n, sizeof(load.times[0]), compare);
	printf("{\"ok\": %" PRIu64 ", \"failed\": %" PRIu64
	       ", \"rate\": %.0f, \"cpu_us\": %" PRId64
	       ", \"p50_us\": %u, \"p99_us\": %u}\n",
	       load.ok, load.failed, (double)load.ok / (double)seconds,
	       cpu_us(RUSAGE_SELF) + cpu_us(RUSAGE_CHILDREN),
	       n > 0 ? load.times[n / 2] : 0, n > 0 ? load.times[n * 99 / 100] : 0);
}

/* ---- over the fabric ---- */

static void ask(struct slot *s);

static void on_answer(void *ctx, const struct fabric_answer *a)
{
	struct slot *s = ctx;

	if (a->status == STATUS_OK)
		took(clock_us() - s->began_us);
	else
		load.failed++;
	if (!load.over)
		ask(s);
}

static void ask(struct slot *s)
{
	const struct fabric_request r = { .type = MSG_PING,
					  .again = true,
					  .budget_us = 5000000,
					  .body = { load.body, sizeof(load.body) },
					  .done = on_answer,
					  .ctx = s };

	s->began_us = clock_us();
	if (fabric_call(load.caller, &r) == 0)
		load.failed++;
}

static void on_end(void *ctx)
{
	(void)ctx;
	load.over = true;
	loop_stop(load.loop);
}

static int over_the_fabric(const char *run_dir, int64_t seconds)
{
	const struct fabric_caller_options options = { .run_dir = run_dir,
						       .service = "echo",
						       .calls_max = CALLS_MAX,
						       .queue_max = CALLS_MAX,
						       .wake = fabric_tie_wake,
						       .ctx = &load.tie };
	struct fabric *f = fabric_new();

	load.loop = loop_new();
	load.end = (struct timer){ .run = on_end };
	fabric_tie_init(&load.tie, load.loop);
	load.caller = fabric_caller_new(f, &options);
	if (load.caller == NULL || !fabric_tie_caller(&load.tie, load.caller)) {
		perror(run_dir);
		return 71;
	}
	for (unsigned i = 0; i < load.calls; i++)
		ask(&load.slots[i]);
	loop_timer_in(load.loop, &load.end, seconds * 1000000);
	loop_run(load.loop);
	fabric_tie_fini(&load.tie);
	fabric_caller_free(load.caller);
	fabric_free(f);
	loop_free(load.loop);
	return 0;
}

/* ---- over a socket pair ---- */

static int over_a_pair(int64_t seconds)
{
	int64_t end = clock_us() + seconds * 1000000, began;
	char bytes[BODY];
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
		return 71;
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		while (recv(pair[1], bytes, sizeof(bytes), 0) == BODY)
			if (send(pair[1], bytes, sizeof(bytes), 0) != BODY)
				_exit(1);
		_exit(0);
	}
	close(pair[1]);
	while ((began = clock_us()) < end) {
		if (send(pair[0], load.body, BODY, 0) != BODY ||
		    recv(pair[0], bytes, sizeof(bytes), 0) != BODY)
			return 71;
		took(clock_us() - began);
	}
	close(pair[0]);
	waitpid(pid, NULL, 0);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t seconds = 0, calls = 1;
	bool bare = argc == 3 && strcmp(argv[1], "--bare") == 0;
	int failed;

	if ((argc != 4 && !bare) || !str_to_u64(str_of(argv[2]), &seconds) ||
	    (!bare && !str_to_u64(str_of(argv[3]), &calls)) || calls < 1 ||
	    calls > CALLS_MAX || seconds < 1 || seconds > 3600) {
		fputs("usage: fabricload RUNDIR SECONDS INFLIGHT | --bare SECONDS\n",
		      stderr);
		return 64;
	}
	load.calls = (unsigned)calls;
	load.times = calloc(TIMES_MAX, sizeof(load.times[0]));
	memcpy(load.body, "echo ", 5);
	memset(load.body + 5, 'x', BODY - 5);
	failed = bare ? over_a_pair((int64_t)seconds)
		      : over_the_fabric(argv[1], (int64_t)seconds);
	if (failed == 0)
		tell((int64_t)seconds);
	free(load.times);
	return failed;
}
