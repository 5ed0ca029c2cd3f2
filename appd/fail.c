/* fail.c -- how a request ends when it cannot be served: a sentence to the caller, in the
 * caller's language, and a word to the log. */
#include <stdarg.h>

#include "appd/json.h"
#include "appd/request.h"
#include "appd/task.h"
#include "appd/templates/templates.h"

static const struct title {
	int status;
	const char *words;
} titles[] = {
	{ 400, "That cannot be understood" },
	{ 401, "Please sign in" },
	{ 403, "That is not yours to do" },
	{ 404, "Not found" },
	{ 405, "Not possible here" },
	{ 409, "Already taken" },
	{ 410, "Gone" },
	{ 413, "Too large" },
	{ 415, "Not this format" },
	{ 422, "Something is missing" },
	{ 429, "Too many tries" },
	{ 500, "Our mistake" },
	{ 503, "Just a moment" },
	{ 504, "Too slow" },
};

static const char *title_of(int status)
{
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		if (titles[i].status == status)
			return titles[i].words;
	return "Error";
}

static void fail_json(struct request *q, const char *key, struct str sentence)
{
	struct json j = json_of(&q->out);

	reply_json(q);
	json_open(&j, '{');
	json_key(&j, "errors");
	json_open(&j, '{');
	json_key(&j, key);
	json_open(&j, '[');
	json_str(&j, sentence);
	json_close(&j, ']');
	json_close(&j, '}');
	json_close(&j, '}');
}

static void fail_page(struct request *q, int status, struct str sentence)
{
	const struct view_error v = {
		.status = status,
		.title = title_of(status),
		.sentence = sentence,
	};

	reply_page(q);
	template_error(&q->out, &v);
}

void fail(struct request *q, int status, const char *key, const char *fmt, ...)
{
	char sentence[300];
	struct str allow = { NULL, 0 };
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	if (n < 0 || n >= (int)sizeof(sentence))
		n = (int)strlen(sentence);
	q->failed = key;
	for (size_t i = 0; i < q->reply.header_count; i++)
		if (str_eq(q->reply.headers[i].name, STR("allow")))
			allow = q->reply.headers[i].value;
	q->reply = (struct reply){ 0 };
	buf_reset(&q->out);
	if (allow.p != NULL)
		reply_header(q, STR("allow"), allow);
	if (status == 503)
		reply_header(q, STR("retry-after"), STR("1"));
	if (q->is_api)
		fail_json(q, key, (struct str){ sentence, (size_t)n });
	else
		fail_page(q, status, (struct str){ sentence, (size_t)n });
	q->reply.status = status;
	task_exit();
}
