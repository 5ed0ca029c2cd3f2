/* job.h -- one request while dbproxy has it: the statements of one message, their values,
 * and the answer as it grows.
 *
 * Reading the message and writing the answer is here and touches nothing else, so that
 * both can be tested and fuzzed without a database. A job owns a copy of the message. */
#ifndef DBPROXY_JOB_H
#define DBPROXY_JOB_H

#include "common/fabric.h"
#include "common/list.h"
#include "common/sql_msg.h"
#include "common/timers.h"
#include "dbproxy/class.h"
#include "dbproxy/db.h"
#include "dbproxy/position.h"

struct job_statement {
	const struct statement *s;
	struct str values; /* as they came, checked against the parameters */
	int64_t run_us;    /* the last time it was run; 0: it was not */
	uint32_t rows;
};

struct job {
	struct fabric_ticket ticket;
	struct fabric_context context;
	int64_t received_us, deadline_us;
	int64_t started_us; /* on a connection, the last time; 0: never */

	struct timer due;     /* the deadline */
	struct timer turn;    /* its place in a queue, by deadline too */
	struct timers *queue; /* which; NULL: none */
	struct timer delay;   /* until it may be tried again */
	struct list link;     /* among all jobs */

	/* Reads with the same message share one run, see share.h. */
	struct str message;
	struct list same;    /* among those that can be joined */
	struct list sharers; /* of a leader: those who joined it */
	struct list shared;  /* of one who joined: in its leader's list */
	struct job *leader;  /* NULL: runs itself */

	struct work *work;
	struct conn *conn; /* that runs it, or did last */
	bool runs;
	unsigned at;   /* the statement under way, */
	int64_t at_us; /* since when */
	unsigned conflicts, prepares, tries;
	bool answered; /* nobody waits for it any more */

	struct str seen; /* the position its caller has seen; p == NULL: none */
	char position[POSITION_SIZE]; /* of its write; "": none known */
	bool writes, keyed;           /* any statement does; and the message has a key */
	uint32_t rows;                /* in the answer so far */
	struct buf results;           /* of the answer: what stands behind its head */
	unsigned count;
	struct job_statement statements[]; /* and behind them the message */
};

/* CLASS_OK and a new job; or why not, and in *detail a few words. */
enum sql_class job_new(const struct fabric_incoming *in, struct job **ret,
		       struct str *detail) __attribute__((warn_unused_result));
void job_free(struct job *j);

/* Somebody waits for what it is doing. */
bool job_is_wanted(const struct job *j);
/* The statement under way has run until now. */
void job_ran(struct job *j);
/* In the order of the statement's ?; ret has room for DB_BINDS_MAX. */
unsigned job_values(const struct job *j, unsigned at, struct db_value *ret);

/* A value has more bytes than that: ret says which of which statement. */
bool job_too_long(const struct job *j, size_t value_max, char *ret, size_t size);

/* One result: begin, then rows into j->results, then end with what is known by then. */
size_t job_result_begin(struct job *j, const struct sql_result_head *head);
void job_result_end(struct job *j, size_t begun, const struct sql_result_head *head);
/* As before the first statement. */
void job_results_clear(struct job *j);

/* The whole answer. */
void job_answer(const struct job *j, enum sql_class c, struct str detail,
		struct str position, struct buf *ret);
/* The statements' names with commas, cut with "..." if it must be; returns ret. */
char *job_names(const struct job *j, char *ret, size_t size);

#endif
