/* forward.c -- see forward.h. Request headers are borrowed from libh2o while the message
 * is built; the reply is kept as it came and sent from there, without a copy. */
#include "webd/forward.h"

#include <openssl/sha.h>

#include "common/clock.h"
#include "common/http_msg.h"
#include "common/stat.h"
#include "common/trace.h"
#include "webd/answer.h"
#include "webd/conn.h"
#include "webd/worker.h"

/* Of one connection, not of the message (RFC 9110 7.6.1), or said by other means. */
static const struct str not_forwarded[] = {
	{ "connection", 10 },
	{ "keep-alive", 10 },
	{ "proxy-connection", 16 },
	{ "te", 2 },
	{ "trailer", 7 },
	{ "transfer-encoding", 17 },
	{ "upgrade", 7 },
	{ "content-length", 14 },
	{ "proxy", 5 },
	{ "traceparent", 11 },
	{ "proxy-authorization", 19 },
};
static const struct str not_answered[] = {
	{ "connection", 10 },
	{ "keep-alive", 10 },
	{ "proxy-connection", 16 },
	{ "transfer-encoding", 17 },
	{ "upgrade", 7 },
	{ "trailer", 7 },
	{ "te", 2 },
	{ "date", 4 },
	{ "server", 6 },
	{ "x-request-id", 12 },
};

static bool is_in(const struct str *list, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(list[i], name))
			return true;
	return false;
}
#define IS_IN(list, name) is_in((list), sizeof(list) / sizeof((list)[0]), (name))

/* Named by the Connection header, so of this connection only. */
static bool is_listed(struct str connection, struct str name)
{
	for (struct str rest = connection; rest.p != NULL;)
		if (str_eq_nocase(str_trim(str_cut(&rest, ',')), name))
			return true;
	return false;
}

/* HTTP/2 clients may send the cookie in pieces (RFC 9113 8.2.3). */
static void add_cookie(struct exchange *e, struct http_headers *h, struct str piece)
{
	for (size_t i = 0; i < h->count; i++) {
		struct str have = h->at[i].value;

		if (!str_eq(h->at[i].name, STR("cookie")))
			continue;
		h->at[i].value = str_of_iovec(h2o_concat(
		    &e->req->pool, h2o_iovec_init(have.p, have.n),
		    h2o_iovec_init(H2O_STRLIT("; ")), h2o_iovec_init(piece.p, piece.n)));
		return;
	}
	(void)!http_header_add(h, STR("cookie"), piece);
}

static void take_headers(struct exchange *e, struct http_headers *ret)
{
	const h2o_headers_t *from = &e->req->headers;
	struct str connection = exchange_header(e, STR("connection"));

	for (size_t i = 0; i < from->size; i++) {
		struct str name = str_of_iovec(*from->entries[i].name);
		struct str value = str_of_iovec(from->entries[i].value);

		if (IS_IN(not_forwarded, name) || is_listed(connection, name))
			continue;
		if (str_eq(name, STR("cookie")))
			add_cookie(e, ret, value);
		else if (!http_header_add(ret, name, value))
			return; /* the guard let no more than this through */
	}
}

static bool is_read(const struct exchange *e)
{
	return exchange_is_head(e) || str_eq(exchange_method(e), STR("GET"));
}

/* A write carries a key, so that it may be sent twice and done once: the client's, or one
 * made here, which then covers our own retries. */
static void take_key(struct exchange *e)
{
	struct str given = exchange_header(e, STR("idempotency-key"));
	uint64_t random[2] = { trace_random(), trace_random() };
	uint8_t hash[SHA256_DIGEST_LENGTH];

	if (given.n == 0) {
		memcpy(e->context.key, random, FABRIC_KEY_SIZE);
		return;
	}
	SHA256((const unsigned char *)given.p, given.n, hash);
	memcpy(e->context.key, hash, FABRIC_KEY_SIZE);
}

/* ---- the answer ---- */

static bool is_sound(const struct http_header *h)
{
	for (size_t i = 0; i < h->value.n; i++)
		if ((unsigned char)h->value.p[i] < ' ' && h->value.p[i] != '\t')
			return false;
	return guard_token_ok(h->name);
}

/* Its own length counts when it answers HEAD without the body. */
static void take_length(struct exchange *e, struct str value, struct str body)
{
	uint64_t n;

	if (exchange_is_head(e) && body.n == 0 && str_to_u64(value, &n))
		e->req->res.content_length = n;
}

/* RFC 9110 15.4.5: what describes a body stays with the body that the client has. */
static bool is_left_out(const struct http_response *r, struct str name)
{
	return IS_IN(not_answered, name) ||
	       (r->status == 304 && str_eq(name, STR("content-type")));
}

static void send_response(struct exchange *e, const struct http_response *r)
{
	for (size_t i = 0; i < r->headers.count; i++) {
		const struct http_header *h = &r->headers.at[i];

		if (str_eq(h->name, STR("content-length")))
			take_length(e, h->value, r->body);
		else if (!is_sound(h))
			stat_one(STAT_WEBD_BAD_ANSWERS);
		else if (!is_left_out(r, h->name))
			answer_header(e, h->name, h->value);
	}
	exchange_holds(e, r->body.n);
	answer_send(e, (int)r->status, r->body);
}

static void on_ok(struct exchange *e, const struct fabric_answer *a)
{
	struct http_response r;

	e->held = fabric_hold(a);
	if (e->held != NULL &&
	    http_response_get(fabric_held_body(e->held), fabric_held_attachment(e->held),
			      &r) &&
	    r.status >= 200) {
		send_response(e, &r);
		return;
	}
	stat_one(STAT_WEBD_BAD_ANSWERS);
	answer_error(e, 502, "The application's answer could not be understood.");
}

static void refuse(struct exchange *e)
{
	stat_one(STAT_WEBD_SHED);
	answer_header(e, STR("retry-after"), STR("1"));
	answer_error(e, 503, "The site is busy. Please try again in a moment.");
}

static void on_answer(void *ctx, const struct fabric_answer *a)
{
	struct exchange *e = ctx;
	int64_t now = clock_us();

	exchange_call_ended(e);
	overload_took(&e->worker->overload, e->kind, now - e->start_us, now);
	str_copy(e->upstream, sizeof(e->upstream), str_of(a->peer));
	e->service_us = a->service_us;
	switch (a->status) {
	case STATUS_OK:
		on_ok(e, a);
		break;
	case STATUS_LATE:
		answer_error(e, 504, "The application took too long.");
		break;
	case STATUS_FULL:
	case STATUS_AGAIN:
		refuse(e);
		break;
	case STATUS_FAIL:
	case STATUS_LOST:
		answer_error(e, 502, "The application could not answer.");
		break;
	}
}

/* ---- the call ---- */

static void free_body(void *p, void *hint)
{
	(void)hint;
	free(p);
}

/* libh2o's buffer goes with the request, which a client can end before ZeroMQ has sent
 * it: one copy, handed over. False: no memory. */
static bool take_body(const struct exchange *e, struct fabric_attachment *ret)
{
	struct str body = str_of_iovec(e->req->entity);

	if (http_body_is_inline(body))
		return true;
	ret->p = malloc(body.n);
	if (ret->p == NULL)
		return false;
	memcpy(ret->p, body.p, body.n);
	ret->n = body.n;
	ret->free_fn = free_body;
	return true;
}

static void put_request(struct exchange *e)
{
	h2o_req_t *req = e->req;
	struct http_request r = {
		.method = exchange_method(e),
		.scheme = str_of_iovec(req->input.scheme->name),
		.authority = str_of_iovec(req->input.authority),
		.target = str_of_iovec(req->input.path),
		.client = str_of(e->conn->peer_text),
		.body = str_of_iovec(req->entity),
	};
	take_headers(e, &r.headers);
	buf_reset(&e->worker->scratch);
	http_request_put(&e->worker->scratch, &r);
}

/* By method and the first two parts of the path: "POST /api/articles". */
static unsigned kind_of(const struct exchange *e)
{
	struct str path = str_of_iovec(e->req->path_normalized);
	unsigned hash = (unsigned char)exchange_method(e).p[0], parts = 0;

	for (size_t i = 0; i < path.n; i++) {
		if (path.p[i] == '/' && ++parts == 3)
			break;
		hash = hash * 31 + (unsigned char)path.p[i];
	}
	return hash;
}

bool forward_request(struct exchange *e)
{
	struct worker *w = e->worker;
	struct fabric_request r = {
		.type = MSG_HTTP,
		.again = true,
		.budget_us = deadlines_find(&w->settings.deadlines, exchange_method(e),
					    str_of_iovec(e->req->path_normalized),
					    w->settings.deadline_us),
		.done = on_answer,
		.ctx = e,
	};

	if (tie_is_alone(&w->appd) ||
	    !overload_admits(&w->overload, fabric_caller_underway(w->appd.caller),
			     clock_us())) {
		refuse(e);
		return true;
	}
	e->kind = kind_of(e);
	if (!is_read(e))
		take_key(e);
	put_request(e);
	if (!buf_ok(&w->scratch) || !take_body(e, &r.attachment)) {
		refuse(e);
		return true;
	}
	r.context = e->context;
	r.body = buf_get(&w->scratch);
	exchange_holds(e, r.body.n + r.attachment.n);
	if (!exchange_ask(e, &w->appd, &r))
		refuse(e);
	return true;
}
