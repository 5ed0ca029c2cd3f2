/* test_trace.c -- common/trace.h: W3C trace context. */
#include "common/trace.h"

#include "tests/unit/check.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define GOOD  "00-" TRACE "-b7ad6b7169203331-01"

TEST(a_traceparent_is_taken_over_with_a_span_of_our_own)
{
	struct fabric_context c = { 0 };
	char hex[TRACE_HEX_SIZE], parent[TRACEPARENT_SIZE];

	CHECK(trace_parse(STR(GOOD), &c));
	CHECK_TEXT(trace_hex(c.trace, hex), TRACE);
	CHECK(c.span != 0 && c.span != 0xb7ad6b7169203331u);
	trace_parent(&c, parent);
	CHECK(str_starts(str_of(parent), STR("00-" TRACE "-")));
	CHECK(str_ends(str_of(parent), STR("-01")));
	CHECK_INT(strlen(parent), 55);
	CHECK(trace_parse(str_of(parent), &c));
}

TEST(broken_ones_are_refused_and_leave_no_trace)
{
	static const char *const bad[] = {
		"",
		"00",
		"00-" TRACE "-b7ad6b7169203331",
		"00-" TRACE "-b7ad6b7169203331-0",
		"00-" TRACE "-b7ad6b7169203331-0x",
		"00-" TRACE "-b7ad6b7169203331-01x",
		"00-" TRACE "-b7ad6b7169203331-01-more", /* version 00 has no more */
		"ff-" TRACE "-b7ad6b7169203331-01",
		"0g-" TRACE "-b7ad6b7169203331-01",
		"00_" TRACE "-b7ad6b7169203331-01",
		"00-" TRACE "_b7ad6b7169203331-01",
		"00-" TRACE "-b7ad6b7169203331_01",
		"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
		"00-00000000000000000000000000000000-b7ad6b7169203331-01",
		"00-" TRACE "-0000000000000000-01",
		"00-0af7651916cd43dd8448eb211c80319\"-b7ad6b7169203331-01",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fabric_context c = { 0 };

		if (trace_parse(str_of(bad[i]), &c))
			CHECK_FAIL("'%s' was taken", bad[i]);
		CHECK_INT(c.span, 0);
	}
}

TEST(a_later_version_may_have_more_at_its_end)
{
	struct fabric_context c;

	CHECK(trace_parse(STR("01-" TRACE "-b7ad6b7169203331-01-what-else"), &c));
	CHECK(trace_parse(STR("cc-" TRACE "-b7ad6b7169203331-01"), &c));
	CHECK(!trace_parse(STR("01-" TRACE "-b7ad6b7169203331-01what"), &c));
}

TEST(every_cut_is_refused)
{
	struct fabric_context c;

	for (size_t n = 0; n < sizeof(GOOD) - 1; n++)
		CHECK(!trace_parse((struct str){ GOOD, n }, &c));
}

TEST(random_numbers_differ)
{
	uint64_t seen[1000];
	struct fabric_context a, b;

	for (int i = 0; i < 1000; i++) {
		seen[i] = trace_random();
		CHECK(seen[i] != 0);
		for (int j = 0; j < i; j++)
			CHECK(seen[j] != seen[i]);
	}
	trace_new(&a);
	trace_new(&b);
	CHECK(memcmp(a.trace, b.trace, sizeof(a.trace)) != 0 && a.span != b.span);
}
