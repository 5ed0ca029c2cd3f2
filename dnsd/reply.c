/* reply.c -- see reply.h. */
#include "dnsd/reply.h"

#include "dnsd/query.h"
#include "dnsd/rrtype.h"

enum { POINTER = 0xc000, RECORD_HEAD = 10, PROBES = 4 };

void reply_init(struct reply *r, struct seen *seen, uint8_t *p, size_t limit)
{
	r->p = p;
	r->n = 0;
	r->limit = limit;
	memset(r->count, 0, sizeof(r->count));
	r->seen = seen;
	r->set_count = 0;
	seen->count = 0;
	if (++seen->turn == 0) {
		memset(seen->slots, 0, sizeof(seen->slots));
		seen->turn = 1;
	}
}

/* ---- names ---- */

static unsigned slot_of(const struct name *name)
{
	uint64_t h = (uint64_t)(uintptr_t)name * 0x9e3779b97f4a7c15u;

	return (unsigned)(h >> 56) % SEEN_SLOTS;
}

/* Its offset, 0 if it was not seen. */
static uint16_t seen_at(const struct seen *seen, const struct name *name)
{
	for (unsigned i = 0, at = slot_of(name); i < PROBES; i++) {
		const struct seen_slot *s = &seen->slots[(at + i) % SEEN_SLOTS];

		if (s->turn != seen->turn)
			return 0;
		if (s->name == name)
			return s->at;
	}
	return 0;
}

void reply_saw(struct reply *r, const struct name *name, size_t at)
{
	struct seen *seen = r->seen;

	if (at >= 0x4000 || seen->count == SEEN_MAX)
		return;
	for (unsigned i = 0, slot = slot_of(name); i < PROBES; i++) {
		unsigned k = (slot + i) % SEEN_SLOTS;
		struct seen_slot *s = &seen->slots[k];

		if (s->turn == seen->turn)
			continue;
		*s = (struct seen_slot){ name, seen->turn, (uint16_t)at };
		seen->added[seen->count++] = (uint8_t)k;
		return;
	}
}

/* Forgets the names that stood behind what is there now. In reverse order, so that no
 * probe sequence is broken in the middle. */
static void forget(struct reply *r)
{
	struct seen *seen = r->seen;

	while (seen->count > 0) {
		struct seen_slot *s = &seen->slots[seen->added[seen->count - 1]];

		if (s->at < r->n)
			return;
		s->turn = seen->turn - 1;
		seen->count--;
	}
}

static bool put(struct reply *r, const void *bytes, size_t n)
{
	if (r->limit - r->n < n)
		return false;
	memcpy(r->p + r->n, bytes, n);
	r->n += n;
	return true;
}

static bool put_pointer(struct reply *r, uint16_t at)
{
	if (r->limit - r->n < 2)
		return false;
	put16(r->p + r->n, POINTER | at);
	r->n += 2;
	return true;
}

/* A name in the spelling of `wire`, pointing at what was seen of it. */
static bool put_name(struct reply *r, const struct name *name, const uint8_t *wire)
{
	const uint8_t *at = wire;
	const struct name *k = name;
	uint16_t pointer = 0;
	size_t start = r->n;

	for (; k->labels > 0; k = k->parent, at += 1u + *at) {
		pointer = seen_at(r->seen, k);
		if (pointer != 0)
			break;
	}
	if (!put(r, wire, (size_t)(at - wire)))
		return false;
	for (const struct name *n = name; n != k; n = n->parent) {
		reply_saw(r, n, start);
		start += 1u + r->p[start];
	}
	return pointer != 0 ? put_pointer(r, pointer) : put(r, "", 1);
}

/* ---- records ---- */

static bool put_owner(struct reply *r, struct owner owner)
{
	if (owner.name == NULL)
		return put_pointer(r, owner.at);
	return put_name(r, owner.name,
			owner.spelled != NULL ? owner.spelled : owner.name->wire);
}

struct head {
	struct owner owner;
	uint16_t type;
	uint32_t ttl;
};

/* Owner, type, class, TTL, and room for the length. */
static bool put_head(struct reply *r, const struct head *h)
{
	uint8_t *p;

	if (!put_owner(r, h->owner) || r->limit - r->n < RECORD_HEAD)
		return false;
	p = r->p + r->n;
	put16(p, h->type);
	put16(p + 2, CLASS_IN);
	put32(p + 4, h->ttl);
	r->n += RECORD_HEAD;
	r->rdata_at = (uint16_t)r->n;
	return true;
}

static void put_length(struct reply *r)
{
	put16(r->p + r->rdata_at - 2, (unsigned)(r->n - r->rdata_at));
}

/* The names in it compressed where the type allows. */
static bool put_rdata(struct reply *r, uint16_t type, const uint8_t *rdata, size_t n,
		      const struct name *const *names)
{
	struct rdata_name in[2];
	size_t done = 0;
	unsigned count;

	if (names == NULL)
		return put(r, rdata, n);
	if (!rrtype_names(type, rdata, n, in, &count))
		return false;
	for (unsigned i = 0; i < count; i++) {
		if (!in[i].compress)
			continue;
		if (!put(r, rdata + done, in[i].at - done) ||
		    !put_name(r, names[i], rdata + in[i].at))
			return false;
		done = (size_t)in[i].at + in[i].len;
	}
	return put(r, rdata + done, n - done);
}

static bool put_record(struct reply *r, const struct head *h, const uint8_t *packed,
		       const struct name *const *names)
{
	if (!put_head(r, h) ||
	    !put_rdata(r, h->type, rdata_of(packed), rdata_len(packed), names))
		return false;
	put_length(r);
	return true;
}

unsigned reply_names_per_record(const struct rrset *set)
{
	if (set->names == NULL)
		return 0;
	return set->type == RR_SOA || set->type == RR_MINFO ? 2 : 1;
}

static bool put_records(struct reply *r, struct owner owner, const struct rrset *set,
			bool with_sigs)
{
	struct head h = { owner, set->type, set->ttl };
	unsigned step = reply_names_per_record(set);
	const struct name *const *names = set->names;
	const uint8_t *p = set->data;
	uint16_t first = 0;

	for (unsigned i = 0; i < set->count; i++, p = rdata_next(p)) {
		if (!put_record(r, &h, p, names))
			return false;
		names = names == NULL ? NULL : names + step;
		first = i == 0 ? r->rdata_at : first;
	}
	h.type = RR_RRSIG;
	p = set->sigs;
	for (unsigned i = 0; with_sigs && i < set->sig_count; i++, p = rdata_next(p))
		if (!put_record(r, &h, p, NULL))
			return false;
	r->rdata_at = first;
	return true;
}

bool reply_has(const struct reply *r, const struct rrset *set)
{
	for (unsigned i = 0; i < r->set_count; i++)
		if (r->sets[i] == set)
			return true;
	return false;
}

void reply_stands_for(struct reply *r, const struct rrset *set)
{
	if (r->set_count > 0)
		r->sets[r->set_count - 1] = set;
}

bool reply_set(struct reply *r, enum section s, struct owner owner,
	       const struct rrset *set, bool with_sigs)
{
	size_t start = r->n;

	if (!put_records(r, owner, set, with_sigs)) {
		r->n = start;
		forget(r);
		return false;
	}
	r->count[s] =
	    (uint16_t)(r->count[s] + set->count + (with_sigs ? set->sig_count : 0));
	if (r->set_count < SETS_MAX)
		r->sets[r->set_count++] = set;
	return true;
}

static bool put_made(struct reply *r, struct owner owner, const struct made_cname *c)
{
	const struct head h = { owner, RR_CNAME, c->ttl };

	if (!put_head(r, &h) || !put(r, c->prefix, c->prefix_len))
		return false;
	if (c->rest != 0 ? !put_pointer(r, c->rest)
			 : !put(r, c->rest_wire, name_length(c->rest_wire, NAME_WIRE)))
		return false;
	put_length(r);
	return true;
}

bool reply_cname(struct reply *r, struct owner owner, const struct made_cname *c,
		 size_t *ret_at)
{
	size_t start = r->n;

	if (!put_made(r, owner, c)) {
		r->n = start;
		forget(r);
		return false;
	}
	r->count[SECTION_ANSWER]++;
	*ret_at = r->rdata_at;
	return true;
}

bool reply_one(struct reply *r, struct owner owner, const struct one_record *o)
{
	const struct head h = { owner, o->type, o->ttl };
	size_t start = r->n;

	if (!put_record(r, &h, o->packed, o->names)) {
		r->n = start;
		forget(r);
		return false;
	}
	r->count[SECTION_ANSWER]++;
	return true;
}

bool reply_plain(struct reply *r, const struct record *record)
{
	size_t need = (size_t)record->owner_len + RECORD_HEAD + record->rdlen;
	uint8_t *p = r->p + r->n;

	if (r->limit - r->n < need)
		return false;
	memcpy(p, record->owner, record->owner_len);
	p += record->owner_len;
	put16(p, record->type);
	put16(p + 2, CLASS_IN);
	put32(p + 4, record->ttl);
	put16(p + 8, record->rdlen);
	memcpy(p + RECORD_HEAD, record->rdata, record->rdlen);
	r->n += need;
	r->count[SECTION_ANSWER]++;
	return true;
}
