/* zone_proofs.c -- see zone_proofs.h. */
#include "dnsd/zone_proofs.h"

#include "dnsd/rrtype.h"
#include "dnsd/sha1.h"
#include "dnsd/zone_check.h"

enum { ITERATIONS_MAX = 150, HASH_LABEL = 32, SALT_AT = 5, SHA1_ALGORITHM = 1 };

/* ---- NSEC ---- */

const struct node *nsec_cover(const struct zone *z, const uint8_t *lower)
{
	uint32_t low = 0, high = z->node_count; /* nodes[low] <= name < nodes[high] */

	while (high - low > 1) {
		uint32_t mid = low + (high - low) / 2;

		if (name_order(z->nodes[mid].name.wire, lower) <= 0)
			low = mid;
		else
			high = mid;
	}
	return z->nodes[low].proof;
}

static const struct node *wild_cover(const struct zone *z, const struct node *n)
{
	uint8_t wild[NAME_WIRE + 2] = { 1, '*' };

	if (n->wildcard != NULL)
		return n->wildcard->proof;
	if (n->name.len > NAME_WIRE - 2)
		return n->proof; /* no such name can be */
	memcpy(wild + 2, n->name.wire, n->name.len);
	return nsec_cover(z, wild);
}

static void prove_by_nsec(struct zone *z)
{
	const struct node *last = NULL;

	for (uint32_t i = 0; i < z->node_count; i++) {
		if (node_find(&z->nodes[i], RR_NSEC) != NULL)
			last = &z->nodes[i];
		z->nodes[i].proof = last;
	}
	for (uint32_t i = 0; i < z->node_count; i++)
		z->nodes[i].wild_proof = wild_cover(z, &z->nodes[i]);
}

/* ---- NSEC3 ---- */

void nsec3_hash(const struct nsec3_salt *salt, const uint8_t *wire, size_t len,
		uint8_t ret[NSEC3_HASH])
{
	uint8_t input[NAME_WIRE + 255];

	memcpy(input, wire, len);
	memcpy(input + len, salt->bytes, salt->len);
	sha1(input, len + salt->len, ret);
	for (unsigned i = 0; i < salt->iterations; i++) {
		memcpy(input, ret, NSEC3_HASH);
		memcpy(input + NSEC3_HASH, salt->bytes, salt->len);
		sha1(input, (size_t)NSEC3_HASH + salt->len, ret);
	}
}

const struct node *nsec3_cover(const struct zone *z, const uint8_t hash[NSEC3_HASH])
{
	uint32_t low = 0, high = z->nsec3_count;

	/* before the first: the last one's, which reaches around */
	if (memcmp(hash, z->nsec3_hashes[0], NSEC3_HASH) < 0)
		return &z->nsec3[high - 1];
	while (high - low > 1) {
		uint32_t mid = low + (high - low) / 2;

		if (memcmp(z->nsec3_hashes[mid], hash, NSEC3_HASH) <= 0)
			low = mid;
		else
			high = mid;
	}
	return &z->nsec3[low];
}

static int hex32(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'v' ? c - 'a' + 10 : -1;
}

/* RFC 4648 7, of the first label. */
static bool read_hash(const uint8_t *wire, uint8_t ret[NSEC3_HASH])
{
	uint64_t bits = 0;

	if (wire[0] != HASH_LABEL)
		return false;
	for (unsigned i = 0; i < HASH_LABEL; i++) {
		int v = hex32(wire[1 + i]);

		if (v < 0)
			return false;
		bits = bits << 5 | (uint64_t)v;
		for (unsigned k = 0; i % 8 == 7 && k < 5; k++)
			ret[i / 8 * 5 + k] = (uint8_t)(bits >> (32 - 8 * k));
	}
	return true;
}

/* Algorithm, flags (which differ by opt-out), iterations and salt as in NSEC3PARAM. */
static bool same_chain(const struct rrset *nsec3, const struct rrset *param)
{
	const uint8_t *a = rdata_of(nsec3->data), *b = rdata_of(param->data);

	return a[0] == b[0] && memcmp(a + 2, b + 2, 3u + b[4]) == 0;
}

/* Leaves only the chain of the NSEC3PARAM, with its hashes. */
static bool take_chain(struct zone *z, const struct rrset *param, struct complaints *c)
{
	uint32_t n = 0;

	z->nsec3_hashes = arena_array(&z->arena, z->nsec3_count + 1, NSEC3_HASH);
	if (z->nsec3_hashes == NULL) {
		buf_text(&c->wrong, "out of memory while building the zone\n");
		return false;
	}
	for (uint32_t i = 0; i < z->nsec3_count; i++) {
		const struct rrset *set = node_find(&z->nsec3[i], RR_NSEC3);

		if (set == NULL || !same_chain(set, param) ||
		    !read_hash(z->nsec3[i].name.wire, z->nsec3_hashes[n]))
			continue;
		z->nsec3[n++] = z->nsec3[i];
	}
	z->nsec3_count = n;
	return true;
}

static bool take_param(struct zone *z, const struct rrset *param, struct complaints *c)
{
	const uint8_t *p = rdata_of(param->data);

	z->salt = (struct nsec3_salt){ (uint16_t)(p[2] << 8 | p[3]), p[4], p + SALT_AT };
	if (p[0] == SHA1_ALGORITHM && z->salt.iterations <= ITERATIONS_MAX)
		return true;
	buf_fmt(
	    &c->wrong,
	    "%s: NSEC3PARAM has algorithm %u and %u iterations; algorithm 1 and up to "
	    "%d iterations are served (RFC 9276 wants none)\n",
	    z->text, p[0], z->salt.iterations, ITERATIONS_MAX);
	return false;
}

static const struct node *matching(const struct zone *z, const uint8_t *wire, size_t len)
{
	uint8_t hash[NSEC3_HASH];
	const struct node *n;

	nsec3_hash(&z->salt, wire, len, hash);
	n = nsec3_cover(z, hash);
	return memcmp(z->nsec3_hashes[n - z->nsec3], hash, NSEC3_HASH) == 0 ? n : NULL;
}

static void prove_by_nsec3(struct zone *z)
{
	for (uint32_t i = 0; i < z->node_count; i++) {
		struct node *n = &z->nodes[i];
		uint8_t wild[NAME_WIRE + 2] = { 1, '*' }, hash[NSEC3_HASH];

		n->proof = matching(z, n->name.wire, n->name.len);
		memcpy(wild + 2, n->name.wire, n->name.len);
		if (n->name.len > NAME_WIRE - 2)
			continue;
		nsec3_hash(&z->salt, wild, n->name.len + 2u, hash);
		n->wild_proof = nsec3_cover(z, hash);
	}
}

bool zone_proofs(struct zone *z, struct complaints *c)
{
	const struct rrset *param = node_find(zone_apex(z), RR_NSEC3PARAM);

	if (!z->is_signed)
		z->nsec3_count = 0;
	else if (param == NULL && node_find(zone_apex(z), RR_NSEC) != NULL)
		prove_by_nsec(z);
	else if (param != NULL && (!take_param(z, param, c) || !take_chain(z, param, c)))
		return false;
	if (param == NULL)
		z->nsec3_count = 0;
	if (z->nsec3_count > 0)
		prove_by_nsec3(z);
	return true;
}
