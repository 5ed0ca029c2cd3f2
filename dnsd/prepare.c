/* prepare.c -- whole answers worked out when a zone is built.
 *
 * For every RRset that is found by its own name, the answer is the same but for the
 * header, the spelling of the question and EDNS: the name stands at a known place with a
 * known length, so pointers into it hold. The walk of answer.c makes each once; from then
 * on it is copied. Wildcards, aliases, referrals and denials are walked each time. */
#include <stdlib.h>

#include "dnsd/answer.h"
#include "dnsd/rrtype.h"

enum { PREPARED_MAX = 4096, QUESTION_MAX = DNS_HEADER + NAME_WIRE + 4 + EDNS_FIXED };

struct preparer {
	struct zone *zone;
	struct snapshot *only; /* holds this zone alone */
	struct scratch *scratch;
	uint8_t *out;
};

static size_t make_question(const struct node *n, uint16_t type, bool dnssec, uint8_t *p)
{
	static const uint8_t opt[EDNS_FIXED] = { 0, 0, RR_OPT, 16, 0, 0, 0, 0x80 };
	size_t at = DNS_HEADER;

	memset(p, 0, DNS_HEADER);
	put16(p + 4, 1);
	put16(p + 10, dnssec);
	memcpy(p + at, n->name.wire, n->name.len);
	at += n->name.len;
	put16(p + at, type);
	put16(p + at + 2, CLASS_IN);
	at += 4;
	if (!dnssec)
		return at;
	memcpy(p + at, opt, sizeof(opt));
	return at + sizeof(opt);
}

static bool prepare(struct preparer *p, const struct node *n, struct rrset *set,
		    bool dnssec)
{
	static const struct client client = { .transport = TRANSPORT_TCP };
	uint8_t question[QUESTION_MAX];
	size_t asked = make_question(n, set->type, dnssec, question);
	size_t start = DNS_HEADER + (size_t)n->name.len + 4;
	const struct asked a = { p->only, p->scratch, &client };
	size_t end = answer(&a, question, asked, p->out);
	struct prepared *made;

	if (dnssec)
		end -= EDNS_FIXED;
	if (end - start > PREPARED_MAX || (get16(p->out + 2) & FLAG_TC) != 0)
		return true;
	made = arena_take(&p->zone->arena, sizeof(*made) + (end - start));
	if (made == NULL)
		return false;
	made->answer = get16(p->out + 6);
	made->authority = get16(p->out + 8);
	made->additional = (uint16_t)(get16(p->out + 10) - dnssec);
	made->size = (uint16_t)(end - start);
	memcpy(made->bytes, p->out + start, end - start);
	set->prepared[dnssec] = made;
	return true;
}

static bool prepare_node(struct preparer *p, const struct node *n)
{
	for (unsigned i = 0; n->cut == NULL && n->dname == NULL && i < n->set_count;
	     i++) {
		struct rrset *set = (struct rrset *)&n->sets[i];

		if (set->type == RR_RRSIG)
			continue;
		if (!prepare(p, n, set, false) ||
		    (p->zone->is_signed && !prepare(p, n, set, true)))
			return false;
	}
	return true;
}

bool answer_prepare(struct zone *z)
{
	static const struct server_facts facts = { .udp_size = 1232 };
	struct preparer p = {
		.zone = z,
		.only = snapshot_new(z->seed, &facts),
		.scratch = calloc(1, sizeof(struct scratch)),
		.out = malloc(DNS_MAX),
	};
	bool ok = p.only != NULL && p.scratch != NULL && p.out != NULL;

	if (ok) {
		zone_ref(z);
		ok = snapshot_add(p.only, z, NULL);
		if (!ok)
			zone_unref(z);
	}
	for (uint32_t i = 0; ok && i < z->node_count; i++)
		ok = prepare_node(&p, &z->nodes[i]);
	snapshot_free(p.only);
	free(p.scratch);
	free(p.out);
	return ok;
}
