/* wire.h -- typed values in a row: what frame 2 of a fabric message holds.
 *
 *     tag  then (little-endian)
 *     'n'  nothing: null
 *     't'  nothing: true          'f'  nothing: false
 *     'i'  8 bytes: signed integer
 *     'd'  8 bytes: IEEE double
 *     's'  4 bytes length, then that many bytes
 *     '['  4 bytes count, then that many values
 *
 * Writing appends to a struct buf. Reading borrows from the message and never copies; a
 * read that does not fit sets `bad`, and from then on every read gives zero or empty, so
 * a decoder is a straight list of reads with one wire_end() check. */
#ifndef COMMON_WIRE_H
#define COMMON_WIRE_H

#include "common/buf.h"

void wire_put_null(struct buf *b);
void wire_put_bool(struct buf *b, bool v);
void wire_put_int(struct buf *b, int64_t v);
void wire_put_float(struct buf *b, double v);
void wire_put_bytes(struct buf *b, struct str s);
/* The head of n bytes, and room for the caller to write them into; NULL: none. */
char *wire_room_bytes(struct buf *b, uint32_t n);
void wire_put_list(struct buf *b, uint32_t count); /* then `count` puts */

enum { WIRE_DEPTH = 4 }; /* lists inside lists that wire_skip will follow */

struct wire {
	const char *p, *end;
	bool bad;
};

static inline struct wire wire_of(struct str s)
{
	return (struct wire){ s.p, s.n == 0 ? s.p : s.p + s.n, false };
}

/* The tag of the next value, 0 at the end or when bad. Reads nothing. */
char wire_peek(const struct wire *w);
/* If the next value is null, reads it. */
bool wire_null(struct wire *w);
bool wire_bool(struct wire *w);
int64_t wire_int(struct wire *w);
double wire_float(struct wire *w);
struct str wire_bytes(struct wire *w);
/* Never more than the bytes that are left, so that a count may size an array. */
uint32_t wire_list(struct wire *w);
/* Passes over one value of any kind. */
void wire_skip(struct wire *w);
/* All was well and nothing is left over. */
bool wire_end(const struct wire *w);

#endif
