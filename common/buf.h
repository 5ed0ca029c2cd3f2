/* buf.h -- bytes being built: grows up to a limit, and remembers when it could not.
 *
 * Errors stick: after the limit is hit or memory is out, every put does nothing and
 * buf_ok says false, so that a builder is a straight list of puts with one check. */
#ifndef COMMON_BUF_H
#define COMMON_BUF_H

#include "common/str.h"

struct buf {
	char *p;
	size_t n, cap, limit;
	bool failed;
};

/* limit: the most bytes it may ever hold. Allocates nothing yet. */
void buf_init(struct buf *b, size_t limit);
void buf_fini(struct buf *b);
/* Empty again, storage kept, failure forgotten. */
void buf_reset(struct buf *b);

void buf_put(struct buf *b, const void *bytes, size_t n);
void buf_str(struct buf *b, struct str s);
void buf_text(struct buf *b, const char *z);
void buf_char(struct buf *b, char c);
void buf_int(struct buf *b, int64_t v);
void buf_fmt(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* n bytes of room to write into, then buf_took(b, how many); NULL if there is none. */
char *buf_room(struct buf *b, size_t n);
void buf_took(struct buf *b, size_t n);

static inline struct str buf_get(const struct buf *b)
{
	return (struct str){ b->p, b->n };
}

static inline bool buf_ok(const struct buf *b)
{
	return !b->failed;
}

#endif
