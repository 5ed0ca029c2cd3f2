/* guard_stream.c -- the end of each HTTP/2 stream. When a write fails, libh2o closes the
 * connection's streams one after another, and with each makes room for the requests that
 * waited: it begins to serve them, their answers ask for another write, and an assertion
 * ends the process. A client needed only to hang up at the right moment. */
#include "common/stat.h"
#include "webd/guard.h"
#include "webd/h2o.h"

void h2o_http2_conn_unregister_stream(h2o_http2_conn_t *conn,
				      h2o_http2_stream_t *stream) GUARD_EXPORT;

/* Between a write's end and the release of what it wrote streams end only by its failure.
 */
static bool is_broken(const h2o_http2_conn_t *conn)
{
	return conn->_write.buf_in_flight != NULL && conn->sock != NULL &&
	       conn->sock->_cb.write == NULL;
}

void h2o_http2_conn_unregister_stream(h2o_http2_conn_t *conn, h2o_http2_stream_t *stream)
{
	static _Thread_local typeof(h2o_http2_conn_unregister_stream) *real;

	if (real == NULL)
		real = (typeof(real))guard_real("h2o_http2_conn_unregister_stream");
	stat_one(STAT_WEBD_STREAMS);
	if (is_broken(conn))
		conn->state = H2O_HTTP2_CONN_STATE_IS_CLOSING;
	real(conn, stream);
}

const struct guard_probe guard_stream_probe = {
	.function = "h2o_http2_conn_unregister_stream",
	.http2 = true,
	.sent = STR(GUARD_PREFACE "\0\0\6\1\5\0\0\0\1" GUARD_FIELDS
				  "\0\0\4\3\0\0\0\0\1\0\0\0\x08"),
	.counted = STAT_WEBD_STREAMS,
};
