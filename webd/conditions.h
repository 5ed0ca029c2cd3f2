/* conditions.h -- what a request for a file asks for beside the file: a coding that the
 * client reads, whether it has the file already, a part of it. Pure functions after
 * RFC 9110 (sections 8.8, 12.5, 13, 14). A header that is not there has p == NULL. */
#ifndef WEBD_CONDITIONS_H
#define WEBD_CONDITIONS_H

#include "common/str.h"

enum coding { CODING_NONE, CODING_GZIP, CODING_BROTLI, CODINGS };

/* The best of those in `have` (a bit for each coding); CODING_NONE if none is wanted. */
enum coding coding_choose(struct str accept_encoding, unsigned have);

/* Whether a list of entity tags, or "*", holds this one, which is strong and in its
 * quotes. Weakly (If-None-Match) W/"x" equals "x"; strongly (If-Match, If-Range) no weak
 * tag equals anything. A malformed list holds what stands before the mistake. */
bool etag_listed(struct str list, struct str etag, bool weakly);

enum condition { CONDITION_NONE, CONDITION_NOT_MODIFIED, CONDITION_FAILED };

struct condition_headers {
	struct str if_match, if_none_match;
};
/* For GET and HEAD, in the order of RFC 9110 13.2.2. Files have no date here, so the
 * conditions on dates are ignored, as they must be. */
enum condition condition_of(const struct condition_headers *h, struct str etag);

struct range {
	enum { RANGE_ALL, RANGE_PART, RANGE_UNSATISFIABLE } kind;
	size_t from, n; /* of the file's bytes */
};

/* One range of bytes; several, other units and nonsense count as none. */
struct range range_of(struct str range, struct str if_range, struct str etag,
		      size_t size);

#endif
