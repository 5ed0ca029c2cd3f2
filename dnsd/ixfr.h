/* ixfr.h -- the next version of a zone, from the one before and the differences that a
 * primary sent (RFC 1995). Pure but for its memory.
 *
 * The differences are records as they came: the SOA of the newest version; then, once or
 * more, an old SOA, what is removed, the next SOA, what is added. The last SOA, which
 * says that it is the end, is not among them. */
#ifndef DNSD_IXFR_H
#define DNSD_IXFR_H

#include "dnsd/records.h"

/* NULL, or why they do not fit; *ret, which is empty at first, is then of no use. */
const char *ixfr_apply(const struct records *before, const struct records *diffs,
		       struct records *ret);

#endif
