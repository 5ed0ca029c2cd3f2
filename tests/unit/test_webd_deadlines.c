/* test_webd_deadlines.c -- which deadline a request has. */
#include "tests/unit/check.h"
#include "webd/deadlines.h"

static struct deadlines d;
static struct str bad;

static int64_t of(const char *method, const char *path)
{
	return deadlines_find(&d, str_of(method), str_of(path), 5000000);
}

TEST(the_longest_prefix_wins)
{
	CHECK(deadlines_parse(STR("/search 1s, POST /api 10s,/api 2s , /api/export/ 30s"),
			      &d, &bad));
	CHECK_INT(d.count, 4);
	CHECK_INT(of("GET", "/"), 5000000);
	CHECK_INT(of("GET", "/search"), 1000000);
	CHECK_INT(of("GET", "/search/x"), 1000000);
	CHECK_INT(of("GET", "/searching"), 5000000);
	CHECK_INT(of("GET", "/api/x"), 2000000);
	CHECK_INT(of("POST", "/api/x"), 10000000);
	CHECK_INT(of("POST", "/api/export"), 30000000);
	CHECK(deadlines_parse(STR("/ 20ms, DELETE / 3s"), &d, &bad));
	CHECK_INT(of("GET", "/any"), 20000);
	CHECK_INT(of("DELETE", "/any"), 3000000);
	CHECK(deadlines_parse(STR(" "), &d, &bad));
	CHECK_INT(d.count, 0);
}

TEST(what_is_none_is_named)
{
	static const char *const wrong[] = { "/a 1s,", "/a",       "a 1s",
					     "/a b",   "POST 1s",  "/a 0s",
					     ",",      "/a 11min", "/a 1s 2s" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (deadlines_parse(str_of(wrong[i]), &d, &bad))
			CHECK_FAIL("'%s' was taken", wrong[i]);
	CHECK(!deadlines_parse(STR("/a 1s,nonsense"), &d, &bad));
	CHECK_STR(bad, STR("nonsense"));
}
