/* query.c -- see query.h. */
#include "dnsd/query.h"

#include "dnsd/edns.h"
#include "dnsd/rrtype.h"
#include "dnsd/unpack.h"

enum { COOKIE_LONGEST = 40 };
enum { RECORDS_MAX = 64 }; /* in a question's other sections; TSIG and OPT are two */

bool query_skip_name(const uint8_t *p, size_t n, size_t *at)
{
	while (*at < n) {
		if (p[*at] >= 0xc0) {
			*at += 2;
			return *at <= n;
		}
		if (p[*at] > 63)
			return false;
		if (p[*at] == 0) {
			*at += 1;
			return true;
		}
		*at += 1u + p[*at];
	}
	return false;
}

bool query_record(const uint8_t *p, size_t n, size_t *at, struct other *ret)
{
	size_t start = *at;
	uint8_t name[NAME_WIRE];

	if (*at < n && p[*at] == 0)
		*at += 1;
	else if (unpack_name(p, n, at, name) == 0)
		return false;
	if (n - *at < 10)
		return false;
	p += *at;
	ret->owner_len = *at - start;
	ret->type = get16(p);
	ret->class = get16(p + 2);
	ret->ttl = get32(p + 4);
	ret->rdlen = get16(p + 8);
	ret->rdata = p + 10;
	*at += 10;
	if (n - *at < ret->rdlen)
		return false;
	*at += ret->rdlen;
	return true;
}

static bool read_option(struct query *q, unsigned code, const uint8_t *p, size_t n)
{
	switch (code) {
	case OPTION_NSID:
		q->wants_nsid = true;
		break;
	case OPTION_KEEPALIVE:
		q->wants_keepalive = n == 0; /* RFC 7828 3.2.1 */
		break;
	case OPTION_PADDING:
		q->wants_padding = true;
		break;
	case OPTION_COOKIE: /* RFC 7873 5.2.2 */
		if (n != COOKIE_CLIENT && (n < 2 * COOKIE_CLIENT || n > COOKIE_LONGEST))
			return false;
		if (q->cookie_len > 0)
			break; /* the first one counts */
		q->cookie = p;
		q->cookie_len = (uint8_t)n;
		break;
	}
	return true;
}

/* RFC 6891 6.1.2: options are code, length, that many octets. */
static bool read_options(struct query *q, const uint8_t *p, size_t n)
{
	while (n > 0) {
		size_t len;

		if (n < 4)
			return false;
		len = get16(p + 2);
		if (n - 4 < len)
			return false;
		if (!read_option(q, get16(p), p + 4, len))
			q->bad_option = true;
		p += 4 + len;
		n -= 4 + len;
	}
	return true;
}

static bool read_edns(struct query *q, const struct other *o)
{
	if (q->has_edns || o->owner_len != 1)
		return false;
	q->has_edns = true;
	q->edns_size = o->class;
	q->edns_version = (uint8_t)(o->ttl >> 16);
	q->wants_dnssec = (o->ttl & 0x8000) != 0;
	return read_options(q, o->rdata, o->rdlen);
}

/* Is the rdata of the form of its type? Nothing is made of it, but it says whether the
 * rest can be trusted. */
static bool has_form(const struct query *q, const struct other *o)
{
	size_t at = (size_t)(o->rdata - q->p), end = at + o->rdlen;
	uint8_t name[NAME_WIRE];

	for (const char *f = rrtype_of(o->type)->layout; *f != '\0'; f++) {
		size_t field = *f == 'x' ? 16 : (size_t)(*f - '0');

		if (*f == '*')
			return true;
		if (*f == 'S') /* strings to the end */
			while (at < end && q->p[at] < end - at - 1)
				at += 1u + q->p[at];
		if (*f == 'N' || *f == 'n') {
			if (unpack_name(q->p, end, &at, name) == 0)
				return false;
			continue;
		}
		if (*f == 's' || *f == 'S')
			field = at < end ? 1u + q->p[at] : SIZE_MAX;
		if (at > end || field > end - at)
			return false;
		at += field;
	}
	return at == end;
}

/* What can be asked for only is no record. */
static bool is_record(const struct query *q, const struct other *o)
{
	if (o->type == RR_OPT || o->type == RR_TSIG)
		return true;
	return (o->type < RR_TSIG || o->type > RR_ANY) && o->class != CLASS_ANY &&
	       has_form(q, o);
}

/* What follows the question. An OPT belongs into the additional section. Octets that no
 * count names are overlooked behind a question or its OPT, as NSD and BIND do; behind a
 * TSIG, or records that a question has no use for, they end the patience of all. */
static bool read_others(struct query *q)
{
	unsigned before = (unsigned)get16(q->p + 6) + get16(q->p + 8);
	unsigned count = before + get16(q->p + 10);
	size_t at = q->question_end;
	struct other o;

	if (count > RECORDS_MAX)
		return false;
	for (unsigned i = 0; i < count; i++) {
		if (!query_record(q->p, q->n, &at, &o))
			return false;
		if (o.type == RR_TSIG && i + 1 < count)
			return false;
		if (!is_record(q, &o))
			return false;
		q->has_tsig = o.type == RR_TSIG;
		if (o.type == RR_OPT && (i < before || !read_edns(q, &o)))
			return false;
		if (o.type == RR_OPT || o.type == RR_TSIG)
			continue;
		q->has_records = true;
		if (o.class != q->class && q->class != CLASS_ANY && q->type != RR_IXFR)
			return false; /* NSD and BIND say so, each for its reason */
	}
	return (!q->has_records && !q->has_tsig) || at == q->n;
}

/* NSD refuses the one, BIND the other; what is both, every server refuses. */
static bool is_hopeless(const struct query *q)
{
	bool is_class = q->class != 0 && q->class != CLASS_NONE && q->class != CLASS_ANY;
	bool is_type = q->type != RR_OPT && (q->type < 128 || q->type > RR_TSIG);

	if ((q->flags & FLAG_RCODE) == 0 && (!q->has_records || q->type == RR_IXFR))
		return false;
	return q->bad_option || (q->edns_version == 0 && (!is_class || !is_type));
}

static bool read_question(struct query *q)
{
	size_t at;

	if (get16(q->p + 4) != 1 ||
	    !name_read(q->p + DNS_HEADER, q->n - DNS_HEADER, &q->name))
		return false;
	at = DNS_HEADER + (size_t)q->name.len;
	if (q->n - at < 4)
		return false;
	q->type = get16(q->p + at);
	q->class = get16(q->p + at + 2);
	q->question_end = at + 4;
	return true;
}

enum query_verdict query_read(const uint8_t *p, size_t n, struct query *ret,
			      enum rcode *ret_rcode)
{
	if (n < DNS_HEADER || (p[2] & 0x80) != 0)
		return QUERY_DROP;
	ret->p = p;
	ret->n = n;
	ret->id = get16(p);
	ret->flags = get16(p + 2);
	ret->opcode = (ret->flags & FLAG_OPCODE) >> 11;
	ret->question_end = DNS_HEADER;
	ret->has_edns = ret->wants_dnssec = false;
	ret->edns_version = 0;
	ret->type = 0;
	ret->class = CLASS_ANY;
	ret->wants_nsid = ret->wants_keepalive = ret->wants_padding = false;
	ret->bad_option = ret->has_tsig = ret->has_records = false;
	ret->cookie_len = 0;
	*ret_rcode = RCODE_NOERROR;
	if (ret->opcode == OPCODE_NOTIFY && read_question(ret) && read_others(ret))
		return QUERY_NOTIFY;
	ret->question_end = DNS_HEADER;
	ret->has_edns = false;
	if (ret->opcode != OPCODE_QUERY) {
		*ret_rcode = ret->opcode == OPCODE_NOTIFY ? RCODE_FORMERR : RCODE_NOTIMP;
		return QUERY_REFUSE;
	}
	if (!read_question(ret)) {
		/* none at all: the refusal has an OPT if that is all it has */
		if (get16(p + 4) != 0 || !read_others(ret) || ret->has_tsig)
			ret->has_edns = false;
		ret->has_tsig = false;
		*ret_rcode = RCODE_FORMERR;
		return QUERY_REFUSE;
	}
	if (!read_others(ret) || is_hopeless(ret)) {
		ret->has_edns = ret->has_tsig = false;
		*ret_rcode = RCODE_FORMERR;
		return QUERY_REFUSE;
	}
	if (ret->has_edns && ret->edns_version > 0) {
		ret->has_tsig = false;
		*ret_rcode = RCODE_BADVERS;
		return QUERY_REFUSE;
	}
	if (ret->bad_option) {
		ret->has_tsig = false;
		*ret_rcode = RCODE_FORMERR;
		return QUERY_REFUSE;
	}
	return QUERY_ANSWER;
}
