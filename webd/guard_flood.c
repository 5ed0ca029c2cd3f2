/* guard_flood.c -- frames that libh2o answers at once: PING and SETTINGS with an
 * acknowledgement, frames for streams that are over with RST_STREAM. It puts the answers
 * into its output buffer whatever is in there already, so a client that sends and never
 * reads fills the memory (CVE-2019-9512, -9515; Debian's patch counts some of them).
 *
 * Here they are counted from one emptying of that buffer to the next: the connection that
 * has too many coming is ended. */
#include <sys/socket.h>

#include "common/stat.h"
#include "webd/guard.h"
#include "webd/h2o.h"

enum { ANSWERS_MAX = 1000 };

void h2o_http2_encode_ping_frame(h2o_buffer_t **buf, int is_ack,
				 const uint8_t *data) GUARD_EXPORT;
void h2o_http2__encode_rst_stream_frame(h2o_buffer_t **buf, uint32_t stream_id,
					int errnum) GUARD_EXPORT;
int h2o_http2_update_peer_settings(h2o_http2_settings_t *settings, const uint8_t *src,
				   size_t len, const char **err) GUARD_EXPORT;

void guard_end(h2o_http2_conn_t *conn, enum stat_row why)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };
	struct guard_conn *g = conn->sock->on_close.data;
	int fd = h2o_socket_get_fd(conn->sock);

	/* what else is in the buffer opens no stream */
	if (conn->state < H2O_HTTP2_CONN_STATE_HALF_CLOSED)
		conn->state = H2O_HTTP2_CONN_STATE_HALF_CLOSED;
	if (g->ended)
		return;
	g->ended = true;
	stat_one(why);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	shutdown(fd, SHUT_RDWR);
}

/* Before the answer is put. True: do without, the connection is over. */
static bool is_flood(h2o_http2_conn_t *conn, enum stat_row kind)
{
	struct guard_conn *g = conn->sock == NULL ? NULL : conn->sock->on_close.data;

	stat_one(kind);
	if (g == NULL)
		return false;
	/* each answer makes it fuller; less means that it was sent off */
	if (conn->_write.buf->size <= g->answered_at)
		g->answers = 0;
	g->answered_at = conn->_write.buf->size;
	if (++g->answers <= ANSWERS_MAX)
		return false;
	guard_end(conn, STAT_WEBD_ENDED_FLOOD);
	return true;
}

static h2o_http2_conn_t *conn_of_output(h2o_buffer_t **buf)
{
	return H2O_STRUCT_FROM_MEMBER(h2o_http2_conn_t, _write.buf, buf);
}

void h2o_http2_encode_ping_frame(h2o_buffer_t **buf, int is_ack, const uint8_t *data)
{
	static _Thread_local typeof(h2o_http2_encode_ping_frame) *real;

	if (real == NULL)
		real = (typeof(real))guard_real("h2o_http2_encode_ping_frame");
	if (!is_flood(conn_of_output(buf), STAT_WEBD_ANSWERED_PING))
		real(buf, is_ack, data);
}

void h2o_http2__encode_rst_stream_frame(h2o_buffer_t **buf, uint32_t stream_id,
					int errnum)
{
	static _Thread_local typeof(h2o_http2__encode_rst_stream_frame) *real;

	if (real == NULL)
		real = (typeof(real))guard_real("h2o_http2__encode_rst_stream_frame");
	guard_no_body();
	if (!is_flood(conn_of_output(buf), STAT_WEBD_ANSWERED_ERROR))
		real(buf, stream_id, errnum);
}

int h2o_http2_update_peer_settings(h2o_http2_settings_t *settings, const uint8_t *src,
				   size_t len, const char **err)
{
	static _Thread_local typeof(h2o_http2_update_peer_settings) *real;
	h2o_http2_conn_t *conn =
	    H2O_STRUCT_FROM_MEMBER(h2o_http2_conn_t, peer_settings, settings);

	if (real == NULL)
		real = (typeof(real))guard_real("h2o_http2_update_peer_settings");
	if (is_flood(conn, STAT_WEBD_ANSWERED_SETTINGS)) {
		*err = "too many settings";
		return H2O_HTTP2_ERROR_ENHANCE_YOUR_CALM;
	}
	return real(settings, src, len, err);
}

const struct guard_probe guard_ping_probe = {
	.function = "h2o_http2_encode_ping_frame",
	.http2 = true,
	.sent = STR(GUARD_PREFACE "\0\0\x08\6\0\0\0\0\0"
				  "12345678"),
	.counted = STAT_WEBD_ANSWERED_PING,
};

const struct guard_probe guard_settings_probe = {
	.function = "h2o_http2_update_peer_settings",
	.http2 = true,
	.sent = STR(GUARD_PREFACE),
	.counted = STAT_WEBD_ANSWERED_SETTINGS,
};

/* DATA for a stream that the request ended */
const struct guard_probe guard_rst_probe = {
	.function = "h2o_http2__encode_rst_stream_frame",
	.http2 = true,
	.sent = STR(GUARD_PREFACE "\0\0\6\1\5\0\0\0\1" GUARD_FIELDS "\0\0\0\0\0\0\0\0\1"),
	.counted = STAT_WEBD_ANSWERED_ERROR,
};
