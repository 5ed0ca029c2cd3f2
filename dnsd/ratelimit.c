/* ratelimit.c -- see ratelimit.h. */
#include "dnsd/ratelimit.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/stat.h"
#include "dnsd/edns.h"

enum { SLOTS = 1 << 16, WAYS = 2, COUNT_MAX = 0xffffff };

struct ratelimit {
	/* tag (24 bits), second (16), count (24) */
	_Atomic uint64_t slots[SLOTS];
	atomic_uint slipped;
};

struct ratelimit *ratelimit_new(void)
{
	return calloc(1, sizeof(struct ratelimit));
}

void ratelimit_free(struct ratelimit *r)
{
	free(r);
}

static unsigned kind_of(const uint8_t *answer)
{
	switch (answer[3] & 0xf) {
	case RCODE_NOERROR:
		return get16(answer + 6) > 0;
	case RCODE_NXDOMAIN:
		return 2;
	}
	return 3;
}

static uint64_t key_of(const struct snapshot *s, const struct client *c, unsigned kind)
{
	uint8_t bytes[COOKIE_SECRET] = { (uint8_t)kind };
	uint8_t seed[COOKIE_SECRET] = { 0 };

	memcpy(seed, &s->seed, sizeof(s->seed));
	memcpy(bytes + 1, c->address, c->address_len == 4 ? 3 : 7);
	return siphash(seed, bytes, c->address_len == 4 ? 4 : 8);
}

/* The count of this client in this second, it included; what was over the rate before
 * runs off at the rate. */
static unsigned count(struct ratelimit *r, uint64_t key, uint32_t now_s, unsigned rate)
{
	uint64_t tag = key >> 40, second = now_s & 0xffff;
	_Atomic uint64_t *best = NULL;
	uint64_t best_old = 0, n = 1;

	for (unsigned i = 0; i < WAYS; i++) {
		_Atomic uint64_t *slot = &r->slots[(key + i) % SLOTS];
		uint64_t old = atomic_load_explicit(slot, memory_order_relaxed);

		if (old >> 40 == tag) {
			uint64_t passed = (second - (old >> 24 & 0xffff)) & 0xffff;
			uint64_t had = old & COUNT_MAX, gone = passed * rate;

			n = (had > gone ? had - gone : 0) + 1;
			best = slot;
			break;
		}
		/* else the one with the smaller count gives way */
		if (best == NULL || (old & COUNT_MAX) < (best_old & COUNT_MAX)) {
			best = slot;
			best_old = old;
		}
	}
	if (n > 2ull * rate)
		n = 2ull * rate; /* so that who stops is forgiven after a second or two */
	atomic_store_explicit(best, tag << 40 | second << 24 | n, memory_order_relaxed);
	return (unsigned)n;
}

static bool is_exempt(const struct asked *a)
{
	static const struct access_item loopback[] = {
		{ .address = { 127 }, .len = 4, .prefix = 8 },
		{ .address = { [15] = 1 }, .len = 16, .prefix = 128 },
	};
	const struct client *c = a->client;

	for (unsigned i = 0; i < 2; i++)
		if (access_has(&loopback[i], c->address, c->address_len))
			return true;
	return access_allows(&a->snapshot->facts.rate_exempt, c->address, c->address_len,
			     NULL) ||
	       edns_knows(&a->snapshot->facts, &a->scratch->query, c);
}

static void say(const struct client *c)
{
	static _Thread_local struct log_gate gate;
	const uint8_t *p = c->address;
	unsigned held;

	if (!log_gate_open(&gate, &held))
		return;
	if (c->address_len == 4)
		log_warn("rate_limited client=%u.%u.%u.0/24 held=%u", p[0], p[1], p[2],
			 held);
	else
		log_warn(
		    "rate_limited client=%02x%02x:%02x%02x:%02x%02x:%02x00::/56 held=%u",
		    p[0], p[1], p[2], p[3], p[4], p[5], p[6], held);
}

enum ratelimit_verdict ratelimit_judge(struct ratelimit *r, const struct asked *a,
				       const uint8_t *answer)
{
	const struct server_facts *f = &a->snapshot->facts;
	uint64_t key;

	if (f->rate == 0)
		return RATELIMIT_SEND;
	key = key_of(a->snapshot, a->client, kind_of(answer));
	if (count(r, key, a->client->now_s, f->rate) <= f->rate || is_exempt(a))
		return RATELIMIT_SEND;
	say(a->client);
	if (f->slip > 0 &&
	    atomic_fetch_add_explicit(&r->slipped, 1, memory_order_relaxed) % f->slip ==
		0) {
		stat_one(STAT_DNSD_RATE_SLIPPED);
		return RATELIMIT_SLIP;
	}
	stat_one(STAT_DNSD_RATE_DROPPED);
	return RATELIMIT_DROP;
}

size_t ratelimit_slip(uint8_t *answer, const struct query *q)
{
	answer[2] |= FLAG_TC >> 8;
	memset(answer + 6, 0, 6);
	return q->question_end;
}
