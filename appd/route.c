/* route.c -- see route.h. The table is the site's contents; keep it sorted by path.
 *
 * Matching walks the rows: a few dozen comparisons of segments, well under a microsecond.
 */
#include "appd/route.h"

#include <assert.h>

#include "appd/pages/pages.h"

/* clang-format off */
const struct route routes[] = {
	/* method	path		handler */
	{ METHOD_GET,	"/",		page_home },
	{ 0 },
};
/* clang-format on */

static const struct method_word {
	const char *word;
	enum method method;
} method_words[] = {
	{ "GET", METHOD_GET }, { "HEAD", METHOD_HEAD },     { "POST", METHOD_POST },
	{ "PUT", METHOD_PUT }, { "DELETE", METHOD_DELETE }, { "OPTIONS", METHOD_OPTIONS },
};

enum { METHOD_WORDS = sizeof(method_words) / sizeof(method_words[0]) };

enum method method_of(struct str word)
{
	for (size_t i = 0; i < METHOD_WORDS; i++)
		if (str_eq(word, str_of(method_words[i].word)))
			return method_words[i].method;
	return METHOD_NONE;
}

/* How well a row's path fits: 0 not at all, else a bit for each segment, fixed ones
 * higher than parameters, the first segment highest. */
static unsigned fit(const struct route *r, const struct target *t, struct str *args)
{
	struct str rest = str_of(r->path + 1);
	unsigned score = 1;
	size_t i = 0, arg = 0;

	for (; rest.n > 0; i++) {
		struct str segment = str_cut(&rest, '/');
		bool fixed = segment.p[0] != ':';

		if (i == t->count || t->segments[i].n == 0 ||
		    (fixed && !str_eq(segment, t->segments[i])))
			return 0;
		score = score << 1 | fixed;
		if (!fixed) {
			assert(arg < ROUTE_ARGS_MAX);
			args[arg++] = t->segments[i];
		}
	}
	return i == t->count ? score : 0;
}

struct route_match route_find(enum method method, const struct target *t)
{
	struct route_match m = { 0 };
	unsigned best = 0;
	enum method wanted = method == METHOD_HEAD ? METHOD_GET : method;

	for (const struct route *r = routes; r->path != NULL; r++) {
		struct str args[ROUTE_ARGS_MAX] = { 0 };
		unsigned score = fit(r, t, args);

		if (score == 0 || score < best)
			continue;
		if (score > best)
			m = (struct route_match){ 0 };
		best = score;
		m.methods |= r->method;
		memcpy(m.args, args, sizeof(args));
		if (r->method == wanted)
			m.route = r;
	}
	if (m.methods & METHOD_GET)
		m.methods |= METHOD_HEAD;
	if (m.methods != 0)
		m.methods |= METHOD_OPTIONS;
	return m;
}

void route_allow(struct buf *out, unsigned methods)
{
	const char *comma = "";

	for (size_t i = 0; i < METHOD_WORDS; i++) {
		if (!(methods & method_words[i].method))
			continue;
		buf_fmt(out, "%s%s", comma, method_words[i].word);
		comma = ", ";
	}
}
