/* clock.c -- see clock.h. */
#include "common/clock.h"

#include <stdio.h>
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
	time_t seconds = (time_t)(wall_us / 1000000);
	struct tm tm;
	size_t n;

	gmtime_r(&seconds, &tm);
	n = strftime(ret, CLOCK_STAMP_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(ret + n, CLOCK_STAMP_SIZE - n, ".%06dZ", (int)(wall_us % 1000000));
	return ret;
}
