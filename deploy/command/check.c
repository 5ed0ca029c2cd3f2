/* check.c -- onebox check: is it healthy? One sentence for each thing looked at: ok;
 * wrong, and what to do; soon wrong (a warning); or could not tell. A timeout is never
 * called "missing". */
#include <stdarg.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/str.h"
#include "deploy/command/command.h"
#include "deploy/command/json.h"
#include "deploy/command/link.h"
#include "deploy/command/overview.h"
#include "deploy/command/probe.h"

enum { FINDINGS_MAX = 300, LOOK_US = 10000, LOW_DISK_MIB = 100, FULL_DISK_MIB = 2 };

struct finding {
	enum probe_result result;
	char what[40], words[400];
};

struct report {
	struct finding findings[FINDINGS_MAX];
	int count;
};

static void find(struct report *r, enum probe_result result, const char *what,
		 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void find(struct report *r, enum probe_result result, const char *what,
		 const char *fmt, ...)
{
	struct finding *f;
	va_list ap;

	if (r->count == FINDINGS_MAX)
		return;
	f = &r->findings[r->count++];
	f->result = result;
	str_copy(f->what, sizeof(f->what), str_of(what));
	va_start(ap, fmt);
	vsnprintf(f->words, sizeof(f->words), fmt, ap);
	va_end(ap);
}

/* -1: cannot be told. */
static long long free_mib(const struct overview *o)
{
	struct statvfs v;

	if (statvfs(o->state, &v) < 0)
		return -1;
	return (long long)v.f_bavail * (long long)v.f_frsize >> 20;
}

static bool has_daemon(const struct overview *o, const char *daemon)
{
	for (int i = 0; i < o->count; i++)
		if (strcmp(o->instances[i].daemon, daemon) == 0)
			return true;
	return false;
}

/* Where to read on. On a full disk the logs are silent, and it is the reason. */
static void find_instance(struct report *r, const struct overview *o,
			  const struct overview_instance *n)
{
	if (free_mib(o) >= 0 && free_mib(o) < FULL_DISK_MIB)
		find(r, PROBE_WRONG, n->daemon,
		     "%s.%d is %s, after %u restarts; the disk is full", n->daemon,
		     n->slot, n->state, n->restarts);
	else
		find(r, PROBE_WRONG, n->daemon,
		     "%s.%d is %s, after %u restarts; why is in %s/log/%s.log", n->daemon,
		     n->slot, n->state, n->restarts, o->state, n->daemon);
}

static void look_at_instances(struct report *r, const struct overview *o)
{
	int ready = 0;

	for (int i = 0; i < o->count; i++) {
		const struct overview_instance *n = &o->instances[i];

		if (strcmp(n->state, "ready") == 0)
			ready++;
		else if (strcmp(n->state, "leaving") != 0)
			find_instance(r, o, n);
	}
	if (ready == o->count)
		find(r, PROBE_OK, "instances", "all %d instances are ready", ready);
}

static void look_at_name(struct report *r, const struct overview *o, bool tcp)
{
	char name[300], address[64];
	const char *at = overview_address(o, address);
	struct probe_question q = { .address = at,
				    .port = o->dns_port,
				    .name = name,
				    .tcp = tcp,
				    .v6 = overview_is_v6(o) };
	struct probe p;

	snprintf(name, sizeof(name), "www.%s", o->domain);
	probe_name(&q, &p);
	if (p.answered && p.result != PROBE_OK) {
		q.v6 = !q.v6; /* a zone made one's own may differ */
		probe_name(&q, &p);
	}
	if (p.answered && p.result != PROBE_OK && *o->zones != '\0')
		find(r, PROBE_OK, tcp ? "name-tcp" : "name-udp",
		     "dnsd answers over %s in %.1f ms; of %s in the zones of %s: %s",
		     tcp ? "TCP" : "UDP", p.ms, name, o->zones, p.words);
	else if (p.result == PROBE_OK)
		find(r, PROBE_OK, tcp ? "name-tcp" : "name-udp",
		     "%s is %s, over %s in %.1f ms", name, p.words, tcp ? "TCP" : "UDP",
		     p.ms);
	else
		find(r, p.result, tcp ? "name-tcp" : "name-udp",
		     "%s asked over %s at %s port %d: %s; see %s/log/dnsd.log", name,
		     tcp ? "TCP" : "UDP", at, o->dns_port, p.words, o->state);
}

static void look_at_page(struct report *r, const struct overview *o)
{
	char address[64];
	const char *at = overview_address(o, address);
	struct probe p;

	probe_page(at, o->http_port, &p);
	if (p.result == PROBE_OK)
		find(r, PROBE_OK, "page", "the page answers with %s in %.1f ms", p.words,
		     p.ms);
	else
		find(r, p.result, "page",
		     "the page asked at %s port %d: %s; follow it with onebox logs", at,
		     o->http_port, p.words);
}

static void look_at_disk(struct report *r, const struct overview *o)
{
	long long mib = free_mib(o);

	if (mib < 0)
		find(r, PROBE_UNKNOWN, "disk", "how full the disk with %s is", o->state);
	else if (mib < FULL_DISK_MIB)
		find(r, PROBE_WRONG, "disk",
		     "the disk with %s is full (%lld MiB free): nothing new is stored; "
		     "make "
		     "room",
		     o->state, mib);
	else if (mib < LOW_DISK_MIB)
		find(r, PROBE_WARN, "disk",
		     "only %lld MiB are free where %s is; make room", mib, o->state);
	else
		find(r, PROBE_OK, "disk", "%lld MiB are free where %s is", mib, o->state);
}

/* What a visitor needs: everything ready, the name, the page. */
static void look(struct report *r, const struct overview *o)
{
	r->count = 0;
	look_at_disk(r, o); /* first: it may be why the rest is wrong */
	look_at_instances(r, o);
	if (has_daemon(o, "dnsd")) {
		look_at_name(r, o, false);
		look_at_name(r, o, true);
	}
	if (has_daemon(o, "webd"))
		look_at_page(r, o);
}

static bool all_ok(const struct report *r)
{
	for (int i = 0; i < r->count; i++)
		if (r->findings[i].result > PROBE_WARN)
			return false;
	return true;
}

static const char *result_word(enum probe_result result)
{
	static const char *const words[] = { [PROBE_OK] = "ok",
					     [PROBE_WARN] = "warning",
					     [PROBE_WRONG] = "wrong",
					     [PROBE_UNKNOWN] = "unknown" };

	return words[result];
}

static void print(const struct report *r, bool json)
{
	struct json j;

	if (!json) {
		for (int i = 0; i < r->count; i++)
			printf("%-14s %s\n",
			       r->findings[i].result == PROBE_UNKNOWN
				   ? "could not tell"
				   : result_word(r->findings[i].result),
			       r->findings[i].words);
		return;
	}
	json_init(&j);
	json_open(&j, NULL, '{');
	json_bool(&j, "ok", all_ok(r));
	json_open(&j, "findings", '[');
	for (int i = 0; i < r->count; i++) {
		json_open(&j, NULL, '{');
		json_text(&j, "result", result_word(r->findings[i].result));
		json_text(&j, "what", r->findings[i].what);
		json_text(&j, "words", r->findings[i].words);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
	json_print(&j);
}

int command_check(const char *state, int argc, char **argv)
{
	static struct overview o;
	static struct report report;
	bool json = false;
	uint64_t wait_s = 0;
	int64_t end;
	int failed;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			json = true;
		else if (strcmp(argv[i], "--wait") != 0 || ++i == argc ||
			 !str_to_u64(str_of(argv[i]), &wait_s) || wait_s > 3600)
			return misused(argc, argv);
	}
	end = clock_us() + (int64_t)wait_s * 1000000;
	for (;;) {
		failed = overview_get(state, &o);
		if (failed != 0)
			return link_explain(state, failed);
		look(&report, &o);
		/* a full disk, which comes first, does not get better by waiting */
		if (all_ok(&report) || report.findings[0].result == PROBE_WRONG ||
		    clock_us() >= end)
			break;
		usleep(LOOK_US);
	}
	print(&report, json);
	return all_ok(&report) ? EXIT_OK : EXIT_DEPENDENCY;
}
