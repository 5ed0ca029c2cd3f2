/* admin.c -- see admin.h. */
#include "webd/admin.h"

#include "common/stat.h"
#include "webd/answer.h"
#include "webd/conn.h"
#include "webd/ready.h"

enum { METRICS_LIMIT = 1 << 20 };

static void plain(struct exchange *e, int status, struct str body)
{
	answer_header(e, STR("cache-control"), STR("no-store"));
	answer_text(e, status, STR("text/plain; charset=utf-8"), body);
}

/* The loop that answers this turns. */
static void live(struct exchange *e)
{
	plain(e, 200, STR("live\n"));
}

static void metrics(struct exchange *e)
{
	struct buf b;

	if (!address_is_loopback(&e->conn->peer)) {
		answer_error(e, 403, "Metrics are for this machine only.");
		return;
	}
	buf_init(&b, METRICS_LIMIT);
	stat_print(&b, "webd");
	answer_header(e, STR("cache-control"), STR("no-store"));
	answer_text(e, 200, STR("text/plain; version=0.0.4; charset=utf-8"), buf_get(&b));
	buf_fini(&b);
}

static const struct {
	struct str path;
	void (*serve)(struct exchange *e);
} pages[] = {
	{ { "/-/live", 7 }, live },
	{ { "/-/ready", 8 }, ready_serve },
	{ { "/-/metrics", 10 }, metrics },
};

bool admin_serve(struct exchange *e)
{
	struct str path = str_of_iovec(e->req->path_normalized);

	if (!str_starts(path, STR("/-/")))
		return false;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (!str_eq(path, pages[i].path))
			continue;
		if (exchange_is_head(e) || str_eq(exchange_method(e), STR("GET"))) {
			pages[i].serve(e);
			return true;
		}
		answer_header(e, STR("allow"), STR("GET, HEAD"));
		answer_error(e, 405, "This page can only be read.");
		return true;
	}
	answer_error(e, 404, "There is nothing here.");
	return true;
}
