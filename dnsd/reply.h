/* reply.h -- an answer being written: records appended section by section, names
 * compressed, never past the limit. Pure; allocates nothing.
 *
 * An RRset that does not fit (with its signatures) leaves no trace. */
#ifndef DNSD_REPLY_H
#define DNSD_REPLY_H

#include "dnsd/zone.h"

enum section { SECTION_ANSWER, SECTION_AUTHORITY, SECTION_ADDITIONAL };

enum { SEEN_SLOTS = 256, SEEN_MAX = 160, SETS_MAX = 64 };

/* Where names stand in the message, for pointing at them. A table that is never cleared:
 * a slot counts only if its turn is the current one. */
struct seen {
	struct seen_slot {
		const struct name *name;
		uint32_t turn;
		uint16_t at;
	} slots[SEEN_SLOTS];
	uint8_t added[SEEN_MAX]; /* slots in the order of adding, for taking back */
	unsigned count;
	uint32_t turn;
};

struct reply {
	uint8_t *p;
	size_t n, limit;
	uint16_t count[3];
	struct seen *seen;
	const struct rrset *sets[SETS_MAX]; /* those written, to write none twice */
	unsigned set_count;
	uint16_t rdata_at; /* of the first record of the last set */
};

/* Whose record it is: a name of the zone, or something that stands at an offset. */
struct owner {
	const struct name *name; /* NULL: only the offset */
	uint16_t at;
	const uint8_t *spelled; /* of the name, if not in lower case */
};

void reply_init(struct reply *r, struct seen *seen, uint8_t *p, size_t limit);
/* Says that this name stands at this offset. */
void reply_saw(struct reply *r, const struct name *name, size_t at);

/* An RRset, and its signatures if asked for. False: there is no
 * room. */
bool reply_set(struct reply *r, enum section s, struct owner owner,
	       const struct rrset *set, bool with_sigs)
    __attribute__((warn_unused_result));
/* A CNAME made up on the spot: its target is `prefix` octets of labels, then the name
 * that stands at offset `rest`, or that is in rest_wire. */
struct made_cname {
	uint32_t ttl;
	const uint8_t *prefix, *rest_wire;
	size_t prefix_len;
	uint16_t rest; /* 0: rest_wire is written out */
};

/* *ret_at: where the target stands. */
bool reply_cname(struct reply *r, struct owner owner, const struct made_cname *c,
		 size_t *ret_at) __attribute__((warn_unused_result));
/* Single records, into the answer section, for transfers. False: no room. */
struct one_record {
	uint16_t type;
	uint32_t ttl;
	const uint8_t *packed;
	const struct name *const *names;
};
bool reply_one(struct reply *r, struct owner owner, const struct one_record *o)
    __attribute__((warn_unused_result));
bool reply_plain(struct reply *r, const struct record *record)
    __attribute__((warn_unused_result));
static inline void reply_limit(struct reply *r, size_t limit)
{
	r->limit = limit;
}
/* Of a set that has names. */
unsigned reply_names_per_record(const struct rrset *set);

bool reply_has(const struct reply *r, const struct rrset *set);
/* The set just written is what there is of this one. */
void reply_stands_for(struct reply *r, const struct rrset *set);

#endif
