/* fuzz_sql_msg.c -- any bytes as a message of statements and as rows, read the way
 * dbproxy and appd read them. */
#include "common/sql_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void as_request(struct str values)
{
	struct wire w = wire_of(values);
	struct sql_request_head head = sql_request_head_get(&w);

	if (head.statements > SQL_STATEMENTS_MAX)
		abort();
	for (uint32_t i = 0; i < head.statements && !w.bad; i++) {
		struct sql_statement_head s = sql_statement_head_get(&w);

		if (s.values > SQL_VALUES_MAX)
			abort();
		while (s.values-- > 0 && !w.bad)
			wire_skip(&w);
	}
}

static void as_reply(struct str values)
{
	struct wire w = wire_of(values);
	struct sql_reply_head head = sql_reply_head_get(&w);

	if (head.results > SQL_STATEMENTS_MAX)
		abort();
	for (uint32_t i = 0; i < head.results && !w.bad; i++) {
		struct sql_result_head r = sql_result_head_get(&w);

		if (!w.bad && r.columns == 0 ? r.cells != 0
					     : r.cells != 0 && r.cells % r.columns != 0)
			abort();
		if (r.cells > values.n)
			abort(); /* it sizes arrays */
		while (r.cells-- > 0 && !w.bad)
			wire_skip(&w);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct str all = { (const char *)bytes, n };

	as_request(all);
	as_reply(all);
	return 0;
}
