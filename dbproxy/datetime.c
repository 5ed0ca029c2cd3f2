/* datetime.c -- see datetime.h. Years run from March here, so that the day that comes and
 * goes is their last; 400 of them (an era) have always the same number of days. */
#include "dbproxy/datetime.h"

static const int64_t SECOND_US = 1000000, DAY_US = 86400 * 1000000LL;
static const int64_t ERA_DAYS = 146097, DAYS_TO_1970 = 719468;

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t datetime_to_us(const struct datetime *d)
{
	int64_t year = d->year - (d->month <= 2), era = floor_div(year, 400);
	int64_t of_era = year - era * 400, month = (d->month + 9) % 12;
	int64_t of_year = (153 * month + 2) / 5 + d->day - 1;
	int64_t days = era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 +
		       of_year - DAYS_TO_1970;

	return days * DAY_US +
	       (d->hour * 3600 + d->minute * 60 + (int64_t)d->second) * SECOND_US + d->us;
}

struct datetime datetime_of_us(int64_t us)
{
	int64_t days = floor_div(us, DAY_US), rest = us - days * DAY_US;
	int64_t era = floor_div(days + DAYS_TO_1970, ERA_DAYS);
	int64_t day = days + DAYS_TO_1970 - era * ERA_DAYS;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t of_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153; /* from March */
	struct datetime d = {
		.month = (unsigned)(month < 10 ? month + 3 : month - 9),
		.day = (unsigned)(of_year - (153 * month + 2) / 5 + 1),
		.hour = (unsigned)(rest / (3600 * SECOND_US)),
		.minute = (unsigned)(rest / (60 * SECOND_US) % 60),
		.second = (unsigned)(rest / SECOND_US % 60),
		.us = (unsigned)(rest % SECOND_US),
	};

	d.year = year + era * 400 + (d.month <= 2);
	return d;
}
