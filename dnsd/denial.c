/* denial.c -- see denial.h. */
#include "dnsd/denial.h"

#include "dnsd/zone_proofs.h"

static void add(struct denial *d, const struct node *n)
{
	if (n != NULL)
		d->nodes[d->count++] = n;
}

static bool by_nsec3(const struct zone *z)
{
	return z->nsec3_count > 0;
}

/* The record that covers the name one label longer than the encloser (RFC 5155 1.3). */
static const struct node *next_closer(const struct denied *d, unsigned label)
{
	const struct name_key *k = d->name;
	uint8_t hash[NSEC3_HASH];

	nsec3_hash(&d->zone->salt, k->lower + k->at[label - 1],
		   (size_t)(k->len - k->at[label - 1]), hash);
	return nsec3_cover(d->zone, hash);
}

/* The closest encloser that has an NSEC3 (with opt-out not every name has), and what
 * covers the name below it. *ret_label: where it begins. */
static const struct node *provable(const struct denied *d, unsigned *ret_label)
{
	const struct node *n = d->encloser;
	unsigned label = d->label;

	while (n->proof == NULL && n != zone_apex(d->zone)) {
		n = (const struct node *)(const void *)n->name.parent;
		label++;
	}
	*ret_label = label;
	return n;
}

static void add_closest(struct denial *ret, const struct denied *d)
{
	unsigned label;
	const struct node *n = provable(d, &label);

	add(ret, n->proof);
	if (label > 0)
		add(ret, next_closer(d, label));
}

struct denial deny_name(const struct denied *d)
{
	struct denial ret = { .count = 0 };
	unsigned label;

	if (!d->zone->is_signed || zone_apex(d->zone)->proof == NULL)
		return ret;
	if (!by_nsec3(d->zone)) {
		add(&ret, nsec_cover(d->zone, d->name->lower));
		add(&ret, d->encloser->wild_proof);
		return ret;
	}
	add_closest(&ret, d);
	add(&ret, provable(d, &label)->wild_proof);
	return ret;
}

struct denial deny_data(const struct denied *d)
{
	struct denial ret = { .count = 0 };

	if (!d->zone->is_signed || zone_apex(d->zone)->proof == NULL)
		return ret;
	if (by_nsec3(d->zone) && d->encloser->proof == NULL)
		add_closest(&ret, d);
	else
		add(&ret, d->encloser->proof);
	return ret;
}

struct denial deny_exact(const struct denied *d)
{
	struct denial ret = { .count = 0 };

	if (!d->zone->is_signed || zone_apex(d->zone)->proof == NULL)
		return ret;
	if (by_nsec3(d->zone))
		add(&ret, next_closer(d, d->label));
	else
		add(&ret, nsec_cover(d->zone, d->name->lower));
	return ret;
}

struct denial deny_wild_data(const struct denied *d)
{
	struct denial ret = { .count = 0 };

	if (!d->zone->is_signed || zone_apex(d->zone)->proof == NULL)
		return ret;
	if (by_nsec3(d->zone)) {
		add_closest(&ret, d);
	} else {
		add(&ret, nsec_cover(d->zone, d->name->lower));
	}
	if (d->encloser->wildcard->proof != NULL)
		add(&ret, d->encloser->wildcard->proof);
	return ret;
}
