/* share.h -- identical reads that wait at the same time are run once.
 *
 * The first of them leads; one that comes while it still waits joins it and gets the same
 * rows. Once it runs nobody joins: its rows may be older than the joiner's question, and
 * a caller could miss its own write. So sharing costs nobody time, and happens when
 * there is a queue, which is when it helps. */
#ifndef DBPROXY_SHARE_H
#define DBPROXY_SHARE_H

#include "dbproxy/job.h"

enum { SHARE_BUCKETS = 256 };

struct share {
	struct list buckets[SHARE_BUCKETS];
};

void share_init(struct share *s);
/* A job of reads waits and may be joined, or no longer. */
void share_open(struct share *s, struct job *j);
void share_close(struct job *j);
/* Joins one like it. False: there is none. */
bool share_join(struct share *s, struct job *j) __attribute__((warn_unused_result));
/* One who joined does so no longer. */
void share_leave(struct job *j);
/* The leader leaves those who joined it to one of them, which is returned; NULL: there
 * are none. */
struct job *share_succeed(struct job *leader);

#endif
