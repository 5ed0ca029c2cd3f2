/* sql_msg.c -- see sql_msg.h. */
#include "common/sql_msg.h"

static void put_optional(struct buf *b, struct str s)
{
	if (s.p == NULL)
		wire_put_null(b);
	else
		wire_put_bytes(b, s);
}

static struct str get_optional(struct wire *w)
{
	return wire_null(w) ? (struct str){ NULL, 0 } : wire_bytes(w);
}

static uint32_t get_count(struct wire *w, uint32_t max)
{
	uint32_t n = wire_list(w);

	if (n > max) {
		w->bad = true;
		return 0;
	}
	return n;
}

void sql_request_head_put(struct buf *b, struct str position, uint32_t statements)
{
	put_optional(b, position);
	wire_put_list(b, statements);
}

struct sql_request_head sql_request_head_get(struct wire *w)
{
	struct sql_request_head h = { .position = get_optional(w) };

	h.statements = get_count(w, SQL_STATEMENTS_MAX);
	return h;
}

void sql_statement_head_put(struct buf *b, struct str name, uint64_t signature,
			    uint32_t values)
{
	wire_put_bytes(b, name);
	wire_put_int(b, (int64_t)signature);
	wire_put_list(b, values);
}

struct sql_statement_head sql_statement_head_get(struct wire *w)
{
	struct sql_statement_head h = { .name = wire_bytes(w) };

	h.signature = (uint64_t)wire_int(w);
	h.values = get_count(w, SQL_VALUES_MAX);
	return h;
}

void sql_reply_head_put(struct buf *b, const struct sql_reply_head *h)
{
	wire_put_bytes(b, h->class);
	wire_put_bytes(b, h->detail);
	put_optional(b, h->position);
	wire_put_list(b, h->results);
}

struct sql_reply_head sql_reply_head_get(struct wire *w)
{
	struct sql_reply_head h = { .class = wire_bytes(w) };

	h.detail = wire_bytes(w);
	h.position = get_optional(w);
	h.results = get_count(w, SQL_STATEMENTS_MAX);
	return h;
}

void sql_result_head_put(struct buf *b, const struct sql_result_head *h)
{
	wire_put_int(b, h->affected);
	wire_put_int(b, h->insert_id);
	wire_put_int(b, h->columns);
	wire_put_list(b, h->cells);
}

struct sql_result_head sql_result_head_get(struct wire *w)
{
	struct sql_result_head h = { .affected = wire_int(w) };

	h.insert_id = wire_int(w);
	h.columns = wire_int(w);
	h.cells = wire_list(w);
	if (h.columns < 0 || (h.columns == 0 ? h.cells != 0 : h.cells % h.columns != 0))
		w->bad = true;
	if (w->bad)
		h.cells = 0;
	return h;
}
