/* stat.h -- counters, gauges and histograms, from stat.def.
 *
 * Adding is two plain instructions on memory of the calling thread: cheap enough for
 * every DNS query. Reading sums over threads. */
#ifndef COMMON_STAT_H
#define COMMON_STAT_H

#include "common/buf.h"

enum stat_row {
#define STAT(name, kind, metric, labels, help) name,
#include "common/stat.def"
#undef STAT
	STAT_COUNT,
};

void stat_add(enum stat_row s, uint64_t n);       /* COUNTER */
void stat_set(enum stat_row s, int64_t v);        /* GAUGE, any thread */
void stat_time(enum stat_row s, int64_t took_us); /* TIMES */

static inline void stat_one(enum stat_row s)
{
	stat_add(s, 1);
}

uint64_t stat_read(enum stat_row s); /* of TIMES: how many */

/* Prometheus text 0.0.4 of this program's rows, with process_* and onebox_build_info. */
void stat_print(struct buf *b, const char *program);

#endif
