/* arena.h -- memory with one lifetime: everything taken from it goes at once.
 *
 * A request owns an arena; reply sent, arena gone. Nothing taken is ever freed alone.
 * An arena has a limit: past it arena_take returns NULL after calling `full`, which in a
 * request does not return (it fails the request), so that callers need no check there. */
#ifndef COMMON_ARENA_H
#define COMMON_ARENA_H

#include "common/str.h"

struct arena_block;

struct arena {
	struct arena_block *blocks;
	size_t used, limit;
	void (*full)(void *ctx); /* NULL: arena_take just returns NULL */
	void *ctx;
};

void arena_init(struct arena *a, size_t limit);
void arena_fini(struct arena *a);
/* Empty again, one block kept. */
void arena_reset(struct arena *a);

/* Zeroed, aligned for any type. */
void *arena_take(struct arena *a, size_t n);
/* count items of size, zeroed; overflow-checked. */
void *arena_array(struct arena *a, size_t count, size_t size);
/* A NUL-ended copy; its length is s.n. */
struct str arena_str(struct arena *a, struct str s);
char *arena_text(struct arena *a, struct str s);
struct str arena_fmt(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#define ARENA_NEW(a, type) ((type *)arena_take((a), sizeof(type)))

#endif
