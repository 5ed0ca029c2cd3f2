/* test_str.c -- common/str.h. */
#include "common/str.h"

#include "tests/unit/check.h"

static const struct str nothing = { NULL, 0 };

TEST(equal_strings)
{
	CHECK(str_eq(STR("abc"), STR("abc")));
	CHECK(!str_eq(STR("abc"), STR("abd")));
	CHECK(!str_eq(STR("abc"), STR("ab")));
	CHECK(str_eq(nothing, STR("")));
	CHECK(str_eq(str_of(NULL), nothing));
	CHECK(str_eq_nocase(STR("Host"), STR("hOST")));
	CHECK(!str_eq_nocase(STR("Host"), STR("hos")));
	CHECK(str_eq_nocase(nothing, STR("")));
}

TEST(beginnings_and_endings)
{
	CHECK(str_starts(STR("foobar"), STR("foo")));
	CHECK(str_starts(STR("foo"), STR("foo")));
	CHECK(!str_starts(STR("fo"), STR("foo")));
	CHECK(str_starts(STR("foo"), STR("")));
	CHECK(str_starts(nothing, nothing));
	CHECK(str_ends(STR("a.zone"), STR(".zone")));
	CHECK(!str_ends(STR("zone"), STR(".zone")));
	CHECK(str_ends(nothing, nothing));
}

TEST(trims_blanks_at_both_ends)
{
	CHECK_STR(str_trim(STR(" \t a b \r\n")), STR("a b"));
	CHECK_STR(str_trim(STR("   ")), STR(""));
	CHECK_STR(str_trim(nothing), STR(""));
}

TEST(cuts_at_the_first_hit)
{
	struct str rest = STR("a=b=c");

	CHECK_STR(str_cut(&rest, '='), STR("a"));
	CHECK_STR(rest, STR("b=c"));
	CHECK_STR(str_cut(&rest, '='), STR("b"));
	CHECK_STR(str_cut(&rest, '='), STR("c"));
	CHECK(rest.p == NULL && rest.n == 0);
	CHECK_STR(str_cut(&rest, '='), STR(""));

	/* a hit at the very end leaves an empty rest that is there */
	rest = STR("a=");
	CHECK_STR(str_cut(&rest, '='), STR("a"));
	CHECK(rest.p != NULL && rest.n == 0);
}

TEST(numbers_without_sign)
{
	uint64_t v = 7;

	CHECK(str_to_u64(STR("0"), &v) && v == 0);
	CHECK(str_to_u64(STR("18446744073709551615"), &v) && v == UINT64_MAX);
	v = 7;
	CHECK(!str_to_u64(STR("18446744073709551616"), &v));
	CHECK(!str_to_u64(STR("99999999999999999999999"), &v));
	CHECK(!str_to_u64(STR(""), &v));
	CHECK(!str_to_u64(STR("-1"), &v));
	CHECK(!str_to_u64(STR("+1"), &v));
	CHECK(!str_to_u64(STR(" 1"), &v));
	CHECK(!str_to_u64(STR("1x"), &v));
	CHECK_INT(v, 7); /* untouched by failures */
}

TEST(numbers_with_sign)
{
	int64_t v = 7;

	CHECK(str_to_i64(STR("-5"), &v) && v == -5);
	CHECK(str_to_i64(STR("9223372036854775807"), &v) && v == INT64_MAX);
	CHECK(str_to_i64(STR("-9223372036854775807"), &v) && v == -INT64_MAX);
	CHECK(str_to_i64(STR("-9223372036854775808"), &v) && v == INT64_MIN);
	v = 7;
	CHECK(!str_to_i64(STR("9223372036854775808"), &v));
	CHECK(!str_to_i64(STR("-9223372036854775809"), &v));
	CHECK(!str_to_i64(STR("-"), &v));
	CHECK(!str_to_i64(STR("--1"), &v));
	CHECK_INT(v, 7);
}

TEST(distance_counts_single_letter_edits)
{
	char wide[200];

	CHECK_INT(str_distance(STR("http_port"), STR("http_port")), 0);
	CHECK_INT(str_distance(STR("htpp_port"), STR("http_port")), 1);
	CHECK_INT(str_distance(STR("port"), STR("ports")), 1);
	CHECK_INT(str_distance(STR("kitten"), STR("sitting")), 3);
	CHECK_INT(str_distance(STR(""), STR("abc")), 3);
	CHECK_INT(str_distance(nothing, nothing), 0);
	memset(wide, 'x', sizeof(wide));
	CHECK_INT(str_distance((struct str){ wide, sizeof(wide) }, STR("")), 64);
	CHECK_INT(str_distance(STR(""), (struct str){ wide, sizeof(wide) }), 64);
}

TEST(copies_into_an_array)
{
	char small[4];

	CHECK(str_copy(small, sizeof(small), STR("abc")));
	CHECK_TEXT(small, "abc");
	CHECK(!str_copy(small, sizeof(small), STR("abcd")));
	CHECK_TEXT(small, "abc");
	CHECK(str_copy(small, sizeof(small), nothing));
	CHECK_TEXT(small, "");
}
