/* catalog.h -- which zones are served: every [zone NAME], and every NAME.zone in the
 * folder of zones; read, checked and built into one snapshot. */
#ifndef DNSD_CATALOG_H
#define DNSD_CATALOG_H

#include "common/conf.h"
#include "dnsd/snapshot.h"

struct catalog_source {
	const struct conf *conf;
	const char *state_dir;
	const char *kept; /* folder of the zones that come from primaries */
	uint64_t seed;
	const struct snapshot *before; /* what is served now; NULL: nothing yet */
};

/* NULL: it says why in c->wrong, one sentence a line. All zones, or nothing. */
struct snapshot *catalog_load(const struct catalog_source *from, struct complaints *c);

#endif
