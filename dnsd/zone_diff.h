/* zone_diff.h -- what changed between two versions of a zone, for IXFR (RFC 1995).
 * Immutable once made; shared by the versions that come after. */
#ifndef DNSD_ZONE_DIFF_H
#define DNSD_ZONE_DIFF_H

#include <stdatomic.h>

#include "dnsd/records.h"

struct zone;

struct zone_diff {
	atomic_uint refs;
	uint32_t from, to;             /* serials */
	struct records removed, added; /* each begins with its version's SOA */
};

/* NULL: out of memory, or more than `limit` records are removed or added. */
struct zone_diff *zone_diff_new(const struct zone *before, const struct zone *after,
				size_t limit);
void zone_diff_ref(struct zone_diff *d);
void zone_diff_unref(struct zone_diff *d); /* NULL is fine */

/* Is serial a newer than b (RFC 1982)? */
static inline bool serial_is_newer(uint32_t a, uint32_t b)
{
	return a != b && a - b < 0x80000000u;
}

/* Gives `after`, which is not yet served, the differences that lead to it. */
void zone_diff_inherit(struct zone *after, const struct zone *before);

#endif
