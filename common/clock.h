/* clock.h -- the only clock for deadlines, intervals and timers: monotonic microseconds.
 */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_us(void);
/* Wall time, for logs and HTTP dates only: microseconds since 1970. */
int64_t clock_wall_us(void);

enum { CLOCK_STAMP_SIZE = 28 };
/* "2026-11-20T23:49:00.123456Z"; returns ret. */
char *clock_stamp(int64_t wall_us, char ret[CLOCK_STAMP_SIZE]);

#endif
