/* arena.c -- see arena.h. */
#include "common/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* The first block is small: most requests that wait hold little. */
enum { FIRST_SIZE = 3 << 10, BLOCK_SIZE = 8 << 10, ALIGN = 16 };

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	_Alignas(ALIGN) char bytes[];
};

void arena_init(struct arena *a, size_t limit)
{
	*a = (struct arena){ .limit = limit };
}

static void free_blocks(struct arena_block *b)
{
	while (b != NULL) {
		struct arena_block *next = b->next;

		free(b);
		b = next;
	}
}

void arena_fini(struct arena *a)
{
	free_blocks(a->blocks);
	a->blocks = NULL;
	a->used = 0;
}

void arena_reset(struct arena *a)
{
	if (a->blocks == NULL)
		return;
	free_blocks(a->blocks->next);
	a->blocks->next = NULL;
	a->blocks->used = 0;
	a->used = 0;
	if (a->blocks->size > BLOCK_SIZE)
		arena_fini(a);
}

static void *refuse(struct arena *a)
{
	if (a->full != NULL)
		a->full(a->ctx);
	return NULL;
}

void *arena_take(struct arena *a, size_t n)
{
	struct arena_block *b = a->blocks;
	size_t need = (n + ALIGN - 1) / ALIGN * ALIGN;
	void *p;

	if (need < n || need > a->limit || a->used > a->limit - need)
		return refuse(a);
	if (b == NULL || b->size - b->used < need) {
		size_t usual = b == NULL ? FIRST_SIZE : BLOCK_SIZE;
		size_t size = need > usual ? need : usual;

		b = malloc(sizeof(*b) + size);
		if (b == NULL)
			return refuse(a);
		b->size = size;
		b->used = 0;
		b->next = a->blocks;
		a->blocks = b;
	}
	p = b->bytes + b->used;
	b->used += need;
	a->used += need;
	memset(p, 0, n);
	return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n))
		return refuse(a);
	return arena_take(a, n);
}

struct str arena_str(struct arena *a, struct str s)
{
	char *p = arena_text(a, s);

	return (struct str){ p, p == NULL ? 0 : s.n };
}

char *arena_text(struct arena *a, struct str s)
{
	char *p = s.n == SIZE_MAX ? refuse(a) : arena_take(a, s.n + 1);

	if (p != NULL && s.n > 0)
		memcpy(p, s.p, s.n);
	return p;
}

struct str arena_fmt(struct arena *a, const char *fmt, ...)
{
	struct str s = { NULL, 0 };
	va_list ap, again;
	char *p;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	p = n < 0 ? refuse(a) : arena_take(a, (size_t)n + 1);
	if (p != NULL) {
		vsnprintf(p, (size_t)n + 1, fmt, again);
		s = (struct str){ p, (size_t)n };
	}
	va_end(again);
	va_end(ap);
	return s;
}
