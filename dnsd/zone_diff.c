/* zone_diff.c -- see zone_diff.h. Both versions are sorted the same way, so that one walk
 * along both finds everything. */
#include "dnsd/zone_diff.h"

#include <stdlib.h>

#include "dnsd/rrtype.h"
#include "dnsd/zone.h"

struct side {
	const struct node *node;
	struct records *to;
};

static bool take(const struct side *s, uint16_t type, uint32_t ttl, const uint8_t *packed)
{
	const struct record r = {
		.owner = s->node->spelled,
		.owner_len = s->node->name.len,
		.type = type,
		.ttl = ttl,
		.rdata = rdata_of(packed),
		.rdlen = rdata_len(packed),
	};

	return records_add(s->to, &r);
}

/* A set's data, or its signatures. */
struct run {
	const uint8_t *at;
	unsigned left;
	uint16_t type;
	uint32_t ttl;
};

static struct run data_of(const struct rrset *s)
{
	struct run none = { 0 };

	if (s == NULL)
		return none;
	return (struct run){ s->data, s->count, s->type, s->ttl };
}

static struct run sigs_of(const struct rrset *s)
{
	struct run none = { 0 };

	if (s == NULL)
		return none;
	return (struct run){ s->sigs, s->sig_count, RR_RRSIG, s->ttl };
}

static int order(const uint8_t *a, const uint8_t *b)
{
	uint16_t n = rdata_len(a), m = rdata_len(b);
	int c = memcmp(rdata_of(a), rdata_of(b), n < m ? n : m);

	return c != 0 ? c : (int)n - (int)m;
}

static bool compare_runs(const struct side *old, struct run a, const struct side *new,
			 struct run b)
{
	bool same_ttl = a.ttl == b.ttl;

	while (a.left > 0 || b.left > 0) {
		int c = a.left == 0 ? 1 : b.left == 0 ? -1 : order(a.at, b.at);

		if (c == 0 && !same_ttl &&
		    (!take(old, a.type, a.ttl, a.at) || !take(new, b.type, b.ttl, b.at)))
			return false;
		if (c < 0 && !take(old, a.type, a.ttl, a.at))
			return false;
		if (c > 0 && !take(new, b.type, b.ttl, b.at))
			return false;
		if (c <= 0) {
			a.at = rdata_next(a.at);
			a.left--;
		}
		if (c >= 0) {
			b.at = rdata_next(b.at);
			b.left--;
		}
	}
	return true;
}

static bool compare_sets(const struct side *old, const struct rrset *a,
			 const struct side *new, const struct rrset *b)
{
	bool soa = (a != NULL && a->type == RR_SOA) || (b != NULL && b->type == RR_SOA);

	/* the SOAs stand in front already */
	return (soa || compare_runs(old, data_of(a), new, data_of(b))) &&
	       compare_runs(old, sigs_of(a), new, sigs_of(b));
}

/* Either node may be NULL: it is not in that version. */
static bool compare_nodes(const struct side *old, const struct side *new)
{
	unsigned i = 0, k = 0, n = old->node != NULL ? old->node->set_count : 0,
		 m = new->node != NULL ? new->node->set_count : 0;

	while (i < n || k < m) {
		const struct rrset *a = i < n ? &old->node->sets[i] : NULL;
		const struct rrset *b = k < m ? &new->node->sets[k] : NULL;

		if (a != NULL && b != NULL && a->type != b->type) {
			if (a->type < b->type)
				b = NULL;
			else
				a = NULL;
		}
		if (!compare_sets(old, a, new, b))
			return false;
		i += a != NULL;
		k += b != NULL;
	}
	return true;
}

struct nodes {
	const struct node *list;
	uint32_t count;
};

static bool compare_lists(struct zone_diff *d, struct nodes before, struct nodes after)
{
	uint32_t i = 0, k = 0;

	while (i < before.count || k < after.count) {
		struct side old = { NULL, &d->removed }, new = { NULL, &d->added };
		int c = i == before.count  ? 1
			: k == after.count ? -1
					   : name_order(before.list[i].name.wire,
							after.list[k].name.wire);

		if (c <= 0)
			old.node = &before.list[i++];
		if (c >= 0)
			new.node = &after.list[k++];
		if (!compare_nodes(&old, &new))
			return false;
	}
	return true;
}

static bool compare(struct zone_diff *d, const struct zone *before,
		    const struct zone *after)
{
	const struct side old = { zone_apex(before), &d->removed };
	const struct side new = { zone_apex(after), &d->added };

	return take(&old, RR_SOA, before->soa->ttl, before->soa->data) &&
	       take(&new, RR_SOA, after->soa->ttl, after->soa->data) &&
	       compare_lists(d, (struct nodes){ before->nodes, before->node_count },
			     (struct nodes){ after->nodes, after->node_count }) &&
	       compare_lists(d, (struct nodes){ before->nsec3, before->nsec3_count },
			     (struct nodes){ after->nsec3, after->nsec3_count });
}

struct zone_diff *zone_diff_new(const struct zone *before, const struct zone *after,
				size_t limit)
{
	struct zone_diff *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	atomic_init(&d->refs, 1);
	d->from = before->serial;
	d->to = after->serial;
	records_init(&d->removed, limit);
	records_init(&d->added, limit);
	if (!compare(d, before, after)) {
		zone_diff_unref(d);
		return NULL;
	}
	return d;
}

void zone_diff_ref(struct zone_diff *d)
{
	atomic_fetch_add_explicit(&d->refs, 1, memory_order_relaxed);
}

void zone_diff_unref(struct zone_diff *d)
{
	if (d == NULL || atomic_fetch_sub(&d->refs, 1) > 1)
		return;
	records_fini(&d->removed);
	records_fini(&d->added);
	free(d);
}

void zone_diff_inherit(struct zone *after, const struct zone *before)
{
	unsigned n = 0;

	if (after->serial != before->serial) {
		if (!serial_is_newer(after->serial, before->serial))
			return;
		after->diffs[0] = zone_diff_new(before, after, after->record_count + 1);
		if (after->diffs[0] == NULL)
			return;
		n = 1;
	}
	for (unsigned i = 0; i < ZONE_DIFFS && before->diffs[i] != NULL && n < ZONE_DIFFS;
	     i++, n++) {
		after->diffs[n] = before->diffs[i];
		zone_diff_ref(after->diffs[n]);
	}
}
