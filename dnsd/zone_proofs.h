/* zone_proofs.h -- of zones that were signed elsewhere: which NSEC or NSEC3 record says
 * that a name, or data at it, does not exist. */
#ifndef DNSD_ZONE_PROOFS_H
#define DNSD_ZONE_PROOFS_H

#include "dnsd/zone.h"

/* A step of building: sets every node's proofs. False: it said why in c->wrong. */
bool zone_proofs(struct zone *z, struct complaints *c)
    __attribute__((warn_unused_result));

/* RFC 5155 5, of a name in lower case. */
void nsec3_hash(const struct nsec3_salt *salt, const uint8_t *wire, size_t len,
		uint8_t ret[NSEC3_HASH]);
/* The node whose NSEC3 covers (or matches) the hash. */
const struct node *nsec3_cover(const struct zone *z, const uint8_t hash[NSEC3_HASH]);
/* The node whose NSEC covers (or matches) the name. */
const struct node *nsec_cover(const struct zone *z, const uint8_t *lower);

#endif
