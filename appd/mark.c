/* mark.c -- see mark.h. */
#include "appd/mark.h"

#include <utf8proc.h>

#include "appd/html.h"

enum { FOLDED_MAX = 16, WORD_MAX = 40 };

bool mark_is_letter(char c)
{
	return (unsigned char)c >= 0x80 || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The character at the text's beginning without case and accents, which may be several or
 * none. Its size in bytes; 0: it is not valid. */
static size_t fold(struct str s, int32_t ret[FOLDED_MAX], size_t *ret_count)
{
	const utf8proc_option_t options =
	    UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD;
	utf8proc_int32_t c;
	utf8proc_ssize_t n, size;
	int last = UTF8PROC_BOUNDCLASS_START;

	*ret_count = 1;
	if (s.n > 0 && (unsigned char)s.p[0] < 0x80) {
		ret[0] = s.p[0] >= 'A' && s.p[0] <= 'Z' ? s.p[0] | 0x20 : s.p[0];
		return 1;
	}
	size = utf8proc_iterate((const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n, &c);
	if (size <= 0)
		return 0;
	n = utf8proc_decompose_char(c, ret, FOLDED_MAX, options, &last);
	*ret_count = n < 0 || n > FOLDED_MAX ? 0 : (size_t)n;
	return (size_t)size;
}

static struct str from(struct str s, size_t n)
{
	return (struct str){ s.p + n, s.n - n };
}

void mark_add(struct marks *m, struct arena *a, struct str words, bool prefix)
{
	size_t n = 0;
	int32_t *at;

	if (m->count == MARKS_MAX || words.n == 0)
		return;
	if (m->first.n == 0) {
		struct str rest = words;

		m->first = str_cut(&rest, ' ');
	}
	at = arena_array(a, words.n * FOLDED_MAX, sizeof(*at));
	while (words.n > 0) {
		size_t count, size = fold(words, at + n, &count);

		if (size == 0)
			return;
		n += count;
		words = from(words, size);
	}
	if (n > 0)
		m->at[m->count++] = (struct mark){ at, n, prefix };
}

/* How many bytes of the text the mark covers; 0: it does not stand here. */
static size_t covers(const struct mark *m, struct str text)
{
	struct str s = text;
	size_t k = 0;

	while (k < m->count) {
		int32_t folded[FOLDED_MAX];
		size_t count, size;

		if (s.n == 0)
			return 0;
		if (m->at[k] == ' ') {
			if (mark_is_letter(s.p[0]))
				return 0;
			while (s.n > 0 && !mark_is_letter(s.p[0]))
				s = from(s, 1);
			k++;
			continue;
		}
		size = fold(s, folded, &count);
		if (size == 0 || count > m->count - k ||
		    memcmp(folded, m->at + k, count * sizeof(*folded)) != 0)
			return 0;
		k += count;
		s = from(s, size);
	}
	if (!m->prefix && s.n > 0 && mark_is_letter(s.p[0]))
		return 0;
	while (s.n > 0 && mark_is_letter(s.p[0]))
		s = from(s, 1);
	return text.n - s.n;
}

static size_t longest(const struct marks *m, struct str text)
{
	size_t most = 0;

	for (size_t i = 0; i < m->count; i++) {
		size_t n = covers(&m->at[i], text);

		if (n > most)
			most = n;
	}
	return most;
}

void mark_html(struct buf *out, struct str text, const struct marks *m)
{
	size_t start = 0, i = 0;

	while (i < text.n) {
		bool begins = mark_is_letter(text.p[i]) &&
			      (i == 0 || !mark_is_letter(text.p[i - 1]));
		size_t n = begins ? longest(m, from(text, i)) : 0;

		if (n == 0) {
			i++;
			continue;
		}
		html_str(out, (struct str){ text.p + start, i - start });
		buf_text(out, "<mark>");
		html_str(out, (struct str){ text.p + i, n });
		buf_text(out, "</mark>");
		start = i += n;
	}
	html_str(out, from(text, start));
}

/* Of "](address)" the bytes to pass over; 0: it is none. */
static size_t address(struct str s)
{
	const char *end;

	if (!str_starts(s, STR("](")))
		return 0;
	end = memchr(s.p, ')', s.n);
	return end == NULL ? s.n : (size_t)(end - s.p) + 1;
}

struct str mark_plain(struct arena *a, struct str markdown)
{
	char *to = arena_take(a, markdown.n + 1);
	size_t n = 0;

	while (markdown.n > 0) {
		size_t skip = address(markdown);
		char c = markdown.p[0];

		if (skip == 0 && strchr("*`[]~", c) != NULL && c != '\0')
			skip = 1;
		if (skip > 0) {
			markdown = from(markdown, skip);
			continue;
		}
		if ((unsigned char)c <= ' ' || strchr("#>|", c) != NULL)
			c = ' ';
		if (c != ' ' || (n > 0 && to[n - 1] != ' '))
			to[n++] = c;
		markdown = from(markdown, 1);
	}
	return (struct str){ to, n };
}

struct str mark_whole_words(struct arena *a, struct str excerpt)
{
	const struct str before = STR("… "), behind = STR(" …");
	bool is_cut = str_starts(excerpt, before), goes_on = str_ends(excerpt, behind);
	struct str s = excerpt;
	size_t n = 0;

	if (is_cut) {
		s = from(s, before.n);
		while (n < s.n && n < WORD_MAX && s.p[n] != ' ')
			n++;
		if (n < s.n && s.p[n] == ' ')
			s = from(s, n + 1);
	}
	if (goes_on) {
		s.n -= behind.n;
		n = s.n;
		while (n > 0 && n + WORD_MAX > s.n && s.p[n - 1] != ' ')
			n--;
		if (n > 0 && s.p[n - 1] == ' ')
			s.n = n - 1;
	}
	return arena_fmt(a, "%s%.*s%s", is_cut ? before.p : "", STR_ARG(s),
			 goes_on ? behind.p : "");
}
