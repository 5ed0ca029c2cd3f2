/* conditions.c -- see conditions.h. */
#include "webd/conditions.h"

/* ---- codings ---- */

/* "0.5" in thousandths; what is no weight counts as 1. */
static unsigned weight_of(struct str parameters)
{
	for (struct str rest = parameters; rest.p != NULL;) {
		struct str one = str_trim(str_cut(&rest, ';'));
		unsigned w, scale = 100;

		if (one.n < 3 || (one.p[0] | 0x20) != 'q' || one.p[1] != '=')
			continue;
		if (one.p[2] != '0')
			return 1000;
		w = 0;
		for (size_t i = 4; i < one.n && i < 7; i++, scale /= 10)
			if (one.p[i] >= '0' && one.p[i] <= '9')
				w += (unsigned)(one.p[i] - '0') * scale;
		return w;
	}
	return 1000;
}

static const struct str coding_names[CODINGS] = {
	[CODING_GZIP] = { "gzip", 4 },
	[CODING_BROTLI] = { "br", 2 },
};

/* Of a coding in the header: named, or by "*", or not at all (0). */
static unsigned coding_weight(struct str accept, enum coding coding)
{
	unsigned star = 0;

	for (struct str rest = accept; rest.p != NULL;) {
		struct str parameters = str_cut(&rest, ',');
		struct str name = str_trim(str_cut(&parameters, ';'));

		if (str_eq_nocase(name, coding_names[coding]) ||
		    (coding == CODING_GZIP && str_eq_nocase(name, STR("x-gzip"))))
			return weight_of(parameters);
		if (str_eq(name, STR("*")))
			star = weight_of(parameters);
	}
	return star;
}

enum coding coding_choose(struct str accept, unsigned have)
{
	enum coding best = CODING_NONE;
	unsigned best_weight = 0;

	/* the later, the smaller the file: it wins at equal weight */
	for (enum coding c = CODING_GZIP; c < CODINGS; c++) {
		unsigned w = have & (1u << c) ? coding_weight(accept, c) : 0;

		if (w > 0 && w >= best_weight) {
			best = c;
			best_weight = w;
		}
	}
	return best;
}

/* ---- entity tags ---- */

static void skip_blanks(struct str *s)
{
	while (s->n > 0 && (*s->p == ' ' || *s->p == '\t' || *s->p == ','))
		s->p++, s->n--;
}

/* The next tag with its quotes; n == 0 at the end or at a mistake. */
static struct str next_tag(struct str *s, bool *ret_weak)
{
	struct str tag;
	const char *end;

	skip_blanks(s);
	*ret_weak = str_starts(*s, STR("W/"));
	if (*ret_weak)
		s->p += 2, s->n -= 2;
	if (s->n < 2 || s->p[0] != '"')
		return (struct str){ NULL, 0 };
	end = memchr(s->p + 1, '"', s->n - 1);
	if (end == NULL)
		return (struct str){ NULL, 0 };
	tag = (struct str){ s->p, (size_t)(end + 1 - s->p) };
	s->p += tag.n, s->n -= tag.n;
	return tag;
}

bool etag_listed(struct str list, struct str etag, bool weakly)
{
	struct str rest = list, tag;
	bool weak;

	if (list.p == NULL)
		return false;
	if (str_eq(str_trim(list), STR("*")))
		return true;
	while ((tag = next_tag(&rest, &weak)).n > 0)
		if (str_eq(tag, etag) && (weakly || !weak))
			return true;
	return false;
}

enum condition condition_of(const struct condition_headers *h, struct str etag)
{
	if (h->if_match.p != NULL && !etag_listed(h->if_match, etag, false))
		return CONDITION_FAILED;
	if (h->if_none_match.p != NULL && etag_listed(h->if_none_match, etag, true))
		return CONDITION_NOT_MODIFIED;
	return CONDITION_NONE;
}

/* ---- ranges ---- */

/* "0-99", "100-", "-100"; false if it is none of these. An end beyond any file is
 * SIZE_MAX. */
static bool parse_range(struct str spec, uint64_t *ret_first, uint64_t *ret_last,
			bool *ret_suffix)
{
	struct str last = spec, first = str_cut(&last, '-');

	if (last.p == NULL || (first.n == 0 && last.n == 0))
		return false;
	*ret_suffix = first.n == 0;
	*ret_first = 0;
	*ret_last = UINT64_MAX;
	if ((first.n > 0 && !str_to_u64(first, ret_first)) ||
	    (last.n > 0 && !str_to_u64(last, ret_last)))
		return false;
	return *ret_suffix || *ret_first <= *ret_last;
}

/* If-Range must be this very tag, strongly; a date matches nothing here. */
static bool range_applies(struct str if_range, struct str etag)
{
	return if_range.p == NULL || str_eq(str_trim(if_range), etag);
}

struct range range_of(struct str range, struct str if_range, struct str etag, size_t size)
{
	struct range all = { RANGE_ALL, 0, size }, none = { RANGE_UNSATISFIABLE, 0, 0 };
	struct str spec = range, unit = str_cut(&spec, '=');
	uint64_t first, last;
	bool suffix;

	if (range.p == NULL || spec.p == NULL ||
	    !str_eq_nocase(str_trim(unit), STR("bytes")) ||
	    !parse_range(str_trim(spec), &first, &last, &suffix) ||
	    !range_applies(if_range, etag))
		return all;
	if (suffix && (last == 0 || size == 0))
		return none;
	if (suffix) {
		size_t n = last < size ? (size_t)last : size;

		return (struct range){ RANGE_PART, size - n, n };
	}
	if (first >= size)
		return none;
	last = last < size ? last : size - 1;
	return (struct range){ RANGE_PART, (size_t)first, (size_t)(last - first + 1) };
}
