/* snapshot.h -- all that answering needs, immutable: the zones and the server's own
 * facts.
 *
 * One thread makes it and publishes a pointer; answering threads read it without locks
 * until they say that they have let go (worker.h). */
#ifndef DNSD_SNAPSHOT_H
#define DNSD_SNAPSHOT_H

#include "dnsd/access.h"
#include "dnsd/cookie.h"
#include "dnsd/zone.h"

enum { FACT_MAX = 128 };

struct fact {
	uint8_t len; /* 0: not told */
	char text[FACT_MAX];
};

struct server_facts {
	uint16_t udp_size; /* the most that is sent over UDP */
	struct fact version, identity;
	uint8_t nsid_len; /* 0: not told */
	uint8_t nsid[FACT_MAX];
	struct cookie_secrets cookies;
	unsigned rate,
	    slip; /* of answers to one network (ratelimit.h); rate 0: no limit */
	struct access_list rate_exempt;
	size_t transfer_max;     /* octets of a zone that comes from a primary */
	unsigned query_log;      /* every how many-eth question is logged; 0: none */
	struct peer_list health; /* addresses that are left out while they are dead */
	uint32_t health_own;     /* which of them are this box's: a bit for each */
};

/* What the configuration says of a zone. */
struct zone_rules {
	struct access_list transfer;
	struct peer_list notify;
	struct peer_list primaries; /* none: the zone's truth is a file here */
};

/* Immutable but for `dead`. */
struct snapshot {
	struct zone **zones;             /* one reference to each */
	const struct zone_rules **rules; /* of the same; NULL: rules_default */
	const struct zone_rules *rules_default;
	const struct tsig_keys *keys;
	struct arena arena; /* rules and keys live here */
	size_t count, cap;
	struct zone **slots; /* by the hash of the apex */
	size_t mask;
	uint64_t seed; /* of name hashes; all its zones have the same */
	struct server_facts facts;
	atomic_uint dead; /* of facts.health: a bit for each (health.h) */
};

/* NULL: out of memory. */
struct snapshot *snapshot_new(uint64_t seed, const struct server_facts *facts);
/* NULL is fine. */
void snapshot_free(struct snapshot *s);
/* Takes the reference; rules (NULL: the default ones) live in its arena. False: out of
 * memory, or a zone of that name is there already. */
bool snapshot_add(struct snapshot *s, struct zone *z, const struct zone_rules *rules)
    __attribute__((warn_unused_result));

/* The zone whose apex is the suffix of k from this label on; NULL if there is none. */
struct zone *snapshot_zone(const struct snapshot *s, const struct name_key *k,
			   unsigned label);
/* The zone that answers for the name, NULL if none does: the deepest that it is in; but
 * a DS is on the parent's side of the cut, if we have that. */
const struct zone *snapshot_find_zone(const struct snapshot *s, const struct name_key *k,
				      uint16_t type);
const struct zone_rules *snapshot_rules(const struct snapshot *s, const struct zone *z);
struct zone *snapshot_zone_of(const struct snapshot *s, const uint8_t *apex);

#endif
