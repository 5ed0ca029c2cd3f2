/* sql_msg.h -- MSG_SQL, the arrow between appd and dbproxy: named statements with values
 * there, rows back. No SQL text crosses it.
 *
 * Request:
 *     s position seen (null: any; empty: the newest there is)
 *     [ statements, each: s name, i signature, [ values
 *
 * The statements of one message run in order on one connection; if any of them writes,
 * all are one transaction under the message's key.
 *
 * Reply:
 *     s class ("ok", "duplicate", ...)
 *     s detail for the log
 *     s position (or null)
 *     [ results, each: i affected, i insert id, i columns, [ cells
 *
 * Cells stand row by row; a result has cells / columns rows. A class other than "ok"
 * comes without results. Of a read in pieces (docs/database.md) affected is 1 when there
 * may be more rows, else 0. */
#ifndef COMMON_SQL_MSG_H
#define COMMON_SQL_MSG_H

#include "common/wire.h"

enum {
	SQL_STATEMENTS_MAX = 32, /* in one message */
	SQL_VALUES_MAX = 64,     /* of one statement */
};

/* What appd's generated calls (gen/sql.h) are made of: a number that may be null (a text
 * that may be has p == NULL), and what a write answers. */
struct sql_int {
	bool null;
	int64_t v;
};

struct sql_float {
	bool null;
	double v;
};

struct sql_bool {
	bool null, v;
};

struct sql_done {
	int64_t affected, insert_id;
};

/* Request: head, then for each statement its head, then its values by wire_put_*. */
void sql_request_head_put(struct buf *b, struct str position, uint32_t statements);
void sql_statement_head_put(struct buf *b, struct str name, uint64_t signature,
			    uint32_t values);

struct sql_request_head {
	struct str position; /* p == NULL: none */
	uint32_t statements;
};

struct sql_statement_head {
	struct str name;
	uint64_t signature;
	uint32_t values;
};

struct sql_request_head sql_request_head_get(struct wire *w);
struct sql_statement_head sql_statement_head_get(struct wire *w);

/* Reply: head, then for each result its head, then its cells by wire_put_*. */
struct sql_reply_head {
	struct str class, detail;
	struct str position; /* p == NULL: none */
	uint32_t results;
};

struct sql_result_head {
	int64_t affected, insert_id, columns;
	uint32_t cells;
};

void sql_reply_head_put(struct buf *b, const struct sql_reply_head *h);
void sql_result_head_put(struct buf *b, const struct sql_result_head *h);
struct sql_reply_head sql_reply_head_get(struct wire *w);
/* Sets w->bad if cells is not a multiple of columns. */
struct sql_result_head sql_result_head_get(struct wire *w);

#endif
