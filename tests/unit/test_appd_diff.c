/* test_appd_diff.c -- what changed between two texts: nothing is lost, nothing is made
 * up, and no text takes long. */
#include <time.h>

#include "appd/diff.h"
#include "tests/unit/check.h"

/* "=a", "-a", "+a" lines, with [] around changed words and ~N for lines passed over */
static struct str shown(struct arena *a, const struct diff *d)
{
	struct str ret = STR("");

	for (size_t i = 0; i < d->count; i++) {
		const struct diff_line *l = &d->lines[i];

		if (l->kind == DIFF_SKIPPED) {
			ret = arena_fmt(a, "%.*s~%zu\n", STR_ARG(ret), l->count);
			continue;
		}
		ret = arena_fmt(a, "%.*s%c", STR_ARG(ret), "=-+"[l->kind]);
		for (size_t k = 0; k < l->count; k++)
			ret =
			    arena_fmt(a, l->spans[k].changed ? "%.*s[%.*s]" : "%.*s%.*s",
				      STR_ARG(ret), STR_ARG(l->spans[k].text));
		ret = arena_fmt(a, "%.*s\n", STR_ARG(ret));
	}
	return ret;
}

static void differs(const char *before, const char *after, const char *expected)
{
	struct arena a;
	struct diff d;

	arena_init(&a, 24 << 20);
	d = diff_texts(&a, str_of(before), str_of(after));
	CHECK_STR(shown(&a, &d), str_of(expected));
	arena_fini(&a);
}

TEST(lines)
{
	differs("", "", "");
	differs("", "a", "+a\n");
	differs("a\n", "", "-a\n");
	differs("a\nb\nc\n", "a\nc", "=a\n-b\n=c\n");
	differs("a\nb", "a\nx\nb\ny", "=a\n+x\n=b\n+y\n");
	differs("\n\na", "\na", "=\n-\n=a\n");
	differs("a\nb\nc\na\nb\nb\na", "c\nb\na\nb\na\nc",
		"-a\n-b\n=c\n+b\n=a\n=b\n-b\n=a\n+c\n");
}

TEST(words_of_a_line_that_was_changed)
{
	differs("the quick brown fox", "the slow brown fox",
		"-the [quick] brown fox\n+the [slow] brown fox\n");
	differs("nothing alike", "quite another thing",
		"-nothing alike\n"
		"+quite another thing\n");
	differs("żółw idzie wolno", "żółw biegnie wolno",
		"-żółw [idzie] wolno\n+żółw [biegnie] wolno\n");
}

TEST(what_is_far_from_a_change_is_passed_over)
{
	differs("1\n2\n3\n4\n5\n6\n7\n8\n9\nx\n1\n2\n3\n4\n5\n6",
		"1\n2\n3\n4\n5\n6\n7\n8\n9\ny\n1\n2\n3\n4\n5\n6",
		"~6\n=7\n=8\n=9\n-x\n+y\n=1\n=2\n=3\n~3\n");
	differs("1\n2\n3\n4\n5", "1\n2\n3\n4\n5", "~5\n");
}

/* Is it the one text without what is new, and the other without what is gone? */
static void check_whole(const struct diff *d, struct str before, struct str after)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct diff_line *l = &d->lines[i];

		if (l->kind == DIFF_SKIPPED) {
			for (size_t k = 0; k < l->count; k++)
				CHECK_STR(str_cut(&before, '\n'), str_cut(&after, '\n'));
			continue;
		}
		for (int side = 0; side < 2; side++) {
			struct str *of = side == 0 ? &before : &after, line;

			if (l->kind == (side == 0 ? DIFF_NEW : DIFF_GONE))
				continue;
			line = str_cut(of, '\n');
			for (size_t k = 0; k < l->count; k++) {
				CHECK(str_starts(line, l->spans[k].text));
				line.p += l->spans[k].text.n;
				line.n -= l->spans[k].text.n;
			}
			CHECK_INT(line.n, 0);
		}
	}
	CHECK(before.n == 0 && after.n == 0);
}

TEST(nothing_is_lost)
{
	static const char *const words[] = { "a", "b b", "c", "d d d", "", "e" };
	uint32_t seed = 7;

	for (int round = 0; round < 300; round++) {
		struct str texts[2];
		struct arena a;
		struct diff d;

		arena_init(&a, 24 << 20);
		for (int t = 0; t < 2; t++) {
			texts[t] = STR("x");
			for (int i = 0; i < 24; i++) {
				seed = seed * 1103515245 + 12345;
				texts[t] = arena_fmt(&a, "%.*s\n%s", STR_ARG(texts[t]),
						     words[seed >> 16 & 3]);
			}
			texts[t] = arena_fmt(&a, "%.*s\ny", STR_ARG(texts[t]));
		}
		d = diff_texts(&a, texts[0], texts[1]);
		CHECK(!d.cut);
		check_whole(&d, texts[0], texts[1]);
		arena_fini(&a);
	}
}

/* Two texts of n letters and line breaks, the second with another letter here and there.
 */
static void takes_not_long(char letter, size_t every)
{
	enum { N = 400000 };
	static char before[N], after[N];
	clock_t start = clock(); /* of what is run here, whoever else runs */
	struct arena a;
	struct diff d;

	for (size_t i = 0; i < N; i++) {
		before[i] = every > 0 && i % every == every - 1 ? '\n'
			    : every > 0                         ? (char)('a' + i % 23)
								: letter;
		after[i] =
		    before[i] != '\n' && i % 7 == 3 ? (char)('A' + i % 19) : before[i];
	}
	arena_init(&a, 24 << 20);
	d = diff_texts(&a, (struct str){ before, N }, (struct str){ after, N });
	CHECK(d.changed == (letter != '\n'));
	CHECK(d.count <= DIFF_LINES_MAX);
	CHECK(a.used < 20 << 20);
	CHECK(clock() - start < 2 * CLOCKS_PER_SEC); /* a sanitizer's time */
	arena_fini(&a);
}

TEST(hostile_texts_are_bounded)
{
	takes_not_long('\n', 0);
	takes_not_long('a', 0);
	takes_not_long(' ', 0);
	takes_not_long('x', 2);
	takes_not_long('x', 5);
	takes_not_long('x', 80);
	takes_not_long('x', 3000);
}
