/* test_sql_msg.c -- common/sql_msg.h. */
#include "common/sql_msg.h"

#include "tests/unit/check.h"

TEST(a_message_of_two_statements)
{
	struct buf b;
	struct wire w;
	struct sql_request_head head;
	struct sql_statement_head s;

	buf_init(&b, 1000);
	sql_request_head_put(&b, STR("0-1-42"), 2);
	sql_statement_head_put(&b, STR("article_list"), UINT64_MAX, 2);
	wire_put_int(&b, 20);
	wire_put_null(&b);
	sql_statement_head_put(&b, STR("ping"), 7, 0);
	w = wire_of(buf_get(&b));
	head = sql_request_head_get(&w);
	CHECK_STR(head.position, STR("0-1-42"));
	CHECK_INT(head.statements, 2);
	s = sql_statement_head_get(&w);
	CHECK_STR(s.name, STR("article_list"));
	CHECK(s.signature == UINT64_MAX);
	CHECK_INT(s.values, 2);
	CHECK_INT(wire_int(&w), 20);
	CHECK(wire_null(&w));
	s = sql_statement_head_get(&w);
	CHECK_STR(s.name, STR("ping"));
	CHECK(wire_end(&w));
	buf_fini(&b);
}

TEST(no_position_is_null_and_differs_from_an_empty_one)
{
	struct buf b;
	struct wire w;

	buf_init(&b, 100);
	sql_request_head_put(&b, (struct str){ NULL, 0 }, 0);
	w = wire_of(buf_get(&b));
	CHECK(sql_request_head_get(&w).position.p == NULL);
	CHECK(wire_end(&w));
	buf_reset(&b);
	sql_request_head_put(&b, STR(""), 0);
	w = wire_of(buf_get(&b));
	CHECK(sql_request_head_get(&w).position.p != NULL);
	buf_fini(&b);
}

TEST(counts_have_bounds)
{
	struct buf b;
	struct wire w;

	buf_init(&b, 1000);
	sql_request_head_put(&b, STR(""), SQL_STATEMENTS_MAX + 1);
	for (int i = 0; i < 50; i++)
		wire_put_null(&b);
	w = wire_of(buf_get(&b));
	CHECK_INT(sql_request_head_get(&w).statements, 0);
	CHECK(w.bad);
	buf_reset(&b);
	sql_statement_head_put(&b, STR("x"), 1, SQL_VALUES_MAX + 1);
	for (int i = 0; i < 80; i++)
		wire_put_null(&b);
	w = wire_of(buf_get(&b));
	CHECK_INT(sql_statement_head_get(&w).values, 0);
	CHECK(w.bad);
	buf_fini(&b);
}

static bool cells_fit(int64_t columns, uint32_t cells)
{
	struct sql_result_head h = { .affected = 1, .columns = columns, .cells = cells };
	struct buf b;
	struct wire w;
	bool ok;

	buf_init(&b, 1000);
	sql_result_head_put(&b, &h);
	for (uint32_t i = 0; i < cells; i++)
		wire_put_null(&b);
	w = wire_of(buf_get(&b));
	h = sql_result_head_get(&w);
	ok = !w.bad;
	CHECK_INT(h.cells, ok ? cells : 0);
	buf_fini(&b);
	return ok;
}

TEST(cells_are_whole_rows)
{
	CHECK(cells_fit(2, 4));
	CHECK(cells_fit(2, 0));
	CHECK(cells_fit(0, 0));
	CHECK(!cells_fit(2, 3));
	CHECK(!cells_fit(0, 3));
	CHECK(!cells_fit(-1, 3));
	CHECK(!cells_fit(INT64_MIN, 0));
	CHECK(!cells_fit(INT64_MAX, 3));
}

TEST(a_reply)
{
	struct sql_reply_head h = { .class = STR("duplicate"),
				    .detail = STR("key 'slug'"),
				    .position = STR("0-1-43"),
				    .results = 0 };
	struct buf b;
	struct wire w;

	buf_init(&b, 1000);
	sql_reply_head_put(&b, &h);
	w = wire_of(buf_get(&b));
	h = sql_reply_head_get(&w);
	CHECK_STR(h.class, STR("duplicate"));
	CHECK_STR(h.detail, STR("key 'slug'"));
	CHECK_STR(h.position, STR("0-1-43"));
	CHECK(wire_end(&w));
	buf_fini(&b);
}
