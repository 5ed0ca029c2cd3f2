/* http_msg.h -- MSG_HTTP, the arrow between webd and appd: one request, one response.
 *
 * Header names are lower case. A body of up to FABRIC_INLINE_MAX bytes stands in the
 * values; a longer one is the message's attachment. Reading borrows everything from the
 * message; writers give the body apart, so that it is never copied when it is long. */
#ifndef COMMON_HTTP_MSG_H
#define COMMON_HTTP_MSG_H

#include "common/buf.h"

enum { HTTP_HEADERS_MAX = 100 };

struct http_header {
	struct str name, value;
};

struct http_headers {
	struct http_header at[HTTP_HEADERS_MAX];
	size_t count;
};

struct http_request {
	struct str method, scheme, authority;
	struct str target; /* path and query, as they came */
	struct str client; /* address without port */
	struct http_headers headers;
	struct str body;
};

struct http_response {
	int64_t status;
	struct http_headers headers;
	struct str body;
};

/* Values only; the body is put only if it is short, see http_body_is_inline. */
void http_request_put(struct buf *b, const struct http_request *r);
void http_response_put(struct buf *b, const struct http_response *r);

static inline bool http_body_is_inline(struct str body)
{
	return body.n <= 4096;
}

/* False: not a message of this kind; *ret is then unspecified. */
bool http_request_get(struct str values, struct str attachment, struct http_request *ret)
    __attribute__((warn_unused_result));
bool http_response_get(struct str values, struct str attachment,
		       struct http_response *ret) __attribute__((warn_unused_result));

/* p == NULL if it is not there. The name in lower case. */
struct str http_header_find(const struct http_headers *h, struct str name);
/* False: there are HTTP_HEADERS_MAX already. */
bool http_header_add(struct http_headers *h, struct str name, struct str value);

#endif
