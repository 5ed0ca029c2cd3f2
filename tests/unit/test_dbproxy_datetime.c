/* test_dbproxy_datetime.c -- microseconds since 1970 and dates, both ways. */
#include "dbproxy/datetime.h"
#include "tests/unit/check.h"

static const int64_t DAY_US = 86400 * 1000000LL;

TEST(known_moments)
{
	static const struct {
		struct datetime d;
		int64_t us;
	} known[] = {
		{ { 1970, 1, 1, 0, 0, 0, 0 }, 0 },
		{ { 1969, 12, 31, 23, 59, 59, 999999 }, -1 },
		{ { 2000, 2, 29, 12, 0, 0, 1 }, 951825600000001 },
		{ { 2026, 11, 21, 0, 16, 4, 123000 }, 1795220164123000 },
		{ { 1900, 3, 1, 0, 0, 0, 0 }, -2203891200000000 },
		{ { 9999, 12, 31, 23, 59, 59, 0 }, 253402300799000000 },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct datetime d = datetime_of_us(known[i].us);

		CHECK_INT(datetime_to_us(&known[i].d), known[i].us);
		CHECK_INT(d.year, known[i].d.year);
		CHECK_INT(d.month, known[i].d.month);
		CHECK_INT(d.day, known[i].d.day);
		CHECK_INT(d.hour, known[i].d.hour);
		CHECK_INT(d.us, known[i].d.us);
	}
}

TEST(every_day_of_a_thousand_years_comes_after_the_one_before)
{
	struct datetime before = datetime_of_us(-100000 * DAY_US);

	for (int64_t day = -99999; day < 265000; day++) {
		struct datetime d = datetime_of_us(day * DAY_US + 1);

		if (!CHECK_INT(datetime_to_us(&d), day * DAY_US + 1))
			return;
		if (d.day != 1 && !CHECK_INT(d.day, before.day + 1))
			return;
		if (d.day == 1 && !CHECK(before.day >= 28 && before.day <= 31))
			return;
		before = d;
	}
}
