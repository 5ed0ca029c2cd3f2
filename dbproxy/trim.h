/* trim.h -- keys of writes that were kept long enough go, a thousand at a time, so that
 * no statement holds locks for long. */
#ifndef DBPROXY_TRIM_H
#define DBPROXY_TRIM_H

#include "dbproxy/once.h"
#include "dbproxy/topology.h"

struct trim {
	struct loop *loop;
	struct topology *topology;
	const struct once *once;
	int64_t keep_us;
	struct timer timer;
	struct conn *conn; /* while it runs */
};

/* All fields up to keep_us are set, and borrowed. */
void trim_start(struct trim *t);
void trim_stop(struct trim *t);
bool trim_runs(const struct trim *t);

#endif
