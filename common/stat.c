/* stat.c -- see stat.h. A thread's first count gives it a shard; shards are never freed,
 * so that nothing counted is lost when a thread ends. */
#include "common/stat.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/fabric.h"
#include "common/log.h"
#include "common/version.h"

enum kind { COUNTER, GAUGE, TIMES };

/* Upper bounds 2^4 us .. 2^24 us (16 us .. 17 s), and beyond. */
enum { BUCKET_FIRST = 4, BUCKETS = 22 };

static const struct row {
	enum kind kind;
	const char *metric, *labels, *help;
} rows[] = {
#define STAT(name, kind, metric, labels, help) { kind, metric, labels, help },
#include "common/stat.def"
#undef STAT
};

struct times {
	_Atomic uint64_t bucket[BUCKETS], sum_us, count;
};

struct shard {
	struct shard *next;
	_Atomic uint64_t counter[STAT_COUNT];
	struct times *times[STAT_COUNT]; /* of TIMES rows, made at first use */
};

static _Atomic(struct shard *) shards;
static _Thread_local struct shard *mine;
static _Atomic int64_t gauges[STAT_COUNT];

static struct shard *my_shard(void)
{
	if (mine != NULL)
		return mine;
	mine = calloc(1, sizeof(*mine));
	if (mine == NULL)
		return NULL;
	mine->next = atomic_load(&shards);
	while (!atomic_compare_exchange_weak(&shards, &mine->next, mine))
		;
	return mine;
}

/* Only the owner writes, so load and store need no lock prefix. */
static void bump(_Atomic uint64_t *at, uint64_t n)
{
	atomic_store_explicit(at, atomic_load_explicit(at, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

void stat_add(enum stat_row s, uint64_t n)
{
	struct shard *shard = my_shard();

	if (shard != NULL)
		bump(&shard->counter[s], n);
}

void stat_set(enum stat_row s, int64_t v)
{
	atomic_store_explicit(&gauges[s], v, memory_order_relaxed);
}

static unsigned bucket_of(int64_t us)
{
	unsigned bits = us <= 1 ? 0 : 64 - (unsigned)__builtin_clzll((uint64_t)us - 1);

	if (bits <= BUCKET_FIRST)
		return 0;
	return bits - BUCKET_FIRST < BUCKETS ? bits - BUCKET_FIRST : BUCKETS - 1;
}

void stat_time(enum stat_row s, int64_t took_us)
{
	struct shard *shard = my_shard();

	if (shard == NULL)
		return;
	if (shard->times[s] == NULL) {
		struct times *t = calloc(1, sizeof(*t));

		if (t == NULL)
			return;
		__atomic_store_n(&shard->times[s], t, __ATOMIC_RELEASE);
	}
	bump(&shard->times[s]->bucket[bucket_of(took_us)], 1);
	bump(&shard->times[s]->sum_us, (uint64_t)took_us);
	bump(&shard->times[s]->count, 1);
}

static const struct times *shard_times(const struct shard *shard, enum stat_row s)
{
	return __atomic_load_n(&shard->times[s], __ATOMIC_ACQUIRE);
}

uint64_t stat_read(enum stat_row s)
{
	uint64_t sum = 0;

	for (struct shard *shard = atomic_load(&shards); shard; shard = shard->next) {
		const struct times *t = shard_times(shard, s);

		sum +=
		    t != NULL ? atomic_load(&t->count) : atomic_load(&shard->counter[s]);
	}
	return sum;
}

static void print_times(struct buf *b, enum stat_row s)
{
	uint64_t bucket[BUCKETS] = { 0 }, sum_us = 0, upto = 0;
	const char *labels = rows[s].labels, *comma = *labels == '\0' ? "" : ",";

	for (struct shard *shard = atomic_load(&shards); shard; shard = shard->next) {
		const struct times *t = shard_times(shard, s);

		for (unsigned i = 0; t != NULL && i < BUCKETS; i++)
			bucket[i] += atomic_load(&t->bucket[i]);
		sum_us += t != NULL ? atomic_load(&t->sum_us) : 0;
	}
	for (unsigned i = 0; i < BUCKETS - 1; i++) {
		upto += bucket[i];
		buf_fmt(b, "%s_bucket{%s%sle=\"%.6g\"} %llu\n", rows[s].metric, labels,
			comma, (double)(1ull << (i + BUCKET_FIRST)) / 1e6,
			(unsigned long long)upto);
	}
	upto += bucket[BUCKETS - 1];
	buf_fmt(b, "%s_bucket{%s%sle=\"+Inf\"} %llu\n", rows[s].metric, labels, comma,
		(unsigned long long)upto);
	buf_fmt(b, *labels == '\0' ? "%s_sum%s %.6f\n" : "%s_sum{%s} %.6f\n",
		rows[s].metric, labels, (double)sum_us / 1e6);
	buf_fmt(b, *labels == '\0' ? "%s_count%s %llu\n" : "%s_count{%s} %llu\n",
		rows[s].metric, labels, (unsigned long long)upto);
}

static void print_head(struct buf *b, const char *metric, const char *help,
		       const char *type)
{
	buf_fmt(b, "# HELP %s %s\n# TYPE %s %s\n", metric, help, metric, type);
}

static void print_row(struct buf *b, enum stat_row s)
{
	static const char *const types[] = { "counter", "gauge", "histogram" };
	const struct row *r = &rows[s];

	if (s == 0 || strcmp(rows[s - 1].metric, r->metric) != 0)
		print_head(b, r->metric, r->help, types[r->kind]);
	if (r->kind == TIMES) {
		print_times(b, s);
		return;
	}
	buf_text(b, r->metric);
	if (*r->labels != '\0')
		buf_fmt(b, "{%s}", r->labels);
	if (r->kind == COUNTER)
		buf_fmt(b, " %llu\n", (unsigned long long)stat_read(s));
	else
		buf_fmt(b, " %lld\n", (long long)atomic_load(&gauges[s]));
}

static void print_counter(struct buf *b, const char *metric, const char *help, uint64_t v)
{
	print_head(b, metric, help, "counter");
	buf_fmt(b, "%s %llu\n", metric, (unsigned long long)v);
}

static void print_fabric(struct buf *b)
{
	struct fabric_counters f;

	fabric_counters_read(&f);
	print_counter(b, "onebox_fabric_bad_frames_total",
		      "messages that were no messages", f.bad_frames);
	print_counter(b, "onebox_fabric_unknown_kinds_total",
		      "messages of an unknown kind", f.unknown_kinds);
	print_counter(b, "onebox_fabric_stale_replies_total",
		      "replies to calls that had ended before", f.stale_replies);
	print_counter(b, "onebox_fabric_lost_replies_total",
		      "replies whose caller had gone", f.lost_replies);
	print_counter(b, "onebox_fabric_refused_clients_total",
		      "callers beyond the table's size", f.refused_clients);
	print_counter(b, "onebox_fabric_died_peers_total",
		      "instances seen to die or hang", f.died_peers);
	print_counter(b, "onebox_fabric_resent_total", "calls given to another instance",
		      f.resent);
	print_counter(b, "onebox_fabric_full_total", "calls refused for want of room",
		      f.full);
	print_counter(b, "onebox_fabric_late_total", "calls whose time was up", f.late);
	print_counter(b, "onebox_fabric_lost_total", "calls whose outcome is unknown",
		      f.lost);
}

static void print_process(struct buf *b)
{
	struct timespec cpu;
	long pages = 0, size = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	if (f != NULL) {
		if (fscanf(f, "%ld %ld", &size, &pages) != 2)
			pages = 0;
		fclose(f);
	}
	print_head(b, "process_cpu_seconds_total", "CPU time used", "counter");
	buf_fmt(b, "process_cpu_seconds_total %lld.%06ld\n", (long long)cpu.tv_sec,
		cpu.tv_nsec / 1000);
	print_head(b, "process_resident_memory_bytes", "memory resident", "gauge");
	buf_fmt(b, "process_resident_memory_bytes %lld\n",
		(long long)pages * sysconf(_SC_PAGESIZE));
	print_counter(b, "onebox_log_dropped_total", "log lines dropped for want of room",
		      log_dropped());
}

static bool is_of(const char *metric, const char *program)
{
	size_t n = strlen(program);

	return strncmp(metric, "onebox_", 7) == 0 ||
	       (strncmp(metric, program, n) == 0 && metric[n] == '_');
}

void stat_print(struct buf *b, const char *program)
{
	print_head(b, "onebox_build_info", "what is running", "gauge");
	buf_fmt(b, "onebox_build_info{program=\"%s\",version=\"%s\"} 1\n", program,
		ONEBOX_VERSION);
	for (unsigned s = 0; s < STAT_COUNT; s++)
		if (is_of(rows[s].metric, program))
			print_row(b, (enum stat_row)s);
	print_fabric(b);
	print_process(b);
}
