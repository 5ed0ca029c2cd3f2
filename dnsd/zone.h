/* zone.h -- one zone as an immutable image, made for looking up.
 *
 * Nodes are all names in the zone, empty non-terminals too, in the order of RFC 4034 6.1
 * (the apex is the first), and are found by a hash of the name. What a question needs to
 * know about the way down to a node (is it below a delegation or a DNAME, has it a
 * wildcard child) is worked out when the zone is built, so that no lookup walks.
 *
 * Nothing changes after zone_build; threads share it without locks. zone_unref by the
 * last holder frees everything. */
#ifndef DNSD_ZONE_H
#define DNSD_ZONE_H

#include <stdatomic.h>

#include "common/arena.h"
#include "common/buf.h"
#include "dnsd/name.h"
#include "dnsd/records.h"

/* A name which may be written compressed: all its suffixes are such names as well, and
 * equal names are one object. */
struct name {
	const struct name *parent; /* NULL: this is the root */
	const uint8_t *wire;       /* in lower case */
	uint8_t len, labels;
};

struct node;

/* Whole answers, as octets that follow the question; see prepare.c. */
struct prepared {
	uint16_t answer, authority, additional; /* records in each section */
	uint16_t size;
	uint8_t bytes[];
};

struct rrset {
	uint16_t type, count, sig_count;
	uint32_t ttl;
	uint32_t size;                   /* octets of data */
	const uint8_t *data;             /* count times: length (2, ours), rdata */
	const uint8_t *sigs;             /* its RRSIGs, in the same form */
	const struct name *const *names; /* in data, of types where they matter */
	const struct node *const
	    *targets; /* by record: whose addresses to add, or NULL */
	const struct prepared *prepared[2]; /* without and with DNSSEC; may be NULL */
};

enum node_flag {
	NODE_CUT = 1, /* has NS and is not the apex: a delegation */
};

struct node {
	struct name name;
	const uint8_t *spelled; /* the owner as written */
	const struct rrset *sets;
	const struct node *cut;   /* the delegation at or above it */
	const struct node *dname; /* the nearest to the apex strictly above, with DNAME */
	const struct node *wildcard; /* its child "*" */
	/* In a signed zone, whose NSEC or NSEC3 says what is (or is not) at this name,
	 * and what of "*" under it. NSEC: always one. NSEC3: NULL proof: it has none
	 * (opt-out) */
	const struct node *proof, *wild_proof;
	uint16_t set_count, flags;
};

enum { NSEC3_HASH = 20, ZONE_DIFFS = 20 };

struct zone_diff;

struct nsec3_salt {
	uint16_t iterations;
	uint8_t len;
	const uint8_t *bytes;
};

/* Of the file it was read from; all zero: not to be trusted. */
struct zone_stamp {
	uint64_t device, inode, size;
	int64_t changed_ns;
};

struct zone_slot {
	uint32_t tag;  /* of the hash */
	uint32_t node; /* index + 1; 0: free */
};

struct zone {
	struct arena arena;
	atomic_uint refs;
	struct node *nodes;
	uint32_t node_count;
	size_t record_count;
	struct zone_slot *slots;
	uint32_t mask;
	uint64_t seed;
	const struct rrset *soa;
	struct rrset negative; /* the SOA as denials carry it (RFC 2308 3) */
	uint32_t serial;
	bool is_signed;
	bool is_expired; /* a stand-in: a secondary's zone of which nothing is known */
	struct zone_stamp stamp;
	struct node *nsec3; /* owners of NSEC3 records, in the order of their hashes */
	uint32_t nsec3_count;
	uint8_t (*nsec3_hashes)[NSEC3_HASH]; /* of the same */
	struct nsec3_salt salt;
	/* what led here from the versions before, the newest first (zone_diff.h) */
	struct zone_diff *diffs[ZONE_DIFFS];
	char text[NAME_TEXT]; /* its name, for people */
};

/* What was found wrong with a zone, or only odd; one "file:line: what" a line. */
struct complaints {
	struct buf wrong, odd;
};

void complaints_init(struct complaints *c);
void complaints_fini(struct complaints *c);

/* Borrows the records; apex in lower case. NULL: it says why in c->wrong. */
struct zone *zone_build(const struct records *r, const uint8_t *apex, uint64_t seed,
			struct complaints *c);
void zone_ref(struct zone *z);
void zone_unref(struct zone *z);

static inline const struct node *zone_apex(const struct zone *z)
{
	return &z->nodes[0];
}

/* The node whose name is the suffix of k that begins at this label; NULL if none. */
const struct node *zone_find(const struct zone *z, const struct name_key *k,
			     unsigned label);
/* The same for a name in lower case; slower. */
const struct node *zone_find_name(const struct zone *z, const uint8_t *lower);
const struct rrset *node_find(const struct node *n, uint16_t type);

/* Walking rdata: for (p = set->data, i = 0; i < set->count; i++, p = rdata_next(p)) */
static inline uint16_t rdata_len(const uint8_t *p)
{
	uint16_t n;

	memcpy(&n, p, sizeof(n));
	return n;
}

static inline const uint8_t *rdata_of(const uint8_t *p)
{
	return p + sizeof(uint16_t);
}

static inline const uint8_t *rdata_next(const uint8_t *p)
{
	return p + sizeof(uint16_t) + rdata_len(p);
}

#endif
