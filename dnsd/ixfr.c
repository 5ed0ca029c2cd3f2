/* ixfr.c -- see ixfr.h. All records, those before and those added, in a hash table; what
 * is removed is marked and stays in it, so that no search is cut short. */
#include "dnsd/ixfr.h"

#include <stdlib.h>
#include <sys/random.h>

#include "dnsd/cookie.h"
#include "dnsd/rrtype.h"

static const char no_memory[] = "out of memory";

struct item {
	const struct record *record;
	bool gone;
};

struct table {
	struct item *items;
	size_t count;
	uint32_t *slots; /* index + 1; 0: free */
	size_t mask;
	uint8_t seed[COOKIE_SECRET]; /* the primary shall not choose who collides */
};

static bool table_init(struct table *t, size_t most)
{
	size_t slots = 64;

	while (slots < most * 2)
		slots *= 2;
	*t = (struct table){ .mask = slots - 1 };
	if (most >= UINT32_MAX || getrandom(t->seed, sizeof(t->seed), 0) < 0)
		return false;
	t->items = calloc(most + 1, sizeof(*t->items));
	t->slots = calloc(slots, sizeof(*t->slots));
	return t->items != NULL && t->slots != NULL;
}

static void table_fini(struct table *t)
{
	free(t->items);
	free(t->slots);
}

static uint64_t hash(const struct table *t, const struct record *r)
{
	uint8_t key[NAME_WIRE + sizeof(uint64_t) + sizeof(r->type)];
	uint64_t rdata = siphash(t->seed, r->rdata, r->rdlen);
	size_t n = r->owner_len;

	/* one into the other: side by side, what stands on both sides would cancel out */
	name_lower(key, r->owner, n);
	memcpy(key + n, &rdata, sizeof(rdata));
	memcpy(key + n + sizeof(rdata), &r->type, sizeof(r->type));
	return siphash(t->seed, key, n + sizeof(rdata) + sizeof(r->type));
}

static bool are_same(const struct record *a, const struct record *b)
{
	uint8_t x[NAME_WIRE], y[NAME_WIRE];

	if (a->type != b->type || a->rdlen != b->rdlen || a->owner_len != b->owner_len ||
	    memcmp(a->rdata, b->rdata, a->rdlen) != 0)
		return false;
	name_lower(x, a->owner, a->owner_len);
	name_lower(y, b->owner, b->owner_len);
	return memcmp(x, y, a->owner_len) == 0;
}

/* Its item, which may be gone, or NULL; *ret_slot: where it stands or would. */
static struct item *find(const struct table *t, const struct record *r, size_t *ret_slot)
{
	size_t at = hash(t, r) & t->mask;

	for (; t->slots[at] != 0; at = (at + 1) & t->mask)
		if (are_same(t->items[t->slots[at] - 1].record, r))
			break;
	*ret_slot = at;
	return t->slots[at] != 0 ? &t->items[t->slots[at] - 1] : NULL;
}

/* One that is there is as good (NSD 4.6 sends such); its TTL is now this. */
static void add(struct table *t, const struct record *r)
{
	size_t slot;
	struct item *have = find(t, r, &slot);

	if (have == NULL) {
		have = &t->items[t->count++];
		t->slots[slot] = (uint32_t)t->count;
	}
	*have = (struct item){ .record = r };
}

/* False: it is not there. */
static bool drop(struct table *t, const struct record *r)
{
	size_t slot;
	struct item *have = find(t, r, &slot);

	if (have == NULL || have->gone)
		return false;
	have->gone = true;
	return true;
}

/* The first record, the newest SOA, is for the end; SOAs change the side. */
static const char *apply(struct table *t, const struct records *diffs)
{
	bool adding = true;

	for (size_t i = 1; i < diffs->count; i++) {
		const struct record *r = &diffs->list[i];

		if (r->type == RR_SOA)
			adding = !adding;
		else if (adding)
			add(t, r);
		else if (!drop(t, r))
			return "its differences remove what was not there";
	}
	return NULL;
}

const char *ixfr_apply(const struct records *before, const struct records *diffs,
		       struct records *ret)
{
	const char *why = no_memory;
	struct table t;
	bool ok;

	if (table_init(&t, before->count + diffs->count)) {
		for (size_t i = 0; i < before->count; i++)
			if (before->list[i].type != RR_SOA)
				add(&t, &before->list[i]);
		why = apply(&t, diffs);
	}
	ok = why == NULL && records_add(ret, &diffs->list[0]);
	for (size_t i = 0; ok && i < t.count; i++)
		ok = t.items[i].gone || records_add(ret, t.items[i].record);
	if (why == NULL && !ok)
		why = no_memory;
	table_fini(&t);
	return why;
}
