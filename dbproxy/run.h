/* run.h -- one job on one connection, from its first statement to the end of its
 * transaction.
 *
 *     only reads                        each in turn
 *     one write, no key                 that statement
 *     one write with a key              the wrapped statement: one round trip
 *     several, one of them a write      one transaction; with a key, the key and the
 *                                       answer are stored in it
 *
 * It only runs; what an error means and whether to try again is the caller's. */
#ifndef DBPROXY_RUN_H
#define DBPROXY_RUN_H

#include "dbproxy/job.h"
#include "dbproxy/once.h"

struct run_result {
	unsigned code; /* 0: the job's results are there */
	const char *message;
	/* With a broken connection: nothing of it can have been done. */
	bool undone;
};

struct run {
	struct db *db;
	struct job *job;
	const struct once *once;
	bool plain; /* never the wrapped form */
	size_t value_max, piece;
	void (*done)(void *ctx, const struct run_result *r);
	void *ctx;

	size_t begun; /* the head of the statement under way, in job->results */
	bool open;    /* a transaction is */
	bool committing;
	struct buf recalled;
	struct db_value values[DB_BINDS_MAX];
};

/* All fields up to ctx are set; the struct stays until `done`, which runs from the loop.
 */
void run_start(struct run *r);
/* Instead of `done`, when the connection is given up in the middle. */
void run_abandon(struct run *r);

#endif
