/* test_webd_conditions.c -- codings, entity tags and ranges, by RFC 9110. */
#include "tests/unit/check.h"
#include "webd/conditions.h"

enum { BOTH = 1 << CODING_GZIP | 1 << CODING_BROTLI };

static int choose(const char *accept)
{
	return coding_choose(str_of(accept), BOTH);
}

TEST(the_smallest_coding_that_is_wanted_is_chosen)
{
	CHECK_INT(choose("gzip, deflate, br"), CODING_BROTLI);
	CHECK_INT(choose("gzip"), CODING_GZIP);
	CHECK_INT(choose("x-gzip"), CODING_GZIP);
	CHECK_INT(choose("GZip;q=1.0"), CODING_GZIP);
	CHECK_INT(choose("br;q=0.5, gzip;q=0.8"), CODING_GZIP);
	CHECK_INT(choose("br; q=0.801, gzip; q=0.8"), CODING_BROTLI);
	CHECK_INT(choose("*"), CODING_BROTLI);
	CHECK_INT(choose("*;q=0"), CODING_NONE);
	CHECK_INT(choose("br;q=0, *"), CODING_GZIP);
	CHECK_INT(choose("gzip;q=0, br;q=0.000"), CODING_NONE);
	CHECK_INT(choose("identity"), CODING_NONE);
	CHECK_INT(choose(""), CODING_NONE);
	CHECK_INT(choose(NULL), CODING_NONE);
	CHECK_INT(choose("gzip;;;=,,br;q=,"), CODING_BROTLI);
	CHECK_INT(coding_choose(STR("gzip, br"), 1 << CODING_GZIP), CODING_GZIP);
	CHECK_INT(coding_choose(STR("gzip, br"), 0), CODING_NONE);
}

static bool listed(const char *list, bool weakly)
{
	return etag_listed(str_of(list), STR("\"a,b\""), weakly);
}

TEST(tags_in_lists)
{
	CHECK(listed("\"a,b\"", true) && listed("\"a,b\"", false));
	CHECK(listed("W/\"a,b\"", true) && !listed("W/\"a,b\"", false));
	CHECK(listed("\"x\", W/\"y\" ,\"a,b\"", false));
	CHECK(listed(" * ", true) && listed("*", false));
	CHECK(!listed("\"a\"", true) && !listed("a,b", true) && !listed("", true));
	CHECK(!listed("w/\"a,b\"", true));
	CHECK(!listed("\"a,b", true) && !listed("\"", true) && !listed("W/", true));
	CHECK(!listed("\"x\" nonsense \"a,b\"", true));
	CHECK(!listed(NULL, true));
}

static int condition(const char *match, const char *none_match)
{
	const struct condition_headers h = { str_of(match), str_of(none_match) };

	return (int)condition_of(&h, STR("\"e\""));
}

TEST(conditions_in_their_order)
{
	CHECK_INT(condition(NULL, NULL), CONDITION_NONE);
	CHECK_INT(condition(NULL, "W/\"e\""), CONDITION_NOT_MODIFIED);
	CHECK_INT(condition(NULL, "*"), CONDITION_NOT_MODIFIED);
	CHECK_INT(condition(NULL, "\"f\""), CONDITION_NONE);
	CHECK_INT(condition("\"f\"", NULL), CONDITION_FAILED);
	CHECK_INT(condition("W/\"e\"", NULL), CONDITION_FAILED);
	CHECK_INT(condition("\"e\"", "\"e\""), CONDITION_NOT_MODIFIED);
	CHECK_INT(condition("\"f\"", "\"e\""), CONDITION_FAILED);
}

static int range(const char *text, const char *if_range, size_t size, size_t from,
		 size_t n)
{
	struct range r = range_of(str_of(text), str_of(if_range), STR("\"e\""), size);

	if (r.kind == RANGE_PART) {
		CHECK_INT(r.from, from);
		CHECK_INT(r.n, n);
	}
	return (int)r.kind;
}

TEST(parts)
{
	CHECK_INT(range("bytes=0-0", NULL, 10, 0, 1), RANGE_PART);
	CHECK_INT(range("bytes=2-5", NULL, 10, 2, 4), RANGE_PART);
	CHECK_INT(range("bytes=5-", NULL, 10, 5, 5), RANGE_PART);
	CHECK_INT(range("bytes=5-99", NULL, 10, 5, 5), RANGE_PART);
	CHECK_INT(range("bytes=9-9", NULL, 10, 9, 1), RANGE_PART);
	CHECK_INT(range("bytes=-3", NULL, 10, 7, 3), RANGE_PART);
	CHECK_INT(range("bytes=-99", NULL, 10, 0, 10), RANGE_PART);
	CHECK_INT(range("Bytes= 1-2 ", NULL, 10, 1, 2), RANGE_PART);
	CHECK_INT(range("bytes=0-18446744073709551615", NULL, 10, 0, 10), RANGE_PART);
}

TEST(parts_that_are_not_there)
{
	CHECK_INT(range("bytes=10-", NULL, 10, 0, 0), RANGE_UNSATISFIABLE);
	CHECK_INT(range("bytes=99-100", NULL, 10, 0, 0), RANGE_UNSATISFIABLE);
	CHECK_INT(range("bytes=-0", NULL, 10, 0, 0), RANGE_UNSATISFIABLE);
	CHECK_INT(range("bytes=0-", NULL, 0, 0, 0), RANGE_UNSATISFIABLE);
	CHECK_INT(range("bytes=-1", NULL, 0, 0, 0), RANGE_UNSATISFIABLE);
}

TEST(what_is_no_single_range_is_ignored)
{
	static const char *const texts[] = {
		"bytes=0-1,3-4",
		"bytes=5-2",
		"bytes=",
		"bytes=-",
		"bytes=a-b",
		"bytes=1-2-3",
		"items=0-1",
		"bytes",
		"bytes=-1-",
		"bytes=+1-2",
		"0-1",
		"",
		"bytes=1-99999999999999999999",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (range(texts[i], NULL, 10, 0, 0) != RANGE_ALL)
			CHECK_FAIL("'%s' was taken", texts[i]);
	CHECK_INT(range(NULL, NULL, 10, 0, 0), RANGE_ALL);
}

TEST(if_range_must_be_this_very_file)
{
	CHECK_INT(range("bytes=0-1", "\"e\"", 10, 0, 2), RANGE_PART);
	CHECK_INT(range("bytes=0-1", "W/\"e\"", 10, 0, 2), RANGE_ALL);
	CHECK_INT(range("bytes=0-1", "\"f\"", 10, 0, 2), RANGE_ALL);
	CHECK_INT(range("bytes=0-1", "Sat, 21 Nov 2026 00:00:00 GMT", 10, 0, 2),
		  RANGE_ALL);
	CHECK_INT(range("bytes=99-", "\"f\"", 10, 0, 2), RANGE_ALL);
}
