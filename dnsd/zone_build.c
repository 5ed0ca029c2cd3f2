/* zone_build.c -- makes a zone of a list of records; see zone.h.
 *
 *     sort the records -> names, with the empty ones between -> nodes and their hash
 *     -> RRsets, signatures beside what they cover -> names in rdata -> what is above
 *     each node -> checks (zone_check.c) -> which record denies what (zone_proofs.c) */
#include <stdlib.h>

#include "dnsd/rrtype.h"
#include "dnsd/zone.h"
#include "dnsd/zone_check.h"
#include "dnsd/zone_names.h"
#include "dnsd/zone_proofs.h"
#include "dnsd/zone_sort.h"

struct builder {
	struct zone *zone;
	struct complaints *to;
	const struct records *records;
	const uint8_t *apex;
	struct zone_sorted sorted;
	struct zone_names *names;
	uint8_t *room; /* packed octets in the zone's arena */
	size_t room_left;
};

enum { PIECE = 64 << 10 };

static uint8_t *take_bytes(struct builder *b, size_t n)
{
	uint8_t *p;

	if (b->room_left < n) {
		size_t piece = n > PIECE ? n : PIECE;

		b->room = arena_take(&b->zone->arena, piece);
		b->room_left = b->room == NULL ? 0 : piece;
		if (b->room == NULL)
			return NULL;
	}
	p = b->room;
	b->room += n;
	b->room_left -= n;
	return p;
}

static uint8_t *keep_bytes(struct builder *b, const uint8_t *bytes, size_t n)
{
	uint8_t *p = take_bytes(b, n);

	if (p != NULL)
		memcpy(p, bytes, n);
	return p;
}

static bool out_of_memory(struct builder *b)
{
	buf_text(&b->to->wrong, "out of memory while building the zone\n");
	return false;
}

/* ---- nodes ---- */

/* How many labels the two names have in common, from the right. */
static unsigned common_labels(const uint8_t *a, const uint8_t *b)
{
	struct name_key x, y;
	unsigned n = 0;

	if (!name_read(a, NAME_WIRE, &x) || !name_read(b, NAME_WIRE, &y))
		return 0;
	while (n < x.labels && n < y.labels) {
		const uint8_t *p = x.lower + x.at[x.labels - n - 1];
		const uint8_t *q = y.lower + y.at[y.labels - n - 1];

		if (*p != *q || memcmp(p, q, *p + 1u) != 0)
			break;
		n++;
	}
	return n;
}

static bool lay_node(struct builder *b, struct node *n, const uint8_t *owner,
		     unsigned skip)
{
	for (; skip > 0; skip--)
		owner += 1u + *owner;
	n->name.labels = (uint8_t)name_labels(owner);
	n->name.len = (uint8_t)name_length(owner, NAME_WIRE);
	n->name.wire = n->spelled = keep_bytes(b, owner, n->name.len);
	return n->name.wire != NULL || out_of_memory(b);
}

/* One node for each owner and for each empty name on the way to it; the apex is the first
 * owner. With nodes NULL it only counts. */
static bool lay_nodes(struct builder *b, struct node *nodes, size_t *ret)
{
	const uint8_t *before = NULL;
	size_t n = 0;

	for (size_t i = 0; i < b->sorted.nsec3_from;
	     i = zone_sort_owner_end(&b->sorted, i)) {
		const uint8_t *owner = b->sorted.list[i].owner;
		unsigned labels = name_labels(owner), have;

		have = before == NULL ? labels - 1 : common_labels(before, owner);
		before = owner;
		for (unsigned k = have + 1; k <= labels; k++, n++)
			if (nodes != NULL && !lay_node(b, &nodes[n], owner, labels - k))
				return false;
	}
	*ret = n;
	return true;
}

static bool make_nodes(struct builder *b)
{
	struct zone *z = b->zone;
	size_t n = 0, slots = 8;

	if (!lay_nodes(b, NULL, &n))
		return false;
	while (slots < n * 2)
		slots *= 2;
	if (n >= UINT32_MAX / 4)
		return out_of_memory(b);
	z->nodes = arena_array(&z->arena, n, sizeof(*z->nodes));
	z->slots = arena_array(&z->arena, slots, sizeof(*z->slots));
	if (z->nodes == NULL || z->slots == NULL)
		return out_of_memory(b);
	z->node_count = (uint32_t)n;
	z->mask = (uint32_t)(slots - 1);
	return lay_nodes(b, z->nodes, &n);
}

/* The NSEC3 records' owners, which are not among the nodes. */
static bool make_nsec3(struct builder *b)
{
	const struct zone_sorted *s = &b->sorted;
	struct zone *z = b->zone;
	size_t n = 0;

	for (size_t i = s->nsec3_from; i < s->count; i = zone_sort_owner_end(s, i))
		n++;
	if (n == 0)
		return true;
	z->nsec3 = arena_array(&z->arena, n, sizeof(*z->nsec3));
	if (z->nsec3 == NULL)
		return out_of_memory(b);
	for (size_t i = s->nsec3_from; i < s->count; i = zone_sort_owner_end(s, i)) {
		struct node *node = &z->nsec3[z->nsec3_count++];

		if (!lay_node(b, node, s->list[i].owner, 0))
			return false;
		node->name.parent = &z->nodes[0].name;
	}
	return true;
}

static void hash_nodes(struct zone *z)
{
	for (uint32_t i = 0; i < z->node_count; i++) {
		struct name_key k;
		uint32_t at;

		if (!name_read(z->nodes[i].name.wire, NAME_WIRE, &k))
			continue;
		name_hash(&k, z->seed);
		for (at = (uint32_t)k.hash[0] & z->mask; z->slots[at].node != 0;)
			at = (at + 1) & z->mask;
		z->slots[at] = (struct zone_slot){ (uint32_t)(k.hash[0] >> 32), i + 1 };
	}
}

/* ---- RRsets ---- */

static const uint8_t *pack(struct builder *b, size_t from, size_t to, uint32_t *ret_size)
{
	size_t size = 0;
	uint8_t *p, *start;

	for (size_t i = from; i < to; i++)
		size += sizeof(uint16_t) + b->sorted.list[i].record->rdlen;
	start = p = take_bytes(b, size);
	for (size_t i = from; p != NULL && i < to; i++) {
		const struct record *r = b->sorted.list[i].record;

		memcpy(p, &r->rdlen, sizeof(r->rdlen));
		memcpy(p + sizeof(r->rdlen), r->rdata, r->rdlen);
		p += sizeof(r->rdlen) + r->rdlen;
	}
	*ret_size = (uint32_t)size;
	return start;
}

static bool fill_set(struct builder *b, struct rrset *s, size_t from, size_t to)
{
	const struct record *r = b->sorted.list[from].record;
	uint32_t size;

	if (to - from > UINT16_MAX) {
		zone_complain(&b->to->wrong, r,
			      "has more than 65535 records of one type");
		return false;
	}
	s->type = r->type;
	s->ttl = r->ttl;
	for (size_t i = from; i < to; i++) /* RFC 2181 5.2: one TTL for all; zone_check
					    * warns */
		if (b->sorted.list[i].record->ttl < s->ttl)
			s->ttl = b->sorted.list[i].record->ttl;
	s->count = (uint16_t)(to - from);
	s->data = pack(b, from, to, &size);
	s->size = size;
	return s->data != NULL || out_of_memory(b);
}

/* The sets of one node from its records [from, to). RRSIGs join the set they cover, or
 * stand alone if there is none. */
static bool fill_node(struct builder *b, struct node *n, size_t from, size_t to)
{
	struct rrset *sets;
	size_t runs = 0, k = 0, end;
	uint32_t size;

	for (size_t i = from; i < to; i = zone_sort_run_end(&b->sorted, i))
		runs++;
	sets = arena_array(&b->zone->arena, runs, sizeof(*sets));
	if (sets == NULL)
		return out_of_memory(b);
	for (size_t i = from; i < to; i = end) {
		const struct record *r = b->sorted.list[i].record;

		end = zone_sort_run_end(&b->sorted, i);
		if (k > 0 && record_covers(r, sets[k - 1].type)) {
			sets[k - 1].sigs = pack(b, i, end, &size);
			sets[k - 1].sig_count = (uint16_t)(end - i);
			if (sets[k - 1].sigs == NULL)
				return out_of_memory(b);
		} else if (!fill_set(b, &sets[k++], i, end)) {
			return false;
		}
	}
	n->sets = sets;
	n->set_count = (uint16_t)k;
	return true;
}

static bool keep_spelling(struct builder *b, struct node *n, const struct record *r)
{
	if (memcmp(n->name.wire, r->owner, r->owner_len) != 0)
		n->spelled = keep_bytes(b, r->owner, r->owner_len);
	return n->spelled != NULL || out_of_memory(b);
}

/* Nodes from this one on get the records [from, to). */
static bool fill_nodes(struct builder *b, struct node *n, size_t from, size_t to)
{
	for (size_t i = from, end; i < to; i = end, n++) {
		const struct sorted *s = &b->sorted.list[i];

		while (name_order(n->name.wire, s->owner) != 0)
			n++; /* empty ones */
		end = zone_sort_owner_end(&b->sorted, i);
		if (!fill_node(b, n, i, end) || !keep_spelling(b, n, s->record))
			return false;
	}
	return true;
}

/* ---- what is above a node ---- */

static void link_node(struct zone *z, struct node *n)
{
	const struct node *up = (const struct node *)(const void *)n->name.parent;
	bool is_apex = n == z->nodes;

	if (!is_apex) {
		n->cut = up->cut;
		n->dname = up->dname;
		if (n->dname == NULL && up->cut == NULL && node_find(up, RR_DNAME))
			n->dname = up;
		/* "*": the parent was laid before, and is ours to change */
		if (n->name.wire[0] == 1 && n->name.wire[1] == '*')
			((struct node *)up)->wildcard = n;
	}
	if (!is_apex && n->cut == NULL && n->dname == NULL && node_find(n, RR_NS)) {
		n->cut = n;
		n->flags |= NODE_CUT;
	}
}

static void read_soa(struct zone *z)
{
	const uint8_t *p = rdata_of(z->soa->data) + rdata_len(z->soa->data) - 20;
	uint32_t minimum =
	    (uint32_t)p[16] << 24 | (uint32_t)p[17] << 16 | (uint32_t)p[18] << 8 | p[19];

	z->serial =
	    (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	z->negative = *z->soa;
	if (minimum < z->negative.ttl)
		z->negative.ttl = minimum;
}

static bool check_first(struct builder *b)
{
	const struct zone_sorted *s = &b->sorted;

	if (s->nsec3_from > 0 && name_order(s->list[0].owner, b->apex) == 0)
		return true;
	buf_fmt(&b->to->wrong, "%s: no record has the name %s; it needs SOA and NS\n",
		s->count > 0 && s->list[0].record->file != NULL ? s->list[0].record->file
								: "zone",
		b->zone->text);
	return false;
}

static bool lay_out(struct builder *b)
{
	const struct zone_sorted *s = &b->sorted;
	struct zone *z = b->zone;

	if (!make_nodes(b) || !make_nsec3(b) ||
	    !fill_nodes(b, z->nodes, 0, s->nsec3_from) ||
	    !fill_nodes(b, z->nsec3, s->nsec3_from, s->count))
		return false;
	hash_nodes(z);
	b->names = zone_names_new(z);
	if (b->names == NULL || !zone_names_link(b->names))
		return out_of_memory(b);
	for (uint32_t i = 0; i < z->node_count; i++)
		link_node(z, &z->nodes[i]);
	return true;
}

static bool build(struct builder *b)
{
	struct zone *z = b->zone;

	if (!zone_sort(&b->sorted, b->records, b->apex, b->to) || !check_first(b) ||
	    !lay_out(b))
		return false;
	z->record_count = b->sorted.count;
	z->soa = node_find(zone_apex(z), RR_SOA);
	if (!zone_check(z, b->records, b->to))
		return false;
	if (!zone_names_targets(b->names))
		return out_of_memory(b);
	read_soa(z);
	z->is_signed = z->soa->sig_count > 0;
	return zone_proofs(z, b->to);
}

struct zone *zone_build(const struct records *r, const uint8_t *apex, uint64_t seed,
			struct complaints *to)
{
	struct zone *z = calloc(1, sizeof(*z));
	struct builder b = { .zone = z, .to = to, .records = r, .apex = apex };
	bool ok;

	if (z == NULL) {
		buf_text(&to->wrong, "out of memory\n");
		return NULL;
	}
	arena_init(&z->arena, SIZE_MAX);
	atomic_init(&z->refs, 1);
	z->seed = seed;
	name_text(apex, z->text);
	ok = build(&b);
	zone_names_free(b.names);
	zone_sort_fini(&b.sorted);
	if (!ok) {
		zone_unref(z);
		return NULL;
	}
	return z;
}
