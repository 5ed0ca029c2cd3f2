/* cookie.c -- see cookie.h. */
#include "dnsd/cookie.h"

#include <string.h>

#include "dnsd/query.h"

enum { VERSION = 1, OLD_S = 3600, AHEAD_S = 300, HEAD = 8, INPUT = 8 + HEAD + 16 };

static uint64_t rotate(uint64_t v, unsigned by)
{
	return v << by | v >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static uint64_t little64(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static void sip_word(uint64_t v[4], uint64_t m)
{
	v[3] ^= m;
	sip_round(v);
	sip_round(v);
	v[0] ^= m;
}

uint64_t siphash(const uint8_t key[COOKIE_SECRET], const uint8_t *p, size_t n)
{
	uint64_t k0 = little64(key, 8), k1 = little64(key + 8, 8);
	uint64_t v[4] = { k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du,
			  k0 ^ 0x6c7967656e657261u, k1 ^ 0x7465646279746573u };
	size_t at = 0;

	for (; n - at >= 8; at += 8)
		sip_word(v, little64(p + at, 8));
	sip_word(v, little64(p + at, n - at) | (uint64_t)n << 56);
	v[2] ^= 0xff;
	for (unsigned i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* RFC 9018 4: version, three zeros and the time, then the hash of client cookie, that,
 * and the address. */
static void make(const uint8_t *secret, const struct cookie_holder *h, uint32_t time_s,
		 uint8_t ret[COOKIE_SERVER])
{
	uint8_t input[INPUT] = { 0 };
	uint64_t hash;

	memset(ret, 0, HEAD);
	ret[0] = VERSION;
	put32(ret + 4, time_s);
	memcpy(input, h->client, COOKIE_CLIENT);
	memcpy(input + COOKIE_CLIENT, ret, HEAD);
	memcpy(input + COOKIE_CLIENT + HEAD, h->address, h->address_len);
	hash = siphash(secret, input, (size_t)COOKIE_CLIENT + HEAD + h->address_len);
	for (unsigned i = 0; i < 8; i++)
		ret[HEAD + i] = (uint8_t)(hash >> (8 * i));
}

void cookie_make(const struct cookie_secrets *s, const struct cookie_holder *h,
		 uint8_t ret[COOKIE_SERVER])
{
	make(s->bytes[0], h, h->now_s, ret);
}

/* Takes as long for a wrong one as for a right one. */
static bool same(const uint8_t *a, const uint8_t *b, size_t n)
{
	unsigned differ = 0;

	for (size_t i = 0; i < n; i++)
		differ |= a[i] ^ b[i];
	return differ == 0;
}

bool cookie_is_good(const struct cookie_secrets *s, const struct cookie_holder *h,
		    const uint8_t *server, size_t n)
{
	uint8_t right[COOKIE_SERVER];
	int32_t age_s;

	if (n != COOKIE_SERVER || server[0] != VERSION)
		return false;
	age_s = (int32_t)(h->now_s - get32(server + 4)); /* serial arithmetic */
	if (age_s > OLD_S || age_s < -AHEAD_S)
		return false;
	for (unsigned i = 0; i < s->count; i++) {
		make(s->bytes[i], h, get32(server + 4), right);
		/* the reserved octets are ours to ignore, but part of what was hashed */
		if (same(right, server, COOKIE_SERVER))
			return true;
	}
	return false;
}
