/* zone_names.h -- a step of building a zone: makes equal names one object, so that names
 * in answers can be compressed by comparing pointers. */
#ifndef DNSD_ZONE_NAMES_H
#define DNSD_ZONE_NAMES_H

#include "dnsd/zone.h"

struct zone_names;

/* For a zone whose nodes are laid and hashed. NULL: out of memory. */
struct zone_names *zone_names_new(struct zone *z);
void zone_names_free(struct zone_names *n);
/* Sets every node's parent and every RRset's names. False: out of memory. */
bool zone_names_link(struct zone_names *n) __attribute__((warn_unused_result));
/* Sets every RRset's targets, when the nodes know their wildcards. */
bool zone_names_targets(struct zone_names *n) __attribute__((warn_unused_result));

#endif
