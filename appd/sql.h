/* sql.h -- asking the database: named statements, several in one message.
 *
 *     struct sql_batch *b = sql_batch(q);
 *     sql_site(b, &site);
 *     sql_article_recent(b, &list, me, 20, 0);
 *     sql_run(b);
 *
 * The calls sql_<statement>() are generated (gen/sql.h) from dbproxy/sql. sql_run sends
 * one message, parks the task until the answer, and fills the results in; rows and their
 * texts live in the request's arena. What goes wrong ends the request. */
#ifndef APPD_SQL_H
#define APPD_SQL_H

#include "common/sql_msg.h"

struct request;
struct sql_batch;

/* Why the data refused a write: "duplicate", "too_long", ... and of which key or column.
 * An empty class: it was done. */
struct sql_refusal {
	struct str class, detail;
};

/* One at a time: run it before the next. The question who asks (member.h) rides along in
 * the first. */
struct sql_batch *sql_batch(struct request *q);
void sql_run(struct sql_batch *b);
/* Like sql_run, but comes back when the data refused a write. */
struct sql_refusal sql_try(struct sql_batch *b) __attribute__((warn_unused_result));
/* A batch that was begun is not run: what failed may begin another. */
void sql_abandon(struct request *q);
/* Ends the request as sql_run would have. */
_Noreturn void sql_fail(struct request *q, const struct sql_refusal *r);

/* A result of any size (a statement marked `each`), piece by piece:
 *
 *     struct sql_each *e = sql_each(q);
 *     while (sql_export_articles_next(e, &list, me))
 *             list has the next rows, some or many
 *
 * What a piece brought lies in an arena of its own and goes when the next is asked for.
 * The pieces are separate reads in the order of the key: what is written meanwhile may be
 * there or not, but no row comes twice. Other questions may be asked in between. */
struct sql_each *sql_each(struct request *q);
/* With the request. */
void sql_each_free(struct request *q);

/* ---- for the generated calls ---- */

/* A statement as the generator knows it. */
struct sql_call {
	const char *name;
	uint64_t signature;
	unsigned values;
	void (*decode)(struct sql_batch *b, struct wire *w,
		       const struct sql_result_head *head, void *ret);
};

void sql_add(struct sql_batch *b, const struct sql_call *call, void *ret);
/* Where the values go, right after sql_add. */
struct buf *sql_values(struct sql_batch *b);
void *sql_array(struct sql_batch *b, size_t count, size_t size);

/* For the next piece; NULL: there is none. */
struct sql_batch *sql_each_batch(struct sql_each *e);
/* The values of after and limit. */
int64_t sql_each_after(const struct sql_each *e);
int64_t sql_each_limit(const struct sql_each *e);
void sql_each_run(struct sql_each *e, struct sql_batch *b);
/* A row's key. One that does not ascend ends the request, for rows would come twice. */
void sql_each_took(struct sql_each *e, int64_t key);

#endif
