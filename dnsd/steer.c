/* steer.c -- see steer.h. Pure. Only runs while an address is dead. */
#include "dnsd/steer.h"

#include "dnsd/rrtype.h"

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
