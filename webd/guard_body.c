/* guard_body.c -- bodies of HTTP/2 that are larger than allowed.
 *
 * libh2o resets such a stream with REFUSED_STREAM, which asks the client to try again:
 * it sends the body five times over and then tells its user of a broken connection.
 * Instead the body is read to its end, so that an answer can be given (413), and what is
 * too much of it is dropped as it comes.
 *
 * libh2o decodes a DATA frame, finds its stream and makes room in the stream's buffer for
 * just this payload. So a payload is noted, and the note is good for the next buffer of
 * this thread that is made larger, if that is of the kind that bodies are in and by as
 * many bytes. It is void once the frame is dealt with in any other way, lest it be taken
 * for somebody else's buffer: the frame is consumed (so on a connection that takes no
 * more streams), is answered with a RST_STREAM or a GOAWAY (which need room, too, of
 * another kind), or its connection is freed. */
#include "common/stat.h"
#include "webd/guard.h"
#include "webd/h2o.h"

int h2o_http2_decode_data_payload(h2o_http2_data_payload_t *payload,
				  const h2o_http2_frame_t *frame,
				  const char **err) GUARD_EXPORT;
h2o_iovec_t h2o_buffer_reserve(h2o_buffer_t **buf, size_t n) GUARD_EXPORT;

enum {
	READ_LEAST = 4096, /* what libh2o reserves to read from a socket */
	READ_MAX = 20 << 10,
};

/* The payload that is to be put into a body next. */
static _Thread_local struct {
	bool is_coming;
	size_t n;
} part;

void guard_no_body(void)
{
	part.is_coming = false;
}

int h2o_http2_decode_data_payload(h2o_http2_data_payload_t *payload,
				  const h2o_http2_frame_t *frame, const char **err)
{
	static _Thread_local typeof(h2o_http2_decode_data_payload) *real;
	int ret;

	if (real == NULL)
		real = (typeof(real))guard_real("h2o_http2_decode_data_payload");
	ret = real(payload, frame, err);
	part.is_coming = ret == 0;
	part.n = ret == 0 ? payload->length : 0;
	return ret;
}

/* An empty buffer does not say of which kind it is, and need not. */
static bool is_body(const h2o_buffer_t *buf)
{
	return buf->bytes == NULL || buf->_prototype == &h2o_socket_buffer_prototype;
}

/* Or of the few others of that kind. An empty one is part of its kind's description. */
static bool is_input(const h2o_buffer_t *buf)
{
	return buf->bytes == NULL ? buf == &h2o_socket_buffer_prototype._initial_buf
				  : buf->_prototype == &h2o_socket_buffer_prototype;
}

/* From a socket, and not from OpenSSL: that has a loop of its own, which must not end
 * early. What TLS reads from the socket is no h2o_socket_t's input; there the pointer
 * before it is another one, that servers leave empty. */
static bool is_read_into(h2o_buffer_t **buf)
{
	return is_input(*buf) &&
	       H2O_STRUCT_FROM_MEMBER(h2o_socket_t, input, buf)->ssl == NULL;
}

/* libh2o reads from a socket for as long as it can fill what it reserved, and so takes
 * in a whole upload at once. Here it is told that there is no room, which ends a loop
 * that has read something; what is left in the kernel is for the loop's next turn. */
static h2o_iovec_t limit_read(h2o_buffer_t **buf, h2o_iovec_t room)
{
	static _Thread_local struct {
		h2o_buffer_t **into;
		size_t full; /* its size when all that was reserved was filled */
		size_t n, read;
	} last;
	bool goes_on = last.into == buf && last.n > 0 && (*buf)->size == last.full;

	if (goes_on)
		guard_grew(last.n);
	last.read = goes_on ? last.read + last.n : 0;
	if (room.len > READ_MAX - last.read)
		room.len = READ_MAX - last.read;
	last.into = buf;
	last.n = room.len;
	last.full = (*buf)->size + room.len;
	return room;
}

h2o_iovec_t h2o_buffer_reserve(h2o_buffer_t **buf, size_t n)
{
	h2o_iovec_t room;
	static _Thread_local typeof(h2o_buffer_reserve) *real;
	size_t kept = guard_limits()->body + 1; /* still too large for the handler */
	bool is_part = part.is_coming && n == part.n && is_body(*buf);

	if (real == NULL)
		real = (typeof(real))guard_real("h2o_buffer_reserve");
	guard_no_body();
	if (is_part) {
		stat_one(STAT_WEBD_BODY_FRAMES);
		if ((*buf)->size > kept)
			(*buf)->size = kept;
	} else if (is_input(*buf)) {
		guard_reads(buf);
	}
	room = real(buf, n);
	return n == READ_LEAST && !is_part && is_read_into(buf) ? limit_read(buf, room)
								: room;
}

const struct guard_probe guard_body_probe = {
	.function = "h2o_buffer_reserve",
	.http2 = true,
	.sent =
	    STR(GUARD_PREFACE "\0\0\6\1\4\0\0\0\1" GUARD_FIELDS "\0\0\1\0\1\0\0\0\1x"),
	.counted = STAT_WEBD_BODY_FRAMES,
};
