/* answer.c -- see answer.h. The walk is that of RFC 1034 4.3.2 with RFC 2308, 4592, 6672,
 * 8482 and 9471: from the zone to the node, through aliases, to data, a referral or a
 * denial. */
#include "dnsd/answer.h"

#include "dnsd/chaos.h"
#include "dnsd/denial.h"
#include "dnsd/edns.h"
#include "dnsd/rrtype.h"

enum { EDNS_SPACE = 256 }; /* more than edns_room() ever is */
enum { PROOFS_PENDING = CHAIN_MAX + 2 * PROOFS_MAX };

/* One answer on its way. */
struct job {
	const struct snapshot *snapshot;
	struct scratch *scratch;
	const struct query *q;
	struct reply reply;
	const struct zone *zone;
	const struct name_key *name; /* what is looked for now */
	struct owner
	    owner;      /* of what is answered now: the question, or an alias's target */
	size_t plain;   /* octets of the name at owner.at before any pointer */
	unsigned chain; /* names in scratch->chain */
	/* denials, which stand behind the last answer of a chain */
	struct {
		const struct node *node;
		const struct rrset *set;
	} proofs[PROOFS_PENDING];
	unsigned proof_count;
	enum rcode rcode;
	bool authoritative, truncated;
	unsigned dead; /* addresses of the snapshot's that are left out */
};

/* What a name leads to in a zone. */
struct place {
	const struct node *node;     /* the match, or the wildcard; NULL: there is none */
	const struct node *encloser; /* the closest that exists */
	unsigned label;              /* where in the name the encloser begins */
	bool by_wildcard;
};

/* ---- finding ---- */

static struct place find_place(const struct zone *z, const struct name_key *k)
{
	struct place p = { .node = zone_find(z, k, 0) };

	p.encloser = p.node;
	while (p.encloser == NULL)
		p.encloser = zone_find(z, k, ++p.label);
	if (p.node == NULL) {
		p.node = p.encloser->wildcard;
		p.by_wildcard = p.node != NULL;
	}
	return p;
}

/* So that names in the answer can point into what is answered: the question, or a name
 * that a DNAME made. */
static void see_encloser(struct job *j, const struct place *p)
{
	const struct name *n = &p->encloser->name;

	for (unsigned i = p->label; n->labels > 0; n = n->parent, i++)
		if (j->name->at[i] < j->plain)
			reply_saw(&j->reply, n, (size_t)j->owner.at + j->name->at[i]);
}

/* ---- writing ---- */

static bool with_sigs(const struct job *j)
{
	return j->q->wants_dnssec;
}

/* Without the addresses that are dead, unless a signature says what the set is. */
static bool put_steered(struct job *j, enum section s, struct owner owner,
			const struct rrset *set)
{
	const struct rrset *given = set;

	if (j->dead != 0 && !j->zone->is_signed)
		given = steer(j->snapshot, j->dead, set, &j->scratch->steered);
	if (!reply_set(&j->reply, s, owner, given, with_sigs(j)))
		return false;
	if (given != set)
		reply_stands_for(&j->reply, set);
	return true;
}

static void put_answer(struct job *j, const struct rrset *set)
{
	if (!put_steered(j, SECTION_ANSWER, j->owner, set))
		j->truncated = true;
}

static void put_authority(struct job *j, const struct node *n, const struct rrset *set)
{
	if (j->truncated)
		return;
	if (!reply_set(&j->reply, SECTION_AUTHORITY, (struct owner){ .name = &n->name },
		       set, with_sigs(j)))
		j->truncated = true;
}

static void put_soa(struct job *j)
{
	put_authority(j, zone_apex(j->zone), &j->zone->negative);
}

static void put_proofs(struct job *j)
{
	for (unsigned i = 0; i < j->proof_count; i++)
		if (!reply_has(&j->reply, j->proofs[i].set))
			put_authority(j, j->proofs[i].node, j->proofs[i].set);
	j->proof_count = 0;
}

/* False: there was something, but no room. */
static bool put_address(struct job *j, const struct name *name, const struct node *n,
			uint16_t type)
{
	const struct rrset *set = node_find(n, type);

	if (set == NULL || reply_has(&j->reply, set))
		return true;
	return put_steered(j, SECTION_ADDITIONAL, (struct owner){ .name = name }, set);
}

static bool is_under(const struct node *n, const struct node *top)
{
	return name_is_under(n->name.wire, n->name.len, top->name.wire, top->name.len);
}

/* The addresses of the names in a set. Of a referral (cut), those without which it leads
 * nowhere come first, and must fit (RFC 9471). */
static void put_addresses(struct job *j, const struct rrset *set, const struct node *cut)
{
	put_proofs(j);
	if (set->targets == NULL || j->truncated)
		return;
	for (int needed = cut != NULL; needed >= 0; needed--) {
		for (unsigned i = 0; i < set->count; i++) {
			const struct node *n = set->targets[i];
			const struct name *name =
			    set->names != NULL ? set->names[i] : &n->name;
			bool must = n != NULL && cut != NULL && is_under(n, cut);

			if (n == NULL || must != (needed == 1))
				continue;
			if (!put_address(j, name, n, RR_A) && must)
				j->truncated = true;
			if (!put_address(j, name, n, RR_AAAA) && must)
				j->truncated = true;
		}
	}
}

/* ---- outcomes ---- */

/* What it takes to prove what is said, if the client wants to see it. */
static void prove(struct job *j, struct denial (*deny)(const struct denied *d),
		  const struct node *encloser, unsigned label)
{
	const struct denied d = { j->zone, j->name, encloser, label };
	struct denial proof;

	if (!j->q->wants_dnssec || !j->zone->is_signed)
		return;
	proof = deny(&d);
	for (unsigned i = 0; i < proof.count; i++) {
		const struct node *n = proof.nodes[i];
		const struct rrset *set =
		    node_find(n, j->zone->nsec3_count > 0 ? RR_NSEC3 : RR_NSEC);

		if (set == NULL || j->proof_count == PROOFS_PENDING)
			continue;
		j->proofs[j->proof_count].node = n;
		j->proofs[j->proof_count++].set = set;
	}
}

static void refer(struct job *j, const struct node *cut)
{
	const struct rrset *ns = node_find(cut, RR_NS);
	const struct rrset *ds = node_find(cut, RR_DS);

	if (j->reply.count[SECTION_ANSWER] == 0)
		j->authoritative = false;
	put_authority(j, cut, ns);
	if (ds != NULL && j->q->wants_dnssec && j->zone->is_signed)
		put_authority(j, cut, ds);
	else
		prove(j, deny_data, cut, (unsigned)(j->name->labels - cut->name.labels));
	put_addresses(j, ns, cut);
}

static void no_name(struct job *j, const struct place *p)
{
	j->rcode = RCODE_NXDOMAIN;
	put_soa(j);
	prove(j, deny_name, p->encloser, p->label);
}

static void no_data(struct job *j, const struct place *p)
{
	put_soa(j);
	prove(j, p->by_wildcard ? deny_wild_data : deny_data, p->encloser, p->label);
}

/* What was given is the wildcard's; nothing has the name itself. */
static void prove_wildcard(struct job *j, const struct place *p)
{
	if (p->by_wildcard && !j->truncated)
		prove(j, deny_exact, p->encloser, p->label);
}

/* RFC 8482: one RRset is answer enough for ANY. */
static void answer_any(struct job *j, const struct place *p)
{
	const struct node *n = p->node;

	for (unsigned i = 0; i < n->set_count; i++) {
		uint16_t type = n->sets[i].type;

		if (type == RR_RRSIG || type == RR_NSEC)
			continue;
		put_answer(j, &n->sets[i]);
		prove_wildcard(j, p);
		return;
	}
	no_data(j, p);
}

/* RFC 8482 again: the signatures of one RRset. */
static void answer_rrsig(struct job *j, const struct place *p)
{
	const struct node *n = p->node;

	for (unsigned i = 0; i < n->set_count; i++) {
		const struct rrset *s = &n->sets[i];
		const struct rrset sigs = {
			.type = RR_RRSIG,
			.count = s->sig_count,
			.ttl = s->ttl,
			.data = s->sigs,
		};

		if (s->sig_count == 0)
			continue;
		put_answer(j, &sigs);
		j->reply.set_count = 0; /* it named a set that ends here */
		prove_wildcard(j, p);
		return;
	}
	no_data(j, p);
}

static void answer_data(struct job *j, const struct place *p)
{
	const struct rrset *set = node_find(p->node, j->q->type);

	if (set == NULL) {
		no_data(j, p);
		return;
	}
	put_answer(j, set);
	prove_wildcard(j, p);
	put_addresses(j, set, NULL);
}

/* ---- aliases ---- */

/* The target becomes the name looked for. False: the chain ends here. */
static bool follow(struct job *j, const uint8_t *target)
{
	struct scratch *s = j->scratch;

	if (j->truncated || !name_read(target, NAME_WIRE, &s->name))
		return false;
	j->name = &s->name;
	for (unsigned i = 0; i < j->chain; i++)
		if (memcmp(s->chain[i], s->name.lower, s->name.len) == 0)
			return false; /* a loop: what there is of it is said */
	if (j->chain > CHAIN_MAX)
		return false;
	memcpy(s->chain[j->chain++], s->name.lower, s->name.len);
	name_hash(&s->name, j->snapshot->seed);
	return true;
}

static bool follow_cname(struct job *j, const struct rrset *cname, const struct place *p)
{
	put_answer(j, cname);
	prove_wildcard(j, p);
	if (!follow(j, rdata_of(cname->data)))
		return false;
	j->owner = (struct owner){ .name = cname->names[0] };
	return true;
}

/* RFC 6672 3.1: a CNAME from the name to its labels before the DNAME's owner, then the
 * DNAME's target. */
static bool put_made_cname(struct job *j, const struct rrset *dname, uint16_t target_at,
			   size_t prefix)
{
	const uint8_t *asked = j->reply.p + j->owner.at;
	const struct made_cname made = {
		.ttl = dname->ttl,
		/* in the spelling of the question, where we have it */
		.prefix =
		    j->owner.name == NULL && prefix <= j->plain ? asked : j->name->lower,
		.prefix_len = prefix,
		.rest = target_at,
		.rest_wire = rdata_of(dname->data),
	};
	size_t at;

	if (!reply_cname(&j->reply, j->owner, &made, &at)) {
		j->truncated = true;
		return false;
	}
	j->owner = (struct owner){ .at = (uint16_t)at };
	j->plain = prefix;
	return true;
}

static bool follow_dname(struct job *j, const struct node *n)
{
	const struct rrset *dname = node_find(n, RR_DNAME);
	const uint8_t *to = rdata_of(dname->data);
	size_t to_len = rdata_len(dname->data);
	size_t prefix = (size_t)(j->name->len - n->name.len);
	bool again = reply_has(&j->reply, dname);
	uint8_t target[NAME_WIRE];

	if (!again &&
	    !reply_set(&j->reply, SECTION_ANSWER, (struct owner){ .name = &n->name },
		       dname, with_sigs(j))) {
		j->truncated = true;
		return false;
	}
	if (prefix + to_len > NAME_WIRE) {
		j->rcode = RCODE_YXDOMAIN;
		return false;
	}
	name_lower(target, j->name->lower, prefix);
	name_lower(target + prefix, to, to_len);
	if (!put_made_cname(j, dname, again ? 0 : j->reply.rdata_at, prefix))
		return false;
	/* a target under the DNAME itself would only grow */
	return j->q->type != RR_CNAME &&
	       !name_is_under(target, prefix + to_len, n->name.wire, n->name.len) &&
	       follow(j, target);
}

/* ---- the walk ---- */

static bool takes_cname(uint16_t type)
{
	/* these live beside a CNAME (RFC 4035 2.5), or ask for it */
	return type != RR_CNAME && type != RR_ANY && type != RR_RRSIG &&
	       type != RR_NSEC && type != RR_KEY && type != RR_SIG;
}

/* One name in one zone. True: an alias leads on to another name. */
static bool answer_name(struct job *j)
{
	struct place p = find_place(j->zone, j->name);
	const struct node *e = p.encloser;
	const struct rrset *cname;

	if (j->owner.name == NULL)
		see_encloser(j, &p);
	if (e->cut != NULL &&
	    !(p.node == e->cut && !p.by_wildcard && j->q->type == RR_DS)) {
		refer(j, e->cut);
		return false;
	}
	if (e->dname != NULL)
		return follow_dname(j, e->dname);
	if (p.label > 0 && node_find(e, RR_DNAME) != NULL)
		return follow_dname(j, e);
	if (p.node == NULL) {
		no_name(j, &p);
		return false;
	}
	cname = node_find(p.node, RR_CNAME);
	if (cname != NULL && takes_cname(j->q->type))
		return follow_cname(j, cname, &p);
	if (j->q->type == RR_ANY)
		answer_any(j, &p);
	else if (j->q->type == RR_RRSIG)
		answer_rrsig(j, &p);
	else
		answer_data(j, &p);
	return false;
}

static void answer_question(struct job *j)
{
	struct scratch *s = j->scratch;

	j->name = &j->q->name;
	memcpy(s->chain[j->chain++], j->name->lower, j->name->len);
	j->authoritative = true;
	while (answer_name(j)) {
		const struct zone *z =
		    snapshot_find_zone(j->snapshot, j->name, j->q->type);

		if (z == NULL || z->is_expired)
			break;
		/* for this type nobody looks into another zone */
		if (j->q->type == RR_NSEC3 && z != j->zone)
			break;
		j->zone = z;
	}
	put_proofs(j);
}

/* ---- the message around it ---- */

static void put_header(const struct job *j, uint8_t *p)
{
	unsigned kept = j->q->opcode == OPCODE_QUERY ? FLAG_RD | FLAG_CD : 0;
	unsigned flags =
	    FLAG_QR | (j->q->flags & (FLAG_OPCODE | kept)) | ((unsigned)j->rcode & 0xf);

	if (j->authoritative)
		flags |= FLAG_AA;
	if (j->truncated)
		flags |= FLAG_TC;
	put16(p, j->q->id);
	put16(p + 2, flags);
	put16(p + 4, j->q->question_end > DNS_HEADER);
	put16(p + 6, j->reply.count[SECTION_ANSWER]);
	put16(p + 8, j->reply.count[SECTION_AUTHORITY]);
	put16(p + 10, j->reply.count[SECTION_ADDITIONAL] + j->q->has_edns);
}

static size_t size_limit(const struct job *j, const struct client *client)
{
	const struct query *q = j->q;
	size_t limit = j->snapshot->facts.udp_size;

	if (client->transport != TRANSPORT_UDP)
		limit = DNS_MAX;
	else if (!q->has_edns || q->edns_size <= UDP_PLAIN)
		limit = UDP_PLAIN;
	else if (q->edns_size < limit)
		limit = q->edns_size;
	limit -= client->reserve;
	/* the question is repeated in any case */
	return limit > q->question_end + EDNS_SPACE ? limit
						    : q->question_end + EDNS_SPACE;
}

/* The common case: the name is there, is authoritative, and its answer is prepared. */
static bool answer_prepared(struct job *j)
{
	const struct query *q = j->q;
	const struct node *n = zone_find(j->zone, &q->name, 0);
	const struct prepared *p;
	const struct rrset *set;

	if (n == NULL || n->cut != NULL || n->dname != NULL ||
	    (j->dead != 0 && !j->zone->is_signed))
		return false;
	set = node_find(n, q->type);
	if (set == NULL)
		return false;
	p = set->prepared[q->wants_dnssec && j->zone->is_signed];
	if (p == NULL || p->size > j->reply.limit - j->reply.n)
		return false;
	memcpy(j->reply.p + j->reply.n, p->bytes, p->size);
	j->reply.n += p->size;
	j->reply.count[SECTION_ANSWER] = p->answer;
	j->reply.count[SECTION_AUTHORITY] = p->authority;
	j->reply.count[SECTION_ADDITIONAL] = p->additional;
	j->authoritative = true;
	return true;
}

static enum rcode check_question(const struct job *j)
{
	if (j->q->class != CLASS_IN && j->q->class != CLASS_ANY)
		return RCODE_REFUSED;
	if (j->q->type == RR_AXFR)
		return RCODE_NOTIMP;
	if (j->q->type == RR_IXFR)
		return j->zone == NULL || zone_apex(j->zone)->name.len != j->q->name.len
			   ? RCODE_NOTAUTH
			   : RCODE_NOERROR;
	return j->zone == NULL ? RCODE_REFUSED : RCODE_NOERROR;
}

/* RFC 1995 2: over UDP the newest SOA, which says: come over TCP. */
static void answer_ixfr(struct job *j, const struct client *client)
{
	const struct zone_rules *rules = snapshot_rules(j->snapshot, j->zone);

	if (!access_allows(&rules->transfer, client->address, client->address_len,
			   NULL)) {
		j->rcode = RCODE_REFUSED;
		return;
	}
	j->authoritative = true;
	put_answer(j, j->zone->soa);
}

/* RFC 1996 3: from one of the zone's primaries. A signature, if there is one, was
 * checked; that there must be one is not worth asking: all it brings about is a look. */
static void hear_notify(struct job *j, const struct client *client)
{
	struct query *q = &j->scratch->query;
	const struct zone *z;

	name_hash(&q->name, j->snapshot->seed);
	z = snapshot_zone(j->snapshot, &q->name, 0);
	if (q->type != RR_SOA) {
		j->rcode = RCODE_FORMERR;
		return;
	}
	if (z == NULL || !peers_have(&snapshot_rules(j->snapshot, z)->primaries,
				     client->address, client->address_len)) {
		j->rcode = RCODE_NOTAUTH;
		return;
	}
	j->authoritative = true;
	j->scratch->notified = true;
}

static void answer_in(struct job *j, const struct client *client)
{
	struct query *q = &j->scratch->query;

	if (q->class == CLASS_CH) {
		if (chaos_answer(&j->snapshot->facts, q, j->reply.p, &j->reply.n))
			j->reply.count[SECTION_ANSWER] = 1;
		else
			j->rcode = RCODE_REFUSED;
		return;
	}
	name_hash(&q->name, j->snapshot->seed);
	j->zone = snapshot_find_zone(j->snapshot, &q->name, q->type);
	j->rcode = check_question(j);
	if (j->rcode == RCODE_NOERROR && j->zone->is_expired)
		j->rcode = RCODE_SERVFAIL;
	if (j->rcode != RCODE_NOERROR)
		return;
	if (q->type == RR_IXFR)
		answer_ixfr(j, client);
	else if (!answer_prepared(j))
		answer_question(j);
}

static enum ede explain(const struct job *j)
{
	if (j->rcode == RCODE_REFUSED && j->q->class != CLASS_CH && j->zone == NULL)
		return EDE_NOT_AUTHORITATIVE;
	return j->rcode == RCODE_SERVFAIL ? EDE_NOT_READY : EDE_NONE;
}

size_t answer(const struct asked *a, const uint8_t *question, size_t n, uint8_t *out)
{
	struct query *q = &a->scratch->query;
	struct job j = {
		.snapshot = a->snapshot,
		.scratch = a->scratch,
		.q = q,
		.plain = NAME_WIRE,
		.dead = atomic_load_explicit(&a->snapshot->dead, memory_order_relaxed),
	};
	enum query_verdict verdict = query_read(question, n, q, &j.rcode);
	struct edns edns = { &a->snapshot->facts, q, a->client, RCODE_NOERROR, EDE_NONE };

	if (verdict == QUERY_DROP)
		return 0;
	reply_init(&j.reply, &a->scratch->seen, out,
		   size_limit(&j, a->client) - edns_room(&edns));
	j.owner.at = DNS_HEADER;
	memcpy(out, question, q->question_end);
	j.reply.n = q->question_end;
	a->scratch->notified = false;
	if (a->client->refusal != RCODE_NOERROR)
		j.rcode = a->client->refusal;
	else if (verdict == QUERY_ANSWER)
		answer_in(&j, a->client);
	else if (verdict == QUERY_NOTIFY)
		hear_notify(&j, a->client);
	put_header(&j, out);
	edns.rcode = j.rcode;
	edns.ede = explain(&j);
	return j.reply.n + edns_put(&edns, out + j.reply.n, j.reply.n);
}
