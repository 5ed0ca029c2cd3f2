/* guard_body.c -- bodies of HTTP/2 that are larger than allowed.
 *
 * libh2o resets such a stream with REFUSED_STREAM, which asks the client to try again:
 * it sends the body five times over and then tells its user of a broken connection.
 * Instead the body is read to its end, so that an answer can be given (413), and what is
 * too much of it is dropped as it comes.
 *
 * libh2o decodes a DATA frame, finds its stream and makes room in the stream's buffer;
 * where it finds an error, it writes a RST_STREAM before it makes room for anything else
 * (guard_flood.c says so here). */
#include "common/stat.h"
#include "webd/guard.h"
#include "webd/h2o.h"

int h2o_http2_decode_data_payload(h2o_http2_data_payload_t *payload,
				  const h2o_http2_frame_t *frame,
				  const char **err) GUARD_EXPORT;
h2o_iovec_t h2o_buffer_reserve(h2o_buffer_t **buf, size_t n) GUARD_EXPORT;

/* The next buffer that is made larger is a body. */
static _Thread_local bool is_coming;

void guard_no_body(void)
{
	is_coming = false;
}

int h2o_http2_decode_data_payload(h2o_http2_data_payload_t *payload,
				  const h2o_http2_frame_t *frame, const char **err)
{
	static _Thread_local typeof(h2o_http2_decode_data_payload) *real;
	int ret;

	if (real == NULL)
		real = (typeof(real))guard_real("h2o_http2_decode_data_payload");
	ret = real(payload, frame, err);
	is_coming = ret == 0;
	return ret;
}

h2o_iovec_t h2o_buffer_reserve(h2o_buffer_t **buf, size_t n)
{
	static _Thread_local typeof(h2o_buffer_reserve) *real;
	size_t kept = guard_limits()->body + 1; /* still too large for the handler */

	if (real == NULL)
		real = (typeof(real))guard_real("h2o_buffer_reserve");
	if (is_coming) {
		is_coming = false;
		stat_one(STAT_WEBD_BODY_FRAMES);
		if ((*buf)->size > kept)
			(*buf)->size = kept;
	}
	return real(buf, n);
}

const struct guard_probe guard_body_probe = {
	.function = "h2o_buffer_reserve",
	.http2 = true,
	.sent =
	    STR(GUARD_PREFACE "\0\0\6\1\4\0\0\0\1" GUARD_FIELDS "\0\0\1\0\1\0\0\0\1x"),
	.counted = STAT_WEBD_BODY_FRAMES,
};
