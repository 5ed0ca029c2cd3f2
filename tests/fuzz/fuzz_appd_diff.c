/* fuzz_appd_diff.c -- any two texts: their difference holds one without what is new and
 * the other without what is gone, as far as it is shown. */
#include "appd/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void need(bool truth)
{
	if (!truth)
		abort();
}

static void take(struct str *text, const struct diff_line *l)
{
	struct str line = str_cut(text, '\n');

	for (size_t k = 0; k < l->count; k++) {
		need(str_starts(line, l->spans[k].text));
		line.p += l->spans[k].text.n;
		line.n -= l->spans[k].text.n;
	}
	need(line.n == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct str after = { (const char *)bytes, n }, before = str_cut(&after, '\0');
	struct arena a;
	struct diff d;

	if (after.p == NULL)
		after = STR("");
	arena_init(&a, 24 << 20);
	d = diff_texts(&a, before, after);
	for (size_t i = 0; i < d.count; i++) {
		const struct diff_line *l = &d.lines[i];

		for (size_t k = 0; l->kind == DIFF_SKIPPED && k < l->count; k++)
			need(str_eq(str_cut(&before, '\n'), str_cut(&after, '\n')));
		if (l->kind == DIFF_SAME || l->kind == DIFF_GONE)
			take(&before, l);
		if (l->kind == DIFF_SAME || l->kind == DIFF_NEW)
			take(&after, l);
	}
	need(d.cut || (before.n <= 1 && after.n <= 1));
	arena_fini(&a);
	return 0;
}
