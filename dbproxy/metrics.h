/* metrics.h -- what each statement costs: how often, how it ended, rows, waiting and
 * running as histograms, the mean run; and the slow log.
 *
 * There is nothing to normalise: a statement has a name. */
#ifndef DBPROXY_METRICS_H
#define DBPROXY_METRICS_H

#include "dbproxy/job.h"

struct metrics;

/* slow_path: the file of the slow log, borrowed. NULL: out of memory. */
struct metrics *metrics_new(const char *slow_path);
void metrics_free(struct metrics *m);
void metrics_set_slow(struct metrics *m, int64_t slow_us); /* 0: no slow log */

/* A job has ended; thread is that of its connection. */
void metrics_job(struct metrics *m, const struct job *j, enum sql_class c,
		 unsigned long thread);
/* What the statements of a job take together as a rule, in us; 0: never seen. */
int64_t metrics_usual_us(const struct metrics *m, const struct job *j);

/* Prometheus text of every statement that was ever asked for. */
void metrics_print(const struct metrics *m, struct buf *b);

#endif
