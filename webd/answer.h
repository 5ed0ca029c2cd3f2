/* answer.h -- sending answers. Every answer of webd's goes through answer_send, and every
 * one there is, libh2o's own included, gets answer_common_headers. */
#ifndef WEBD_ANSWER_H
#define WEBD_ANSWER_H

#include "webd/exchange.h"

const char *answer_reason(int status);

/* name: a literal in lower case. value: must live as long as the request's pool. */
void answer_header(struct exchange *e, struct str name, struct str value);
/* The value is copied. */
void answer_header_copy(struct exchange *e, struct str name, struct str value);

/* The body must live as long as the request's pool. HEAD gets its length only; 204 and
 * 304 get neither. */
void answer_send(struct exchange *e, int status, struct str body);
/* With a type and a copy of the body. */
void answer_text(struct exchange *e, int status, struct str type, struct str body);
void answer_empty(struct exchange *e, int status);

/* Called by the exchange's prefilter. */
void answer_common_headers(struct exchange *e);

/* An error page, or problem+json for who asks for JSON, naming the trace id. */
void answer_error(struct exchange *e, int status, const char *why);

#endif
