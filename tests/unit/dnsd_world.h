/* dnsd_world.h -- zones from text, questions by name, answers as text. Included once.
 *
 *     struct world *w = world_new("example.com", "@ SOA ...");
 *     CHECK_TEXT(world_ask(w, "www.example.com", RR_A),
 *                "NOERROR aa; www.example.com 60 A 192.0.2.1;;;");
 *
 * The text: rcode and flags; answer; authority; additional, records with commas. Data of
 * types that are not names or addresses is hex. */
#ifndef TESTS_UNIT_DNSD_WORLD_H
#define TESTS_UNIT_DNSD_WORLD_H

#include "dnsd/respond.h"
#include "dnsd/rrtype.h"
#include "dnsd/zone_load.h"
#include "tests/unit/check.h"

enum { WORLD_SEED = 7, WORLD_TEXT = 1 << 18 };

struct world {
	struct snapshot *snapshot;
	struct scratch *scratch;
	struct complaints complaints;
	uint8_t out[DNS_MAX];
	size_t out_n;
	char text[WORLD_TEXT];
};

struct world_question {
	const char *name;
	uint16_t type, class, flags;
	int edns_size; /* 0: no EDNS */
	bool dnssec, tcp;
};

static inline size_t world_name(const char *text, uint8_t ret[NAME_WIRE])
{
	size_t n = 0;

	if (!zone_name(str_of(text), NULL, ret, &n))
		abort();
	return n;
}

/* NULL if the zone is refused: see complaints. */
static inline struct zone *world_zone(struct complaints *c, const char *name,
				      const char *text)
{
	uint8_t apex[NAME_WIRE];
	struct records r;
	struct zone *z = NULL;

	name_lower(apex, apex, world_name(name, apex));
	records_init(&r, 1000000);
	if (zone_load_text(str_of(text), "zone", apex, &r, &c->wrong))
		z = zone_build(&r, apex, WORLD_SEED, c);
	records_fini(&r);
	if (z != NULL && !answer_prepare(z))
		abort();
	return z;
}

static inline bool world_add(struct world *w, const char *name, const char *text)
{
	struct zone *z = world_zone(&w->complaints, name, text);

	return z != NULL && snapshot_add(w->snapshot, z, NULL);
}

static inline struct world *world_new(const char *name, const char *text)
{
	const struct server_facts facts = {
		.udp_size = 1232,
		.cookies.count = 1,
		.nsid_len = 2,
		.nsid = "me",
		.version = { 3, "one" },
	};
	struct world *w = calloc(1, sizeof(*w));

	w->snapshot = snapshot_new(WORLD_SEED, &facts);
	w->scratch = calloc(1, sizeof(*w->scratch));
	complaints_init(&w->complaints);
	if (!world_add(w, name, text)) {
		fprintf(stderr, "%.*s", STR_ARG(buf_get(&w->complaints.wrong)));
		abort();
	}
	return w;
}

static inline void world_free(struct world *w)
{
	snapshot_free(w->snapshot);
	complaints_fini(&w->complaints);
	free(w->scratch);
	free(w);
}

/* ---- asking ---- */

static inline size_t world_packet(const struct world_question *q, uint8_t *p)
{
	size_t n = DNS_HEADER;

	memset(p, 0, DNS_HEADER);
	put16(p, 0x1234);
	put16(p + 2, q->flags);
	put16(p + 4, 1);
	put16(p + 10, q->edns_size != 0);
	n += world_name(q->name, p + n);
	put16(p + n, q->type);
	put16(p + n + 2, q->class != 0 ? q->class : CLASS_IN);
	n += 4;
	if (q->edns_size == 0)
		return n;
	memset(p + n, 0, EDNS_FIXED);
	put16(p + n + 1, RR_OPT);
	put16(p + n + 3, (unsigned)q->edns_size);
	p[n + 7] = q->dnssec ? 0x80 : 0;
	return n + EDNS_FIXED;
}

/* Octets of the answer, left in w->out; the question has memory of exactly its size. */
static inline size_t world_send(struct world *w, const uint8_t *p, size_t n, bool tcp)
{
	static const uint8_t address[4] = { 192, 0, 2, 99 };
	const struct client client = {
		.transport = tcp ? TRANSPORT_TCP : TRANSPORT_UDP,
		.address = address,
		.address_len = sizeof(address),
		.now_s = 1000000,
		.keepalive = 100,
	};
	uint8_t *copy = malloc(n + 1);

	memcpy(copy + 1, p, n);
	w->out_n = respond(&(struct asked){ w->snapshot, w->scratch, &client }, copy + 1,
			   n, w->out);
	free(copy);
	return w->out_n;
}

/* ---- reading ---- */

/* Follows pointers; they must go backwards. Octets passed over, 0 if it is no name. */
static inline size_t world_read_name(const uint8_t *p, size_t n, size_t at,
				     uint8_t ret[NAME_WIRE])
{
	size_t start = at, passed = 0, len = 0;

	while (at < n && p[at] != 0) {
		if (p[at] >= 0xc0) {
			size_t to = at + 1 < n ? (size_t)(get16(p + at) & 0x3fff) : n;

			passed = passed != 0 ? passed : at + 2 - start;
			if (to >= at)
				return 0;
			at = to;
			continue;
		}
		if (p[at] > 63 || at + 1u + p[at] > n || len + 2u + p[at] > NAME_WIRE)
			return 0;
		memcpy(ret + len, p + at, 1u + p[at]);
		len += 1u + p[at];
		at += 1u + p[at];
	}
	if (at >= n)
		return 0;
	ret[len] = 0;
	return passed != 0 ? passed : at + 1 - start;
}

static inline size_t world_put_rdata(char *to, size_t room, const struct world *w,
				     uint16_t type, size_t at, size_t rdlen)
{
	const uint8_t *p = w->out + at;
	uint8_t name[NAME_WIRE];
	char text[NAME_TEXT];
	size_t n = 0;

	if (type == RR_A && rdlen == 4)
		return (size_t)snprintf(to, room, "%u.%u.%u.%u", p[0], p[1], p[2], p[3]);
	if (type == RR_NS || type == RR_CNAME || type == RR_DNAME || type == RR_PTR ||
	    type == RR_SOA) {
		if (!CHECK(world_read_name(w->out, w->out_n, at, name) > 0))
			return 0;
		return (size_t)snprintf(to, room, "%s", name_text(name, text));
	}
	if (type == RR_RRSIG)
		return (size_t)snprintf(to, room, "%s", rrtype_text(get16(p), text));
	for (size_t i = 0; i < rdlen; i++)
		n += (size_t)snprintf(to + n, room - n, "%02x", p[i]);
	return n;
}

static inline bool world_put_record(struct world *w, size_t *at, size_t *n)
{
	uint8_t name[NAME_WIRE];
	char text[NAME_TEXT], type_text[RRTYPE_TEXT];
	size_t passed = world_read_name(w->out, w->out_n, *at, name), rdlen;
	const uint8_t *p = w->out + *at + passed;

	if (!CHECK(passed > 0) || !CHECK(*at + passed + 10 <= w->out_n))
		return false;
	rdlen = get16(p + 8);
	*at += passed + 10;
	if (!CHECK(*at + rdlen <= w->out_n))
		return false;
	if (get16(p) != RR_OPT) {
		*n += (size_t)snprintf(w->text + *n, WORLD_TEXT - *n, " %s %u %s ",
				       name_text(name, text), get32(p + 4),
				       rrtype_text(get16(p), type_text));
		*n += world_put_rdata(w->text + *n, WORLD_TEXT - *n, w, get16(p), *at,
				      rdlen);
		*n += (size_t)snprintf(w->text + *n, WORLD_TEXT - *n, ",");
	}
	*at += rdlen;
	return true;
}

/* The answer in w->out as text; "nothing" if there is none. */
static inline const char *world_text(struct world *w)
{
	static const char *const rcodes[] = { "NOERROR",  "FORMERR", "SERVFAIL",
					      "NXDOMAIN", "NOTIMP",  "REFUSED",
					      "YXDOMAIN" };
	unsigned flags = get16(w->out + 2), questions = get16(w->out + 4);
	uint8_t name[NAME_WIRE];
	size_t at = DNS_HEADER, n;

	if (w->out_n == 0)
		return "nothing";
	n = (size_t)snprintf(w->text, WORLD_TEXT, "%s%s%s;",
			     (flags & 15) < 7 ? rcodes[flags & 15] : "other",
			     flags & FLAG_AA ? " aa" : "", flags & FLAG_TC ? " tc" : "");
	if (questions > 0)
		at += world_read_name(w->out, w->out_n, at, name) + 4;
	for (unsigned s = 0; s < 3; s++) {
		for (unsigned i = get16(w->out + 6 + 2 * s); i > 0; i--)
			if (!world_put_record(w, &at, &n))
				return w->text;
		if (w->text[n - 1] == ',')
			n--;
		n += (size_t)snprintf(w->text + n, WORLD_TEXT - n, ";");
	}
	CHECK(at == w->out_n);
	return w->text;
}

static inline const char *world_ask_with(struct world *w, const struct world_question *q)
{
	uint8_t p[DNS_HEADER + NAME_WIRE + 4 + EDNS_FIXED];

	world_send(w, p, world_packet(q, p), q->tcp);
	return world_text(w);
}

static inline const char *world_ask(struct world *w, const char *name, uint16_t type)
{
	const struct world_question q = { .name = name, .type = type };

	return world_ask_with(w, &q);
}

#endif
