/* buf.c -- see buf.h. */
#include "common/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_init(struct buf *b, size_t limit)
{
	*b = (struct buf){ .limit = limit };
}

void buf_fini(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ .limit = b->limit };
}

void buf_reset(struct buf *b)
{
	b->n = 0;
	b->failed = false;
}

char *buf_room(struct buf *b, size_t n)
{
	size_t cap = b->cap == 0 ? 256 : b->cap;
	char *p;

	if (b->failed || n > b->limit || b->n > b->limit - n) {
		b->failed = true;
		return NULL;
	}
	if (b->p != NULL && b->cap - b->n >= n)
		return b->p + b->n;
	while (cap - b->n < n)
		cap *= 2;
	if (cap > b->limit)
		cap = b->limit;
	p = realloc(b->p, cap);
	if (p == NULL) {
		b->failed = true;
		return NULL;
	}
	b->p = p;
	b->cap = cap;
	return b->p + b->n;
}

void buf_took(struct buf *b, size_t n)
{
	b->n += n;
}

void buf_put(struct buf *b, const void *bytes, size_t n)
{
	char *room;

	if (n == 0)
		return;
	room = buf_room(b, n);
	if (room == NULL)
		return;
	memcpy(room, bytes, n);
	b->n += n;
}

void buf_str(struct buf *b, struct str s)
{
	buf_put(b, s.p, s.n);
}

void buf_text(struct buf *b, const char *z)
{
	buf_put(b, z, strlen(z));
}

void buf_char(struct buf *b, char c)
{
	buf_put(b, &c, 1);
}

void buf_int(struct buf *b, int64_t v)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%lld", (long long)v);

	buf_put(b, digits, (size_t)n);
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	char *room;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	room = n < 0 ? NULL : buf_room(b, (size_t)n + 1);
	if (room != NULL) {
		vsnprintf(room, (size_t)n + 1, fmt, again);
		b->n += (size_t)n;
	} else {
		b->failed = true;
	}
	va_end(again);
	va_end(ap);
}
