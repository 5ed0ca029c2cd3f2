/* denial.h -- the records that prove an answer in a signed zone: that a name or data does
 * not exist, that a wildcard was right, that a delegation is not signed (RFC 4035 3.1.3,
 * RFC 5155 7.2). Each says which nodes' NSEC or NSEC3 belong into the authority section.
 * Pure. */
#ifndef DNSD_DENIAL_H
#define DNSD_DENIAL_H

#include "dnsd/zone.h"

enum { PROOFS_MAX = 3 };

/* The nodes, in order; the same may be there twice. */
struct denial {
	const struct node *nodes[PROOFS_MAX];
	unsigned count;
};

/* What a name (in lower case, taken apart) came to. */
struct denied {
	const struct zone *zone;
	const struct name_key *name;
	const struct node *encloser; /* the closest that exists */
	unsigned label;              /* where in the name the encloser begins */
};

struct denial deny_name(const struct denied *d);
/* The name exists: `encloser`, which is an empty non-terminal, or lacks the type. Also
 * for a delegation without DS. */
struct denial deny_data(const struct denied *d);
/* The data came from the encloser's wildcard: the name itself does not exist. */
struct denial deny_exact(const struct denied *d);
/* The wildcard exists, but lacks the type. */
struct denial deny_wild_data(const struct denied *d);

#endif
