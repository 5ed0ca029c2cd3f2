/* request.c -- the life of a request: taken from the fabric, served in a task, answered,
 * logged, forgotten. What can be asked is in route.c; how failures look is in fail.c.
 *
 * request_serve and the finish run on the loop's stack, serve() and everything below it
 * in the task. */
#include "appd/request.h"

#include <assert.h>

#include "appd/appd.h"
#include "appd/once.h"
#include "appd/pages/page.h"
#include "appd/sql.h"
#include "appd/task.h"
#include "common/clock.h"
#include "common/log_text.h"
#include "common/stat.h"
#include "common/trace.h"

enum { POSITION_MAX = 200 };

/* ---- for handlers ---- */

struct str request_header(const struct request *q, struct str name)
{
	for (size_t i = 0; i < q->header_count; i++)
		if (str_eq(q->headers[i].name, name))
			return q->headers[i].value;
	return (struct str){ NULL, 0 };
}

struct str request_arg(const struct request *q, size_t n)
{
	assert(n < ROUTE_ARGS_MAX && q->match.args[n].p != NULL);
	return q->match.args[n];
}

struct str request_query(const struct request *q, struct str name)
{
	return pairs_find(&q->target.query, name);
}

/* Scripts of any site may read the API: it knows nobody by cookie. */
static void reply_cors(struct request *q)
{
	reply_header(q, STR("access-control-allow-origin"), STR("*"));
	reply_header(q, STR("access-control-expose-headers"),
		     STR("retry-after, x-position, x-request-id"));
}

void reply_header(struct request *q, struct str name, struct str value)
{
	assert(q->reply.header_count < REPLY_HEADERS_MAX);
	q->reply.headers[q->reply.header_count++] = (struct http_header){ name, value };
}

void reply_page(struct request *q)
{
	q->reply.status = 200;
	reply_header(q, STR("content-type"), STR("text/html; charset=utf-8"));
	reply_header(q, STR("content-security-policy"),
		     STR("default-src 'none'; style-src 'self'; img-src 'self' https:; "
			 "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"));
	reply_header(q, STR("referrer-policy"), STR("strict-origin-when-cross-origin"));
	reply_header(q, STR("x-content-type-options"), STR("nosniff"));
}

void reply_json(struct request *q)
{
	q->reply.status = 200;
	reply_cors(q);
	reply_header(q, STR("cache-control"), STR("private, no-cache"));
	reply_header(q, STR("content-type"), STR("application/json; charset=utf-8"));
	reply_header(q, STR("x-content-type-options"), STR("nosniff"));
}

void reply_redirect(struct request *q, int status, struct str location)
{
	q->reply.status = status;
	if (q->is_api)
		reply_cors(q);
	reply_header(q, STR("location"), location);
}

void redirect(struct request *q, struct str location)
{
	buf_reset(&q->out);
	reply_redirect(q, 303, location);
	task_exit();
}

void reply_moved(struct request *q, struct str location)
{
	bool get = q->method == METHOD_GET || q->method == METHOD_HEAD;

	reply_redirect(q, get ? 301 : 308, location);
}

void reply_nothing(struct request *q)
{
	q->reply.status = 204;
	if (q->is_api)
		reply_cors(q);
}

void reply_retry_after(struct request *q, int64_t seconds)
{
	q->retry_after_s = seconds < 1 ? 1 : seconds;
}

struct buf *request_scratch(struct request *q, size_t limit)
{
	buf_reset(&q->scratch);
	q->scratch.limit = limit;
	return &q->scratch;
}

struct kept_buf {
	struct buf buf;
	struct kept_buf *next;
};

struct buf *request_buf(struct request *q, size_t limit)
{
	struct kept_buf *k = ARENA_NEW(&q->arena, struct kept_buf);

	buf_init(&k->buf, limit);
	k->next = q->kept;
	q->kept = k;
	return &k->buf;
}

void request_scratch_free(struct request *q)
{
	buf_fini(&q->scratch);
}

/* ---- in the task ---- */

static void say_allow(struct request *q)
{
	struct buf *text = request_scratch(q, 128);

	route_allow(text, q->match.methods);
	q->allow = arena_str(&q->arena, buf_get(text));
}

/* A browser asks before a script of another site may ask: every method that the path
 * takes, and the headers that clients of this API send. */
static void answer_options(struct request *q)
{
	say_allow(q);
	q->reply.status = 204;
	reply_header(q, STR("allow"), q->allow);
	if (!q->is_api)
		return;
	reply_cors(q);
	reply_header(q, STR("access-control-allow-methods"), q->allow);
	reply_header(q, STR("access-control-allow-headers"),
		     STR("authorization, content-type, idempotency-key, x-position, "
			 "x-requested-with"));
	reply_header(q, STR("access-control-max-age"), STR("600"));
}

/* "/tag/x/" is "/tag/x". */
static void answer_slash(struct request *q)
{
	struct str path = q->target.raw_path;
	bool query = q->target.raw_query.p != NULL;

	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	reply_moved(q, arena_fmt(&q->arena, "%.*s%s%.*s", STR_ARG(path), query ? "?" : "",
				 query ? (int)q->target.raw_query.n : 0,
				 query ? q->target.raw_query.p : ""));
}

/* What a client wrote it must be able to read. It may say how far it has seen the
 * database; one that does not reads the newest, unless it is a visitor who only looks. */
static void read_position(struct request *q)
{
	static const char letters[] = "0123456789-,";
	struct str said = request_header(q, STR("x-position"));
	bool looks = q->method == METHOD_GET || q->method == METHOD_HEAD;

	for (size_t i = 0; i < said.n; i++)
		if (said.n > POSITION_MAX || said.p[i] == '\0' ||
		    strchr(letters, said.p[i]) == NULL)
			said.n = 0;
	if (said.n > 0)
		q->position = said;
	else if (!looks || q->me.id != 0)
		q->position = STR("");
}

static void run_route(struct request *q)
{
	const struct route *r = q->match.route;

	if (!q->is_api && q->method == METHOD_POST) {
		page_post(q, r);
		return;
	}
	member_read(q, r->who);
	read_position(q);
	if (r->body != NULL && q->raw_body.n > BODY_BYTES_MAX)
		fail_count(q, 413, "body", MESSAGE_is_larger, BODY_BYTES_MAX);
	if (r->body != NULL)
		body_read(q, r->body);
	once_claim(q);
	if (q->session.given)
		session_slide(q);
	r->run(q);
}

static void dispatch(struct request *q)
{
	enum target_result result = target_parse(&q->arena, q->raw_target, &q->target);

	if (result == TARGET_BAD)
		fail(q, 400, "url", "The address is not valid percent-encoded UTF-8.");
	if (result == TARGET_OK)
		q->match = route_find(q->method, &q->target);
	if (q->match.methods == 0 && q->is_api && q->method == METHOD_OPTIONS)
		q->match.methods = METHOD_OPTIONS; /* a preflight is answered anywhere */
	if (q->match.methods == 0)
		fail(q, 404, "page", "There is nothing at this address.");
	if (q->target.slash)
		answer_slash(q);
	else if (q->method == METHOD_OPTIONS)
		answer_options(q);
	else if (q->match.route == NULL) {
		say_allow(q);
		fail(q, 405, "method", "This address does not take this method.");
	} else
		run_route(q);
}

static void serve(void *ctx)
{
	struct request *q = ctx;

	q->task = task_self();
	if (clock_us() >= q->deadline_us) /* never start what nobody waits for */
		fail(q, 504, "time", "The request waited too long.");
	if (q->errand.run != NULL)
		q->errand.run(q);
	else
		dispatch(q);
}

static void on_arena_full(void *ctx)
{
	struct request *q = ctx;

	if (q->failed == NULL || strcmp(q->failed, "memory") != 0)
		fail(q, 500, "memory",
		     "This request needs more memory than it may have.");
	task_exit();
}

/* ---- waiting ---- */

void request_wait(struct request *q, void (*cancel)(void *ctx), void *ctx)
{
	assert(q->task == task_self() && !q->cancelled);
	q->cancel_wait = cancel;
	q->cancel_ctx = ctx;
	task_park();
	q->cancel_wait = NULL;
	if (q->cancelled)
		task_exit();
}

void request_wake(struct request *q)
{
	task_wake(q->task);
}

bool request_cancel(struct request *q)
{
	/* one that is running ends by itself; one that is done is being answered */
	if (q->cancelled || q->cancel_wait == NULL)
		return false;
	q->cancelled = true;
	q->cancel_wait(q->cancel_ctx);
	task_wake(q->task);
	return true;
}

/* ---- the end ---- */

/* A path may hold anything; the log's line is ours. */
static struct str loggable(struct request *q)
{
	struct str path = q->raw_target;
	char *copy;

	path = log_target(str_cut(&path, '?'));
	if (path.n > 200)
		path.n = 200;
	copy = arena_text(&q->arena, path);
	if (copy == NULL)
		return STR("?");
	for (size_t i = 0; i < path.n; i++)
		if ((unsigned char)copy[i] <= ' ' || (unsigned char)copy[i] >= 0x7f ||
		    copy[i] == '"')
			copy[i] = '?';
	return (struct str){ copy, path.n };
}

static void log_request(struct request *q)
{
	int64_t took = clock_us() - q->start_us;
	struct str path = loggable(q);
	char trace[TRACE_HEX_SIZE];

	if (q->errand.run != NULL && q->reply.status == 204)
		return; /* nothing was to be done */
	stat_time(STAT_APPD_REQUEST, took);
	stat_one(q->reply.status >= 500   ? STAT_APPD_5XX
		 : q->reply.status >= 400 ? STAT_APPD_4XX
		 : q->reply.status >= 300 ? STAT_APPD_3XX
					  : STAT_APPD_2XX);
	log_info("request trace=%s method=%.*s path=%.*s status=%d us=%lld sql_us=%lld "
		 "messages=%u%s%s",
		 trace_hex(q->context.trace, trace),
		 q->method == METHOD_NONE ? 1 : (int)q->method_word.n,
		 q->method == METHOD_NONE ? "?" : q->method_word.p, STR_ARG(path),
		 q->reply.status, (long long)took, (long long)q->sql_us, q->sql_messages,
		 q->failed != NULL ? " failed=" : "", q->failed != NULL ? q->failed : "");
}

static void free_body(void *p, void *hint)
{
	(void)hint;
	free(p);
}

/* A long body is given away as it is: no copy. */
static void send_reply(struct request *q)
{
	static struct http_response r; /* three KiB; the loop has one thread */
	struct fabric_attachment body = { 0 };
	struct buf values;

	r.status = q->reply.status;
	r.headers.count = q->reply.header_count;
	memcpy(r.headers.at, q->reply.headers,
	       q->reply.header_count * sizeof(r.headers.at[0]));
	r.body = q->method == METHOD_HEAD ? STR("") : buf_get(&q->out);
	buf_init(&values, 64 << 10);
	http_response_put(&values, &r);
	if (!http_body_is_inline(r.body)) {
		body = (struct fabric_attachment){ q->out.p, q->out.n, free_body, NULL };
		q->out = (struct buf){ 0 };
	}
	fabric_reply(q->appd->daemon->server, &q->ticket,
		     buf_ok(&values) ? STATUS_OK : STATUS_FAIL, buf_get(&values), &body);
	buf_fini(&values);
}

/* What GET would have sent. */
static void say_length(struct request *q)
{
	struct str length = arena_fmt(&q->arena, "%zu", q->out.n);

	if (length.p != NULL)
		reply_header(q, STR("content-length"), length);
}

/* The request lies in its own arena. */
static void request_free(struct request *q)
{
	struct arena arena = q->arena;

	buf_fini(&q->out);
	buf_fini(&q->scratch);
	buf_fini(&q->sql_out);
	sql_each_free(q);
	for (struct kept_buf *k = q->kept; k != NULL; k = k->next)
		buf_fini(&k->buf);
	arena_fini(&arena);
}

static void finish(void *ctx)
{
	struct request *q = ctx;
	struct appd *a = q->appd;

	q->arena.full = NULL;
	if (q->cancelled) {
		q->reply.status = 499;
		stat_one(STAT_APPD_CANCELLED);
	} else if (q->reply.status == 0 || !buf_ok(&q->out)) {
		q->failed = q->failed != NULL ? q->failed : "reply";
		q->reply = (struct reply){ .status = 500 };
		buf_reset(&q->out);
	}
	if (q->method == METHOD_HEAD)
		say_length(q);
	if (q->wrote.n > 0)
		reply_header(q, STR("x-position"), q->wrote);
	list_remove(&q->link);
	log_request(q);
	if (q->errand.run != NULL)
		q->errand.done(q->errand.ctx, q->reply.status);
	else if (q->cancelled)
		fabric_reply(a->daemon->server, &q->ticket, STATUS_FAIL, STR(""), NULL);
	else
		send_reply(q);
	request_free(q);
}

/* ---- the beginning ---- */

static struct request *request_new(struct appd *a)
{
	struct arena arena;
	struct request *q;

	arena_init(&arena, REQUEST_MEMORY);
	q = ARENA_NEW(&arena, struct request);
	if (q == NULL)
		return NULL;
	q->arena = arena;
	q->arena.full = on_arena_full;
	q->arena.ctx = q;
	q->appd = a;
	q->start_us = clock_us();
	buf_init(&q->out, REPLY_LIMIT);
	buf_init(&q->scratch, 0);
	list_append(&a->live, &q->link);
	return q;
}

static void drop(struct request *q, enum msg_status status)
{
	list_remove(&q->link);
	if (q->errand.run == NULL)
		fabric_reply(q->appd->daemon->server, &q->ticket, status, STR(""), NULL);
	else
		q->errand.done(q->errand.ctx, 503);
	request_free(q);
}

/* Borrows from the message so far; the arena gets copies, for the task may park. */
static bool take_message(struct request *q, const struct fabric_incoming *in)
{
	static struct http_request r; /* see send_reply */
	struct str values, attachment;

	q->arena.full = NULL;
	values = arena_str(&q->arena, in->body);
	attachment = arena_str(&q->arena, in->attachment);
	if (values.p == NULL || attachment.p == NULL ||
	    !http_request_get(values, attachment, &r))
		return false;
	q->headers = arena_array(&q->arena, r.headers.count, sizeof(r.headers.at[0]));
	if (q->headers == NULL)
		return false;
	memcpy((void *)q->headers, r.headers.at,
	       r.headers.count * sizeof(r.headers.at[0]));
	q->header_count = r.headers.count;
	q->method_word = r.method;
	q->method = method_of(r.method);
	q->scheme = r.scheme;
	q->authority = r.authority;
	q->raw_target = r.target;
	q->client = r.client;
	q->raw_body = r.body;
	q->is_api = str_starts(r.target, STR("/api/")) || str_eq(r.target, STR("/api"));
	q->arena.full = on_arena_full;
	return true;
}

void request_serve(struct appd *a, const struct fabric_incoming *in)
{
	struct request *q = request_new(a);
	unsigned held;

	if (q == NULL) {
		fabric_reply(a->daemon->server, &in->ticket, STATUS_AGAIN, STR(""), NULL);
		return;
	}
	q->ticket = in->ticket;
	q->context = in->context;
	q->again = in->again;
	q->deadline_us = in->deadline_us;
	if (!take_message(q, in)) {
		stat_one(STAT_BAD_REQUESTS);
		if (log_gate_open(&a->bad_gate, &held))
			log_warn("bad_request_message from=webd more=%u", held);
		drop(q, STATUS_FAIL);
	} else if (!task_start(serve, finish, q)) {
		drop(q, STATUS_AGAIN);
	}
}

void request_serve_errand(struct appd *a, const struct errand *e)
{
	struct request *q = request_new(a);

	if (q == NULL) {
		e->done(e->ctx, 503);
		return;
	}
	q->errand = *e;
	q->again = true;
	q->deadline_us = q->start_us + e->budget_us;
	q->method = METHOD_GET;
	q->method_word = STR("GET");
	q->raw_target = STR("/");
	q->position = STR("");
	q->client = STR("::1");
	trace_new(&q->context);
	if (!task_start(serve, finish, q))
		drop(q, STATUS_AGAIN);
}
