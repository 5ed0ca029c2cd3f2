/* zone_sort.c -- see zone_sort.h. */
#include "dnsd/zone_sort.h"

#include <stdlib.h>

#include "dnsd/rrtype.h"
#include "dnsd/zone_check.h"

bool record_covers(const struct record *r, uint16_t type)
{
	return r->type == RR_RRSIG && r->rdlen >= 2 && r->rdata[0] == type >> 8 &&
	       r->rdata[1] == (type & 0xff);
}

/* RRSIGs sort beside what they cover. */
static uint32_t sort_type(const struct record *r)
{
	if (r->type == RR_RRSIG && r->rdlen >= 2)
		return ((uint32_t)r->rdata[0] << 9 | (uint32_t)r->rdata[1] << 1) + 1;
	return (uint32_t)r->type << 1;
}

static bool of_nsec3(const struct record *r)
{
	return r->type == RR_NSEC3 || record_covers(r, RR_NSEC3);
}

static int by_place(const void *va, const void *vb)
{
	const struct sorted *a = va, *b = vb;
	const struct record *x = a->record, *y = b->record;
	int c = (int)of_nsec3(x) - (int)of_nsec3(y);

	if (c == 0 && a->owner != b->owner)
		c = name_order(a->owner, b->owner);
	if (c != 0)
		return c;
	if (sort_type(x) != sort_type(y))
		return sort_type(x) < sort_type(y) ? -1 : 1;
	c = memcmp(x->rdata, y->rdata, x->rdlen < y->rdlen ? x->rdlen : y->rdlen);
	return c != 0 ? c : (int)x->rdlen - (int)y->rdlen;
}

static bool same_owner(const struct sorted *a, const struct sorted *b)
{
	return a->owner == b->owner || name_order(a->owner, b->owner) == 0;
}

size_t zone_sort_owner_end(const struct zone_sorted *s, size_t i)
{
	size_t k = i + 1;

	while (k < s->count && k != s->nsec3_from && same_owner(&s->list[k], &s->list[i]))
		k++;
	return k;
}

size_t zone_sort_run_end(const struct zone_sorted *s, size_t i)
{
	const struct sorted *a = &s->list[i];
	size_t k = i + 1;

	while (k < s->count && sort_type(s->list[k].record) == sort_type(a->record) &&
	       same_owner(&s->list[k], a))
		k++;
	return k;
}

/* Fills the list in the order of the records. */
static bool take_owners(struct zone_sorted *s, const struct records *r,
			const uint8_t *apex, struct complaints *c)
{
	size_t apex_len = name_length(apex, NAME_WIRE), last_len = 0;
	const uint8_t *last = NULL;
	uint8_t lower[NAME_WIRE];

	for (size_t i = 0; i < r->count; i++) {
		const struct record *x = &r->list[i];

		name_lower(lower, x->owner, x->owner_len);
		if (!name_is_under(lower, x->owner_len, apex, apex_len)) {
			zone_complain(&c->wrong, x, "is outside the zone");
			return false;
		}
		/* most files list a name's records together */
		if (last == NULL || last_len != x->owner_len ||
		    memcmp(last, lower, last_len) != 0)
			last = records_keep(&s->owners, lower, x->owner_len);
		if (last == NULL) {
			buf_text(&c->wrong, "out of memory while building the zone\n");
			return false;
		}
		last_len = x->owner_len;
		s->list[i] = (struct sorted){ last, x };
	}
	return true;
}

bool zone_sort(struct zone_sorted *ret, const struct records *r, const uint8_t *apex,
	       struct complaints *c)
{
	size_t n = 0;

	*ret = (struct zone_sorted){ 0 };
	records_init(&ret->owners, 0);
	ret->list = calloc(r->count + 1, sizeof(*ret->list));
	if (ret->list == NULL) {
		buf_text(&c->wrong, "out of memory while building the zone\n");
		return false;
	}
	if (!take_owners(ret, r, apex, c))
		return false;
	qsort(ret->list, r->count, sizeof(*ret->list), by_place);
	for (size_t i = 0; i < r->count; i++)
		if (n == 0 || by_place(&ret->list[n - 1], &ret->list[i]) != 0)
			ret->list[n++] = ret->list[i];
	ret->count = ret->nsec3_from = n;
	while (ret->nsec3_from > 0 && of_nsec3(ret->list[ret->nsec3_from - 1].record))
		ret->nsec3_from--;
	return true;
}

void zone_sort_fini(struct zone_sorted *s)
{
	free(s->list);
	records_fini(&s->owners);
}
