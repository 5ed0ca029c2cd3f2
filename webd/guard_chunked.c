/* guard_chunked.c -- chunked bodies of HTTP/1 (RFC 9112 7.1), decoded in place.
 *
 * The real decoder takes "0_2e" and "5;" for sizes and anything for an extension; two
 * programs that disagree about where a body ends can be made to serve each other's
 * requests. So this is a decoder of our own behind the same function. It may be called
 * with any split of the input; all its state is in the caller's struct. */
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

#include "common/stat.h"
#include "webd/guard.h"

/* As in picohttpparser.h, which is not shipped. */
struct phr_chunked_decoder {
	size_t bytes_left_in_chunk;
	char consume_trailer;
	char _hex_count; /* digits of the size, then bytes of the extension */
	char _state;
};

enum state {
	SIZE,
	EXTENSION_NAME,
	EXTENSION,
	SIZE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER,
	TRAILER_NAME,
	TRAILER_VALUE,
	TRAILER_LF,
	END_LF,
	DONE,
};

enum {
	DIGITS_MAX = 8,
	CHUNK_MAX = 16 << 20, /* as much as [webd] max_body can allow */
	EXTENSION_MAX = 100,
	TRAILERS_MAX = 8192,
};

static int hex(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_token(unsigned char c)
{
	return guard_token_ok((struct str){ (const char *)&c, 1 });
}

/* -1: wrong; else the next state. */
static int size_byte(struct phr_chunked_decoder *d, unsigned char c)
{
	int v = hex(c);

	if (v >= 0) {
		if (++d->_hex_count > DIGITS_MAX)
			return -1;
		d->bytes_left_in_chunk = d->bytes_left_in_chunk * 16 + (size_t)v;
		return d->bytes_left_in_chunk > CHUNK_MAX ? -1 : SIZE;
	}
	if (d->_hex_count == 0)
		return -1;
	d->_hex_count = 0;
	return c == '\r' ? SIZE_LF : c == ';' ? EXTENSION_NAME : -1;
}

static int extension_byte(struct phr_chunked_decoder *d, unsigned char c)
{
	if (c == '\r')
		return SIZE_LF;
	if (!is_token(c) && c != '=' && c != '"' && c != ';')
		return -1;
	return ++d->_hex_count > EXTENSION_MAX ? -1 : EXTENSION;
}

/* Trailers are read over; none is ever used. bytes_left_in_chunk counts them. */
static int trailer_byte(struct phr_chunked_decoder *d, unsigned char c)
{
	if (++d->bytes_left_in_chunk > TRAILERS_MAX)
		return -1;
	switch (d->_state) {
	case TRAILER:
		return c == '\r' ? END_LF : is_token(c) ? TRAILER_NAME : -1;
	case TRAILER_NAME:
		return c == ':' ? TRAILER_VALUE : is_token(c) ? TRAILER_NAME : -1;
	case TRAILER_VALUE:
		if (c == '\r')
			return TRAILER_LF;
		return (c < ' ' && c != '\t') || c == 0x7f ? -1 : TRAILER_VALUE;
	default:
		return c == '\n' ? TRAILER : -1;
	}
}

static int next_state(struct phr_chunked_decoder *d, unsigned char c)
{
	switch (d->_state) {
	case SIZE:
		return size_byte(d, c);
	case EXTENSION_NAME:
		return is_token(c) ? EXTENSION : -1;
	case EXTENSION:
		return extension_byte(d, c);
	case SIZE_LF:
		d->_hex_count = 0;
		return c != '\n' ? -1 : d->bytes_left_in_chunk > 0 ? DATA : TRAILER;
	case DATA_CR:
		return c == '\r' ? DATA_LF : -1;
	case DATA_LF:
		return c == '\n' ? SIZE : -1;
	case END_LF:
		return c == '\n' ? DONE : -1;
	default:
		return trailer_byte(d, c);
	}
}

ssize_t phr_decode_chunked(struct phr_chunked_decoder *d, char *bytes,
			   size_t *n) GUARD_EXPORT;

ssize_t phr_decode_chunked(struct phr_chunked_decoder *d, char *bytes, size_t *n)
{
	size_t in = 0, out = 0, have = *n;

	while (in < have && d->_state != DONE) {
		int next;

		if (d->_state == DATA) {
			size_t part = have - in;

			if (part > d->bytes_left_in_chunk)
				part = d->bytes_left_in_chunk;
			memmove(bytes + out, bytes + in, part);
			in += part;
			out += part;
			d->bytes_left_in_chunk -= part;
			if (d->bytes_left_in_chunk == 0)
				d->_state = DATA_CR;
			continue;
		}
		next = next_state(d, (unsigned char)bytes[in++]);
		if (next < 0) {
			stat_one(STAT_WEBD_REFUSED_CHUNKED);
			*n = out;
			return -1;
		}
		d->_state = (char)next;
	}
	memmove(bytes + out, bytes + in, have - in);
	*n = out;
	return d->_state == DONE ? (ssize_t)(have - in) : -2;
}

const struct guard_probe guard_chunked_probe = {
	.function = "phr_decode_chunked",
	.sent = STR("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
		    "1;\r\nx\r\n0\r\n\r\n"),
	.counted = STAT_WEBD_REFUSED_CHUNKED,
};
