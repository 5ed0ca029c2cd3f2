/* memory.c -- see memory.h. */
#include "webd/memory.h"

#include <poll.h>

#include "common/clock.h"
#include "common/stat.h"
#include "webd/conn.h"
#include "webd/tcp_info.h"
#include "webd/worker.h"

enum {
	LOOK_US = 5000,
	LOOK_EACH_US = 10, /* one takes well under a microsecond */
	HURRY_US = 1000,   /* while somebody waits */
	STREAM_SIZE = GUARD_STREAM_SIZE,
	BESIDES = 64 << 10,  /* a body's request and its answer */
	ORDINARY = 16 << 10, /* what any connection may hold */
	PACE_US = 500000,    /* for window updates may stand behind what waits */
	TURN_US = 50000,
	FIRST_TURN_US = 10000, /* who has little to lose shows at once what it has */
	FIRST_SIZE = 64 << 10,
	TURN_BYTES = 12 << 10, /* who brings less in it is slow */
};

/* ---- how much ---- */

/* Of its pages those that were written to. An empty one is a constant of libh2o's. */
static size_t size_of(const h2o_buffer_t *b)
{
	return b != NULL && b->bytes != NULL ? (size_t)(b->bytes - b->_buf) + b->size : 0;
}

/* Of HTTP/2, for each stream: the request and the part of its body that came. */
static int add_stream(h2o_req_t *req, void *unused)
{
	h2o_http2_stream_t *stream = H2O_STRUCT_FROM_MEMBER(h2o_http2_stream_t, req, req);
	struct conn *c = conn_of(req);
	size_t body = size_of(stream->_req_body);

	(void)unused;
	c->buffered += STREAM_SIZE + body;
	if (stream->state == H2O_HTTP2_STREAM_STATE_RECV_BODY)
		c->incoming += body;
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

		c->http2 = h2;
		c->incoming = 0; /* frames that wait to be looked at */
		c->buffered += size_of(h2->_write.buf) +
			       size_of(h2->_write.buf_in_flight) +
			       size_of(h2->_headers_unparsed);
	}
}

static bool is_receiving(const struct conn *c)
{
	return c->sock->_cb.read != NULL || c->guard.held != NULL;
}

/* Each connection's, and the sum: without those that are leaving, and without what every
 * connection has. */
static size_t measure(struct worker *w, size_t *ret_incoming)
{
	size_t total = 0;

	LIST_EACH(link, &w->conns) {
		struct conn *c = LIST_OF(link, struct conn, link);

		c->incoming = is_receiving(c) ? size_of(c->sock->input) : 0;
		c->buffered = size_of(c->sock->input) + c->answers_size;
	}
	add_output(&w->ctx);
	w->ctx.globalconf->http2.callbacks.foreach_request(&w->ctx, add_stream, NULL);
	LIST_EACH(link, &w->conns) {
		struct conn *c = LIST_OF(link, struct conn, link);

		if (c->guard.ended || c->buffered <= ORDINARY)
			continue;
		total += c->buffered;
		*ret_incoming += c->incoming;
	}
	return total;
}

/* ---- who goes ---- */

/* One body that is coming in. Those that wait with parts of theirs, smaller ones, would
 * outlast it else. */
static bool is_spared(const struct conn *c)
{
	return c->uploads && c->buffered <= c->worker->settings.max_body + BESIDES;
}

static struct conn *largest(struct worker *w)
{
	struct conn *worst = NULL;

	LIST_EACH(link, &w->conns) {
		struct conn *c = LIST_OF(link, struct conn, link);

		if (c->guard.ended || c->buffered <= ORDINARY)
			continue;
		if (worst == NULL || is_spared(c) < is_spared(worst) ||
		    (is_spared(c) == is_spared(worst) && c->buffered > worst->buffered))
			worst = c;
	}
	return worst;
}

static void end(struct conn *c, enum stat_row why)
{
	stat_one(why);
	/* no more streams from what it has sent already */
	if (c->http2 != NULL && c->http2->state < H2O_HTTP2_CONN_STATE_HALF_CLOSED)
		c->http2->state = H2O_HTTP2_CONN_STATE_HALF_CLOSED;
	conn_abort(c);
}

static size_t cut(struct worker *w, size_t total, size_t allowed)
{
	while (total > allowed) {
		struct conn *c = largest(w);

		if (c == NULL)
			break;
		total -= c->buffered;
		end(c, STAT_WEBD_ENDED_MEMORY);
	}
	return total;
}

/* ---- who waits ---- */

static bool is_upload(const struct conn *c)
{
	return !c->guard.ended && is_receiving(c) && c->incoming > ORDINARY;
}

/* All that may still come: a body is there twice while appd is asked. */
static size_t need_of(const struct worker *w, const struct conn *c)
{
	size_t most = w->settings.max_body;

	if (c->http2 == NULL && c->guard.expects < most)
		most = c->guard.expects;
	most = 2 * most + BESIDES;
	return c->incoming < most ? most - c->incoming : 0;
}

/* It was let in, others wait, and it goes on slowly. */
static bool is_slow(struct worker *w, struct conn *c, int64_t now)
{
	bool is_other = c->incoming < c->upload_was; /* the next one already */
	bool hardly = c->incoming < c->upload_was + TURN_BYTES;
	int64_t turn_us = c->incoming < FIRST_SIZE ? FIRST_TURN_US : TURN_US;

	if (!is_other && now - c->upload_us < turn_us)
		return false;
	c->upload_was = c->incoming;
	c->upload_us = now;
	return !is_other && hardly && w->held_back > 0;
}

/* It may wait with a new request as it is. */
static void hold(struct conn *c, int64_t now)
{
	if (c->guard.held != NULL)
		return;
	guard_hold(c->sock);
	c->guard.held_us = now;
}

/* Those that were let in before, as long as they last; returns what they may need. Who is
 * slow gets in again after the others: what it sends meanwhile waits in the kernel. */
static size_t keep_uploads(struct worker *w, int64_t now)
{
	size_t reserved = 0;

	LIST_EACH(link, &w->conns) {
		struct conn *c = LIST_OF(link, struct conn, link);

		if (!c->uploads)
			continue;
		if (!is_upload(c)) {
			c->uploads = false;
		} else if (is_slow(w, c, now)) {
			c->uploads = false;
			hold(c, now);
			list_remove(&c->link);
			list_append(&w->conns, &c->link);
		} else {
			reserved += need_of(w, c);
		}
	}
	return reserved;
}

static bool has_more(const struct conn *c)
{
	return tcp_unread(h2o_socket_get_fd(c->sock)) > 0;
}

/* Who is first in the list is let in first, if it has something to say. One always is:
 * what is in its way may be answers, which do not go away because it waits. */
static void sort_uploads(struct worker *w, size_t room, int64_t now)
{
	size_t reserved = keep_uploads(w, now);

	LIST_EACH(link, &w->conns) {
		struct conn *c = LIST_OF(link, struct conn, link);

		if (c->uploads || !is_upload(c))
			continue;
		hold(c, now);
		if (!has_more(c))
			continue;
		if (reserved > 0 && reserved + need_of(w, c) > room)
			continue;
		reserved += need_of(w, c) + 1;
		c->uploads = true;
		c->upload_was = c->incoming;
		c->upload_us = now;
	}
}

/* Its client closed, or will say no more than is in the kernel. */
static bool has_ended(const struct conn *c)
{
	struct pollfd fd = { .fd = h2o_socket_get_fd(c->sock), .events = POLLRDHUP };

	return poll(&fd, 1, 0) > 0;
}

/* Whether what it waits for has come. */
static bool may_go_on(const struct worker *w, struct conn *c, int64_t now)
{
	if (c->guard.ended) /* to read its end */
		return true;
	if (!c->guard.waits) /* with a body */
		return c->uploads || !is_upload(c) || has_ended(c) ||
		       (c->http2 != NULL && now - c->guard.held_us > PACE_US);
	if (c->guard.held_us == 0)
		c->guard.held_us = now;
	if (!w->pressed)
		return true;
	c->guard.passes = now - c->guard.held_us > PACE_US;
	return c->guard.passes;
}

static void go_on(struct worker *w, int64_t now)
{
	LIST_EACH(link, &w->conns) {
		struct conn *c = LIST_OF(link, struct conn, link);

		if (c->guard.held != NULL && may_go_on(w, c, now))
			guard_go_on(c->sock, c->http2 != NULL); /* can free it */
	}
	w->held_back = 0;
	LIST_EACH(link, &w->conns) /* those who must wait again, too */
		w->held_back += LIST_OF(link, struct conn, link)->guard.held != NULL;
}

void memory_look(struct worker *w)
{
	size_t allowed = w->settings.max_buffered / w->webd->workers_wanted;
	size_t for_uploads = allowed - allowed / 8; /* the rest: who comes next */
	size_t incoming = 0, total;
	int64_t now = clock_us();

	if (now < w->memory_us && !guard_is_braking())
		return;
	total = cut(w, measure(w, &incoming), allowed);
	w->pressed = total > allowed / 2 + incoming; /* uploads wait for each other */
	guard_brake(w->pressed);
	sort_uploads(w, for_uploads - (total < for_uploads ? total : for_uploads), now);
	go_on(w, now);
	w->memory_us =
	    now + (w->held_back > 0 ? HURRY_US : LOOK_US) + w->conn_count * LOOK_EACH_US;
}
