/* overview.c -- see overview.h. */
#include "deploy/command/overview.h"

#include <stdio.h>

#include "common/str.h"
#include "deploy/command/link.h"

int64_t overview_pss_kib(int pid)
{
	char path[64], line[256];
	long long kib = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	f = pid > 0 ? fopen(path, "re") : NULL;
	if (f == NULL)
		return -1;
	while (kib < 0 && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "Pss: %lld kB", &kib) != 1)
			kib = -1;
	fclose(f);
	return kib;
}

static int number(struct str s)
{
	uint64_t n;

	return str_to_u64(s, &n) && n <= INT_MAX ? (int)n : 0;
}

static double seconds(struct str s)
{
	char z[40];

	return str_copy(z, sizeof(z), s) ? strtod(z, NULL) : 0;
}

static void take_instance(struct overview *o, struct str rest)
{
	struct overview_instance *i;
	struct str inflight;
	uint64_t n;

	if (o->count == OVERVIEW_INSTANCES)
		return;
	i = &o->instances[o->count++];
	str_copy(i->daemon, sizeof(i->daemon), str_cut(&rest, ' '));
	i->slot = number(str_cut(&rest, ' '));
	i->pid = number(str_cut(&rest, ' '));
	str_copy(i->state, sizeof(i->state), str_cut(&rest, ' '));
	i->uptime_s = seconds(str_cut(&rest, ' '));
	i->restarts = (unsigned)number(str_cut(&rest, ' '));
	str_copy(i->version, sizeof(i->version), str_cut(&rest, ' '));
	inflight = str_cut(&rest, ' ');
	i->has_load = str_to_u64(inflight, &n);
	i->inflight = (unsigned)number(inflight);
	i->credit = (unsigned)number(str_cut(&rest, ' '));
	str_copy(i->words, sizeof(i->words), rest);
	i->pss_kib = overview_pss_kib(i->pid);
}

static void take_port(struct overview *o, struct str rest)
{
	struct str kind = str_cut(&rest, ' ');

	if (str_eq(kind, STR("dns-udp")))
		o->dns_port = number(rest);
	else if (str_eq(kind, STR("http")))
		o->http_port = number(rest);
	else if (str_eq(kind, STR("https")))
		o->https_port = number(rest);
}

static void take_supervisor(struct overview *o, struct str rest)
{
	o->supervisor_pid = number(str_cut(&rest, ' '));
	o->supervisor_pss_kib = overview_pss_kib(o->supervisor_pid);
	str_copy(o->version, sizeof(o->version), str_cut(&rest, ' '));
	o->uptime_s = seconds(rest);
}

static void take_guard(struct overview *o, int pid)
{
	int64_t kib = overview_pss_kib(pid);

	o->guard_pid = pid;
	if (kib > 0)
		o->supervisor_pss_kib += kib;
}

static void take_line(void *ctx, struct str rest)
{
	struct overview *o = ctx;
	struct str word = str_cut(&rest, ' ');

	if (str_eq(word, STR("instance")))
		take_instance(o, rest);
	else if (str_eq(word, STR("port")))
		take_port(o, rest);
	else if (str_eq(word, STR("supervisor")))
		take_supervisor(o, rest);
	else if (str_eq(word, STR("guard")))
		take_guard(o, number(rest));
	else if (str_eq(word, STR("ready")))
		o->ready = str_eq(rest, STR("yes"));
	else if (str_eq(word, STR("state")))
		str_copy(o->state, sizeof(o->state), rest);
	else if (str_eq(word, STR("release")))
		str_copy(o->release, sizeof(o->release), rest);
	else if (str_eq(word, STR("domain")))
		str_copy(o->domain, sizeof(o->domain), rest);
	else if (str_eq(word, STR("zones")))
		str_copy(o->zones, sizeof(o->zones), rest);
	else if (str_eq(word, STR("address")))
		str_copy(o->address, sizeof(o->address), rest);
	else if (str_eq(word, STR("listen")))
		str_copy(o->listen, sizeof(o->listen), rest);
}

int overview_get(const char *state, struct overview *ret)
{
	*ret = (struct overview){ 0 };
	return link_ask(state, "status", take_line, ret);
}

struct probe overview_ask_name(const struct overview *o, char name[300])
{
	char address[64];
	const struct probe_question q = { .address = overview_address(o, address),
					  .port = o->dns_port,
					  .name = name,
					  .v6 = overview_is_v6(o) };
	struct probe p;

	snprintf(name, 300, "www.%s", o->domain);
	probe_name(&q, &p);
	return p;
}

bool overview_is_v6(const struct overview *o)
{
	return strchr(o->address, ':') != NULL;
}

const char *overview_address(const struct overview *o, char ret[64])
{
	struct str rest = str_of(o->listen);

	str_copy(ret, 64, str_trim(str_cut(&rest, ',')));
	if (strcmp(ret, "0.0.0.0") == 0)
		return "127.0.0.1";
	return strcmp(ret, "::") == 0 ? "::1" : ret;
}

const char *overview_host(const struct overview *o, char ret[80])
{
	char address[64];
	const char *at = overview_address(o, address);

	if (strcmp(at, "127.0.0.1") == 0 || strcmp(at, "::1") == 0)
		return "localhost";
	snprintf(ret, 80, strchr(at, ':') != NULL ? "[%s]" : "%s", at);
	return ret;
}
