/* datetime.h -- microseconds since 1970 as a date and a time of day, and back.
 *
 * UTC, the Gregorian calendar in all years, no leap seconds: what DATETIME columns hold
 * when the session's zone is +00:00. Pure arithmetic. */
#ifndef DBPROXY_DATETIME_H
#define DBPROXY_DATETIME_H

#include <stdint.h>

struct datetime {
	int64_t year;
	unsigned month, day, hour, minute, second, us;
};

struct datetime datetime_of_us(int64_t us);
/* Of 0000-00-00, which a server may hold: some time before all others. */
int64_t datetime_to_us(const struct datetime *d);

#endif
