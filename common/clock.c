/* clock.c -- see clock.h. */
#include "common/clock.h"

#include <string.h>
#include <time.h>

static int64_t read_us(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t clock_wall_us(void)
{
	return read_us(CLOCK_REALTIME);
}

char *clock_stamp(int64_t wall_us, char ret[CLOCK_STAMP_SIZE])
{
	/* a log has many lines in one second */
	static _Thread_local struct {
		time_t seconds;
		size_t n; /* 0: nothing yet */
		char text[CLOCK_STAMP_SIZE];
	} last;
	time_t seconds = (time_t)(wall_us / 1000000);
	int us = (int)(wall_us % 1000000);
	struct tm tm;

	if (last.n == 0 || last.seconds != seconds) {
		gmtime_r(&seconds, &tm);
		last.n = strftime(last.text, sizeof(last.text),
				  "%Y-%m-%dT%H:%M:%S.000000Z", &tm);
		last.seconds = seconds;
	}
	memcpy(ret, last.text, last.n + 1);
	for (char *digit = ret + last.n - 2; us > 0; us /= 10)
		*digit-- = (char)('0' + us % 10);
	return ret;
}
