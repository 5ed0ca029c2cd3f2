/* patrol.c -- see patrol.h. */
#include "webd/patrol.h"

#include "common/clock.h"
#include "common/stat.h"
#include "webd/conn.h"
#include "webd/tcp_info.h"
#include "webd/worker.h"

enum {
	CROWD = 4, /* so many can have no more than that in all */
	MEMORY_US = 5000,
	MEMORY_EACH_US = 10,
	STREAM_SIZE = 6 << 10, /* libh2o's struct and the first of its pool */
	ORDINARY = 16 << 10,
};

/* Neither a request nor an answer for too long. Uploads count as idleness: a request that
 * is not complete after so long will not be waited for. */
static bool is_forgotten(const struct conn *c, int64_t now)
{
	return c->exchanges == 0 && now - c->active_us > c->worker->settings.idle_us;
}

/* An answer is on its way, and fewer bytes than min_rate arrive for min_rate_after. */
static bool is_slow(struct conn *c, int64_t now)
{
	const struct settings *s = &c->worker->settings;
	int64_t acked;

	if (s->min_rate == 0 ||
	    (c->answering == 0 && tcp_unacked(h2o_socket_get_fd(c->sock)) == 0)) {
		c->rate_since_us = 0;
		return false;
	}
	acked = tcp_acked(h2o_socket_get_fd(c->sock));
	if (c->rate_since_us == 0 || acked < 0 ||
	    (acked - c->acked) * 1000000 >= s->min_rate * (now - c->rate_since_us)) {
		c->rate_since_us = now; /* fast enough: count from here */
		c->acked = acked;
		return false;
	}
	return now - c->rate_since_us > s->min_rate_after_us;
}

/* An empty one is a constant of libh2o's. */
static size_t size_of(const h2o_buffer_t *b)
{
	return b != NULL && b->bytes != NULL ? b->capacity : 0;
}

/* Of HTTP/2, for each stream: the request and the part of its body that came. */
static int add_stream(h2o_req_t *req, void *unused)
{
	h2o_http2_stream_t *stream = H2O_STRUCT_FROM_MEMBER(h2o_http2_stream_t, req, req);

	(void)unused;
	conn_of(req)->buffered += STREAM_SIZE + size_of(stream->_req_body);
	return 0;
}

/* What waits to be sent over HTTP/2, and headers that are not complete. */
static void add_output(h2o_context_t *ctx)
{
	for (h2o_linklist_t *at = ctx->http2._conns.next; at != &ctx->http2._conns;
	     at = at->next) {
		h2o_http2_conn_t *h2 =
		    H2O_STRUCT_FROM_MEMBER(h2o_http2_conn_t, _conns, at);
		struct conn *c = h2->sock->on_close.data;

		c->buffered += size_of(h2->_write.buf) +
			       size_of(h2->_write.buf_in_flight) +
			       size_of(h2->_headers_unparsed);
	}
}

/* Each connection's, and the sum: without those that are leaving, and without what every
 * connection has. */
static size_t measure_memory(struct worker *w)
{
	size_t total = 0;

	LIST_EACH(link, &w->conns) {
		struct conn *c = LIST_OF(link, struct conn, link);

		c->buffered = size_of(c->sock->input) + c->answers_size;
	}
	w->ctx.globalconf->http2.callbacks.foreach_request(&w->ctx, add_stream, NULL);
	add_output(&w->ctx);
	LIST_EACH(link, &w->conns) {
		struct conn *c = LIST_OF(link, struct conn, link);

		if (!c->guard.ended && c->buffered > ORDINARY)
			total += c->buffered;
	}
	return total;
}

static struct conn *largest(struct worker *w)
{
	struct conn *worst = NULL;

	LIST_EACH(link, &w->conns) {
		struct conn *c = LIST_OF(link, struct conn, link);

		if (!c->guard.ended && c->buffered > ORDINARY &&
		    (worst == NULL || c->buffered > worst->buffered))
			worst = c;
	}
	return worst;
}

/* Whoever holds most goes first, until the rest fits. */
static void free_memory(struct worker *w)
{
	size_t total = measure_memory(w),
	       allowed = w->settings.max_buffered / w->webd->workers_wanted;

	while (total > allowed) {
		struct conn *c = largest(w);

		if (c == NULL)
			return;
		total -= c->buffered;
		stat_one(STAT_WEBD_ENDED_MEMORY);
		conn_abort(c);
	}
}

/* Looking at a connection takes well under a microsecond. */
void patrol_memory(struct worker *w)
{
	int64_t now = clock_us();

	if (w->conn_count < CROWD || now < w->memory_us)
		return;
	w->memory_us = now + MEMORY_US + w->conn_count * MEMORY_EACH_US;
	free_memory(w);
}

void patrol_run(struct worker *w)
{
	int64_t now = clock_us();

	LIST_EACH(link, &w->conns) {
		struct conn *c = LIST_OF(link, struct conn, link);

		if (c->guard.ended)
			continue;
		if (is_forgotten(c, now)) {
			stat_one(STAT_WEBD_ENDED_IDLE);
			conn_shutdown(c);
		} else if (is_slow(c, now)) {
			stat_one(STAT_WEBD_ENDED_SLOW);
			conn_abort(c);
		}
	}
}
