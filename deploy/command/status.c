/* status.c -- onebox status: for people, and with --json for programs. */
#include <stdio.h>

#include "common/buf.h"
#include "deploy/command/addresses.h"
#include "deploy/command/command.h"
#include "deploy/command/json.h"
#include "deploy/command/link.h"
#include "deploy/command/overview.h"

static void url_of(const struct overview *o, const char *scheme, int port, int usual,
		   char ret[160])
{
	char host[80];

	if (port == usual)
		snprintf(ret, 160, "%s://%s/", scheme, overview_host(o, host));
	else
		snprintf(ret, 160, "%s://%s:%d/", scheme, overview_host(o, host), port);
}

/* ---- JSON ---- */

static void put_instance(struct json *j, const struct overview_instance *i)
{
	json_open(j, NULL, '{');
	json_text(j, "daemon", i->daemon);
	json_int(j, "slot", i->slot);
	json_int_or_null(j, "pid", i->pid, i->pid > 0);
	json_text(j, "state", i->state);
	json_real(j, "uptime_s", i->uptime_s);
	json_int(j, "restarts", i->restarts);
	json_text(j, "version", i->version);
	json_int_or_null(j, "pss_kib", i->pss_kib, i->pss_kib >= 0);
	json_int_or_null(j, "inflight", i->inflight, i->has_load);
	json_int_or_null(j, "credit", i->credit, i->has_load);
	json_text(j, "words", i->words);
	json_close(j, '}');
}

static void put_places(struct json *j, const struct overview *o)
{
	char url[160], logs[PATH_MAX + 8];

	json_open(j, "ports", '{');
	json_int(j, "dns", o->dns_port);
	json_int(j, "http", o->http_port);
	json_int(j, "https", o->https_port);
	json_close(j, '}');
	json_open(j, "urls", '{');
	url_of(o, "http", o->http_port, 80, url);
	json_text(j, "http", url);
	url_of(o, "https", o->https_port, 443, url);
	json_text(j, "https", url);
	json_close(j, '}');
	snprintf(logs, sizeof(logs), "%s/log", o->state);
	json_text(j, "logs", logs);
	json_text(j, "state", o->state);
	json_text(j, "release", o->release);
	json_text(j, "domain", o->domain);
	json_text(j, "address", o->address);
}

static void put_addresses(struct json *j, const struct addresses *all)
{
	json_open(j, "addresses", '[');
	for (size_t i = 0; i < all->count; i++) {
		json_open(j, NULL, '{');
		json_text(j, "address", all->list[i].text);
		json_bool(j, "alive", all->list[i].is_up);
		json_bool(j, "given", all->list[i].is_up || all->up == 0);
		json_int(j, "seconds", all->list[i].seconds);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void print_json(const struct overview *o, const struct addresses *all)
{
	struct json j;

	json_init(&j);
	json_open(&j, NULL, '{');
	json_bool(&j, "ready", o->ready);
	json_open(&j, "supervisor", '{');
	json_int_or_null(&j, "pid", o->supervisor_pid, o->supervisor_pid > 0);
	json_int_or_null(&j, "guard_pid", o->guard_pid, o->guard_pid > 0);
	json_text(&j, "version", o->version);
	json_real(&j, "uptime_s", o->uptime_s);
	json_int_or_null(&j, "pss_kib", o->supervisor_pss_kib, o->supervisor_pss_kib > 0);
	json_close(&j, '}');
	json_open(&j, "instances", '[');
	for (int i = 0; i < o->count; i++)
		put_instance(&j, &o->instances[i]);
	json_close(&j, ']');
	put_addresses(&j, all);
	put_places(&j, o);
	json_close(&j, '}');
	json_print(&j);
}

/* ---- for people ---- */

static const char *duration(double s, char ret[32])
{
	long n = (long)s;

	if (n >= 86400)
		snprintf(ret, 32, "%ldd %ldh", n / 86400, n / 3600 % 24);
	else if (n >= 3600)
		snprintf(ret, 32, "%ldh %ldmin", n / 3600, n / 60 % 60);
	else if (n >= 60)
		snprintf(ret, 32, "%ldmin %lds", n / 60, n % 60);
	else
		snprintf(ret, 32, "%.1fs", s);
	return ret;
}

static void print_instance(const struct overview_instance *i)
{
	char up[32], load[40] = "", memory[32] = "";

	if (i->has_load)
		snprintf(load, sizeof(load), "%u/%u", i->inflight, i->credit);
	if (i->pss_kib >= 0)
		snprintf(memory, sizeof(memory), "%.1f MiB", (double)i->pss_kib / 1024);
	printf("%-8s %4d %8d  %-10s %-12s %8u %10s  %-8s %s\n", i->daemon, i->slot,
	       i->pid, i->state, duration(i->uptime_s, up), i->restarts, memory, load,
	       i->words);
}

static void print_addresses(const struct addresses *all)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct address *a = &all->list[i];
		char since[32];

		printf("%s%-24s %s, for %s\n",
		       i == 0 ? "addresses in the name, as dnsd sees them\n  " : "  ",
		       a->text, addresses_word(all, a),
		       duration((double)a->seconds, since));
	}
}

static void print_text(const struct overview *o, const struct addresses *all)
{
	char url[160], secure[160], up[32], address[64];
	int64_t total = o->supervisor_pss_kib > 0 ? o->supervisor_pss_kib : 0;

	url_of(o, "http", o->http_port, 80, url);
	url_of(o, "https", o->https_port, 443, secure);
	printf("Onebox %s is %s, up %s\n", o->version, o->ready ? "ready" : "not ready",
	       duration(o->uptime_s, up));
	printf("  site   %s   %s\n", url, secure);
	printf("  name   dig www.%s @%s", o->domain, overview_address(o, address));
	if (o->dns_port != 53)
		printf(" -p %d", o->dns_port);
	printf("\n  logs   %s/log\n\n", o->state);
	printf("%-8s %4s %8s  %-10s %-12s %8s %10s  %-8s\n", "daemon", "slot", "pid",
	       "state", "up", "restarts", "memory", "load");
	for (int i = 0; i < o->count; i++) {
		print_instance(&o->instances[i]);
		if (o->instances[i].pss_kib > 0)
			total += o->instances[i].pss_kib;
	}
	printf("memory of all, with the supervisor: %.1f MiB\n", (double)total / 1024);
	print_addresses(all);
}

static bool has_ready(const struct overview *o, const char *daemon)
{
	for (int i = 0; i < o->count; i++)
		if (strcmp(o->instances[i].daemon, daemon) == 0 &&
		    strcmp(o->instances[i].state, "ready") == 0)
			return true;
	return false;
}

int command_status(const char *state, int argc, char **argv)
{
	static struct overview o;
	static struct addresses all;
	bool json = argc == 2 && strcmp(argv[1], "--json") == 0;
	int failed;

	if (argc > 1 && !json)
		return misused(argc, argv);
	failed = overview_get(state, &o);
	if (failed != 0) {
		if (json)
			puts("{\"ready\": false, \"instances\": []}");
		return link_explain(state, failed);
	}
	if (has_ready(&o, "dnsd"))
		addresses_get(state, &all);
	if (json)
		print_json(&o, &all);
	else
		print_text(&o, &all);
	return o.ready ? EXIT_OK : EXIT_DEPENDENCY;
}
