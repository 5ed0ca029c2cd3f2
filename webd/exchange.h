/* exchange.h -- one request and its answer, from the handler to libh2o's disposal of it.
 *
 * It lives in the request's pool and is found through the request's prefilter, which also
 * adds the headers that every answer carries. When libh2o drops the request early (a
 * reset, a client gone), the pool goes, and with it the call to appd. */
#ifndef WEBD_EXCHANGE_H
#define WEBD_EXCHANGE_H

#include "common/fabric.h"
#include "common/list.h"
#include "webd/guard.h"
#include "webd/h2o.h"

struct conn;
struct tie;
struct worker;

struct exchange {
	h2o_req_prefilter_t prefilter; /* first: exchange_of */
	h2o_generator_t generator;
	h2o_req_t *req;
	struct worker *worker;
	struct conn *conn;
	const struct guard_refusal *refused; /* NULL: a real request */
	struct fabric_context context;       /* trace, span, key */
	char trace[33];
	int64_t start_us;
	bool answering;

	/* asking appd, or dnsd */
	struct list asking; /* in the worker's list */
	uint64_t call;      /* 0: none under way */
	struct tie *asked;  /* where it is under way */
	unsigned kind;      /* for overload.h */
	struct fabric_held *held;
	size_t answer_size; /* memory held for the answer; see exchange_holds */
	uint32_t service_us;
	char upstream[24]; /* "appd.1"; "" until one answered */
};

struct exchange *exchange_begin(h2o_req_t *req);
/* NULL: libh2o dropped it before a handler saw it. */
struct exchange *exchange_of(const h2o_req_t *req);

/* So much memory until the answer is sent. */
void exchange_holds(struct exchange *e, size_t size);

/* Makes the call, and watches the client while it lasts. False: no room. */
bool exchange_ask(struct exchange *e, struct tie *t, const struct fabric_request *r)
    __attribute__((warn_unused_result));
/* The call is answered, or not wanted any more. */
void exchange_call_ended(struct exchange *e);
void exchange_cancel(struct exchange *e);
/* HTTP/1 only: see worker.c. */
void exchange_look_for_gone_clients(struct worker *w);

static inline struct str str_of_iovec(h2o_iovec_t v)
{
	return (struct str){ v.base, v.len };
}

/* Of the request; p == NULL if it is not there. The name in lower case. */
struct str exchange_header(const struct exchange *e, struct str name);
bool exchange_is_head(const struct exchange *e);
static inline struct str exchange_method(const struct exchange *e)
{
	return str_of_iovec(e->req->input.method);
}

#endif
