/* transfer.c -- see transfer.h. */
#include "dnsd/transfer.h"

#include <stdlib.h>

#include "common/log.h"
#include "common/stat.h"
#include "dnsd/edns.h"
#include "dnsd/respond.h"
#include "dnsd/rrtype.h"
#include "dnsd/zone_diff.h"

/* Where a transfer is: a whole zone node by node, or the records of differences. */
enum stage { STAGE_FIRST, STAGE_NODES, STAGE_NSEC3, STAGE_DIFFS, STAGE_LAST, STAGE_DONE };

struct transfer {
	struct zone *zone;
	enum stage stage;
	uint32_t node;         /* of nodes or nsec3 */
	unsigned set, record;  /* record: past count, a signature */
	const uint8_t *packed; /* the next record of the set; NULL: its first */
	unsigned diff;         /* index + 1 of the difference at hand; newest is 1 */
	size_t diff_at;        /* record in its removed, then added */
	struct tsig tsig;
	bool is_signed, started;
	uint8_t head[DNS_HEADER + NAME_WIRE + 4]; /* header and question */
	size_t head_n;
};

/* One record to be written. */
struct item {
	const struct node *node; /* or a record of a difference: */
	const struct record *record;
	struct one_record data;
};

/* ---- the next record ---- */

static bool soa_item(const struct transfer *t, struct item *ret)
{
	const struct rrset *soa = t->zone->soa;

	*ret = (struct item){
		.node = zone_apex(t->zone),
		.data = { soa->type, soa->ttl, soa->data, soa->names },
	};
	return true;
}

/* The set's record at t->record, counting its signatures behind. */
static void set_item(struct transfer *t, const struct node *n, const struct rrset *s,
		     struct item *ret)
{
	unsigned step = s->names == NULL ? 0 : reply_names_per_record(s);
	bool is_sig = t->record >= s->count;

	if (t->packed == NULL)
		t->packed = t->record == 0 ? s->data : s->sigs;
	*ret = (struct item){
		.node = n,
		.data = { is_sig ? RR_RRSIG : s->type, s->ttl, t->packed,
			  is_sig || step == 0 ? NULL : s->names + t->record * step },
	};
}

/* The next of a zone's nodes; false: they are all done. */
static bool node_item(struct transfer *t, const struct node *nodes, uint32_t count,
		      struct item *ret)
{
	for (; t->node < count; t->node++, t->set = 0) {
		const struct node *n = &nodes[t->node];

		for (; t->set < n->set_count; t->set++, t->record = 0, t->packed = NULL) {
			const struct rrset *s = &n->sets[t->set];

			if (s == t->zone->soa && t->record == 0)
				t->record = 1; /* it stands first and last */
			if (t->record >= (unsigned)s->count + s->sig_count)
				continue;
			if (t->record == s->count)
				t->packed = s->sigs;
			set_item(t, n, s, ret);
			return true;
		}
	}
	t->node = 0;
	return false;
}

static bool diff_item(struct transfer *t, struct item *ret)
{
	for (; t->diff > 0; t->diff--, t->diff_at = 0) {
		const struct zone_diff *d = t->zone->diffs[t->diff - 1];
		size_t removed = d->removed.count, at = t->diff_at;

		if (at < removed)
			*ret = (struct item){ .record = &d->removed.list[at] };
		else if (at - removed < d->added.count)
			*ret = (struct item){ .record = &d->added.list[at - removed] };
		else
			continue;
		return true;
	}
	return false;
}

/* Moves through the stages; false: everything is said. */
static bool next_item(struct transfer *t, struct item *ret)
{
	switch (t->stage) {
	case STAGE_FIRST:
		return soa_item(t, ret);
	case STAGE_NODES:
		if (node_item(t, t->zone->nodes, t->zone->node_count, ret))
			return true;
		t->stage = STAGE_NSEC3;
		/* fall through */
	case STAGE_NSEC3:
		if (node_item(t, t->zone->nsec3, t->zone->nsec3_count, ret))
			return true;
		t->stage = STAGE_LAST;
		return soa_item(t, ret);
	case STAGE_DIFFS:
		if (diff_item(t, ret))
			return true;
		t->stage = STAGE_LAST;
		return soa_item(t, ret);
	case STAGE_LAST:
		return soa_item(t, ret);
	case STAGE_DONE:
		break;
	}
	return false;
}

/* The item at hand is written. */
static void advance(struct transfer *t)
{
	switch (t->stage) {
	case STAGE_FIRST:
		t->stage = t->diff > 0 ? STAGE_DIFFS : STAGE_NODES;
		break;
	case STAGE_NODES:
	case STAGE_NSEC3:
		t->record++;
		t->packed = rdata_next(t->packed);
		break;
	case STAGE_DIFFS:
		t->diff_at++;
		break;
	case STAGE_LAST:
		t->stage = STAGE_DONE;
		break;
	case STAGE_DONE:
		break;
	}
}

/* ---- messages ---- */

static bool put_item(struct reply *r, const struct item *i)
{
	struct owner owner = { .name = NULL };

	if (i->node == NULL)
		return reply_plain(r, i->record);
	owner.name = &i->node->name;
	owner.spelled = i->node->spelled;
	return reply_one(r, owner, &i->data);
}

size_t transfer_next(struct transfer *t, struct seen *seen, uint32_t now_s, uint8_t *out)
{
	struct reply r;
	struct item i;
	size_t head = t->started ? DNS_HEADER : t->head_n;

	if (t->stage == STAGE_DONE)
		return 0;
	reply_init(&r, seen, out, TRANSFER_MESSAGE - TSIG_ROOM);
	memcpy(out, t->head, head);
	put16(out + 4, !t->started);
	r.n = head;
	while (next_item(t, &i) && put_item(&r, &i))
		advance(t);
	/* a record that fits into no message of ours: more than 16,000 octets */
	if (r.count[SECTION_ANSWER] == 0 && t->stage != STAGE_DONE) {
		reply_limit(&r, DNS_MAX - TSIG_ROOM);
		if (!put_item(&r, &i))
			return 0;
		advance(t);
	}
	put16(out + 6, r.count[SECTION_ANSWER]);
	t->started = true;
	return t->is_signed ? tsig_sign(&t->tsig, out, r.n, now_s) : r.n;
}

void transfer_end(struct transfer *t)
{
	if (t == NULL)
		return;
	zone_unref(t->zone);
	free(t);
}

/* ---- the question ---- */

bool transfer_wanted(const uint8_t *p, size_t n)
{
	size_t len;
	uint16_t type;

	if (n < DNS_HEADER + 5 || (get16(p + 2) & (FLAG_QR | FLAG_OPCODE)) != 0 ||
	    get16(p + 4) != 1)
		return false;
	len = name_length(p + DNS_HEADER, n - DNS_HEADER);
	if (len == 0 || n - DNS_HEADER - len < 4)
		return false;
	type = get16(p + DNS_HEADER + len);
	return type == RR_AXFR || type == RR_IXFR;
}

/* RFC 1995 3: the serial the client has, in an SOA in the authority section. */
static bool client_serial(const uint8_t *p, size_t n, size_t at, uint32_t *ret)
{
	unsigned before = get16(p + 6);
	struct other o;
	size_t skip;

	for (unsigned i = 0; i <= before; i++)
		if (!query_record(p, n, &at, &o))
			return false;
	if (get16(p + 8) == 0 || o.type != RR_SOA)
		return false;
	skip = (size_t)(o.rdata - p);
	if (!query_skip_name(p, n, &skip) || !query_skip_name(p, n, &skip) ||
	    skip + 4 > (size_t)(o.rdata - p) + o.rdlen)
		return false;
	*ret = get32(p + skip);
	return true;
}

/* How many differences lead from this serial to the zone's; 0: none do. */
static unsigned diffs_from(const struct zone *z, uint32_t serial)
{
	for (unsigned i = 0; i < ZONE_DIFFS && z->diffs[i] != NULL; i++)
		if (z->diffs[i]->from == serial)
			return i + 1;
	return 0;
}

static struct transfer *transfer_new(struct zone *z, const uint8_t *p, size_t head_n)
{
	struct transfer *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	zone_ref(z);
	t->zone = z;
	t->head_n = head_n;
	memcpy(t->head, p, head_n);
	memset(t->head + 4, 0, DNS_HEADER - 4);
	put16(t->head + 2, FLAG_QR | FLAG_AA | (get16(p + 2) & FLAG_RD));
	return t;
}

static enum rcode check(const struct transfer_question *q, const struct tsig *t,
			struct zone **ret)
{
	struct name_key k;
	struct zone *z;

	if (!name_read(q->p + DNS_HEADER, q->n - DNS_HEADER, &k))
		return RCODE_FORMERR;
	if (get16(q->p + DNS_HEADER + k.len + 2) != CLASS_IN)
		return RCODE_REFUSED;
	name_hash(&k, q->snapshot->seed);
	z = snapshot_zone(q->snapshot, &k, 0);
	if (z == NULL)
		return RCODE_NOTAUTH;
	if (z->is_expired)
		return RCODE_SERVFAIL;
	if (!access_allows(&snapshot_rules(q->snapshot, z)->transfer, q->client->address,
			   q->client->address_len, t->key))
		return RCODE_REFUSED;
	*ret = z;
	return RCODE_NOERROR;
}

static void log_transfer(const struct transfer_question *q, const struct zone *z,
			 enum rcode rcode, unsigned diffs)
{
	static struct log_gate gate;
	const uint8_t *a = q->client->address;
	unsigned held;

	if (rcode != RCODE_NOERROR) {
		stat_one(STAT_DNSD_XFR_REFUSED);
		/* several threads may come here; a lost count of held lines does no harm
		 */
		if (log_gate_open(&gate, &held))
			log_warn("transfer_refused rcode=%u client=%u.%u.%u.%u%s held=%u",
				 rcode, a[0], a[1], a[2], a[3],
				 q->client->address_len > 4 ? "..." : "", held);
		return;
	}
	stat_one(diffs > 0 ? STAT_DNSD_IXFR : STAT_DNSD_AXFR);
	log_info("transfer_out zone=%s serial=%u kind=%s", z->text, z->serial,
		 diffs > 0 ? "ixfr" : "axfr");
}

/* With an OPT where the question has one, as any answer. */
static size_t refuse(const struct transfer_question *q, enum rcode rcode, uint8_t *out)
{
	struct query read;
	enum rcode wrong;
	enum query_verdict verdict = query_read(q->p, q->n, &read, &wrong);
	const struct edns edns = { &q->snapshot->facts, &read, q->client, rcode,
				   EDE_NONE };
	size_t n = respond_refusal(q->p, q->n, rcode, out);

	if (verdict == QUERY_DROP || !read.has_edns)
		return n;
	put16(out + 10, 1);
	return n + edns_put(&edns, out + n, n);
}

/* What is wrong with it as a question, whatever it asks for. */
static enum rcode check_form(const struct transfer_question *q)
{
	enum rcode wrong = RCODE_NOERROR;
	struct query read;

	return query_read(q->p, q->n, &read, &wrong) == QUERY_REFUSE ? wrong
								     : RCODE_NOERROR;
}

struct transfer *transfer_begin(const struct transfer_question *asked, uint8_t *out,
				size_t *ret_n)
{
	struct transfer_question q = *asked;
	struct tsig tsig = { .later = false };
	enum tsig_state state =
	    tsig_check(q.snapshot->keys, q.p, &q.n, q.client->now_s, &tsig);
	size_t name = name_length(q.p + DNS_HEADER, q.n - DNS_HEADER);
	enum rcode form = check_form(&q), rcode = RCODE_NOTAUTH;
	struct transfer *t;
	struct zone *z = NULL;
	uint32_t serial;

	if (state == TSIG_FORM || (state != TSIG_GOOD && form != RCODE_NOERROR)) {
		*ret_n = state == TSIG_FORM
			     ? respond_refusal(q.p, q.n, RCODE_FORMERR, out)
			     : refuse(&q, form, out);
		return NULL;
	}
	if (state != TSIG_WRONG)
		rcode = form != RCODE_NOERROR ? form : check(&q, &tsig, &z);
	if (rcode == RCODE_NOERROR) {
		t = transfer_new(z, q.p, DNS_HEADER + name + 4);
		rcode = t == NULL ? RCODE_SERVFAIL : RCODE_NOERROR;
	}
	if (rcode != RCODE_NOERROR) {
		log_transfer(&q, NULL, rcode, 0);
		*ret_n = refuse(&q, rcode, out);
		if (state != TSIG_NONE)
			*ret_n = tsig_sign(&tsig, out, *ret_n, q.client->now_s);
		return NULL;
	}
	t->tsig = tsig;
	t->is_signed = state == TSIG_GOOD;
	if (get16(q.p + DNS_HEADER + name) == RR_IXFR &&
	    client_serial(q.p, q.n, t->head_n, &serial)) {
		t->diff = diffs_from(z, serial);
		/* nothing newer: one SOA says so */
		if (!serial_is_newer(z->serial, serial))
			t->stage = STAGE_LAST;
	}
	log_transfer(&q, z, RCODE_NOERROR, t->diff);
	return t;
}
