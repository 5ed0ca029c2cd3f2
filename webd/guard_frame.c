/* guard_frame.c -- every frame of HTTP/2, on its way in.
 *
 * Those of unknown types must be ignored, and are; but libh2o writes a line to stderr for
 * each, nine bytes from outside for twenty-five to disk. Headers continued without end:
 * empty frames are never too large for libh2o, and one that comes after its own GOAWAY it
 * reads again and again, for ever. And frames that carry nothing (WINDOW_UPDATE,
 * PRIORITY, PING, empty DATA ...) cost time: a connection may send as many bytes of
 * them as it gets of answers, and some to begin with. */
#include "common/stat.h"
#include "webd/guard.h"
#include "webd/h2o.h"
#include "webd/tcp_info.h"

enum {
	FRAME_HEAD = 9,
	EMPTY_FREE = 1 << 20, /* some 80,000 window updates */
};

ssize_t h2o_http2_decode_frame(h2o_http2_frame_t *frame, const uint8_t *src, size_t len,
			       const h2o_http2_settings_t *settings,
			       const char **err) GUARD_EXPORT;
void h2o_buffer_consume(h2o_buffer_t **buf, size_t n) GUARD_EXPORT;

/* The frame decoded last: its decoder is not told of whom it is, and who takes it out of
 * the connection's input is not told what it was. at: NULL: none. */
static _Thread_local struct {
	const void *at;
	size_t empty, data;
} seen;

void guard_forget(void)
{
	guard_no_body();
	guard_reads(NULL);
	seen.at = NULL;
}

static void note_frame(const h2o_http2_frame_t *frame, const void *at)
{
	bool has_data = frame->type == H2O_HTTP2_FRAME_TYPE_DATA;

	if (frame->type == H2O_HTTP2_FRAME_TYPE_HEADERS)
		return;
	seen.at = at;
	seen.data = has_data ? frame->length : 0;
	seen.empty = FRAME_HEAD + (has_data ? 0 : frame->length);
}

static void count_frame(h2o_socket_t *sock)
{
	struct guard_conn *g = sock->on_close.data;
	int64_t acked;

	stat_one(STAT_WEBD_EMPTY_FRAMES);
	if (g == NULL)
		return;
	g->empty += seen.empty;
	g->data += seen.data;
	if (g->empty <= EMPTY_FREE + g->data + g->answered)
		return;
	acked = tcp_acked(h2o_socket_get_fd(sock));
	g->answered = acked > 0 ? (uint64_t)acked : 0;
	if (g->empty > EMPTY_FREE + g->data + g->answered)
		guard_end(sock->data, STAT_WEBD_ENDED_FLOOD);
}

void h2o_buffer_consume(h2o_buffer_t **buf, size_t n)
{
	static _Thread_local typeof(h2o_buffer_consume) *real;

	if (real == NULL)
		real = (typeof(real))guard_real("h2o_buffer_consume");
	guard_no_body();
	if (seen.at != NULL) {
		/* nobody else's memory can be there: see guard_forget */
		if (seen.at == (*buf)->bytes)
			count_frame(H2O_STRUCT_FROM_MEMBER(h2o_socket_t, input, buf));
		seen.at = NULL;
	}
	real(buf, n);
}

enum { CONTINUED_MAX = 1000 }; /* far more than guard_hpack.c has use for */

/* Of the connection being read; another one's frames in between start the count anew. */
static bool is_endless(unsigned type)
{
	static _Thread_local unsigned in_a_row;

	in_a_row = type == H2O_HTTP2_FRAME_TYPE_CONTINUATION ? in_a_row + 1 : 0;
	return in_a_row > CONTINUED_MAX;
}

ssize_t h2o_http2_decode_frame(h2o_http2_frame_t *frame, const uint8_t *src, size_t len,
			       const h2o_http2_settings_t *settings, const char **err)
{
	static _Thread_local typeof(h2o_http2_decode_frame) *real;
	ssize_t ret;

	if (real == NULL)
		real = (typeof(real))guard_real("h2o_http2_decode_frame");
	ret = real(frame, src, len, settings, err);
	if (ret <= 0)
		return ret;
	if (is_endless(frame->type)) {
		*err = "headers without end";
		return H2O_HTTP2_ERROR_ENHANCE_YOUR_CALM;
	}
	if (guard_must_wait(frame, src))
		return H2O_HTTP2_ERROR_INCOMPLETE;
	note_frame(frame, src);
	if (frame->type > H2O_HTTP2_FRAME_TYPE_CONTINUATION) {
		/* an acknowledgement of settings: the one frame that does nothing. Inside
		 * a header block it is the error that it must be. */
		frame->type = H2O_HTTP2_FRAME_TYPE_SETTINGS;
		frame->flags = H2O_HTTP2_FRAME_FLAG_ACK;
		frame->length = 0;
		frame->stream_id = 0;
		stat_one(STAT_WEBD_UNKNOWN_FRAMES);
	}
	return ret;
}

const struct guard_probe guard_frame_probe = {
	.function = "h2o_http2_decode_frame",
	.http2 = true,
	.sent = STR(GUARD_PREFACE "\0\0\0\x77\0\0\0\0\0"),
	.counted = STAT_WEBD_UNKNOWN_FRAMES,
};

const struct guard_probe guard_consume_probe = {
	.function = "h2o_buffer_consume",
	.http2 = true,
	.sent = STR(GUARD_PREFACE),
	.counted = STAT_WEBD_EMPTY_FRAMES,
};
