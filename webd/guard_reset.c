/* guard_reset.c -- streams that end before their time: rapid reset (CVE-2023-44487) and
 * the errors that make the server reset them itself (CVE-2025-8671). Both come to one
 * function, whoever provoked it. A connection that does little else is shut down; libh2o
 * frees it at the end of file, never here inside its parser. */
#include "common/stat.h"
#include "webd/guard.h"
#include "webd/h2o.h"

void h2o_http2_stream_reset(h2o_http2_conn_t *conn,
			    h2o_http2_stream_t *stream) GUARD_EXPORT;

static bool is_abuse(const struct guard_conn *g)
{
	unsigned long allowed = guard_limits()->resets;

	return g->resets > allowed && g->resets * 2 > g->finished + allowed;
}

void h2o_http2_stream_reset(h2o_http2_conn_t *conn, h2o_http2_stream_t *stream)
{
	static _Thread_local typeof(h2o_http2_stream_reset) *real;
	struct guard_conn *g = conn->sock->on_close.data;

	if (real == NULL)
		real = (typeof(real))guard_real("h2o_http2_stream_reset");
	stat_one(STAT_WEBD_RESETS);
	if (g != NULL) {
		g->resets++;
		if (is_abuse(g))
			guard_end(conn, STAT_WEBD_ENDED_RESETS);
	}
	real(conn, stream);
}

const struct guard_probe guard_reset_probe = {
	.function = "h2o_http2_stream_reset",
	.http2 = true,
	.sent = STR(GUARD_PREFACE "\0\0\6\1\5\0\0\0\1" GUARD_FIELDS
				  "\0\0\4\3\0\0\0\0\1\0\0\0\x08"),
	.counted = STAT_WEBD_RESETS,
};
