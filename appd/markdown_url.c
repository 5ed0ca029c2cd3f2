/* markdown_url.c -- see markdown_url.h. */
#include "appd/markdown_url.h"

#include <ctype.h>

static const char *const schemes[] = { "http", "https", "mailto" };

static bool scheme_is_fine(const struct markdown_url *u)
{
	struct str scheme = { u->scheme, u->n };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (str_eq_nocase(scheme, str_of(schemes[i])))
			return true;
	return false;
}

static void look_at(struct markdown_url *u, uint32_t c)
{
	if (u->verdict != URL_OPEN)
		return;
	if (c == ':')
		u->verdict = scheme_is_fine(u) ? URL_FINE : URL_REFUSED;
	else if (c >= 0x80 || !(isalnum((int)c) || strchr("+-.", (int)c) != NULL) ||
		 c == 0)
		u->verdict = URL_FINE; /* relative: no scheme has such a letter */
	else if (u->n < sizeof(u->scheme))
		u->scheme[u->n++] = (char)c;
}

/* "&#106;" or "&#x6a;"; false: it has a name. */
static bool numeric(struct str entity, uint32_t *ret)
{
	uint32_t c = 0;
	bool hex = entity.n > 3 && (entity.p[2] | 0x20) == 'x';

	if (entity.n < 4 || entity.p[1] != '#')
		return false;
	for (size_t i = hex ? 3 : 2; i + 1 < entity.n; i++) {
		unsigned char d = (unsigned char)entity.p[i];

		if (c > 0x10ffff)
			return false;
		if (isdigit(d))
			c = c * (hex ? 16 : 10) + (d - '0');
		else if (hex && isxdigit(d))
			c = c * 16 + ((d | 0x20) - 'a' + 10);
		else
			return false;
	}
	*ret = c;
	return true;
}

void markdown_url_look(struct markdown_url *u, bool entity, struct str piece)
{
	uint32_t c;

	if (!entity) {
		for (size_t i = 0; i < piece.n && u->verdict == URL_OPEN; i++)
			look_at(u, (unsigned char)piece.p[i]);
	} else if (numeric(piece, &c)) {
		look_at(u, c);
	} else if (u->verdict == URL_OPEN) {
		u->verdict = URL_REFUSED;
	}
}

bool markdown_url_ok(const struct markdown_url *u)
{
	return u->verdict != URL_REFUSED; /* open at the end: a relative "page" */
}

static void put_percent(struct buf *out, unsigned char c)
{
	const char text[3] = { '%', "0123456789ABCDEF"[c >> 4],
			       "0123456789ABCDEF"[c & 15] };

	buf_put(out, text, sizeof(text));
}

/* Two bits tests: strchr for each byte of a megabyte is felt. */
static bool stands(unsigned char c)
{
	static const char fine[] = "-_.~!*();:@=+$,/?#%";
	static uint64_t low, high; /* of ASCII, made at first use */

	if (low == 0) {
		for (unsigned i = 1; i < 128; i++)
			if (isalnum((int)i) || strchr(fine, (int)i) != NULL)
				*(i < 64 ? &low : &high) |= (uint64_t)1 << (i & 63);
	}
	return c < 64 ? low >> c & 1 : c < 128 && (high >> (c & 63) & 1);
}

static void put_byte(struct buf *out, unsigned char c)
{
	if (c == '&')
		buf_text(out, "&amp;");
	else if (c == '\'')
		buf_text(out, "&#39;");
	else if (stands(c))
		buf_char(out, (char)c);
	else
		put_percent(out, c);
}

static void put_bytes(struct buf *out, struct str s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (stands((unsigned char)s.p[i]))
			continue;
		buf_put(out, s.p + from, i - from);
		put_byte(out, (unsigned char)s.p[i]);
		from = i + 1;
	}
	if (s.n > from)
		buf_put(out, s.p + from, s.n - from);
}

static void put_codepoint(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		put_byte(out, (unsigned char)c);
	} else if (c < 0x800) {
		put_percent(out, (unsigned char)(0xc0 | c >> 6));
		put_percent(out, (unsigned char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		put_percent(out, (unsigned char)(0xe0 | c >> 12));
		put_percent(out, (unsigned char)(0x80 | (c >> 6 & 0x3f)));
		put_percent(out, (unsigned char)(0x80 | (c & 0x3f)));
	} else {
		put_percent(out, (unsigned char)(0xf0 | (c >> 18 & 7)));
		put_percent(out, (unsigned char)(0x80 | (c >> 12 & 0x3f)));
		put_percent(out, (unsigned char)(0x80 | (c >> 6 & 0x3f)));
		put_percent(out, (unsigned char)(0x80 | (c & 0x3f)));
	}
}

void markdown_url_put(struct buf *out, bool entity, struct str piece)
{
	uint32_t c;

	if (!entity) {
		put_bytes(out, piece);
	} else if (numeric(piece, &c)) {
		put_codepoint(out, c > 0 && c <= 0x10ffff ? c : 0xfffd);
	} else {
		buf_str(out, piece);
	}
}
