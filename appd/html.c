/* html.c -- see html.h. */
#include "appd/html.h"

#include "appd/utf8.h"

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void html_str(struct buf *out, struct str s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		const char *e = entity(s.p[i]);

		if (e == NULL)
			continue;
		buf_put(out, s.p + from, i - from);
		buf_text(out, e);
		from = i + 1;
	}
	if (s.n > from)
		buf_put(out, s.p + from, s.n - from);
}

void html_text(struct buf *out, const char *z)
{
	html_str(out, str_of(z));
}

void html_int(struct buf *out, int64_t v)
{
	buf_int(out, v);
}

void html_raw(struct buf *out, struct html h)
{
	buf_str(out, h.s);
}

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

void html_url_part(struct buf *out, struct url_part u)
{
	for (size_t i = 0; i < u.s.n; i++) {
		unsigned char c = (unsigned char)u.s.p[i];
		char hex[3] = { '%', "0123456789ABCDEF"[c >> 4],
				"0123456789ABCDEF"[c & 15] };

		if (is_unreserved((char)c))
			buf_char(out, (char)c);
		else
			buf_put(out, hex, sizeof(hex));
	}
}

void html_plain(struct buf *out, struct plain p)
{
	while (p.s.n > 0)
		html_str(out, utf8_cut_turn(&p.s));
}
