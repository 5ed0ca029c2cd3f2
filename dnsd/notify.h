/* notify.h -- telling the secondaries that a zone has changed (RFC 1996). Runs on the
 * main loop; what is not acknowledged is told again, five times, ever more slowly. */
#ifndef DNSD_NOTIFY_H
#define DNSD_NOTIFY_H

#include "common/loop.h"
#include "dnsd/snapshot.h"

struct notifier;

struct notifier *notifier_new(struct loop *l); /* NULL: out of memory */
void notifier_free(struct notifier *n);        /* NULL is fine */

/* Tells of every zone in `now` that is new or has another serial than in `before` (NULL:
 * there is none). Copies what it needs. */
void notifier_tell(struct notifier *n, const struct snapshot *now,
		   const struct snapshot *before);

#endif
