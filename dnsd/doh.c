/* doh.c -- see doh.h. */
#include "dnsd/doh.h"

#include "dnsd/count.h"
#include "dnsd/rrtype.h"

/* RFC 8484 5.1: no longer than the shortest TTL in it; a denial carries its SOA's. */
static uint32_t cache_time(const uint8_t *p, size_t n)
{
	unsigned count = (unsigned)get16(p + 6) + get16(p + 8);
	uint32_t least = UINT32_MAX;
	size_t at = DNS_HEADER;
	struct other o;

	if (get16(p + 4) != 1 || !query_skip_name(p, n, &at))
		return 0;
	for (at += 4; count > 0; count--) {
		if (!query_record(p, n, &at, &o))
			return 0;
		least = o.ttl < least ? o.ttl : least;
	}
	return least == UINT32_MAX ? 0 : least;
}

bool doh_answer(const struct asked *a, struct str request, uint8_t *out,
		struct buf *reply)
{
	struct wire w = wire_of(request);
	struct str address = wire_bytes(&w), message = wire_bytes(&w);
	struct client client = *a->client;
	const struct asked asked = { a->snapshot, a->scratch, &client };
	size_t n;

	if (!wire_end(&w) || (address.n != 4 && address.n != 16) || message.n > DNS_MAX)
		return false;
	client.transport = TRANSPORT_HTTPS;
	client.address = (const uint8_t *)address.p;
	client.address_len = address.n;
	n = answer(&asked, (const uint8_t *)message.p, message.n, out);
	if (n == 0)
		return false;
	count_answer(&asked, out, n);
	wire_put_bytes(reply, (struct str){ (const char *)out, n });
	wire_put_int(reply, cache_time(out, n));
	return buf_ok(reply);
}
