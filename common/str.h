/* str.h -- bytes somebody else owns: pointer and length, not NUL-ended.
 *
 * A struct str borrows. Whoever keeps one longer than the call that brought it copies
 * the bytes (arena_str, buf_put). Two empty strings are equal whatever their pointers. */
#ifndef COMMON_STR_H
#define COMMON_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

/* Of a literal: STR("text"). For printf: "%.*s", STR_ARG(s). */
#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_ARG(s)   (int)(s).n, (s).p

/* Of a NUL-ended string; NULL gives the empty one. */
static inline struct str str_of(const char *z)
{
	return (struct str){ z, z == NULL ? 0 : strlen(z) };
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_eq_nocase(struct str a, struct str b); /* ASCII only */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Without ASCII blanks at both ends. */
struct str str_trim(struct str s);
/* Cuts at the first `at`: returns what was before it and leaves the rest in *s. Without
 * one it returns all and leaves *s with p == NULL. */
struct str str_cut(struct str *s, char at);
/* Digits only, no sign, no overflow. */
bool str_to_u64(struct str s, uint64_t *ret) __attribute__((warn_unused_result));
/* An optional '-', then digits. */
bool str_to_i64(struct str s, int64_t *ret) __attribute__((warn_unused_result));
/* How many single-letter edits apart; for "did you mean". Looks at 64 letters at most. */
unsigned str_distance(struct str a, struct str b);
/* Copies into a fixed array, always NUL-ended; false if it had to be cut. */
bool str_copy(char *ret, size_t size, struct str s);

#endif
