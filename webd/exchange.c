/* exchange.c -- see exchange.h. */
#include "webd/exchange.h"

#include <poll.h>

#include "common/clock.h"
#include "common/stat.h"
#include "common/trace.h"
#include "webd/answer.h"
#include "webd/conn.h"
#include "webd/worker.h"

enum {
	SCAN_AFTER_US = 30000,
	SCAN_MAX = 512,
	ANSWER_EXPECTED = 16 << 10, /* room is kept for it while it is being made */
};

static void on_setup_ostream(h2o_req_prefilter_t *self, h2o_req_t *req,
			     h2o_ostream_t **slot)
{
	answer_common_headers((struct exchange *)(void *)self);
	h2o_setup_next_prefilter(self, req, slot);
}

/* The request's memory goes: answered, reset by the client, or its connection closed. */
static void on_dispose(void *ctx)
{
	struct exchange *e = ctx;

	if (e->call != 0) {
		stat_one(STAT_WEBD_CANCELLED);
		exchange_cancel(e);
	}
	fabric_held_free(e->held);
	e->conn->answers_size -= e->answer_size;
	if (e->answering)
		e->conn->answering--;
	e->conn->exchanges--;
	e->conn->active_us = clock_us();
}

static void take_trace(struct exchange *e)
{
	struct str given = exchange_header(e, STR("traceparent"));

	if (given.p == NULL || !e->conn->trusted || !trace_parse(given, &e->context))
		trace_new(&e->context);
	trace_hex(e->context.trace, e->trace);
}

struct exchange *exchange_begin(h2o_req_t *req)
{
	struct exchange *e = h2o_mem_alloc_shared(&req->pool, sizeof(*e), on_dispose);

	memset(e, 0, sizeof(*e));
	e->prefilter.next = req->prefilters;
	e->prefilter.on_setup_ostream = on_setup_ostream;
	req->prefilters = &e->prefilter;
	e->req = req;
	e->worker = worker_of(req);
	e->conn = conn_of(req);
	e->conn->exchanges++;
	e->start_us = e->conn->active_us = clock_us();
	list_init(&e->asking);
	take_trace(e);
	return e;
}

struct exchange *exchange_of(const h2o_req_t *req)
{
	h2o_req_prefilter_t *p = req->prefilters;

	if (p == NULL || p->on_setup_ostream != on_setup_ostream)
		return NULL;
	return (struct exchange *)(void *)p;
}

void exchange_holds(struct exchange *e, size_t size)
{
	e->answer_size += size;
	e->conn->answers_size += size;
	guard_grew(size);
}

bool exchange_ask(struct exchange *e, struct tie *t, const struct fabric_request *r)
{
	e->asked = t;
	e->call = fabric_call(t->caller, r);
	if (e->call == 0)
		return false;
	exchange_holds(e, ANSWER_EXPECTED);
	list_append(&e->worker->asking, &e->asking);
	worker_watch_clients(e->worker);
	return true;
}

void exchange_call_ended(struct exchange *e)
{
	e->call = 0;
	e->answer_size -= ANSWER_EXPECTED;
	e->conn->answers_size -= ANSWER_EXPECTED;
	list_remove(&e->asking);
}

void exchange_cancel(struct exchange *e)
{
	uint64_t call = e->call;

	if (call == 0)
		return;
	exchange_call_ended(e);
	if (e->asked->caller != NULL)
		fabric_cancel(e->asked->caller, call);
}

static void client_gone(struct exchange *e)
{
	stat_one(STAT_WEBD_CANCELLED);
	exchange_cancel(e);
	e->req->http1_is_persistent = 0;
	answer_empty(e, 499);
}

/* Its end of the connection is closed. Has it left, or does it only have no more to say?
 * See guard_write.c. Whoever speaks TLS says goodbye by leaving. */
static bool is_gone(struct exchange *e, short events)
{
	struct pollfd again = { .fd = h2o_socket_get_fd(e->conn->sock) };

	if (events & (POLLHUP | POLLERR) || e->conn->sock->ssl != NULL)
		return true;
	if (!guard_say_beginning(e->conn->sock))
		return false;
	stat_one(STAT_WEBD_HALF_CLOSED);
	return poll(&again, 1, 0) > 0; /* of one nearby the reset is here already */
}

void exchange_look_for_gone_clients(struct worker *w)
{
	struct pollfd fds[SCAN_MAX];
	struct exchange *of[SCAN_MAX];
	int64_t now = clock_us();
	nfds_t n = 0;

	LIST_EACH(link, &w->asking) {
		struct exchange *e = LIST_OF(link, struct exchange, asking);

		if (now - e->start_us < SCAN_AFTER_US || n == SCAN_MAX)
			break; /* the list is in the order of their beginning */
		if (e->req->version >= 0x200)
			continue;
		fds[n] = (struct pollfd){ .fd = h2o_socket_get_fd(e->conn->sock),
					  .events = POLLRDHUP };
		of[n++] = e;
	}
	if (n == 0 || poll(fds, n, 0) <= 0)
		return;
	for (nfds_t i = 0; i < n; i++)
		if (fds[i].revents != 0 && is_gone(of[i], fds[i].revents))
			client_gone(of[i]);
}

struct str exchange_header(const struct exchange *e, struct str name)
{
	ssize_t at = h2o_find_header_by_str(&e->req->headers, name.p, name.n, -1);

	if (at == -1)
		return (struct str){ NULL, 0 };
	return str_of_iovec(e->req->headers.entries[at].value);
}

bool exchange_is_head(const struct exchange *e)
{
	return str_eq(exchange_method(e), STR("HEAD"));
}
