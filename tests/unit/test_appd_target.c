/* test_appd_target.c -- appd/target.h, appd/utf8.h: what the address bar can hold. */
#include "appd/target.h"

#include "appd/utf8.h"
#include "common/buf.h"
#include "tests/unit/check.h"

static struct arena arena;

static enum target_result parse(const char *raw, struct target *t)
{
	arena_fini(&arena);
	arena_init(&arena, 1 << 20);
	return target_parse(&arena, str_of(raw), t);
}

TEST(takes_a_path_apart)
{
	struct target t;

	CHECK_INT(parse("/", &t), TARGET_OK);
	CHECK_INT(t.count, 0);
	CHECK(!t.slash);
	CHECK_INT(parse("/article/one-two", &t), TARGET_OK);
	CHECK_INT(t.count, 2);
	CHECK_STR(t.segments[0], STR("article"));
	CHECK_STR(t.segments[1], STR("one-two"));
	CHECK(!t.slash);
	CHECK_INT(parse("/tag/x/", &t), TARGET_OK);
	CHECK_INT(t.count, 2);
	CHECK(t.slash);
	CHECK_INT(parse("//", &t), TARGET_OK);
	CHECK_INT(t.count, 1);
	CHECK_STR(t.segments[0], STR(""));
	CHECK(t.slash);
	CHECK_INT(parse("/a//b", &t), TARGET_OK);
	CHECK_INT(t.count, 3);
	arena_fini(&arena);
}

TEST(decodes_after_taking_apart)
{
	struct target t;

	CHECK_INT(parse("/tag/c%2B%2b", &t), TARGET_OK);
	CHECK_STR(t.segments[1], STR("c++"));
	CHECK_INT(parse("/tag/a+b", &t), TARGET_OK);
	CHECK_STR(t.segments[1], STR("a+b")); /* only a query's + is a space */
	CHECK_INT(parse("/tag/a%2Fb", &t), TARGET_OK);
	CHECK_INT(t.count, 2);
	CHECK_STR(t.segments[1], STR("a/b"));
	CHECK_INT(parse("/tag/%C5%82%F0%9F%90%89", &t), TARGET_OK);
	CHECK_STR(t.segments[1], STR("\xc5\x82\xf0\x9f\x90\x89"));
	arena_fini(&arena);
}

TEST(refuses_what_is_not_percent_encoded_utf8)
{
	static const char *const bad[] = {
		"",
		"tag",
		"*",
		"/%",
		"/%4",
		"/%zz",
		"/a%4",
		"/%ff",
		"/%c0%af",       /* overlong */
		"/%ed%a0%80",    /* a surrogate */
		"/%f4%90%80%80", /* above U+10FFFF */
		"/%e2%82",       /* cut off */
		"/%00",
		"/a%0ab",
		"/%7f",
		"/%c2%85", /* C1 */
		"/?a=%ff",
		"/?a=%00",
		"/?%ff=1",
		"/?a=%",
		"/\xff",
	};
	struct target t;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (parse(bad[i], &t) != TARGET_BAD)
			CHECK_FAIL("'%s' was taken", bad[i]);
	CHECK_INT(parse("/1/2/3/4/5/6/7/8/9", &t), TARGET_DEEP);
	arena_fini(&arena);
}

TEST(refuses_a_target_without_end)
{
	static char raw[TARGET_MAX + 2];
	struct target t;

	memset(raw, 'a', sizeof(raw) - 1);
	raw[0] = '/';
	CHECK_INT(parse(raw, &t), TARGET_BAD);
	raw[TARGET_MAX] = '\0';
	CHECK_INT(parse(raw, &t), TARGET_OK);
	arena_fini(&arena);
}

TEST(reads_a_query)
{
	struct target t;

	CHECK_INT(parse("/?tag=a+b%26&limit=5&&empty=&bare&tag=second", &t), TARGET_OK);
	CHECK_STR(pairs_find(&t.query, STR("tag")), STR("a b&"));
	CHECK_STR(pairs_find(&t.query, STR("limit")), STR("5"));
	CHECK(pairs_find(&t.query, STR("empty")).p != NULL);
	CHECK_INT(pairs_find(&t.query, STR("empty")).n, 0);
	CHECK(pairs_find(&t.query, STR("bare")).p != NULL);
	CHECK(pairs_find(&t.query, STR("none")).p == NULL);
	CHECK_INT(t.query.count, 5);
	arena_fini(&arena);
}

TEST(a_query_has_a_bound)
{
	struct buf b;
	struct target t;

	buf_init(&b, 8192);
	buf_text(&b, "/?");
	for (int i = 0; i < TARGET_PAIRS_MAX; i++)
		buf_fmt(&b, "k%d=v&", i);
	buf_char(&b, '\0');
	CHECK_INT(parse(b.p, &t), TARGET_OK);
	CHECK_INT(t.query.count, TARGET_PAIRS_MAX);
	b.n--;
	buf_text(&b, "one=more");
	buf_char(&b, '\0');
	CHECK_INT(parse(b.p, &t), TARGET_BAD);
	buf_fini(&b);
	arena_fini(&arena);
}

TEST(counts_characters)
{
	CHECK_INT(utf8_length(STR("")), 0);
	CHECK_INT(utf8_length(STR("a\xc5\x82\xf0\x9f\x90\x89")), 3);
	CHECK(utf8_is_valid(STR("")));
	CHECK(!utf8_is_valid(STR("\x80")));
	CHECK(utf8_has_control(STR("a\nb"), false));
	CHECK(!utf8_has_control(STR("a\nb\t\r"), true));
	CHECK(utf8_has_control(STR("a\x1b"), true));
	CHECK(!utf8_has_control(STR("\xc2\xa0"), false)); /* no-break space */
}

TEST(knows_what_nobody_can_see)
{
	CHECK(utf8_is_blank(STR("")));
	CHECK(utf8_is_blank(STR(" \t\r\n")));
	CHECK(utf8_is_blank(STR("\xc2\xa0\xe2\x80\x8b\xe2\x80\xae\xe3\x80\x80")));
	CHECK(utf8_is_blank(STR("\xef\xbb\xbf\xf3\xa0\x81\x81")));
	CHECK(!utf8_is_blank(STR("\xe2\x80\x8bx")));
	CHECK(!utf8_is_blank(STR("\xc5\x82")));
	CHECK(!utf8_is_blank(STR("\xe2\x80\x90"))); /* a hyphen, next to the blanks */
	CHECK(!utf8_is_blank(STR("\xf0\x9f\x90\x89")));
}

TEST(knows_names_that_hide_something)
{
	CHECK(!utf8_hides(STR("")));
	CHECK(!utf8_hides(STR("Ann Lee")));
	CHECK(!utf8_hides(STR("\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae"))); /* Persian */
	CHECK(!utf8_hides(STR("\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9")));
	CHECK(!utf8_hides(STR("\xe2\x9d\xa4\xef\xb8\x8f"))); /* a red heart */
	CHECK(utf8_hides(STR("a\xe2\x80\x8d"
			     "b"))); /* a joiner that joins nothing */
	CHECK(utf8_hides(STR("\xe2\x80\xae"
			     "abc"))); /* an override */
	CHECK(utf8_hides(STR("abc\xe2\x81\xa9")));
	CHECK(utf8_hides(STR("a\xe2\x80\x8e")));
	CHECK(utf8_hides(STR("a\xc2\xa0"
			     "b")));
	CHECK(utf8_hides(STR("a\xef\xbf\xbe")));
	CHECK(utf8_hides(STR("a\xf3\xa0\x81\x81")));
}

TEST(leaves_out_what_turns_words)
{
	struct str rest = STR("a\xe2\x80\xae"
			      "b\xe2\x81\xa6\xe2\x80\x8f.");

	CHECK_STR(utf8_cut_turn(&rest), STR("a"));
	CHECK_STR(utf8_cut_turn(&rest), STR("b"));
	CHECK_STR(utf8_cut_turn(&rest), STR("\xe2\x80\x8f."));
	CHECK_INT(rest.n, 0);
	CHECK_STR(utf8_cut_turn(&rest), STR(""));
	rest = STR("\xe2\x80");
	CHECK_STR(utf8_cut_turn(&rest), STR("\xe2\x80"));
}
