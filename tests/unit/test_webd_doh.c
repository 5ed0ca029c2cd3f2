/* test_webd_doh.c -- the question in an address. */
#include "tests/unit/check.h"
#include "webd/doh.h"

static bool question(const char *target, const char *wanted, size_t n)
{
	struct buf b;
	bool ok;

	buf_init(&b, 8192);
	ok = doh_question_of(str_of(target), &b) && buf_get(&b).n == n &&
	     memcmp(buf_get(&b).p, wanted, n) == 0;
	buf_fini(&b);
	return ok;
}

TEST(the_example_of_the_standard)
{
	CHECK(question("/dns-query?dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB",
		       "\0\0\1\0\0\1\0\0\0\0\0\0\3www\7example\3com\0\0\1\0\1", 33));
	CHECK(question("/q?ct=x&dns=AAAAAAAAAAAAAAAA&y", "\0\0\0\0\0\0\0\0\0\0\0\0", 12));
	CHECK(question("/q?dns=-_-_AAAAAAAAAAAAAA", "\xfb\xff\xbf\0\0\0\0\0\0\0\0\0\0",
		       13));
}

TEST(what_is_not_one)
{
	CHECK(!question("/dns-query", "", 0));
	CHECK(!question("/dns-query?dns", "", 0));
	CHECK(!question("/dns-query?dns=", "", 0));
	CHECK(!question("/dns-query?dns=AAAA", "\0\0\0", 3));
	CHECK(!question("/dns-query?dns=AAAAAAAAAAAAAAAA==", "\0\0\0\0\0\0\0\0\0\0\0\0",
			12));
	CHECK(!question("/dns-query?dns=AAAAAAAAAAAAAAAAA", "", 12)); /* a lone sextet */
	CHECK(
	    !question("/dns-query?dns=AAAAAAAAAAAAAAAAAB", "", 13)); /* bits left over */
	CHECK(!question("/dns-query?dns=AAAAAAAAAAAAAA+/", "", 12));
}
