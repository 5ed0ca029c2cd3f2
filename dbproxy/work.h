/* work.h -- the jobs that dbproxy has: waiting in the order of their deadlines, running,
 * waiting to be tried again, or too late.
 *
 * Every job is answered exactly once, at its deadline at the latest. What an error means
 * for it is decided here, by the class of the error and by whether the job may be done
 * twice. */
#ifndef DBPROXY_WORK_H
#define DBPROXY_WORK_H

#include "dbproxy/metrics.h"
#include "dbproxy/once.h"
#include "dbproxy/topology.h"

struct work;

struct work_options {
	struct loop *loop;
	const struct servers *servers; /* borrowed */
	const char *run_dir;           /* borrowed */
	const struct once *once;       /* borrowed */
	unsigned connections;          /* to each */
	bool portable;                 /* never the wrapped form of a write */
	size_t value_max, piece;       /* bytes of a value, and of a piece of rows */
	struct metrics *metrics;       /* borrowed */
	int64_t keep_keys_us;
	/* One answer. The bytes in the buffer are taken. */
	void (*reply)(void *ctx, const struct fabric_ticket *t, enum msg_status status,
		      struct buf *body);
	void *ctx;
};

struct work *work_new(const struct work_options *options);
void work_free(struct work *w);

void work_request(struct work *w, const struct fabric_incoming *in);
/* Nobody waits for it any more; id 0: for anything of that client. */
void work_cancel(struct work *w, const struct fabric_ticket *t);

/* It takes no more and ends when it is idle: another has its place. */
void work_retire(struct work *w);
bool work_is_idle(const struct work *w);

unsigned work_waiting(const struct work *w);
unsigned work_running(const struct work *w);
const struct topology *work_topology(const struct work *w);
/* Pools and roles, as metrics. */
void work_print(const struct work *w, struct buf *b);

#endif
