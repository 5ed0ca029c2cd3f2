/* zone_names.c -- see zone_names.h. Names that have no node (outside the zone, or not
 * existing) live in a table here while the zone is built, and in its arena for ever. */
#include "dnsd/zone_names.h"

#include <stdlib.h>

#include "dnsd/rrtype.h"

struct slot {
	uint64_t hash;
	const struct name *name;
};

struct zone_names {
	struct zone *zone;
	struct slot *slots;
	size_t count, mask;
};

struct zone_names *zone_names_new(struct zone *z)
{
	struct zone_names *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return NULL;
	n->zone = z;
	n->mask = 1023;
	n->slots = calloc(n->mask + 1, sizeof(*n->slots));
	if (n->slots == NULL) {
		free(n);
		return NULL;
	}
	return n;
}

void zone_names_free(struct zone_names *n)
{
	if (n == NULL)
		return;
	free(n->slots);
	free(n);
}

static struct slot *find_slot(struct zone_names *n, uint64_t hash, const uint8_t *wire,
			      size_t len)
{
	for (size_t at = hash & n->mask;; at = (at + 1) & n->mask) {
		struct slot *s = &n->slots[at];

		if (s->name == NULL || (s->hash == hash && s->name->len == len &&
					memcmp(s->name->wire, wire, len) == 0))
			return s;
	}
}

static bool make_room(struct zone_names *n)
{
	struct slot *old = n->slots;
	size_t old_mask = n->mask;

	if (n->count * 2 <= n->mask)
		return true;
	n->slots = calloc((old_mask + 1) * 2, sizeof(*n->slots));
	if (n->slots == NULL) {
		n->slots = old;
		return false;
	}
	n->mask = old_mask * 2 + 1;
	for (size_t i = 0; i <= old_mask; i++)
		if (old[i].name != NULL)
			*find_slot(n, old[i].hash, old[i].name->wire, old[i].name->len) =
			    old[i];
	free(old);
	return true;
}

/* The one object for the suffix of k from this label on. */
static const struct name *find(struct zone_names *n, const struct name_key *k,
			       unsigned label, const struct name *parent)
{
	const struct node *node = zone_find(n->zone, k, label);
	const uint8_t *wire = k->lower + k->at[label];
	size_t len = (size_t)(k->len - k->at[label]);
	struct slot *s;
	struct name *made;
	char *copy;

	if (node != NULL)
		return &node->name;
	if (!make_room(n))
		return NULL;
	s = find_slot(n, k->hash[label], wire, len);
	if (s->name != NULL)
		return s->name;
	made = ARENA_NEW(&n->zone->arena, struct name);
	copy = arena_take(&n->zone->arena, len);
	if (made == NULL || copy == NULL)
		return NULL;
	memcpy(copy, wire, len);
	*made = (struct name){ parent, (uint8_t *)copy, (uint8_t)len,
			       (uint8_t)(k->labels - label) };
	*s = (struct slot){ k->hash[label], made };
	n->count++;
	return made;
}

/* From the root to the whole name, so that every suffix has its object. */
static const struct name *intern(struct zone_names *n, const uint8_t *wire,
				 unsigned skip_labels)
{
	const struct name *at = NULL;
	struct name_key k;

	if (!name_read(wire, NAME_WIRE, &k))
		return NULL;
	name_hash(&k, n->zone->seed);
	for (unsigned label = k.labels + 1; label-- > skip_labels;) {
		at = find(n, &k, label, at);
		if (at == NULL)
			return NULL;
	}
	return at;
}

static bool link_set(struct zone_names *n, struct rrset *s)
{
	struct rdata_name in[2];
	const struct name **names;
	const uint8_t *p = s->data;
	unsigned count, k = 0;

	/* which names there are depends on the type only */
	if (!rrtype_names(s->type, rdata_of(p), rdata_len(p), in, &count))
		return false;
	if (count == 0 || (!in[0].compress && rrtype_of(s->type)->target < 0))
		return true;
	names = arena_array(&n->zone->arena, (size_t)s->count * count, sizeof(*names));
	if (names == NULL)
		return false;
	for (unsigned i = 0; i < s->count; i++, p = rdata_next(p)) {
		if (!rrtype_names(s->type, rdata_of(p), rdata_len(p), in, &count))
			return false;
		for (unsigned j = 0; j < count; j++) {
			names[k] = intern(n, rdata_of(p) + in[j].at, 0);
			if (names[k++] == NULL)
				return false;
		}
	}
	s->names = names;
	return true;
}

bool zone_names_link(struct zone_names *n)
{
	struct zone *z = n->zone;

	for (uint32_t i = 0; i < z->node_count; i++) {
		struct node *node = &z->nodes[i];

		if (node->name.labels > 0) {
			node->name.parent = intern(n, node->name.wire, 1);
			if (node->name.parent == NULL)
				return false;
		}
		for (unsigned k = 0; k < node->set_count; k++)
			if (!link_set(n, (struct rrset *)&node->sets[k]))
				return false;
	}
	return true;
}

/* The node whose addresses a name in rdata gets, by a wildcard if need be. */
static const struct node *target_node(const struct zone *z, const uint8_t *wire)
{
	struct name_key k;
	const struct node *n;

	if (!name_read(wire, NAME_WIRE, &k) ||
	    !name_is_under(k.lower, k.len, zone_apex(z)->name.wire,
			   zone_apex(z)->name.len))
		return NULL;
	name_hash(&k, z->seed);
	n = zone_find(z, &k, 0);
	if (n != NULL)
		return n;
	for (unsigned label = 1; n == NULL && label <= k.labels; label++)
		n = zone_find(z, &k, label);
	return n != NULL && n->cut == NULL ? n->wildcard : NULL;
}

static bool target_set(struct zone_names *n, struct rrset *s, int target)
{
	const struct node **targets =
	    arena_array(&n->zone->arena, s->count, sizeof(struct node *));
	const uint8_t *p = s->data;
	bool any = false;

	if (targets == NULL)
		return false;
	for (unsigned i = 0; i < s->count; i++, p = rdata_next(p)) {
		targets[i] = target_node(n->zone, rdata_of(p) + target);
		any = any || targets[i] != NULL;
	}
	s->targets = any ? targets : NULL;
	return true;
}

bool zone_names_targets(struct zone_names *n)
{
	struct zone *z = n->zone;

	for (uint32_t i = 0; i < z->node_count; i++) {
		for (unsigned k = 0; k < z->nodes[i].set_count; k++) {
			struct rrset *s = (struct rrset *)&z->nodes[i].sets[k];
			int target = rrtype_of(s->type)->target;

			if (target >= 0 && !target_set(n, s, target))
				return false;
		}
	}
	return true;
}
