/* zone.c -- finding things in a zone; see zone.h. */
#include "dnsd/zone.h"

#include <stdlib.h>

#include "dnsd/zone_diff.h"

enum { COMPLAINTS_LIMIT = 64 << 10 };

void complaints_init(struct complaints *c)
{
	buf_init(&c->wrong, COMPLAINTS_LIMIT);
	buf_init(&c->odd, COMPLAINTS_LIMIT);
}

void complaints_fini(struct complaints *c)
{
	buf_fini(&c->wrong);
	buf_fini(&c->odd);
}

void zone_ref(struct zone *z)
{
	atomic_fetch_add_explicit(&z->refs, 1, memory_order_relaxed);
}

void zone_unref(struct zone *z)
{
	if (z == NULL || atomic_fetch_sub(&z->refs, 1) > 1)
		return;
	for (unsigned i = 0; i < ZONE_DIFFS; i++)
		zone_diff_unref(z->diffs[i]);
	arena_fini(&z->arena);
	free(z);
}

const struct node *zone_find(const struct zone *z, const struct name_key *k,
			     unsigned label)
{
	const uint8_t *wire = k->lower + k->at[label];
	size_t len = (size_t)(k->len - k->at[label]);
	uint64_t hash = k->hash[label];
	uint32_t tag = (uint32_t)(hash >> 32);

	for (uint32_t at = (uint32_t)hash & z->mask;; at = (at + 1) & z->mask) {
		const struct zone_slot *s = &z->slots[at];
		const struct node *n;

		if (s->node == 0)
			return NULL;
		n = &z->nodes[s->node - 1];
		if (s->tag == tag && n->name.len == len &&
		    memcmp(n->name.wire, wire, len) == 0)
			return n;
	}
}

const struct node *zone_find_name(const struct zone *z, const uint8_t *lower)
{
	struct name_key k;

	if (!name_read(lower, NAME_WIRE, &k))
		return NULL;
	name_hash(&k, z->seed);
	return zone_find(z, &k, 0);
}

const struct rrset *node_find(const struct node *n, uint16_t type)
{
	for (unsigned i = 0; i < n->set_count; i++)
		if (n->sets[i].type == type)
			return &n->sets[i];
	return NULL;
}
