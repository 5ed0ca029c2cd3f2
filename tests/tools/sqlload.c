/* sqlload.c -- keeps a number of calls before dbproxy for some time, and tells what came
 * of them as one line of JSON.
 *
 *     sqlload RUNDIR SECONDS INFLIGHT WRITES_PERCENT BUDGET_MS [RUN]
 *
 * Reads are point selects of test_rows; writes are test_put with a key, and RUN numbers
 * them. At the end it asks how many rows RUN has. "gaps": when (of the monotonic clock)
 * and for how long no write was acknowledged, if that was longer than a tenth of a
 * second; in ms. */
#include <inttypes.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fabric_loop.h"
#include "common/sql_msg.h"
#include "common/trace.h"
#include "dbproxy/statements.h"

enum {
	TIMES_MAX = 20000000,
	STATUSES = 6,
	ROWS = 1000,
	GAP_US = 100000,
	GAPS_MAX = 1000
};

struct gap {
	int64_t from_us, us;
};

struct call {
	int64_t began_us;
	bool write;
};

static struct {
	struct loop *loop;
	struct fabric_caller *caller;
	struct fabric_tie tie;
	struct timer end;
	struct loop_later refill;
	unsigned inflight, target, writes_percent;
	int64_t budget_us, run, seq;
	bool ending;
	uint64_t counts[STATUSES], acknowledged, attempts_more;
	int64_t stored, distinct;
	uint32_t *times;
	size_t time_count;
	int64_t refusal_max_us, acknowledged_us;
	struct gap gaps[GAPS_MAX];
	unsigned gap_count;
} load;

static const struct statement *statement(const char *name)
{
	for (size_t i = 0; i < statement_count; i++)
		if (strcmp(statements[i].name, name) == 0)
			return &statements[i];
	abort();
}

static void look_ended(void)
{
	if (load.ending && load.inflight == 0)
		loop_stop(load.loop);
	else
		loop_later(load.loop, &load.refill);
}

static void note_write(void)
{
	int64_t now = clock_us(), gap = now - load.acknowledged_us;

	load.acknowledged++;
	if (load.acknowledged_us > 0 && gap > GAP_US && load.gap_count < GAPS_MAX)
		load.gaps[load.gap_count++] = (struct gap){ load.acknowledged_us, gap };
	load.acknowledged_us = now;
}

static void on_answer(void *ctx, const struct fabric_answer *a)
{
	struct call *c = ctx;
	int64_t took = clock_us() - c->began_us;

	load.inflight--;
	load.counts[a->status]++;
	load.attempts_more += a->attempts > 1;
	if (a->status == STATUS_OK && load.time_count < TIMES_MAX)
		load.times[load.time_count++] = (uint32_t)took;
	if ((a->status == STATUS_FULL || a->status == STATUS_FAIL) &&
	    took > load.refusal_max_us)
		load.refusal_max_us = took;
	if (a->status == STATUS_OK && c->write)
		note_write();
	free(c);
	look_ended();
}

static void put(struct buf *b, const char *name, uint32_t values)
{
	sql_request_head_put(b, (struct str){ NULL, 0 }, 1);
	sql_statement_head_put(b, str_of(name), statement(name)->signature, values);
}

static void begin_call(void)
{
	static struct buf b;
	struct fabric_request r = { .type = MSG_SQL,
				    .again = true,
				    .budget_us = load.budget_us,
				    .done = on_answer };
	struct call *c = calloc(1, sizeof(*c));

	if (c == NULL)
		abort();
	c->began_us = clock_us();
	c->write = trace_random() % 100 < load.writes_percent;
	b.limit = 1 << 20;
	buf_reset(&b);
	put(&b, c->write ? "test_put" : "test_get", c->write ? 2 : 1);
	wire_put_int(&b, c->write ? load.run : (int64_t)(trace_random() % ROWS) + 1);
	if (c->write)
		wire_put_int(&b, ++load.seq);
	trace_new(&r.context);
	if (c->write)
		memcpy(r.context.key, r.context.trace, sizeof(r.context.key));
	r.body = buf_get(&b);
	r.ctx = c;
	if (fabric_call(load.caller, &r) == 0) {
		load.counts[STATUS_FULL]++;
		free(c);
	} else {
		load.inflight++;
	}
}

static void refill(void *ctx)
{
	(void)ctx;
	while (!load.ending && load.inflight < load.target) {
		uint64_t full = load.counts[STATUS_FULL];

		begin_call();
		if (load.counts[STATUS_FULL] != full)
			break;
	}
}

static void on_end(void *ctx)
{
	(void)ctx;
	load.ending = true;
	look_ended();
}

static void on_counted(void *ctx, const struct fabric_answer *a)
{
	struct wire w = wire_of(a->body);

	(void)ctx;
	load.stored = load.distinct = -1;
	if (a->status == STATUS_OK) {
		sql_reply_head_get(&w);
		sql_result_head_get(&w);
		load.stored = wire_int(&w);
		load.distinct = wire_int(&w);
	}
	loop_stop(load.loop);
}

static void count_rows(void)
{
	struct fabric_request r = {
		.type = MSG_SQL, .again = true, .budget_us = 60000000, .done = on_counted
	};
	struct buf b;

	buf_init(&b, 4096);
	put(&b, "test_puts", 1);
	wire_put_int(&b, load.run);
	r.body = buf_get(&b);
	if (fabric_call(load.caller, &r) != 0)
		loop_run(load.loop);
	buf_fini(&b);
}

static int64_t cpu_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000LL + u.ru_utime.tv_usec +
	       u.ru_stime.tv_usec;
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static uint32_t quantile(double q)
{
	if (load.time_count == 0)
		return 0;
	return load.times[(size_t)(q * (double)(load.time_count - 1))];
}

static void print_gaps(void)
{
	printf(", \"gaps\": [");
	for (unsigned i = 0; i < load.gap_count; i++)
		printf("%s[%" PRId64 ", %" PRId64 "]", i > 0 ? ", " : "",
		       load.gaps[i].from_us / 1000, load.gaps[i].us / 1000);
	printf("]}\n");
}

static void report(double seconds, int64_t cpu)
{
	uint64_t ok = load.counts[STATUS_OK];

	qsort(load.times, load.time_count, sizeof(*load.times), by_size);
	printf("{\"ok\": %" PRIu64 ", \"fail\": %" PRIu64 ", \"late\": %" PRIu64
	       ", \"lost\": %" PRIu64 ", \"full\": %" PRIu64 ", \"again\": %" PRIu64,
	       ok, load.counts[STATUS_FAIL], load.counts[STATUS_LATE],
	       load.counts[STATUS_LOST], load.counts[STATUS_FULL],
	       load.counts[STATUS_AGAIN]);
	printf(", \"resent\": %" PRIu64 ", \"rate\": %.0f, \"client_cpu_us\": %.2f, "
	       "\"p50_us\": %u, \"p99_us\": %u, \"p999_us\": %u, \"max_us\": %u",
	       load.attempts_more, (double)ok / seconds,
	       ok > 0 ? (double)cpu / (double)ok : 0, quantile(0.5), quantile(0.99),
	       quantile(0.999), quantile(1));
	printf(", \"refusal_max_us\": %" PRId64 ", \"acknowledged\": %" PRIu64
	       ", \"stored\": %" PRId64 ", \"distinct\": %" PRId64,
	       load.refusal_max_us, load.acknowledged, load.stored, load.distinct);
	print_gaps();
}

static void connect_to(const char *run_dir)
{
	struct fabric_caller_options options = {
		.run_dir = run_dir,
		.service = "dbproxy",
		.calls_max = 2 * load.target + 16,
		.queue_max = load.target + 16,
		.wake = fabric_tie_wake,
		.ctx = &load.tie,
	};
	struct fabric *f = fabric_new();

	load.loop = loop_new();
	if (f == NULL || load.loop == NULL)
		exit(71);
	fabric_tie_init(&load.tie, load.loop);
	load.caller = fabric_caller_new(f, &options);
	if (load.caller == NULL || !fabric_tie_caller(&load.tie, load.caller))
		exit(71);
}

int main(int argc, char **argv)
{
	int64_t began, cpu;

	if (argc < 6)
		return 64;
	load.target = (unsigned)strtoul(argv[3], NULL, 10);
	load.writes_percent = (unsigned)strtoul(argv[4], NULL, 10);
	load.budget_us = strtoll(argv[5], NULL, 10) * 1000;
	load.run = argc > 6 ? strtoll(argv[6], NULL, 10) : getpid();
	load.times = malloc(TIMES_MAX * sizeof(*load.times));
	load.refill = (struct loop_later){ .run = refill };
	load.end = (struct timer){ .run = on_end };
	connect_to(argv[1]);
	loop_later(load.loop, &load.refill);
	loop_timer_in(load.loop, &load.end, (int64_t)(strtod(argv[2], NULL) * 1000000));
	began = clock_us();
	cpu = cpu_us();
	loop_run(load.loop);
	cpu = cpu_us() - cpu;
	began = clock_us() - began;
	if (load.writes_percent > 0)
		count_rows();
	report((double)began / 1e6, cpu);
	return 0;
}
