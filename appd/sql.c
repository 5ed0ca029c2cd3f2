/* sql.c -- see sql.h. A batch is built in the request's sql_out, sent as one message and
 * forgotten; the answer's bytes are copied once into the arena, and rows borrow from
 * there. */
#include "appd/sql.h"

#include <assert.h>

#include "appd/appd.h"
#include "appd/member.h"
#include "appd/once.h"
#include "appd/pages/page.h"
#include "appd/request.h"
#include "common/clock.h"
#include "common/stat.h"

enum {
	VALUES_LIMIT = 8 << 20,
	ANSWER_TIME_US = 20000,   /* what is left for saying that the database was late */
	NOBODY_TIME_US = 2000000, /* how long to wait for a dbproxy when there is none */
	EACH_FIRST = 16,
	EACH_MAX = 4096, /* rows in a piece; its bytes are dbproxy's to limit */
};

struct sql_batch {
	struct request *q;
	struct arena *arena; /* for the answer */
	unsigned count;
	struct {
		const struct sql_call *call;
		void *ret;
	} results[SQL_STATEMENTS_MAX];
	/* the answer */
	bool arrived;
	enum msg_status status;
	bool nobody; /* no dbproxy had it */
	struct str body;
	struct sql_result_head last; /* of its results */
};

struct sql_each {
	struct request *q;
	struct sql_each *next; /* of this request */
	struct arena arena;    /* of one piece */
	int64_t after, limit;
	bool ended;
};

/* What dbproxy's classes mean to the person who asked. */
static const struct answer_class {
	const char *name;
	bool refused; /* the data were: sql_try comes back with it */
	int status;
	const char *sentence;
} classes[] = {
	{ "duplicate", true, 409, "has already been taken" },
	{ "foreign_key", true, 409, "refers to something that is gone" },
	{ "null", true, 422, "can't be blank" },
	{ "too_long", true, 422, "is too long" },
	{ "range", true, 422, "is out of range" },
	{ "bad_text", true, 422, "is not a text that can be kept" },
	{ "check", true, 422, "is not permitted" },
	{ "too_large", false, 413, "is too large" },
	{ "value_too_long", false, 413, "is too large" },
	{ "late", false, 504, "The database took too long. Please try again." },
	{ "unavailable", false, 503, "The database is away. Please try again." },
	{ "conflict", false, 503, "Too many change this at once. Please try again." },
	{ "disk_full", false, 503, "The database has no room to write." },
	{ "lost", false, 503,
	  "The connection to the database broke. Please check whether it was done." },
};

static const struct answer_class *class_find(struct str name)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (str_eq(name, str_of(classes[i].name)))
			return &classes[i];
	return NULL;
}

static struct sql_batch *batch_in(struct request *q, struct arena *arena)
{
	struct sql_batch *b = ARENA_NEW(arena, struct sql_batch);

	assert(!q->sql_open);
	q->sql_open = true;
	b->q = q;
	b->arena = arena;
	buf_init(&q->sql_out, VALUES_LIMIT);
	member_ask(q, b);
	page_ask(q, b);
	return b;
}

struct sql_batch *sql_batch(struct request *q)
{
	return batch_in(q, &q->arena);
}

void sql_abandon(struct request *q)
{
	if (q->sql_open)
		buf_fini(&q->sql_out);
	q->sql_open = false;
}

void sql_add(struct sql_batch *b, const struct sql_call *call, void *ret)
{
	assert(b->count < SQL_STATEMENTS_MAX && b->q->sql_open);
	b->results[b->count].call = call;
	b->results[b->count].ret = ret;
	b->count++;
	sql_statement_head_put(&b->q->sql_out, str_of(call->name), call->signature,
			       call->values);
}

struct buf *sql_values(struct sql_batch *b)
{
	return &b->q->sql_out;
}

void *sql_array(struct sql_batch *b, size_t count, size_t size)
{
	return arena_array(b->arena, count, size);
}

/* ---- sending ---- */

static void on_answer(void *ctx, const struct fabric_answer *a)
{
	struct sql_batch *b = ctx;

	b->arrived = true;
	b->status = a->status;
	b->nobody = a->peer[0] == '\0';
	b->body = a->attachment.n > 0 ? a->attachment : a->body;
	/* the task takes what it needs before this returns */
	request_wake(b->q);
}

struct sending {
	struct fabric_caller *caller;
	uint64_t id;
};

static void cancel_call(void *ctx)
{
	struct sending *s = ctx;

	fabric_cancel(s->caller, s->id);
}

static int64_t budget(const struct request *q)
{
	int64_t left = q->deadline_us - clock_us() - ANSWER_TIME_US;

	if (fabric_caller_ready(q->appd->dbproxy) == 0 && left > NOBODY_TIME_US)
		left = NOBODY_TIME_US;
	return left;
}

static void send_and_wait(struct sql_batch *b)
{
	struct request *q = b->q;
	struct sending s = { .caller = q->appd->dbproxy };
	struct fabric_request r = {
		.type = MSG_SQL,
		.again = q->again,
		.budget_us = budget(q),
		.context = q->context,
		.done = on_answer,
		.ctx = b,
	};
	struct buf message;

	if (r.budget_us <= 0)
		fail(q, 504, "time", "There was no time left to ask the database.");
	q->sql_messages++;
	/* each message has a key of its own, the same whenever the request is done again;
	 * a refused one leaves its key to the next try: whichever was done is found by it
	 */
	once_key(q, q->sql_done, r.context.key);
	/* the count goes before the statements, and is known only now */
	buf_init(&message, VALUES_LIMIT + 4096);
	sql_request_head_put(&message, q->position, b->count);
	buf_str(&message, buf_get(&q->sql_out));
	if (buf_ok(&message) && buf_ok(&q->sql_out)) {
		r.body = buf_get(&message);
		s.id = fabric_call(s.caller, &r);
	}
	buf_fini(&message);
	buf_fini(&q->sql_out);
	if (s.id == 0)
		fail(q, 503, "database", "Too much is waiting for the database.");
	request_wait(q, cancel_call, &s);
	assert(b->arrived);
}

/* ---- the answer ---- */

static _Noreturn void fail_call(struct sql_batch *b)
{
	if (b->status == STATUS_LATE && !b->nobody)
		fail(b->q, 504, "late", "%s", "The database took too long.");
	if (b->status == STATUS_FAIL)
		fail(b->q, 500, "statement",
		     "The question was not understood by the database proxy.");
	if (b->status == STATUS_LOST)
		fail(b->q, 503, "lost",
		     "The connection to the database broke. Please check whether it "
		     "was done.");
	fail(b->q, 503, "database", "The database is away. Please try again.");
}

void sql_fail(struct request *q, const struct sql_refusal *r)
{
	const struct answer_class *c = class_find(r->class);

	if (c != NULL)
		fail(q, c->status, c->name, "%s", c->sentence);
	fail(q, 500, "statement", "A statement is wrong; the log of dbproxy says which.");
}

static void decode_all(struct sql_batch *b, struct wire *w, uint32_t results)
{
	if (results != b->count)
		w->bad = true;
	for (unsigned i = 0; i < b->count && !w->bad; i++) {
		b->last = sql_result_head_get(w);
		if (!w->bad)
			b->results[i].call->decode(b, w, &b->last, b->results[i].ret);
	}
	if (!wire_end(w))
		fail(b->q, 500, "statement", "The answer of dbproxy is not understood.");
}

/* The head of the answer, or the end of the request if there is none. */
static struct sql_reply_head take_head(struct sql_batch *b, struct wire *w)
{
	struct sql_reply_head head;

	if (b->body.n == 0)
		fail_call(b);
	b->body = arena_str(b->arena, b->body);
	*w = wire_of(b->body);
	head = sql_reply_head_get(w);
	if (w->bad)
		fail(b->q, 500, "statement", "The answer of dbproxy is not understood.");
	return head;
}

struct sql_refusal sql_try(struct sql_batch *b)
{
	struct request *q = b->q;
	int64_t start = clock_us();
	const struct answer_class *c;
	struct sql_refusal refusal;
	struct sql_reply_head head;
	struct wire w;

	if (b->count == 0) { /* who asks and the site are known: there is no question */
		sql_abandon(q);
		return (struct sql_refusal){ STR(""), STR("") };
	}
	send_and_wait(b);
	q->sql_open = false;
	q->sql_us += clock_us() - start;
	stat_time(STAT_APPD_SQL, clock_us() - start);
	head = take_head(b, &w);
	if (head.position.n > 0)
		q->position = q->wrote = arena_str(&q->arena, head.position);
	if (str_eq(head.class, STR("ok"))) {
		q->sql_done++;
		decode_all(b, &w, head.results);
		member_answer(q);
		return (struct sql_refusal){ STR(""), STR("") };
	}
	refusal = (struct sql_refusal){ head.class, head.detail };
	c = class_find(head.class);
	if (c == NULL || !c->refused)
		sql_fail(q, &refusal);
	return refusal;
}

void sql_run(struct sql_batch *b)
{
	struct request *q = b->q;
	struct sql_refusal refusal = sql_try(b);

	if (refusal.class.n > 0)
		sql_fail(q, &refusal);
}

/* ---- in pieces ---- */

struct sql_each *sql_each(struct request *q)
{
	struct sql_each *e = ARENA_NEW(&q->arena, struct sql_each);

	/* who asks and the site ride along in the first batch, and stay */
	sql_run(sql_batch(q));
	e->q = q;
	e->next = q->eaches;
	q->eaches = e;
	arena_init(&e->arena, REQUEST_MEMORY);
	e->arena.full = q->arena.full;
	e->arena.ctx = q->arena.ctx;
	e->after = INT64_MIN;
	e->limit = EACH_FIRST;
	return e;
}

void sql_each_free(struct request *q)
{
	for (struct sql_each *e = q->eaches; e != NULL; e = e->next)
		arena_fini(&e->arena);
}

struct sql_batch *sql_each_batch(struct sql_each *e)
{
	arena_fini(&e->arena);
	return e->ended ? NULL : batch_in(e->q, &e->arena);
}

int64_t sql_each_after(const struct sql_each *e)
{
	return e->after;
}

int64_t sql_each_limit(const struct sql_each *e)
{
	return e->limit;
}

/* Rows beyond a piece's bytes are read in vain, so next time hardly more are asked for
 * than had room. */
void sql_each_run(struct sql_each *e, struct sql_batch *b)
{
	int64_t rows;

	sql_run(b);
	rows = b->last.columns > 0 ? b->last.cells / b->last.columns : 0;
	e->ended = b->last.affected == 0;
	if (rows < e->limit)
		e->limit = rows + rows / 8 + 1;
	else
		e->limit = e->limit * 2 < EACH_MAX ? e->limit * 2 : EACH_MAX;
}

void sql_each_took(struct sql_each *e, int64_t key)
{
	if (key <= e->after)
		fail(e->q, 500, "statement", "The rows of a statement are out of order.");
	e->after = key;
}
