/* count.c -- see count.h. */
#include "dnsd/count.h"

#include <stdio.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/stat.h"
#include "dnsd/rrtype.h"

enum { CLIENT_TEXT = 48 };

static enum stat_row rcode_row(unsigned rcode)
{
	switch (rcode) {
	case RCODE_NOERROR:
		return STAT_DNSD_NOERROR;
	case RCODE_FORMERR:
		return STAT_DNSD_FORMERR;
	case RCODE_SERVFAIL:
		return STAT_DNSD_SERVFAIL;
	case RCODE_NXDOMAIN:
		return STAT_DNSD_NXDOMAIN;
	case RCODE_NOTIMP:
		return STAT_DNSD_NOTIMP;
	case RCODE_REFUSED:
		return STAT_DNSD_REFUSED;
	}
	return STAT_DNSD_OTHER;
}

static enum stat_row type_row(uint16_t type)
{
	switch (type) {
	case RR_A:
		return STAT_DNSD_TYPE_A;
	case RR_NS:
		return STAT_DNSD_TYPE_NS;
	case RR_CNAME:
		return STAT_DNSD_TYPE_CNAME;
	case RR_SOA:
		return STAT_DNSD_TYPE_SOA;
	case RR_PTR:
		return STAT_DNSD_TYPE_PTR;
	case RR_MX:
		return STAT_DNSD_TYPE_MX;
	case RR_TXT:
		return STAT_DNSD_TYPE_TXT;
	case RR_AAAA:
		return STAT_DNSD_TYPE_AAAA;
	case RR_SRV:
		return STAT_DNSD_TYPE_SRV;
	case RR_DS:
		return STAT_DNSD_TYPE_DS;
	case RR_DNSKEY:
		return STAT_DNSD_TYPE_DNSKEY;
	case RR_HTTPS:
		return STAT_DNSD_TYPE_HTTPS;
	case RR_ANY:
		return STAT_DNSD_TYPE_ANY;
	}
	return STAT_DNSD_TYPE_OTHER;
}

static const char *client_text(const struct client *c, char ret[CLIENT_TEXT])
{
	const uint8_t *p = c->address;
	size_t n = 0;

	if (c->address_len == 4) {
		snprintf(ret, CLIENT_TEXT, "%u.%u.%u.%u", p[0], p[1], p[2], p[3]);
		return ret;
	}
	for (size_t i = 0; i + 1 < c->address_len; i += 2)
		n += (size_t)snprintf(ret + n, CLIENT_TEXT - n, i == 0 ? "%x" : ":%x",
				      get16(p + i));
	return ret;
}

static const char *transport_text(enum transport t)
{
	return t == TRANSPORT_UDP ? "udp" : t == TRANSPORT_TCP ? "tcp" : "https";
}

static void log_question(const struct asked *a, const uint8_t *answer, size_t n)
{
	const struct query *q = &a->scratch->query;
	char client[CLIENT_TEXT], name[NAME_TEXT], type[RRTYPE_TEXT];
	bool readable = q->question_end > DNS_HEADER;

	log_info(
	    "query client=%s transport=%s name=%s type=%s rcode=%u flags=%04x size=%zu "
	    "us=%lld",
	    client_text(a->client, client), transport_text(a->client->transport),
	    readable ? name_text(q->name.lower, name) : "-",
	    readable ? rrtype_text(q->type, type) : "-", answer[3] & 0xfu,
	    get16(answer + 2) & 0xfff0u, n,
	    (long long)(clock_us() - a->client->since_us));
}

void count_answer(const struct asked *a, const uint8_t *answer, size_t n)
{
	const struct query *q = &a->scratch->query;
	unsigned every = a->snapshot->facts.query_log;

	stat_one(rcode_row(answer[3] & 0xf));
	if (q->question_end > DNS_HEADER)
		stat_one(type_row(q->type));
	if ((answer[2] & (FLAG_TC >> 8)) != 0)
		stat_one(STAT_DNSD_TRUNCATED);
	if (every > 0 && ++a->scratch->questions % every == 0)
		log_question(a, answer, n);
}
