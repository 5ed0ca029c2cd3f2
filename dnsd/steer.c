/* steer.c -- see steer.h. steer() is pure, and only runs while an address is dead. */
#include "dnsd/steer.h"

#include <limits.h>

#include "dnsd/rrtype.h"

enum { TTL_LONG_S = 60, LINES_MAX = 20 };

static bool is_dead(const struct snapshot *s, unsigned dead, const uint8_t *packed)
{
	const struct peer_list *all = &s->facts.health;

	for (size_t i = 0; i < all->count; i++)
		if ((dead >> i & 1) != 0 &&
		    peer_has(&all->items[i], rdata_of(packed), rdata_len(packed)))
			return true;
	return false;
}

const struct rrset *steer(const struct snapshot *s, unsigned dead,
			  const struct rrset *set, struct steered *room)
{
	const uint8_t *p = set->data;
	uint8_t *to = room->data;
	unsigned left = 0;

	if ((set->type != RR_A && set->type != RR_AAAA) || set->size > sizeof(room->data))
		return set;
	for (unsigned i = 0; i < set->count; i++, p = rdata_next(p)) {
		size_t n = (size_t)(rdata_next(p) - p);

		if (is_dead(s, dead, p))
			continue;
		memcpy(to, p, n);
		to += n;
		left++;
	}
	if (left == 0 || left == set->count)
		return set;
	room->set = *set;
	room->set.count = (uint16_t)left;
	room->set.data = room->data;
	return &room->set;
}

static bool has_one(const struct snapshot *s, const struct rrset *set)
{
	const uint8_t *p = set->data;

	if (set->type != RR_A && set->type != RR_AAAA)
		return false;
	for (unsigned i = 0; i < set->count; i++, p = rdata_next(p))
		if (is_dead(s, UINT_MAX, p))
			return true;
	return false;
}

static unsigned check_node(const struct snapshot *s, const struct node *n, unsigned said,
			   struct buf *odd)
{
	char name[NAME_TEXT], type[RRTYPE_TEXT];
	unsigned more = 0;

	for (unsigned i = 0; i < n->set_count; i++) {
		const struct rrset *set = &n->sets[i];

		if (set->ttl <= TTL_LONG_S || !has_one(s, set))
			continue;
		if (said + more++ < LINES_MAX)
			buf_fmt(odd,
				"%s %s has an address of [dnsd] health and a TTL of %u: "
				"who has asked keeps it that long after it died; 60 or "
				"less is better\n",
				name_text(n->name.wire, name),
				rrtype_text(set->type, type), set->ttl);
	}
	return more;
}

void steer_check(const struct snapshot *s, struct buf *odd)
{
	unsigned said = 0;

	for (size_t i = 0; s->facts.health.count > 0 && i < s->count; i++) {
		const struct zone *z = s->zones[i];

		for (uint32_t k = 0; !z->is_signed && k < z->node_count; k++)
			said += check_node(s, &z->nodes[k], said, odd);
	}
	if (said > LINES_MAX)
		buf_fmt(odd, "and %u more such names\n", said - LINES_MAX);
}
