/* zone_build.c -- makes a zone of a list of records; see zone.h.
 *
 *     sort the records -> names, with the empty ones between -> nodes and their hash
 *     -> RRsets, signatures beside what they cover -> names in rdata -> what is above
 *     each node -> checks (zone_check.c) */
#include <stdlib.h>

#include "dnsd/rrtype.h"
#include "dnsd/zone.h"
#include "dnsd/zone_check.h"
#include "dnsd/zone_names.h"

/* A record with its owner in lower case, for sorting. */
struct sorted {
	const uint8_t *owner;
	const struct record *record;
};

struct builder {
	struct zone *zone;
	struct complaints *to;
	const struct records *records;
	const uint8_t *apex;
	size_t apex_len;
	struct records scratch; /* lower-case owners while sorting */
	struct sorted *sorted;
	size_t count;
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

/* ---- sorting ---- */

/* RRSIGs sort beside what they cover. */
static uint32_t sort_type(const struct record *r)
{
	if (r->type == RR_RRSIG && r->rdlen >= 2)
		return ((uint32_t)r->rdata[0] << 9 | (uint32_t)r->rdata[1] << 1) + 1;
	return (uint32_t)r->type << 1;
}

static int by_place(const void *va, const void *vb)
{
	const struct sorted *a = va, *b = vb;
	const struct record *x = a->record, *y = b->record;
	int c = a->owner == b->owner ? 0 : name_order(a->owner, b->owner);

	if (c != 0)
		return c;
	if (sort_type(x) != sort_type(y))
		return sort_type(x) < sort_type(y) ? -1 : 1;
	c = memcmp(x->rdata, y->rdata, x->rdlen < y->rdlen ? x->rdlen : y->rdlen);
	return c != 0 ? c : (int)x->rdlen - (int)y->rdlen;
}

static bool same_record(const struct sorted *a, const struct sorted *b)
{
	return a->record->type == b->record->type && by_place(a, b) == 0;
}

static bool sort_records(struct builder *b)
{
	const struct records *r = b->records;
	uint8_t lower[NAME_WIRE];
	const uint8_t *last = NULL;
	size_t n = 0, last_len = 0;

	b->sorted = calloc(r->count + 1, sizeof(*b->sorted));
	if (b->sorted == NULL)
		return out_of_memory(b);
	for (size_t i = 0; i < r->count; i++) {
		const struct record *x = &r->list[i];

		name_lower(lower, x->owner, x->owner_len);
		if (!name_is_under(lower, x->owner_len, b->apex, b->apex_len)) {
			zone_complain(&b->to->wrong, x, "is outside the zone %s",
				      b->zone->text);
			return false;
		}
		/* most files list a name's records together */
		if (last == NULL || last_len != x->owner_len ||
		    memcmp(last, lower, last_len) != 0)
			last = records_keep(&b->scratch, lower, x->owner_len);
		if (last == NULL)
			return out_of_memory(b);
		last_len = x->owner_len;
		b->sorted[i] = (struct sorted){ last, x };
	}
	qsort(b->sorted, r->count, sizeof(*b->sorted), by_place);
	for (size_t i = 0; i < r->count; i++)
		if (n == 0 || !same_record(&b->sorted[n - 1], &b->sorted[i]))
			b->sorted[n++] = b->sorted[i];
	b->count = n;
	return true;
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

	for (size_t i = 0; i < b->count; i++) {
		const uint8_t *owner = b->sorted[i].owner;
		unsigned labels = name_labels(owner), have;

		if (before != NULL && name_order(before, owner) == 0)
			continue;
		have = before == NULL ? labels - 1 : common_labels(before, owner);
		before = owner;
		for (unsigned k = have + 1; k <= labels; k++, n++) {
			if (nodes != NULL && !lay_node(b, &nodes[n], owner, labels - k))
				return false;
		}
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

/* One past the last record from i on that is of the same owner and sort type. */
static size_t run_end(const struct builder *b, size_t i)
{
	size_t k = i + 1;

	while (k < b->count &&
	       sort_type(b->sorted[k].record) == sort_type(b->sorted[i].record) &&
	       b->sorted[k].record->type == b->sorted[i].record->type &&
	       name_order(b->sorted[k].owner, b->sorted[i].owner) == 0)
		k++;
	return k;
}

static const uint8_t *pack(struct builder *b, size_t from, size_t to, uint32_t *ret_size)
{
	size_t size = 0;
	uint8_t *p, *start;

	for (size_t i = from; i < to; i++)
		size += sizeof(uint16_t) + b->sorted[i].record->rdlen;
	start = p = take_bytes(b, size);
	for (size_t i = from; p != NULL && i < to; i++) {
		const struct record *r = b->sorted[i].record;

		memcpy(p, &r->rdlen, sizeof(r->rdlen));
		memcpy(p + sizeof(r->rdlen), r->rdata, r->rdlen);
		p += sizeof(r->rdlen) + r->rdlen;
	}
	*ret_size = (uint32_t)size;
	return start;
}

static bool fill_set(struct builder *b, struct rrset *s, size_t from, size_t to)
{
	const struct record *r = b->sorted[from].record;
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
		if (b->sorted[i].record->ttl < s->ttl)
			s->ttl = b->sorted[i].record->ttl;
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

	for (size_t i = from; i < to; i = run_end(b, i))
		runs++;
	sets = arena_array(&b->zone->arena, runs, sizeof(*sets));
	if (sets == NULL)
		return out_of_memory(b);
	for (size_t i = from; i < to; i = end) {
		const struct record *r = b->sorted[i].record;

		end = run_end(b, i);
		if (r->type == RR_RRSIG && k > 0 &&
		    sort_type(r) == ((uint32_t)sets[k - 1].type << 1) + 1) {
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

static bool fill_nodes(struct builder *b)
{
	struct node *n = b->zone->nodes;

	for (size_t i = 0, end; i < b->count; i = end, n++) {
		const struct sorted *s = &b->sorted[i];

		while (name_order(n->name.wire, s->owner) != 0)
			n++; /* empty ones */
		for (end = i + 1;
		     end < b->count && name_order(b->sorted[end].owner, s->owner) == 0;)
			end++;
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

static bool build(struct builder *b)
{
	struct zone *z = b->zone;

	if (!sort_records(b))
		return false;
	if (b->count == 0 || name_order(b->sorted[0].owner, b->apex) != 0) {
		buf_fmt(&b->to->wrong,
			"%s: no record has the name %s; it needs SOA and NS\n",
			b->count == 0 ? "zone" : b->sorted[0].record->file, z->text);
		return false;
	}
	if (!make_nodes(b) || !fill_nodes(b))
		return false;
	hash_nodes(z);
	b->names = zone_names_new(z);
	if (b->names == NULL || !zone_names_link(b->names))
		return out_of_memory(b);
	for (uint32_t i = 0; i < z->node_count; i++)
		link_node(z, &z->nodes[i]);
	z->soa = node_find(zone_apex(z), RR_SOA);
	if (!zone_check(z, b->records, b->to))
		return false;
	if (!zone_names_targets(b->names))
		return out_of_memory(b);
	read_soa(z);
	z->is_signed = z->soa->sig_count > 0;
	return true;
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
	z->record_count = r->count;
	name_text(apex, z->text);
	b.apex_len = name_length(apex, NAME_WIRE);
	records_init(&b.scratch, 0);
	ok = build(&b);
	zone_names_free(b.names);
	records_fini(&b.scratch);
	free(b.sorted);
	if (!ok) {
		zone_unref(z);
		return NULL;
	}
	return z;
}
