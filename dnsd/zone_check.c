/* zone_check.c -- see zone_check.h. */
#include "dnsd/zone_check.h"

#include <stdarg.h>
#include <stdio.h>

#include "dnsd/rrtype.h"

enum { ERRORS_MAX = 20 };

struct checker {
	const struct zone *zone;
	const struct records *records;
	struct complaints *to;
	unsigned wrong, odd;
};

void zone_complain(struct buf *to, const struct record *at, const char *what, ...)
{
	char name[NAME_TEXT], type[RRTYPE_TEXT], text[NAME_TEXT + 200];
	va_list ap;

	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	if (at->file != NULL)
		buf_fmt(to, "%s:%u: ", at->file, at->line);
	buf_fmt(to, "%s %s %s\n", name_text(at->owner, name), rrtype_text(at->type, type),
		text);
}

/* The first record of this owner and type, for the line in the complaint. */
static const struct record *record_of(const struct checker *c, const struct node *n,
				      uint16_t type)
{
	uint8_t lower[NAME_WIRE];

	for (size_t i = 0; i < c->records->count; i++) {
		const struct record *r = &c->records->list[i];

		if (r->type != type || r->owner_len != n->name.len)
			continue;
		name_lower(lower, r->owner, r->owner_len);
		if (memcmp(lower, n->name.wire, n->name.len) == 0)
			return r;
	}
	return &c->records->list[0];
}

static void wrong(struct checker *c, const struct node *n, uint16_t type,
		  const char *what)
{
	if (++c->wrong <= ERRORS_MAX)
		zone_complain(&c->to->wrong, record_of(c, n, type), "%s", what);
}

static void odd(struct checker *c, const struct node *n, uint16_t type, const char *what)
{
	if (++c->odd <= ERRORS_MAX)
		zone_complain(&c->to->odd, record_of(c, n, type), "%s", what);
}

static void check_apex(struct checker *c)
{
	const struct node *apex = zone_apex(c->zone);

	if (c->zone->soa == NULL)
		wrong(c, apex, apex->sets[0].type,
		      "is at the zone's name, but an SOA is not; a zone needs one");
	else if (c->zone->soa->count > 1)
		wrong(c, apex, RR_SOA, "is there more than once; a zone has one");
	if (node_find(apex, RR_NS) == NULL)
		wrong(c, apex, apex->sets[0].type,
		      "is at the zone's name, but an NS is not; a zone needs one");
}

/* RFC 2181 10.1, RFC 4034: beside a CNAME only what signs and proves it. */
static bool beside_cname(uint16_t type)
{
	return type == RR_CNAME || type == RR_RRSIG || type == RR_NSEC ||
	       type == RR_KEY || type == RR_NXT || type == RR_SIG;
}

static void check_node(struct checker *c, const struct node *n)
{
	const struct rrset *cname = node_find(n, RR_CNAME);
	const struct rrset *dname = node_find(n, RR_DNAME);

	if (cname != NULL && cname->count > 1)
		wrong(c, n, RR_CNAME, "is there more than once; a name has one alias");
	if (dname != NULL && dname->count > 1)
		wrong(c, n, RR_DNAME, "is there more than once; a name has one");
	if (n != zone_apex(c->zone) && node_find(n, RR_SOA) != NULL)
		wrong(c, n, RR_SOA, "is not at the zone's name");
	for (unsigned i = 0; cname != NULL && i < n->set_count; i++) {
		char type[RRTYPE_TEXT], what[100];

		if (beside_cname(n->sets[i].type))
			continue;
		snprintf(what, sizeof(what),
			 "stands beside a %s; an alias (CNAME) has no other data",
			 rrtype_text(n->sets[i].type, type));
		wrong(c, n, RR_CNAME, what);
		break;
	}
}

/* RFC 2181 5.2: the lowest is taken for all. Asked of the records, because the zone has
 * one for each set already. */
static void check_ttls(struct checker *c)
{
	const struct records *r = c->records;

	for (size_t i = 1; i < r->count; i++) {
		const struct record *a = &r->list[i - 1], *b = &r->list[i];

		/* only of neighbours: it is a hint, not worth a search */
		if (a->type == b->type && a->ttl != b->ttl && a->type != RR_RRSIG &&
		    a->owner_len == b->owner_len &&
		    memcmp(a->owner, b->owner, a->owner_len) == 0 &&
		    ++c->odd <= ERRORS_MAX)
			zone_complain(&c->to->odd, a,
				      "has more than one TTL; the lowest is taken");
	}
}

/* Does the delegation name itself as a server? Then its address is glue. */
static bool is_own_server(const struct node *cut)
{
	const struct rrset *ns = node_find(cut, RR_NS);

	for (unsigned i = 0; ns != NULL && i < ns->count; i++)
		if (ns->names[i] == &cut->name)
			return true;
	return false;
}

static bool lives_below_cut(uint16_t type)
{
	return type == RR_A || type == RR_AAAA || type == RR_RRSIG;
}

/* What nobody will ever see. */
static void check_hidden(struct checker *c, const struct node *n)
{
	bool at_cut = (n->flags & NODE_CUT) != 0;

	for (unsigned i = 0; i < n->set_count; i++) {
		uint16_t type = n->sets[i].type;
		bool glue = lives_below_cut(type) && (!at_cut || is_own_server(n));
		bool of_cut = at_cut && (type == RR_NS || type == RR_DS ||
					 type == RR_NSEC || type == RR_RRSIG);

		if (n->dname != NULL)
			odd(c, n, type, "is below a DNAME, and is never seen");
		else if (!glue && !of_cut)
			odd(c, n, type, "is below a delegation, and is never seen");
	}
}

/* A name server inside the delegated zone is found by its address here, or not at all. */
static void check_glue(struct checker *c, const struct node *cut)
{
	const struct rrset *ns = node_find(cut, RR_NS);
	const uint8_t *p = ns->data;

	for (unsigned i = 0; i < ns->count; i++, p = rdata_next(p)) {
		const struct name *target = ns->names[i];
		const struct node *n;
		char text[NAME_TEXT], what[NAME_TEXT + 100];

		if (!name_is_under(target->wire, target->len, cut->name.wire,
				   cut->name.len))
			continue;
		n = zone_find_name(c->zone, target->wire);
		if (n != NULL && (node_find(n, RR_A) || node_find(n, RR_AAAA)))
			continue;
		snprintf(what, sizeof(what),
			 "names %s, which needs an A or AAAA record here (glue)",
			 name_text(target->wire, text));
		odd(c, cut, RR_NS, what);
	}
}

bool zone_check(const struct zone *z, const struct records *r, struct complaints *to)
{
	struct checker c = { .zone = z, .records = r, .to = to };

	check_apex(&c);
	check_ttls(&c);
	for (uint32_t i = 0; i < z->node_count; i++) {
		const struct node *n = &z->nodes[i];

		check_node(&c, n);
		if (n->cut != NULL || n->dname != NULL)
			check_hidden(&c, n);
		if (n->flags & NODE_CUT)
			check_glue(&c, n);
	}
	if (c.wrong > ERRORS_MAX)
		buf_fmt(&to->wrong, "and %u more\n", c.wrong - ERRORS_MAX);
	if (c.odd > ERRORS_MAX)
		buf_fmt(&to->odd, "and %u more\n", c.odd - ERRORS_MAX);
	return c.wrong == 0;
}
