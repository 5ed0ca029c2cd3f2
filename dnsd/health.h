/* health.h -- which of the addresses in [dnsd] health answer HTTP. Each is asked for
 * /-/live a few times a second; the box's own ([onebox] address) is not asked: the fabric
 * tells whether a webd is there. Runs on the main loop.
 *
 * An address is dead after two failures in a row, which takes less than a second. It is
 * back when it has not failed for a while, and the while doubles for one that comes and
 * goes. */
#ifndef DNSD_HEALTH_H
#define DNSD_HEALTH_H

#include "common/buf.h"
#include "common/fabric.h"
#include "common/loop.h"
#include "dnsd/snapshot.h"

struct health;

/* NULL: out of memory. Nothing is asked before health_update. */
struct health *health_new(struct loop *l, struct fabric *f, const char *run_dir);
void health_free(struct health *h); /* NULL is fine */

/* Takes over which addresses there are, and says in the snapshot (now, and whenever it
 * changes) which are dead. The snapshot is borrowed until the next update. */
void health_update(struct health *h, struct snapshot *s);
/* Two lines for each address, for the metrics. */
void health_stats(const struct health *h, struct buf *b);

#endif
