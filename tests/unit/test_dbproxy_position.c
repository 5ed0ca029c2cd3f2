/* test_dbproxy_position.c -- which position covers which. */
#include "dbproxy/position.h"
#include "tests/unit/check.h"

static bool covers(const char *have, const char *want)
{
	return position_covers(str_of(have), str_of(want));
}

TEST(the_same_or_later_covers)
{
	CHECK(covers("0-1-100", "0-1-100"));
	CHECK(covers("0-2-101", "0-1-100")); /* another server wrote since */
	CHECK(!covers("0-1-99", "0-1-100"));
	CHECK(!covers("", "0-1-1"));
	CHECK(covers("", ""));
	CHECK(covers("0-1-1", ""));
}

TEST(every_domain_counts)
{
	CHECK(covers("0-1-100,1-2-7", "1-9-7,0-1-5"));
	CHECK(!covers("0-1-100,1-2-6", "1-9-7,0-1-5"));
	CHECK(!covers("0-1-100", "1-1-1"));
}

TEST(a_history_has_every_writer)
{
	static const char history[] = "0-1-103,0-2-200,1-1-7";

	CHECK(position_in_history(STR("0-1-103"), str_of(history)));
	CHECK(position_in_history(STR("0-2-150,1-1-7"), str_of(history)));
	CHECK(!position_in_history(STR("0-1-104"), str_of(history)));
	CHECK(!position_in_history(STR("0-3-1"), str_of(history)));
	CHECK(position_in_history(STR(""), str_of(history)));
	CHECK(position_in_history(STR(""), STR("")));
	CHECK(!position_in_history(STR("0-1-1"), STR("")));
}

TEST(what_cannot_be_read_is_not_covered)
{
	CHECK(!covers("0-1-100", "0-1"));
	CHECK(!covers("0-1-100", "0-1-"));
	CHECK(!covers("0-1-100", "garbage"));
	CHECK(!covers("0-1-100", "0-1-1,"));
	CHECK(!covers("0-1-100", "0-1-99999999999999999999999"));
	CHECK(!covers("0-1-x,,", "0-1-1"));
	CHECK(!covers("0-1-100", "0-1--5"));
}
