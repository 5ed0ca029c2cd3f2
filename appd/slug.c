/* slug.c -- see slug.h. */
#include "appd/slug.h"

#include <utf8proc.h>

#include "common/trace.h"

enum { SUFFIX = 6 };

/* Letters that Unicode does not decompose into a base and a mark. */
static const struct letter {
	utf8proc_int32_t from;
	const char *to;
} letters[] = {
	{ 0x00e6, "ae" }, { 0x00f0, "d" },  { 0x00f8, "o" },  { 0x00fe, "th" },
	{ 0x0111, "d" },  { 0x0127, "h" },  { 0x0131, "i" },  { 0x0138, "k" },
	{ 0x0142, "l" },  { 0x014b, "ng" }, { 0x0153, "oe" }, { 0x0167, "t" },
};

struct writer {
	char *to;
	size_t n;
	bool gap; /* a dash is due before the next letter */
};

static void put(struct writer *w, const char *letters_of)
{
	size_t n = strlen(letters_of);

	if (w->n + n + w->gap > SLUG_MAX)
		return;
	if (w->gap && w->n > 0)
		w->to[w->n++] = '-';
	w->gap = false;
	memcpy(w->to + w->n, letters_of, n);
	w->n += n;
}

static void put_codepoint(struct writer *w, utf8proc_int32_t c)
{
	const char text[2] = { (char)c, '\0' };

	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
		put(w, text);
		return;
	}
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		if (letters[i].from == c) {
			put(w, letters[i].to);
			return;
		}
	}
	if (c != '\'' && c != 0x2019) /* "don't" is dont */
		w->gap = true;
}

struct str slug_of_title(struct arena *a, struct str title)
{
	const utf8proc_option_t options = UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
					  UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD |
					  UTF8PROC_IGNORE;
	struct writer w = { .to = arena_take(a, SLUG_MAX + 1) };
	utf8proc_uint8_t *plain = NULL;
	utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)title.p,
					  (utf8proc_ssize_t)title.n, &plain, options);

	for (utf8proc_ssize_t i = 0; i < n;) {
		utf8proc_int32_t c;
		utf8proc_ssize_t size = utf8proc_iterate(plain + i, n - i, &c);

		if (size <= 0)
			break;
		put_codepoint(&w, c);
		i += size;
	}
	free(plain);
	return (struct str){ w.to, w.n };
}

struct str slug_with_suffix(struct arena *a, struct str slug)
{
	/* no vowels and nothing that looks alike: no words by accident */
	static const char alphabet[] = "23456789bcdfghjkmnpqrstvwxz";
	char suffix[SUFFIX + 1] = { 0 };
	uint64_t random = trace_random();

	for (int i = 0; i < SUFFIX; i++, random /= sizeof(alphabet) - 1)
		suffix[i] = alphabet[random % (sizeof(alphabet) - 1)];
	return arena_fmt(a, "%.*s%s%s", STR_ARG(slug), slug.n > 0 ? "-" : "", suffix);
}
