/* guard_brake.c -- new HTTP/2 requests, when memory is short.
 *
 * A request costs its client a few bytes and the server kilobytes, and libh2o takes on a
 * hundred of each connection as fast as they come: a hundred connections, honest ones
 * too, fill more memory in one turn of the loop than there is for them. So a HEADERS
 * frame that opens a stream is said to be incomplete while memory is short and its
 * connection has others open: libh2o stops there, nothing is read from the connection,
 * and the client sends no more than fits in the kernel. memory.c lets it go on. */
#include "common/stat.h"
#include "webd/guard.h"
#include "webd/h2o.h"

enum {
	GROWTH_MAX = 1 << 20, /* from one look at the memory to the next */
	AT_ONCE = 2,          /* streams that a connection may open whatever happens */
};

static _Thread_local struct {
	bool on;
	size_t grown;
	/* Frames are decoded without a word of whose they are; but from the buffer that
	 * was read into last, or from the same as the one before. NULL, or of
	 * connections that are there. */
	h2o_buffer_t **read, **input;
} brake;

void guard_reads(h2o_buffer_t **input)
{
	brake.read = input;
	if (input == NULL)
		brake.input = NULL;
}

void guard_brake(bool on)
{
	brake.on = on;
	brake.grown = 0;
}

void guard_grew(size_t n)
{
	brake.grown += n;
}

bool guard_is_braking(void)
{
	return brake.grown > GROWTH_MAX;
}

void guard_hold(h2o_socket_t *sock)
{
	struct guard_conn *g = sock->on_close.data;

	g->held = sock->_cb.read;
	g->held_us = 0;
	g->waits = false;
	h2o_socket_read_stop(sock);
}

void guard_go_on(h2o_socket_t *sock, bool http2)
{
	struct guard_conn *g = sock->on_close.data;
	h2o_socket_cb read = g->held;

	g->held = NULL;
	h2o_socket_read_start(sock, read);
	if (!http2)
		return;
	guard_reads(&sock->input);
	read(sock, NULL);
}

/* Of the connection whose input begins there; NULL: not known. */
static h2o_socket_t *socket_at(const void *bytes)
{
	if (brake.read != NULL && (*brake.read)->bytes == bytes)
		brake.input = brake.read;
	else if (brake.input == NULL || (*brake.input)->bytes != bytes)
		return NULL;
	return H2O_STRUCT_FROM_MEMBER(h2o_socket_t, input, brake.input);
}

void guard_expect(const char *bytes, size_t length)
{
	h2o_socket_t *sock = socket_at(bytes);
	struct guard_conn *g = sock == NULL ? NULL : sock->on_close.data;

	if (g != NULL)
		g->expects = length;
}

bool guard_must_wait(const h2o_http2_frame_t *frame, const uint8_t *src)
{
	h2o_socket_t *sock;
	h2o_http2_conn_t *conn;
	struct guard_conn *g;

	if (frame->type != H2O_HTTP2_FRAME_TYPE_HEADERS ||
	    !(brake.on || guard_is_braking()) || (sock = socket_at(src)) == NULL)
		return false;
	conn = sock->data;
	g = sock->on_close.data;
	if (g == NULL || sock->_cb.read == NULL ||
	    conn->state >= H2O_HTTP2_CONN_STATE_HALF_CLOSED ||
	    frame->stream_id <= conn->pull_stream_ids.max_open ||
	    conn->num_streams.pull.open < AT_ONCE)
		return false;
	if (g->passes) {
		g->passes = false;
		return false;
	}
	stat_one(STAT_WEBD_WAITED);
	guard_hold(sock);
	g->waits = true;
	brake.grown = GROWTH_MAX + 1; /* somebody should look */
	return true;
}
