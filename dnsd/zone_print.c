/* zone_print.c -- see zone_print.h. For people rdata is written by ldns; it does not
 * escape all it should, so what is to be read again goes as hex digits. */
#include "dnsd/zone_print.h"

#include <ldns/ldns.h>
#include <stdio.h>

#include "common/err.h"
#include "dnsd/query.h"
#include "dnsd/rrtype.h"
#include "dnsd/zone_diff.h"
#include "dnsd/zone_load.h"

enum { RECORDS_MAX = 100000000 };

/* ---- for reading again ---- */

/* A zone has millions of these: not one buf_fmt each. */
static void put_hex(struct buf *b, const uint8_t *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char text[512];
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		text[at++] = digits[p[i] >> 4];
		text[at++] = digits[p[i] & 15];
		if (at == sizeof(text) || i + 1 == n) {
			buf_put(b, text, at);
			at = 0;
		}
	}
}

static void put_records(struct buf *b, const struct node *n, const struct rrset *s,
			bool sigs)
{
	char owner[NAME_TEXT];
	const uint8_t *p = sigs ? s->sigs : s->data;
	unsigned count = sigs ? s->sig_count : s->count;

	for (; count > 0; count--, p = rdata_next(p)) {
		buf_fmt(b, "%s. %u TYPE%u \\# %u ",
			n->name.labels == 0 ? "" : name_text(n->spelled, owner), s->ttl,
			sigs ? RR_RRSIG : s->type, rdata_len(p));
		put_hex(b, rdata_of(p), rdata_len(p));
		buf_text(b, "\n");
	}
}

static void put_nodes(struct buf *b, const struct node *nodes, uint32_t count)
{
	for (uint32_t i = 0; i < count && buf_ok(b); i++) {
		for (unsigned k = 0; k < nodes[i].set_count; k++) {
			put_records(b, &nodes[i], &nodes[i].sets[k], false);
			put_records(b, &nodes[i], &nodes[i].sets[k], true);
		}
	}
}

void zone_print(const struct zone *z, struct buf *b)
{
	put_nodes(b, z->nodes, z->node_count);
	put_nodes(b, z->nsec3, z->nsec3_count);
}

/* ---- for people ---- */

static void put_rdata(struct buf *b, const struct record *r)
{
	uint8_t *wire = malloc(1 + 10 + (size_t)r->rdlen);
	ldns_rr *rr = NULL;
	size_t at = 0;

	if (wire == NULL)
		return;
	wire[0] = 0;
	put16(wire + 1, r->type);
	put16(wire + 3, CLASS_IN);
	put32(wire + 5, r->ttl);
	put16(wire + 9, r->rdlen);
	memcpy(wire + 11, r->rdata, r->rdlen);
	if (ldns_wire2rr(&rr, wire, 11 + (size_t)r->rdlen, &at, LDNS_SECTION_ANSWER) ==
	    LDNS_STATUS_OK) {
		for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
			char *text = ldns_rdf2str(ldns_rr_rdf(rr, i));

			buf_fmt(b, " %s", text != NULL ? text : "?");
			free(text);
		}
	} else {
		buf_fmt(b, " (%u octets)", r->rdlen);
	}
	ldns_rr_free(rr);
	free(wire);
}

static void print_all(const struct records *list, size_t from, char sign)
{
	char owner[NAME_TEXT], type[RRTYPE_TEXT];
	struct buf b;

	buf_init(&b, 1 << 20);
	for (size_t i = from; i < list->count; i++) {
		const struct record *r = &list->list[i];

		buf_reset(&b);
		buf_fmt(&b, "%c %s. %u %s", sign,
			*r->owner == 0 ? "" : name_text(r->owner, owner), r->ttl,
			rrtype_text(r->type, type));
		put_rdata(&b, r);
		printf("%.*s\n", STR_ARG(buf_get(&b)));
	}
	buf_fini(&b);
}

static void print_diff(const struct zone_diff *d)
{
	const struct record *old = &d->removed.list[0], *new = &d->added.list[0];
	/* the SOAs stand first, the same or not */
	size_t from =
	    old->ttl == new->ttl &&
	    old->rdlen == new->rdlen &&memcmp(old->rdata, new->rdata, old->rdlen) == 0;

	print_all(&d->removed, from, '-');
	print_all(&d->added, from, '+');
	if (d->removed.count == from && d->added.count == from)
		printf("no difference\n");
	else if (from == 1 || !serial_is_newer(d->to, d->from))
		fprintf(stderr,
			"the serial %u is not newer than %u: secondaries will not fetch "
			"it\n",
			d->to, d->from);
}

/* ---- the commands ---- */

/* The zone's name, from the file's. */
static bool apex_of(const char *file, uint8_t ret[NAME_WIRE])
{
	const char *slash = strrchr(file, '/');
	struct str name = str_of(slash != NULL ? slash + 1 : file);
	size_t len;

	if (!str_ends(name, STR(".zone")))
		return false;
	name.n -= sizeof(".zone") - 1;
	if (!zone_name(name, NULL, ret, &len))
		return false;
	name_lower(ret, ret, len);
	return true;
}

static void not_named_after_a_zone(const char *file, struct complaints *c)
{
	buf_fmt(&c->wrong,
		"%s: a zone file is named after its zone, with .zone at the end\n", file);
}

/* text: the file that has the text; complaints name the other. */
static struct zone *load(const char *file, const char *text, const uint8_t *apex,
			 struct complaints *c)
{
	struct zone *z = NULL;
	struct records r;

	records_init(&r, RECORDS_MAX);
	if (zone_load_as(text, file, apex, &r, &c->wrong))
		z = zone_build(&r, apex, 0, c);
	records_fini(&r);
	return z;
}

int zone_print_check(const char *file, const char *text)
{
	uint8_t apex[NAME_WIRE];
	struct zone *z = NULL;
	struct complaints c;
	bool right;

	complaints_init(&c);
	if (apex_of(file, apex))
		z = load(file, text, apex, &c);
	else
		not_named_after_a_zone(file, &c);
	fprintf(stderr, "%.*s%.*s", STR_ARG(buf_get(&c.wrong)), STR_ARG(buf_get(&c.odd)));
	right = z != NULL;
	if (right)
		printf("%s: the zone %s is right, with %zu records and the serial %u\n",
		       file, z->text, z->record_count, z->serial);
	zone_unref(z);
	complaints_fini(&c);
	return right ? EXIT_OK : EXIT_DATA;
}

int zone_print_diff(const char *before, const char *after)
{
	struct zone *old = NULL, *new = NULL;
	struct zone_diff *d = NULL;
	uint8_t apex[NAME_WIRE];
	struct complaints c;

	complaints_init(&c);
	if (!apex_of(after, apex)) {
		not_named_after_a_zone(after, &c);
	} else {
		old = load(before, before, apex, &c);
		new = load(after, after, apex, &c);
		if (old != NULL && new != NULL)
			d = zone_diff_new(old, new, SIZE_MAX);
	}
	fprintf(stderr, "%.*s", STR_ARG(buf_get(&c.wrong)));
	if (d != NULL)
		print_diff(d);
	zone_diff_unref(d);
	zone_unref(old);
	zone_unref(new);
	complaints_fini(&c);
	return d != NULL ? EXIT_OK : EXIT_DATA;
}
