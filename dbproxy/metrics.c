/* metrics.c -- see metrics.h. */
#include "dbproxy/metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/trace.h"

/* Upper bounds 2^4 us ... 2^24 us (16 us ... 17 s), and beyond. */
enum { BUCKET_FIRST = 4, BUCKETS = 22, USUAL_SHARE = 16 };
enum { SLOW_A_SECOND = 50, SLOW_ENTRY_MAX = 64 << 10 };

struct times {
	uint64_t count, sum_us, buckets[BUCKETS];
};

struct tally {
	uint64_t classes[CLASS_COUNT], rows;
	struct times queue, run;
	int64_t usual_us; /* a mean that forgets */
};

struct metrics {
	struct tally *tallies; /* of each statement */
	const char *slow_path;
	int64_t slow_us;
	int64_t second; /* of the slow log's allowance */
	unsigned written;
	struct log_gate gate;
};

static void add_time(struct times *t, int64_t us)
{
	int bucket = 0;

	while (bucket < BUCKETS - 1 && us > INT64_C(1) << (BUCKET_FIRST + bucket))
		bucket++;
	t->buckets[bucket]++;
	t->count++;
	t->sum_us += (uint64_t)(us > 0 ? us : 0);
}

static size_t index_of(const struct job_statement *s)
{
	return (size_t)(s->s - statements);
}

/* ---- the slow log, in MySQL's own format ---- */

static void put_slow(struct buf *b, const struct job *j, unsigned at,
		     unsigned long thread)
{
	const struct job_statement *s = &j->statements[at];
	char stamp[CLOCK_STAMP_SIZE], parent[TRACEPARENT_SIZE];
	int64_t now = clock_wall_us();

	buf_fmt(b,
		"# Time: %s\n"
		"# User@Host: dbproxy[dbproxy] @ localhost []\n"
		"# Thread_id: %lu  Schema: onebox  QC_hit: No\n"
		"# Query_time: %.6f  Lock_time: 0.000000  Rows_sent: %u  "
		"Rows_examined: 0\n"
		"SET timestamp=%lld;\n"
		"/* statement=%s traceparent=%s queue_us=%lld */ %s;\n",
		clock_stamp(now, stamp), thread, (double)s->run_us / 1e6, s->rows,
		(long long)((now - s->run_us) / 1000000), s->s->name,
		trace_parent(&j->context, parent),
		(long long)(j->started_us - j->received_us), s->s->sql);
}

/* Opened for each entry, so that whoever rotates it need not tell us. */
static bool append(const char *path, struct str text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	bool ok = fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n;

	if (fd >= 0)
		close(fd);
	return ok;
}

static void log_slow(struct metrics *m, const struct job *j, unsigned at,
		     unsigned long thread)
{
	int64_t second = clock_us() / 1000000;
	struct buf b;
	unsigned held;

	if (second != m->second)
		m->written = 0;
	m->second = second;
	if (m->written++ >= SLOW_A_SECOND)
		return;
	buf_init(&b, SLOW_ENTRY_MAX);
	put_slow(&b, j, at, thread);
	if (!append(m->slow_path, buf_get(&b)) && log_gate_open(&m->gate, &held))
		log_warn("slow_log_not_written path=%s why=\"%s\" more=%u", m->slow_path,
			 strerror(errno), held);
	buf_fini(&b);
}

/* ---- counting ---- */

void metrics_job(struct metrics *m, const struct job *j, enum sql_class c,
		 unsigned long thread)
{
	int64_t now = clock_us();
	int64_t queue = (j->started_us > 0 ? j->started_us : now) - j->received_us;

	for (unsigned i = 0; i < j->count; i++) {
		const struct job_statement *s = &j->statements[i];
		struct tally *t = &m->tallies[index_of(s)];

		/* those after the one that failed were not run */
		t->classes[c]++;
		add_time(&t->queue, queue);
		if (s->run_us == 0)
			continue;
		add_time(&t->run, s->run_us);
		t->rows += s->rows;
		t->usual_us += (s->run_us - t->usual_us) / USUAL_SHARE;
		if (m->slow_us > 0 && s->run_us >= m->slow_us)
			log_slow(m, j, i, thread);
	}
}

int64_t metrics_usual_us(const struct metrics *m, const struct job *j)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < j->count; i++)
		sum += m->tallies[index_of(&j->statements[i])].usual_us;
	return sum;
}

/* ---- Prometheus text ---- */

static void print_counts(const struct metrics *m, struct buf *b)
{
	buf_text(b, "# HELP dbproxy_statements_total statements by how they ended\n"
		    "# TYPE dbproxy_statements_total counter\n");
	for (size_t i = 0; i < statement_count; i++)
		for (int c = 0; c < CLASS_COUNT; c++)
			if (m->tallies[i].classes[c] > 0)
				buf_fmt(b,
					"dbproxy_statements_total{statement=\"%s\","
					"class=\"%s\"} %llu\n",
					statements[i].name,
					class_word((enum sql_class)c).p,
					(unsigned long long)m->tallies[i].classes[c]);
	buf_text(b, "# HELP dbproxy_rows_total rows that statements gave\n"
		    "# TYPE dbproxy_rows_total counter\n");
	for (size_t i = 0; i < statement_count; i++)
		if (m->tallies[i].rows > 0)
			buf_fmt(b, "dbproxy_rows_total{statement=\"%s\"} %llu\n",
				statements[i].name,
				(unsigned long long)m->tallies[i].rows);
}

static void print_times(struct buf *b, const char *metric, const char *statement,
			const struct times *t)
{
	uint64_t sum = 0;

	for (int i = 0; i < BUCKETS - 1; i++) {
		sum += t->buckets[i];
		buf_fmt(b, "%s_bucket{statement=\"%s\",le=\"%g\"} %llu\n", metric,
			statement, (double)(INT64_C(1) << (BUCKET_FIRST + i)) / 1e6,
			(unsigned long long)sum);
	}
	buf_fmt(b, "%s_bucket{statement=\"%s\",le=\"+Inf\"} %llu\n", metric, statement,
		(unsigned long long)t->count);
	buf_fmt(b, "%s_sum{statement=\"%s\"} %.6f\n", metric, statement,
		(double)t->sum_us / 1e6);
	buf_fmt(b, "%s_count{statement=\"%s\"} %llu\n", metric, statement,
		(unsigned long long)t->count);
}

void metrics_print(const struct metrics *m, struct buf *b)
{
	print_counts(m, b);
	buf_text(b, "# HELP dbproxy_queue_seconds waiting for a connection\n"
		    "# TYPE dbproxy_queue_seconds histogram\n");
	for (size_t i = 0; i < statement_count; i++)
		if (m->tallies[i].queue.count > 0)
			print_times(b, "dbproxy_queue_seconds", statements[i].name,
				    &m->tallies[i].queue);
	buf_text(b, "# HELP dbproxy_run_seconds running in the database\n"
		    "# TYPE dbproxy_run_seconds histogram\n");
	for (size_t i = 0; i < statement_count; i++)
		if (m->tallies[i].run.count > 0)
			print_times(b, "dbproxy_run_seconds", statements[i].name,
				    &m->tallies[i].run);
}

/* ---- life ---- */

struct metrics *metrics_new(const char *slow_path)
{
	struct metrics *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->slow_path = slow_path;
	m->tallies = calloc(statement_count, sizeof(*m->tallies));
	if (m->tallies != NULL)
		return m;
	free(m);
	return NULL;
}

void metrics_free(struct metrics *m)
{
	if (m == NULL)
		return;
	free(m->tallies);
	free(m);
}

void metrics_set_slow(struct metrics *m, int64_t slow_us)
{
	m->slow_us = slow_us;
}
