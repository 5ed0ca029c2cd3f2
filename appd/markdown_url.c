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
	else if (c == '/' || c == '?' || c == '#')
		u->verdict = URL_FINE; /* relative: there was no scheme */
	else if (u->n < sizeof(u->scheme))
		u->scheme[u->n++] = c < 0x7f ? (char)c : '?';
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
		for (size_t i = 0; i < piece.n; i++)
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

static void put_byte(struct buf *out, unsigned char c)
{
	if (c == '&')
		buf_text(out, "&amp;");
	else if (c == '\'')
		buf_text(out, "&#39;");
	else if (isalnum(c) || (c != 0 && strchr("-_.~!*();:@=+$,/?#%", c) != NULL))
		buf_char(out, (char)c);
	else
		put_percent(out, c);
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
		for (size_t i = 0; i < piece.n; i++)
			put_byte(out, (unsigned char)piece.p[i]);
	} else if (numeric(piece, &c)) {
		put_codepoint(out, c > 0 && c <= 0x10ffff ? c : 0xfffd);
	} else {
		buf_str(out, piece);
	}
}
