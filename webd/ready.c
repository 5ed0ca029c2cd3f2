/* ready.c -- see ready.h. An instance that drains says no first, so that whoever balances
 * over several stops sending; then an appd must have room for a question to the database
 * and answer it. */
#include "webd/ready.h"

#include "common/http_msg.h"
#include "webd/answer.h"
#include "webd/worker.h"

enum { BUDGET_US = 1000000 };

static void say(struct exchange *e, int status, struct str words)
{
	answer_header(e, STR("cache-control"), STR("no-store"));
	answer_text(e, status, STR("text/plain; charset=utf-8"), words);
}

static void on_answer(void *ctx, const struct fabric_answer *a)
{
	struct exchange *e = ctx;
	struct http_response *r = h2o_mem_alloc_pool(&e->req->pool, sizeof(*r));

	exchange_call_ended(e);
	str_copy(e->upstream, sizeof(e->upstream), str_of(a->peer));
	e->service_us = a->service_us;
	if (a->status == STATUS_OK && http_response_get(a->body, a->attachment, r) &&
	    r->status == 200)
		say(e, 200, STR("ready\n"));
	else
		say(e, 503, STR("the application or its database does not answer\n"));
}

static void ask(struct exchange *e)
{
	struct worker *w = e->worker;
	struct http_request *r = h2o_mem_alloc_pool(&e->req->pool, sizeof(*r));
	struct fabric_request call = {
		.type = MSG_HTTP,
		.again = true,
		.budget_us = BUDGET_US,
		.context = e->context,
		.done = on_answer,
		.ctx = e,
	};

	*r = (struct http_request){
		.method = STR("GET"),
		.scheme = STR("http"),
		.authority = STR("localhost"),
		.target = STR("/-/ready"),
		.client = STR("127.0.0.1"),
	};
	buf_reset(&w->scratch);
	http_request_put(&w->scratch, r);
	call.body = buf_get(&w->scratch);
	if (!buf_ok(&w->scratch) || !exchange_ask(e, &w->appd, &call))
		say(e, 503, STR("no application server has room\n"));
}

void ready_serve(struct exchange *e)
{
	if (atomic_load(&e->worker->webd->draining))
		say(e, 503, STR("draining\n"));
	else if (atomic_load(&e->worker->appd.peers) == 0)
		say(e, 503, STR("no application server\n"));
	else
		ask(e);
}
