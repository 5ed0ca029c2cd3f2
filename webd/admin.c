/* admin.c -- see admin.h. */
#include "webd/admin.h"

#include <fcntl.h>
#include <unistd.h>

#include "common/stat.h"
#include "webd/answer.h"
#include "webd/conn.h"
#include "webd/ready.h"
#include "webd/tls.h"
#include "webd/worker.h"

enum { METRICS_LIMIT = 1 << 20, REVOKED_LIMIT = 16 << 10 };

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

/* What the leaf of our own authority points at. A few hundred bytes that hardly anybody
 * asks for: read each time. */
static void revoked(struct exchange *e)
{
	char bytes[REVOKED_LIMIT];
	struct tls_files f;
	ssize_t n = -1;
	int fd;

	tls_files_of(e->worker->webd->daemon->state_dir, &f);
	fd = open(f.revoked, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, bytes, sizeof(bytes));
		close(fd);
	}
	if (n <= 0) {
		answer_error(e, 404, "This site's certificate is from elsewhere.");
		return;
	}
	answer_header(e, STR("cache-control"), STR("max-age=3600"));
	answer_text(e, 200, STR("application/pkix-crl"),
		    (struct str){ bytes, (size_t)n });
}

static const struct {
	struct str path;
	void (*serve)(struct exchange *e);
} pages[] = {
	{ { "/-/live", 7 }, live },
	{ { "/-/ready", 8 }, ready_serve },
	{ { "/-/metrics", 10 }, metrics },
	{ { TLS_REVOKED_PATH, sizeof(TLS_REVOKED_PATH) - 1 }, revoked },
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
