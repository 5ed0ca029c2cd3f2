/* zone_sort.h -- a step of building a zone: its records in the order of its names. */
#ifndef DNSD_ZONE_SORT_H
#define DNSD_ZONE_SORT_H

#include "dnsd/zone.h"

/* A record with its owner in lower case. */
struct sorted {
	const uint8_t *owner;
	const struct record *record;
};

/* Records of NSEC3 stand last, from nsec3_from on: their owners are no names of the zone
 * (RFC 5155 7.2.8). Each record is there once. */
struct zone_sorted {
	struct sorted *list;
	size_t count, nsec3_from;
	struct records owners; /* holds the lower-case owners */
};

/* False: it said why in c->wrong. End it with zone_sort_fini either way. */
bool zone_sort(struct zone_sorted *ret, const struct records *r, const uint8_t *apex,
	       struct complaints *c) __attribute__((warn_unused_result));
void zone_sort_fini(struct zone_sorted *s);
/* One past the last record from i on of the same owner. */
size_t zone_sort_owner_end(const struct zone_sorted *s, size_t i);
/* The same of owner and type; RRSIGs form runs by what they cover, behind that. */
size_t zone_sort_run_end(const struct zone_sorted *s, size_t i);
bool record_covers(const struct record *r, uint16_t type); /* is it an RRSIG of that? */

#endif
