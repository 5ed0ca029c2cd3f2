/* trace.c -- onebox trace: one request, hop by hop, with times. It asks the name and the
 * page as a browser would, takes the trace id from the answer, and reads from the logs
 * what appd and dbproxy did for it. A DNS question has no trace id; its time is what was
 * measured here. */
#include <stdio.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/str.h"
#include "deploy/command/command.h"
#include "deploy/command/link.h"
#include "deploy/command/logset.h"
#include "deploy/command/overview.h"
#include "deploy/command/probe.h"

enum { HOPS_MAX = 60, LOOK_US = 20000, LOGGED_US = 3000000, QUIET_US = 150000 };

/* Of one line: who wrote it, and what it says. */
struct hop {
	char who[32];
	bool database; /* a line of dbproxy; else of appd */
	double ms, queue_ms;
	char words[200];
};

struct hops {
	struct hop at[HOPS_MAX];
	int count;
};

/* ---- from the logs ---- */

static struct str field(struct str line, const char *name)
{
	char key[32];
	int n = snprintf(key, sizeof(key), " %s=", name);
	char *at = memmem(line.p, line.n, key, (size_t)n);
	struct str rest;

	if (at == NULL)
		return STR("");
	rest = (struct str){ at + n, line.n - (size_t)(at + n - line.p) };
	return str_cut(&rest, ' ');
}

static double field_ms(struct str line, const char *name)
{
	int64_t us;

	return str_to_i64(field(line, name), &us) ? (double)us / 1000 : 0;
}

/* "2026-... appd.1[4711] info request trace=... us=1675 sql_us=1550 ..." */
static void take_line(struct hops *h, struct str line)
{
	struct str rest = line, who;
	struct hop *hop = &h->at[h->count];

	str_cut(&rest, ' ');
	who = str_cut(&rest, ' ');
	who = str_cut(&who, '[');
	if (h->count == HOPS_MAX)
		return;
	*hop = (struct hop){ .database = str_starts(who, STR("dbproxy.")) };
	str_copy(hop->who, sizeof(hop->who), who);
	if (hop->database && field(line, "statements").n > 0) {
		hop->ms = field_ms(line, "run_us");
		hop->queue_ms = field_ms(line, "queue_us");
		snprintf(hop->words, sizeof(hop->words), "%.*s: %.*s, %.*s rows",
			 STR_ARG(field(line, "statements")),
			 STR_ARG(field(line, "class")), STR_ARG(field(line, "rows")));
	} else if (str_starts(who, STR("appd.")) && field(line, "status").n > 0) {
		hop->ms = field_ms(line, "us");
		hop->queue_ms = field_ms(line, "sql_us");
		snprintf(hop->words, sizeof(hop->words), "%.*s %.*s: %.*s",
			 STR_ARG(field(line, "method")), STR_ARG(field(line, "path")),
			 STR_ARG(field(line, "status")));
	} else {
		return;
	}
	h->count++;
}

static void read_hops(struct hops *h, const char *folder, const char *trace)
{
	static const char *const daemons[] = { "appd", "dbproxy" };
	static struct logset set;

	h->count = 0;
	for (int i = 0; i < 2; i++) {
		if (!logset_open(&set, folder, daemons[i], false))
			continue;
		for (const char *line; (line = logset_next(&set)) != NULL;)
			if (strstr(line, trace) != NULL)
				take_line(h, str_of(line));
		logset_close(&set);
	}
}

/* Lines are written off the hot path; when none has come for a while, all are there. */
static void wait_for_hops(struct hops *h, const char *state, const char *trace)
{
	char folder[PATH_MAX];
	int64_t end = clock_us() + LOGGED_US, quiet = 0;
	int before = -1;

	snprintf(folder, sizeof(folder), "%.4000s/log", state);
	while (clock_us() < end) {
		read_hops(h, folder, trace);
		if (h->count != before)
			quiet = clock_us() + QUIET_US;
		else if (h->count > 0 && clock_us() > quiet)
			break;
		before = h->count;
		usleep(LOOK_US);
	}
}

/* ---- from here ---- */

static void print_name(const struct overview *o)
{
	char name[300];
	struct probe p = overview_ask_name(o, name);

	printf("%9.2f ms  dnsd       %s: %s\n", p.ms, name, p.words);
}

static void print_visit(const struct probe_visit *v, const char *path)
{
	printf("%9.2f ms  kernel     connected\n", v->connect_ms);
	printf("%9.2f ms  webd       GET %s: %s, %zu bytes\n", v->answer_ms, path,
	       v->words, v->bytes);
}

/* What each had of the time of the one above. */
static void print_hops(const struct hops *h, double web_ms)
{
	double app_ms = 0, sql_ms = 0;

	for (int i = 0; i < h->count; i++) {
		const struct hop *p = &h->at[i];

		if (p->database)
			printf("%9.2f ms      %-9s  %s (waited %.2f ms)\n", p->ms, p->who,
			       p->words, p->queue_ms);
		else
			printf("%9.2f ms    %-9s    %s\n", p->ms, p->who, p->words);
		app_ms += p->database ? 0 : p->ms;
		sql_ms += p->database ? p->ms : 0;
	}
	if (app_ms > 0)
		printf("of %.2f ms: webd and the way %.2f, appd %.2f, the database and "
		       "the way "
		       "to it %.2f (%.2f in it)\n",
		       web_ms, web_ms - app_ms, app_ms - h->at[0].queue_ms,
		       h->at[0].queue_ms, sql_ms);
}

/* "http://host:port/path", or the path alone. NULL: neither. */
static const char *path_of(const char *url)
{
	const char *slash;

	if (*url == '/')
		return url;
	if (strncmp(url, "http://", 7) != 0)
		return NULL;
	slash = strchr(url + 7, '/');
	return slash != NULL ? slash : "/";
}

int command_trace(const char *state, int argc, char **argv)
{
	static struct overview o;
	static struct hops hops;
	struct probe_visit v;
	char address[64];
	const char *path = argc == 2 ? path_of(argv[1]) : argc == 1 ? "/" : NULL;
	int failed;

	if (path == NULL || strlen(path) > PROBE_PATH_MAX)
		return misused(argc, argv);
	failed = overview_get(state, &o);
	if (failed != 0)
		return link_explain(state, failed);
	print_name(&o);
	probe_visit(overview_address(&o, address), o.http_port, path, &v);
	print_visit(&v, path);
	if (*v.trace == '\0')
		return complain(EXIT_DEPENDENCY, "the answer has no trace id; see %s/log",
				o.state);
	wait_for_hops(&hops, o.state, v.trace);
	print_hops(&hops, v.answer_ms);
	if (hops.count == 0)
		printf("             webd answered by itself, or the log level leaves it "
		       "out\n");
	printf("all of it: onebox logs --trace %s\n", v.trace);
	return v.result == PROBE_OK ? EXIT_OK : EXIT_DEPENDENCY;
}
