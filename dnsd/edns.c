/* edns.c -- see edns.h. */
#include "dnsd/edns.h"

#include "dnsd/cookie.h"
#include "dnsd/rrtype.h"

enum { OPTION_HEAD = 4, PAD_TO = 468, KEEPALIVE_SIZE = 2, EDE_SIZE = 2 };

static bool gives_cookie(const struct edns *e)
{
	return e->query->cookie_len >= COOKIE_CLIENT && e->facts->cookies.count > 0;
}

static bool gives_keepalive(const struct edns *e)
{
	return e->query->wants_keepalive && e->client->transport == TRANSPORT_TCP;
}

size_t edns_room(const struct edns *e)
{
	const struct query *q = e->query;
	size_t n = EDNS_FIXED;

	if (!q->has_edns)
		return 0;
	if (q->wants_nsid && e->facts->nsid_len > 0)
		n += OPTION_HEAD + e->facts->nsid_len;
	if (gives_cookie(e))
		n += OPTION_HEAD + COOKIE_CLIENT + COOKIE_SERVER;
	if (gives_keepalive(e))
		n += OPTION_HEAD + KEEPALIVE_SIZE;
	return n;
}

static struct cookie_holder holder(const struct query *q, const struct client *c)
{
	return (struct cookie_holder){
		.client = q->cookie,
		.address = c->address,
		.address_len = c->address_len,
		.now_s = c->now_s,
	};
}

bool edns_knows(const struct server_facts *facts, const struct query *q,
		const struct client *client)
{
	const struct cookie_holder h = holder(q, client);

	return q->cookie_len > COOKIE_CLIENT &&
	       cookie_is_good(&facts->cookies, &h, q->cookie + COOKIE_CLIENT,
			      (size_t)q->cookie_len - COOKIE_CLIENT);
}

static uint8_t *put_option(uint8_t *p, enum edns_option code, size_t len)
{
	put16(p, code);
	put16(p + 2, (unsigned)len);
	return p + OPTION_HEAD;
}

static uint8_t *put_cookie(const struct edns *e, uint8_t *p)
{
	const struct cookie_holder h = holder(e->query, e->client);

	p = put_option(p, OPTION_COOKIE, COOKIE_CLIENT + COOKIE_SERVER);
	memcpy(p, e->query->cookie, COOKIE_CLIENT);
	cookie_make(&e->facts->cookies, &h, p + COOKIE_CLIENT);
	return p + COOKIE_CLIENT + COOKIE_SERVER;
}

/* RFC 8467 4.1: to a multiple of 468 octets. */
static uint8_t *put_padding(uint8_t *p, size_t so_far)
{
	size_t n = PAD_TO - 1 - (so_far + OPTION_HEAD + PAD_TO - 1) % PAD_TO;

	p = put_option(p, OPTION_PADDING, n);
	memset(p, 0, n);
	return p + n;
}

static uint8_t *put_options(const struct edns *e, uint8_t *p, size_t at)
{
	const struct query *q = e->query;
	uint8_t *start = p;

	if (q->wants_nsid && e->facts->nsid_len > 0) {
		p = put_option(p, OPTION_NSID, e->facts->nsid_len);
		memcpy(p, e->facts->nsid, e->facts->nsid_len);
		p += e->facts->nsid_len;
	}
	if (gives_cookie(e))
		p = put_cookie(e, p);
	if (gives_keepalive(e)) {
		p = put_option(p, OPTION_KEEPALIVE, KEEPALIVE_SIZE);
		put16(p, e->client->keepalive);
		p += KEEPALIVE_SIZE;
	}
	if (e->ede != EDE_NONE) { /* of errors, which have room */
		p = put_option(p, OPTION_EDE, EDE_SIZE);
		put16(p, (unsigned)e->ede);
		p += EDE_SIZE;
	}
	if (q->wants_padding && e->client->transport == TRANSPORT_HTTPS &&
	    at + (size_t)(p - start) + PAD_TO + OPTION_HEAD <= DNS_MAX)
		p = put_padding(p, at + (size_t)(p - start));
	return p;
}

size_t edns_put(const struct edns *e, uint8_t *p, size_t at)
{
	uint8_t *end;

	if (!e->query->has_edns)
		return 0;
	p[0] = 0;
	put16(p + 1, RR_OPT);
	put16(p + 3, e->facts->udp_size);
	p[5] = (uint8_t)((unsigned)e->rcode >> 4);
	p[6] = 0;
	put16(p + 7, e->query->wants_dnssec ? 0x8000 : 0);
	end = put_options(e, p + EDNS_FIXED, at + EDNS_FIXED);
	put16(p + 9, (unsigned)(end - p - EDNS_FIXED));
	return (size_t)(end - p);
}
