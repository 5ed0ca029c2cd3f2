/* target.h -- the path and query of a request, taken apart and percent-decoded.
 *
 * Pure: bytes in, pieces out, memory from the arena. Whatever is not valid
 * percent-encoding of valid UTF-8 without control characters is refused as a whole. */
#ifndef APPD_TARGET_H
#define APPD_TARGET_H

#include "common/arena.h"

enum { TARGET_SEGMENTS_MAX = 8, TARGET_PAIRS_MAX = 32, TARGET_MAX = 8192 };

struct pair {
	struct str name, value;
};

struct pairs {
	struct pair *at;
	size_t count;
};

struct target {
	struct str raw_path, raw_query; /* as they came, without the '?' */
	struct str segments[TARGET_SEGMENTS_MAX];
	size_t count;
	bool slash; /* ended with one: "/article/x/"; false for "/" itself */
	struct pairs query;
};

enum target_result { TARGET_OK, TARGET_BAD, TARGET_DEEP };

/* TARGET_DEEP: more segments than any route has. */
enum target_result target_parse(struct arena *a, struct str raw, struct target *ret);
/* "a=1&b=2", of a query or a form; `+` is a space. Values may hold line breaks. */
bool pairs_parse(struct arena *a, struct str raw, struct pairs *ret);
/* The first of that name; p == NULL: none. */
struct str pairs_find(const struct pairs *p, struct str name);

#endif
