/* service.h -- the answering threads, and the snapshot they answer from. */
#ifndef DNSD_SERVICE_H
#define DNSD_SERVICE_H

#include "common/inherit.h"
#include "dnsd/snapshot.h"
#include "dnsd/worker.h"

struct service;

/* Takes the snapshot. NULL: it said why with log_error. */
struct service *service_new(struct snapshot *first, unsigned threads,
			    const struct worker_options *options,
			    const struct inherit *sockets);
void service_free(struct service *s);

/* Takes the next snapshot and retires the one before, which lives until service_tidy. */
void service_publish(struct service *s, struct snapshot *next);
/* The one in force; for the thread that publishes. */
const struct snapshot *service_snapshot(const struct service *s);
/* Frees what no thread looks at any more. True: nothing is left to free. */
bool service_tidy(struct service *s);

/* What the answering threads heard from primaries. */
struct notices *service_notices(struct service *s);

void service_drain(struct service *s);
bool service_drained(struct service *s);

#endif
