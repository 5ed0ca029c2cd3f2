/* name.c -- see name.h. */
#include "dnsd/name.h"

#include <stdio.h>
#include <string.h>

enum { LABEL_MAX = 63 };

/* ASCII only, as RFC 4343 wants it; a table is one load for each octet. */
static const uint8_t fold[256] = {
#define L(c)   (uint8_t)((c) >= 'A' && (c) <= 'Z' ? (c) + 32 : (c))
#define L4(c)  L(c), L((c) + 1), L((c) + 2), L((c) + 3)
#define L16(c) L4(c), L4((c) + 4), L4((c) + 8), L4((c) + 12)
#define L64(c) L16(c), L16((c) + 16), L16((c) + 32), L16((c) + 48)
	L64(0), L64(64), L64(128), L64(192)
};

size_t name_length(const uint8_t *p, size_t n)
{
	size_t at = 0;

	while (at < n && p[at] != 0) {
		if (p[at] > LABEL_MAX)
			return 0;
		at += 1u + p[at];
	}
	return at < n && at < NAME_WIRE ? at + 1 : 0;
}

bool name_read(const uint8_t *p, size_t n, struct name_key *ret)
{
	size_t at = 0;
	unsigned labels = 0;

	if (n > NAME_WIRE)
		n = NAME_WIRE;
	while (at < n && p[at] != 0) {
		size_t end = at + 1u + p[at];

		if (p[at] > LABEL_MAX || end >= n)
			return false;
		ret->at[labels++] = (uint8_t)at;
		ret->lower[at] = p[at];
		while (++at < end)
			ret->lower[at] = fold[p[at]];
	}
	if (at >= n)
		return false;
	ret->lower[at] = 0;
	ret->at[labels] = (uint8_t)at;
	ret->len = (uint8_t)(at + 1);
	ret->labels = (uint8_t)labels;
	return true;
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15u;
	return h ^ (h >> 32);
}

/* One label onto the hash of what stands to its right. */
static uint64_t hash_label(uint64_t h, const uint8_t *label)
{
	size_t n = *label;
	uint64_t v;

	for (label++; n >= sizeof(v); n -= sizeof(v), label += sizeof(v)) {
		memcpy(&v, label, sizeof(v));
		h = mix(h, v);
	}
	v = (uint64_t)n << 56;
	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)label[i] << (8 * i);
	return mix(h, v);
}

void name_hash(struct name_key *k, uint64_t seed)
{
	uint64_t h = mix(seed, 0);

	k->hash[k->labels] = h;
	for (unsigned i = k->labels; i-- > 0;)
		k->hash[i] = h = hash_label(h, k->lower + k->at[i]);
}

void name_lower(uint8_t *ret, const uint8_t *p, size_t len)
{
	/* label lengths are below 'A', so they pass unchanged */
	for (size_t i = 0; i < len; i++)
		ret[i] = fold[p[i]];
}

unsigned name_labels(const uint8_t *wire)
{
	unsigned n = 0;

	for (; *wire != 0; wire += 1u + *wire)
		n++;
	return n;
}

static unsigned label_starts(const uint8_t *wire, uint8_t ret[NAME_LABELS])
{
	unsigned n = 0;

	for (size_t at = 0; wire[at] != 0; at += 1u + wire[at])
		ret[n++] = (uint8_t)at;
	return n;
}

int name_order(const uint8_t *a, const uint8_t *b)
{
	uint8_t at_a[NAME_LABELS], at_b[NAME_LABELS];
	unsigned left_a = label_starts(a, at_a), left_b = label_starts(b, at_b);

	while (left_a > 0 && left_b > 0) {
		const uint8_t *x = a + at_a[--left_a], *y = b + at_b[--left_b];
		int c = memcmp(x + 1, y + 1, *x < *y ? *x : *y);

		if (c != 0)
			return c;
		if (*x != *y)
			return *x - *y;
	}
	return (int)left_a - (int)left_b;
}

bool name_is_under(const uint8_t *name, size_t len, const uint8_t *top, size_t top_len)
{
	size_t at = 0;

	if (len < top_len)
		return false;
	while (at < len - top_len)
		at += 1u + name[at];
	return at == len - top_len && memcmp(name + at, top, top_len) == 0;
}

static size_t text_octet(char *ret, uint8_t c)
{
	if (c <= ' ' || c >= 0x7f)
		return (size_t)snprintf(ret, 5, "\\%03u", c);
	if (strchr(".;\\()\"@$", c) != NULL) {
		ret[0] = '\\';
		ret[1] = (char)c;
		return 2;
	}
	ret[0] = (char)c;
	return 1;
}

const char *name_text(const uint8_t *wire, char ret[NAME_TEXT])
{
	size_t n = 0;

	if (*wire == 0)
		return ".";
	for (; *wire != 0; wire += 1u + *wire) {
		if (n > 0)
			ret[n++] = '.';
		for (unsigned i = 1; i <= *wire; i++)
			n += text_octet(ret + n, wire[i]);
	}
	ret[n] = '\0';
	return ret;
}
