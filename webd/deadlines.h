/* deadlines.h -- how long requests may take, by what they ask for:
 *
 *     [webd] deadlines = /search 1s, POST /api 10s, /export 30s
 *
 * The longest prefix of whole parts of the path that fits wins, of two the one that names
 * the method. */
#ifndef WEBD_DEADLINES_H
#define WEBD_DEADLINES_H

#include "common/str.h"

enum { DEADLINES_MAX = 32 };

struct deadlines {
	struct deadline {
		char method[17]; /* "": any */
		char prefix[65];
		int64_t us;
	} at[DEADLINES_MAX];
	size_t count;
};

/* False with the part that is wrong. */
bool deadlines_parse(struct str text, struct deadlines *ret, struct str *ret_bad)
    __attribute__((warn_unused_result));
/* `otherwise` when none fits. */
int64_t deadlines_find(const struct deadlines *d, struct str method, struct str path,
		       int64_t otherwise);

#endif
