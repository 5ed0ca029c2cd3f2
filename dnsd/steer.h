/* steer.h -- leaves addresses that are dead out of what is answered. */
#ifndef DNSD_STEER_H
#define DNSD_STEER_H

#include "dnsd/snapshot.h"

enum { STEERED_MAX = 2048 };

/* What is left of a set of addresses; made anew for each. */
struct steered {
	struct rrset set;
	uint8_t data[STEERED_MAX];
};

/* The set, or (in *room) what of it is not in `dead`, bits of the snapshot's addresses.
 * Never empty: of a set whose addresses are all dead, all are given. */
const struct rrset *steer(const struct snapshot *s, unsigned dead,
			  const struct rrset *set, struct steered *room);

/* Says which names would keep a dead address for long: a line each. */
void steer_check(const struct snapshot *s, struct buf *odd);

#endif
