/* guard_frame.c -- frames of unknown types. They must be ignored, and are; but libh2o
 * writes a line to stderr for each, nine bytes from outside for twenty-five to disk. */
#include "common/stat.h"
#include "webd/guard.h"
#include "webd/h2o.h"

ssize_t h2o_http2_decode_frame(h2o_http2_frame_t *frame, const uint8_t *src, size_t len,
			       const h2o_http2_settings_t *settings,
			       const char **err) GUARD_EXPORT;

ssize_t h2o_http2_decode_frame(h2o_http2_frame_t *frame, const uint8_t *src, size_t len,
			       const h2o_http2_settings_t *settings, const char **err)
{
	static _Thread_local typeof(h2o_http2_decode_frame) *real;
	ssize_t ret;

	if (real == NULL)
		real = (typeof(real))guard_real("h2o_http2_decode_frame");
	ret = real(frame, src, len, settings, err);
	if (ret > 0 && frame->type > H2O_HTTP2_FRAME_TYPE_CONTINUATION) {
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
