/* utf8.c -- see utf8.h. */
#include "appd/utf8.h"

static bool is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* How many bytes the character at p has; 0: none that is valid. */
static size_t char_size(const unsigned char *p, size_t left)
{
	unsigned char c = p[0];

	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c <= 0xdf)
		return left >= 2 && is_tail(p[1]) ? 2 : 0;
	if (c >= 0xe0 && c <= 0xef) {
		if (left < 3 || !is_tail(p[1]) || !is_tail(p[2]) ||
		    (c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f))
			return 0;
		return 3;
	}
	if (c >= 0xf0 && c <= 0xf4) {
		if (left < 4 || !is_tail(p[1]) || !is_tail(p[2]) || !is_tail(p[3]) ||
		    (c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] > 0x8f))
			return 0;
		return 4;
	}
	return 0;
}

bool utf8_is_valid(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0, n; i < s.n; i += n) {
		n = char_size(p + i, s.n - i);
		if (n == 0)
			return false;
	}
	return true;
}

size_t utf8_length(struct str s)
{
	size_t count = 0;

	for (size_t i = 0; i < s.n; i++)
		count += !is_tail((unsigned char)s.p[i]);
	return count;
}

bool utf8_has_control(struct str s, bool lines)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (lines && (c == '\t' || c == '\n' || c == '\r'))
			continue;
		if (c < 0x20 || c == 0x7f)
			return true;
		if (c == 0xc2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xa0)
			return true;
	}
	return false;
}

/* ---- what cannot be seen ---- */

static const struct range {
	uint32_t from, to;
} unseen[] = {
	{ 0x0009, 0x000d }, { 0x0020, 0x0020 },   { 0x0085, 0x0085 }, { 0x00a0, 0x00a0 },
	{ 0x00ad, 0x00ad }, { 0x034f, 0x034f },   { 0x061c, 0x061c }, { 0x115f, 0x1160 },
	{ 0x1680, 0x1680 }, { 0x17b4, 0x17b5 },   { 0x180b, 0x180f }, { 0x2000, 0x200f },
	{ 0x2028, 0x202f }, { 0x205f, 0x206f },   { 0x2800, 0x2800 }, { 0x3000, 0x3000 },
	{ 0x3164, 0x3164 }, { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 },
	{ 0xfff9, 0xfffb }, { 0xe0000, 0xe0fff },
};

static bool is_unseen(uint32_t c)
{
	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		if (c >= unseen[i].from && c <= unseen[i].to)
			return true;
	return false;
}

static uint32_t codepoint(const unsigned char *p, size_t size)
{
	static const unsigned char lead[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t c = p[0] & lead[size];

	for (size_t i = 1; i < size; i++)
		c = c << 6 | (p[i] & 0x3f);
	return c;
}

bool utf8_is_blank(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0, n; i < s.n; i += n) {
		n = char_size(p + i, s.n - i);
		if (n == 0 || !is_unseen(codepoint(p + i, n)))
			return false;
	}
	return true;
}

/* U+200C and U+200D, and which shape a character has: U+FE00 to U+FE0F. */
static bool is_joiner(uint32_t c)
{
	return c == 0x200c || c == 0x200d || (c >= 0xfe00 && c <= 0xfe0f);
}

bool utf8_hides(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	uint32_t before = 0;

	for (size_t i = 0, n; i < s.n; i += n) {
		uint32_t c;

		n = char_size(p + i, s.n - i);
		if (n == 0)
			return true;
		c = codepoint(p + i, n);
		if ((c & 0xfffe) == 0xfffe ||
		    (c != ' ' && is_unseen(c) && !(is_joiner(c) && before >= 0x80)))
			return true;
		before = c;
	}
	return false;
}

/* U+202A to U+202E and U+2066 to U+2069, three bytes each. */
static bool is_turn(const unsigned char *p)
{
	return p[0] == 0xe2 && ((p[1] == 0x80 && p[2] >= 0xaa && p[2] <= 0xae) ||
				(p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9));
}

struct str utf8_cut_turn(struct str *rest)
{
	struct str all = *rest;

	for (size_t i = 0; i + 3 <= all.n; i++) {
		if (!is_turn((const unsigned char *)all.p + i))
			continue;
		*rest = (struct str){ all.p + i + 3, all.n - i - 3 };
		return (struct str){ all.p, i };
	}
	*rest = (struct str){ all.p + all.n, 0 };
	return all;
}
