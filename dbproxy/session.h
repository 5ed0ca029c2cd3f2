/* session.h -- a connection used from straight-line code, for what is done before
 * dbproxy is ready: each call waits, on a loop of its own, until its answer is there or
 * the session's time is up. */
#ifndef DBPROXY_SESSION_H
#define DBPROXY_SESSION_H

#include <stdatomic.h>

#include "common/wire.h"
#include "dbproxy/db.h"

struct session {
	struct loop *loop;
	struct db *db;
	struct timer deadline;
	struct buf sql, rows, names;
	const atomic_bool *stop; /* NULL, or: ends the waiting, in place of SIGTERM */
	bool ended;              /* the operation under way has */
	/* of the last call */
	unsigned code;
	char message[512];
	uint32_t row_count;
	unsigned column_count;
};

enum { SESSION_TIMEOUT = 2013, SESSION_INTERRUPTED = 999 };

/* False: *s says why, and is to be closed all the same. The deadline counts for all that
 * follows; `stop`, or if that is NULL a pending SIGTERM, ends the waiting too
 * (SESSION_INTERRUPTED). */
bool session_open(struct session *s, const struct db_server *server, int64_t deadline_us,
		  const atomic_bool *stop) __attribute__((warn_unused_result));
void session_close(struct session *s);

/* The cells of its rows, all texts or nulls, are in s->rows until the next call. After
 * an operation that did not end in time every other is refused for the same reason. */
bool session_query(struct session *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), warn_unused_result));
/* The same in two steps: several servers do it at once, each for a session of its own. */
bool session_begin(struct session *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), warn_unused_result));
bool session_end(struct session *s) __attribute__((warn_unused_result));
bool session_prepare(struct session *s, const struct db_statement *statement)
    __attribute__((warn_unused_result));

/* In place of the deadline it was opened with. */
void session_until(struct session *s, int64_t deadline_us);

/* The n-th cell of a query's rows as a NUL-ended text; "" for null or none there. */
void session_cell(const struct session *s, unsigned n, char *ret, size_t size);
/* The cell of the first row under this column's name. */
void session_named(const struct session *s, const char *name, char *ret, size_t size);

#endif
