/* fail.c -- how a request ends when it cannot be served: a sentence to the caller, in the
 * caller's language, and a word to the log. */
#include <stdarg.h>

#include "appd/json.h"
#include "appd/pages/page.h"
#include "appd/request.h"
#include "appd/sql.h"
#include "appd/task.h"

static void fail_json(struct request *q, const struct problem *at, size_t count)
{
	struct json j = json_of(&q->out);

	reply_json(q);
	json_open(&j, '{');
	json_key(&j, "errors");
	json_open(&j, '{');
	for (size_t i = 0; i < count; i++) {
		json_key(&j, at[i].key);
		json_open(&j, '[');
		json_str(&j, at[i].sentence);
		json_close(&j, ']');
	}
	json_close(&j, '}');
	json_close(&j, '}');
}

static void say_headers(struct request *q, int status)
{
	if (q->allow.p != NULL)
		reply_header(q, STR("allow"), q->allow);
	if (status == 401 && q->is_api)
		reply_header(q, STR("www-authenticate"), STR("Token"));
	if (q->retry_after_s == 0 && status == 503)
		q->retry_after_s = 1;
	if (q->retry_after_s > 0)
		reply_header(q, STR("retry-after"),
			     arena_fmt(&q->arena, "%lld", (long long)q->retry_after_s));
}

void fail_problems(struct request *q, int status, const struct problem *at, size_t count)
{
	q->failed = at[0].key;
	sql_abandon(q);
	q->reply = (struct reply){ 0 };
	buf_reset(&q->out);
	say_headers(q, status);
	if (q->is_api)
		fail_json(q, at, count);
	else
		page_fail(q, status, at, count);
	q->reply.status = status;
	task_exit();
}

void fail(struct request *q, int status, const char *key, const char *fmt, ...)
{
	char sentence[300];
	struct problem one = { key, { sentence, 0 } };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	one.sentence = str_of(sentence);
	fail_problems(q, status, &one, 1);
}

void fail_count(struct request *q, int status, const char *key, enum message m, int64_t n)
{
	struct problem one = { key, message_english(&q->arena, m, n) };

	fail_problems(q, status, &one, 1);
}
