/* test_buf.c -- common/buf.h. */
#include "common/buf.h"

#include "tests/unit/check.h"

TEST(builds_from_all_kinds_of_puts)
{
	struct buf b;

	buf_init(&b, 1000);
	buf_text(&b, "a=");
	buf_int(&b, INT64_MIN);
	buf_char(&b, ' ');
	buf_str(&b, STR("b"));
	buf_fmt(&b, "=%s/%d", "x", 7);
	buf_put(&b, "", 0);
	CHECK_STR(buf_get(&b), STR("a=-9223372036854775808 b=x/7"));
	CHECK(buf_ok(&b));
	buf_fini(&b);
}

TEST(nothing_is_allocated_before_the_first_put)
{
	struct buf b;

	buf_init(&b, 10);
	CHECK(b.p == NULL && buf_ok(&b) && buf_get(&b).n == 0);
	buf_fini(&b);
	buf_fini(&b); /* twice is fine */
}

TEST(the_limit_is_met_exactly_and_never_passed)
{
	struct buf b;

	buf_init(&b, 300);
	for (int i = 0; i < 300; i++)
		buf_char(&b, 'x');
	CHECK(buf_ok(&b) && b.n == 300);
	buf_char(&b, 'y');
	CHECK(!buf_ok(&b) && b.n == 300);
	buf_text(&b, ""); /* nothing more is taken, not even what would fit */
	CHECK(!buf_ok(&b));
	buf_fini(&b);
}

TEST(failure_sticks_until_reset)
{
	struct buf b;

	buf_init(&b, 4);
	buf_text(&b, "abcde");
	CHECK(!buf_ok(&b) && b.n == 0);
	buf_text(&b, "a");
	CHECK(!buf_ok(&b) && b.n == 0);
	CHECK(buf_room(&b, 1) == NULL);
	buf_reset(&b);
	buf_text(&b, "abcd");
	CHECK(buf_ok(&b));
	CHECK_STR(buf_get(&b), STR("abcd"));
	buf_fini(&b);
}

TEST(a_huge_size_does_not_overflow)
{
	struct buf b;

	buf_init(&b, 1000);
	buf_text(&b, "abc");
	CHECK(buf_room(&b, SIZE_MAX) == NULL);
	CHECK(buf_room(&b, SIZE_MAX - 2) == NULL);
	CHECK(!buf_ok(&b) && b.n == 3);
	buf_fini(&b);
}

TEST(room_is_written_into_and_then_taken)
{
	struct buf b;
	char *room;

	buf_init(&b, 1 << 20);
	buf_text(&b, "<");
	room = buf_room(&b, 5000);
	if (!CHECK(room != NULL))
		return;
	memset(room, 'r', 5000);
	CHECK_INT(b.n, 1);
	buf_took(&b, 4999);
	CHECK_INT(b.n, 5000);
	CHECK(b.p[0] == '<' && b.p[4999] == 'r');
	buf_fini(&b);
}

TEST(a_format_needs_room_for_its_end_too)
{
	struct buf b;

	buf_init(&b, 4);
	buf_fmt(&b, "%s", "abc");
	CHECK(buf_ok(&b));
	CHECK_STR(buf_get(&b), STR("abc"));
	buf_fmt(&b, "%s", "d");
	CHECK(!buf_ok(&b));
	CHECK_STR(buf_get(&b), STR("abc"));
	buf_fini(&b);
}
