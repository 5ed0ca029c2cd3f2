/* request.h -- one HTTP request while it is answered: what was asked, the answer so far,
 * and all memory that belongs to it.
 *
 * A request is served by a task, so a handler is plain code from top to bottom:
 *
 *     guards, a call into the model, and the answer into q->out
 *
 * Everything is taken from q->arena, which goes when the reply has been sent; nothing is
 * freed by handlers. fail() ends the request from any depth. */
#ifndef APPD_REQUEST_H
#define APPD_REQUEST_H

#include "appd/messages.h"
#include "appd/route.h"
#include "appd/session.h"
#include "common/arena.h"
#include "common/fabric.h"
#include "common/http_msg.h"
#include "common/list.h"

struct appd;
struct task;

enum { REPLY_HEADERS_MAX = 16, REPLY_LIMIT = 8 << 20, REQUEST_MEMORY = 24 << 20 };

struct reply {
	int status;
	struct http_header headers[REPLY_HEADERS_MAX];
	size_t header_count;
};

/* What nobody sent: served as a GET of / by run; done gets the status. */
struct errand {
	void (*run)(struct request *q); /* NULL: this is none */
	void (*done)(void *ctx, int status);
	void *ctx;
	int64_t budget_us;
};

struct request {
	struct list link; /* in appd->live */
	struct appd *appd;
	struct arena arena;
	struct task *task;

	/* from the fabric */
	struct fabric_ticket ticket;
	struct fabric_context context;
	bool again; /* may be executed twice */
	int64_t start_us, deadline_us;

	/* what was asked */
	enum method method;
	struct str method_word, scheme, authority, raw_target, client, raw_body;
	const struct http_header *headers;
	size_t header_count;
	struct target target;
	struct route_match match;
	bool is_api;       /* answered in JSON, failures too */
	struct body *body; /* what the route wants, read and checked; NULL: nothing */
	struct member me;
	struct session session; /* of pages */
	struct pairs form;      /* what a page's form sent */
	struct page *page;      /* of pages: see pages/page.h */

	/* the answer */
	struct reply reply;
	struct str allow;      /* of a 405 */
	int64_t retry_after_s; /* of a 429 or 503; 0: not said */
	struct buf out, scratch;
	struct kept_buf *kept; /* see request_buf */
	const char *failed;    /* the key given to fail(), for the log */

	/* waiting */
	void (*cancel_wait)(void *ctx);
	void *cancel_ctx;
	bool cancelled;

	/* the database, see sql.c */
	struct buf sql_out;
	bool sql_open;
	struct sql_each *eaches;         /* results that are read in pieces */
	unsigned sql_messages, sql_done; /* sent; answered with "ok" */
	int64_t sql_us;
	/* How far the database was when this client last saw it: p == NULL is anywhere,
	 * an empty one the newest there is. wrote: after a write of this request. */
	struct str position, wrote;

	struct errand errand; /* such a one has no ticket and no route */
};

/* ---- for handlers ---- */

/* A header's value, p == NULL if it is not there. The name in lower case. */
struct str request_header(const struct request *q, struct str name);
/* The n-th ":x" of the route's path, decoded. */
struct str request_arg(const struct request *q, size_t n);
/* From the query string, decoded; p == NULL if it is not there. */
struct str request_query(const struct request *q, struct str name);

/* The value is kept as it is: a literal, or from the arena. */
void reply_header(struct request *q, struct str name, struct str value);
/* 200 text/html with the headers that every page has; then write into q->out. */
void reply_page(struct request *q);
/* 200 application/json; then write into q->out. */
void reply_json(struct request *q);
void reply_redirect(struct request *q, int status, struct str location);
/* 303, from any depth. */
_Noreturn void redirect(struct request *q, struct str location);
/* To where it is now: for good to a reader, with the method kept to others. */
void reply_moved(struct request *q, struct str location);
/* 204 */
void reply_nothing(struct request *q);
/* Come again in so many seconds; kept when the request fails. */
void reply_retry_after(struct request *q, int64_t seconds);

/* An empty buffer that belongs to the request: for building what is then copied into the
 * arena. There is one; asking again empties it. */
struct buf *request_scratch(struct request *q, size_t limit);
void request_scratch_free(struct request *q);
/* Another one, to keep until the request ends. */
struct buf *request_buf(struct request *q, size_t limit);

/* Ends the request. The key says what is wrong ("article", "body"); the sentence goes to
 * the person. In JSON: {"errors":{key:[sentence]}}; in a browser: a page that says so. */
_Noreturn void fail(struct request *q, int status, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* The same in a sentence with a number. */
_Noreturn void fail_count(struct request *q, int status, const char *key, enum message m,
			  int64_t n);
/* The same with several sentences, each under its key. */
_Noreturn void fail_problems(struct request *q, int status, const struct problem *at,
			     size_t count);

/* ---- for what tasks wait for ---- */

/* Parks until request_wake. When nobody wants the answer any more, cancel(ctx) is called
 * instead and the task ends: this then does not return. */
void request_wait(struct request *q, void (*cancel)(void *ctx), void *ctx);
void request_wake(struct request *q);

/* ---- for appd.c ---- */

/* Starts its task. */
void request_serve(struct appd *a, const struct fabric_incoming *in);
void request_serve_errand(struct appd *a, const struct errand *e);
/* It was waiting: its task has ended and it is gone. */
bool request_cancel(struct request *q);

#endif
