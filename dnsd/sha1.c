/* sha1.c -- see sha1.h. FIPS 180-4, section 6.1. */
#include "dnsd/sha1.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64, LENGTH = 8 };

static uint32_t rotate(uint32_t v, unsigned by)
{
	return v << by | v >> (32 - by);
}

static void expand(const uint8_t *p, uint32_t w[80])
{
	for (unsigned i = 0; i < 16; i++, p += 4)
		w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
		       p[3];
	for (unsigned i = 16; i < 80; i++)
		w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
}

static uint32_t choose(unsigned round, uint32_t b, uint32_t c, uint32_t d)
{
	if (round < 20)
		return ((b & c) | (~b & d)) + 0x5a827999;
	if (round < 40)
		return (b ^ c ^ d) + 0x6ed9eba1;
	if (round < 60)
		return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
	return (b ^ c ^ d) + 0xca62c1d6;
}

static void add_block(uint32_t h[5], const uint8_t *p)
{
	uint32_t w[80], v[5];

	expand(p, w);
	memcpy(v, h, sizeof(v));
	for (unsigned i = 0; i < 80; i++) {
		uint32_t t = rotate(v[0], 5) + choose(i, v[1], v[2], v[3]) + v[4] + w[i];

		v[4] = v[3];
		v[3] = v[2];
		v[2] = rotate(v[1], 30);
		v[1] = v[0];
		v[0] = t;
	}
	for (unsigned i = 0; i < 5; i++)
		h[i] += v[i];
}

void sha1(const uint8_t *p, size_t n, uint8_t ret[SHA1_SIZE])
{
	uint8_t padded[SHA1_INPUT_MAX + BLOCK + LENGTH + 1];
	uint32_t h[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
	size_t total = (n + 1 + LENGTH + BLOCK - 1) / BLOCK * BLOCK;

	if (n > SHA1_INPUT_MAX)
		abort();
	memcpy(padded, p, n);
	memset(padded + n, 0, total - n);
	padded[n] = 0x80;
	for (unsigned i = 0; i < LENGTH; i++)
		padded[total - 1 - i] = (uint8_t)((uint64_t)n * 8 >> (8 * i));
	for (size_t at = 0; at < total; at += BLOCK)
		add_block(h, padded + at);
	for (unsigned i = 0; i < SHA1_SIZE; i++)
		ret[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
}
