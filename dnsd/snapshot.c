/* snapshot.c -- see snapshot.h. */
#include "dnsd/snapshot.h"

#include <stdlib.h>

#include "dnsd/rrtype.h"

struct snapshot *snapshot_new(uint64_t seed, const struct server_facts *facts)
{
	struct snapshot *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->seed = seed;
	s->facts = *facts;
	s->mask = 7;
	arena_init(&s->arena, SIZE_MAX);
	s->slots = calloc(s->mask + 1, sizeof(struct zone *));
	s->rules_default = ARENA_NEW(&s->arena, struct zone_rules);
	s->keys = ARENA_NEW(&s->arena, struct tsig_keys);
	if (s->slots == NULL || s->rules_default == NULL || s->keys == NULL) {
		snapshot_free(s);
		return NULL;
	}
	return s;
}

void snapshot_free(struct snapshot *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->count; i++)
		zone_unref(s->zones[i]);
	arena_fini(&s->arena);
	free(s->zones);
	free(s->rules);
	free(s->slots);
	free(s);
}

static void put_slot(struct snapshot *s, struct zone *z)
{
	struct name_key k;
	size_t at;

	if (!name_read(zone_apex(z)->name.wire, NAME_WIRE, &k))
		abort(); /* zone_build made it */
	name_hash(&k, s->seed);
	for (at = k.hash[0] & s->mask; s->slots[at] != NULL;)
		at = (at + 1) & s->mask;
	s->slots[at] = z;
}

static bool make_room(struct snapshot *s)
{
	size_t cap = s->cap == 0 ? 4 : s->cap * 2;
	struct zone **zones, **slots;
	const struct zone_rules **rules;

	if (s->count < s->cap)
		return true;
	zones = realloc(s->zones, cap * sizeof(struct zone *));
	if (zones == NULL)
		return false;
	s->zones = zones;
	rules = realloc(s->rules, cap * sizeof(struct zone_rules *));
	if (rules == NULL)
		return false;
	s->rules = rules;
	slots = calloc(cap * 2, sizeof(struct zone *));
	if (slots == NULL)
		return false;
	free(s->slots);
	s->slots = slots;
	s->cap = cap;
	s->mask = cap * 2 - 1;
	for (size_t i = 0; i < s->count; i++)
		put_slot(s, s->zones[i]);
	return true;
}

bool snapshot_add(struct snapshot *s, struct zone *z, const struct zone_rules *rules)
{
	if (snapshot_zone_of(s, zone_apex(z)->name.wire) != NULL || !make_room(s))
		return false;
	s->rules[s->count] = rules;
	s->zones[s->count++] = z;
	put_slot(s, z);
	return true;
}

const struct zone_rules *snapshot_rules(const struct snapshot *s, const struct zone *z)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->zones[i] == z && s->rules[i] != NULL)
			return s->rules[i];
	return s->rules_default;
}

struct zone *snapshot_zone(const struct snapshot *s, const struct name_key *k,
			   unsigned label)
{
	const uint8_t *wire = k->lower + k->at[label];
	size_t len = (size_t)(k->len - k->at[label]);

	for (size_t at = k->hash[label] & s->mask;; at = (at + 1) & s->mask) {
		struct zone *z = s->slots[at];

		if (z == NULL || (zone_apex(z)->name.len == len &&
				  memcmp(zone_apex(z)->name.wire, wire, len) == 0))
			return z;
	}
}

const struct zone *snapshot_find_zone(const struct snapshot *s, const struct name_key *k,
				      uint16_t type)
{
	const struct zone *own = NULL;

	for (unsigned label = 0; label <= k->labels; label++) {
		const struct zone *z = snapshot_zone(s, k, label);

		if (z != NULL && (label > 0 || type != RR_DS))
			return z;
		own = z != NULL ? z : own;
	}
	return own;
}

struct zone *snapshot_zone_of(const struct snapshot *s, const uint8_t *apex)
{
	struct name_key k;

	if (!name_read(apex, NAME_WIRE, &k))
		return NULL;
	name_hash(&k, s->seed);
	return snapshot_zone(s, &k, 0);
}
