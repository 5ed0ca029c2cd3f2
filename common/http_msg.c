/* http_msg.c -- see http_msg.h. */
#include "common/http_msg.h"

#include "common/fabric.h"
#include "common/wire.h"

_Static_assert(FABRIC_INLINE_MAX == 4096, "http_body_is_inline says the same");

static void put_headers(struct buf *b, const struct http_headers *h)
{
	wire_put_list(b, (uint32_t)h->count);
	for (size_t i = 0; i < h->count; i++) {
		wire_put_bytes(b, h->at[i].name);
		wire_put_bytes(b, h->at[i].value);
	}
}

static void put_body(struct buf *b, struct str body)
{
	if (http_body_is_inline(body))
		wire_put_bytes(b, body);
	else
		wire_put_null(b);
}

static void get_headers(struct wire *w, struct http_headers *ret)
{
	ret->count = wire_list(w);
	if (ret->count > HTTP_HEADERS_MAX) {
		w->bad = true;
		ret->count = 0;
	}
	for (size_t i = 0; i < ret->count; i++) {
		ret->at[i].name = wire_bytes(w);
		ret->at[i].value = wire_bytes(w);
	}
}

static struct str get_body(struct wire *w, struct str attachment)
{
	return wire_null(w) ? attachment : wire_bytes(w);
}

void http_request_put(struct buf *b, const struct http_request *r)
{
	wire_put_bytes(b, r->method);
	wire_put_bytes(b, r->scheme);
	wire_put_bytes(b, r->authority);
	wire_put_bytes(b, r->target);
	wire_put_bytes(b, r->client);
	put_headers(b, &r->headers);
	put_body(b, r->body);
}

bool http_request_get(struct str values, struct str attachment, struct http_request *ret)
{
	struct wire w = wire_of(values);

	ret->method = wire_bytes(&w);
	ret->scheme = wire_bytes(&w);
	ret->authority = wire_bytes(&w);
	ret->target = wire_bytes(&w);
	ret->client = wire_bytes(&w);
	get_headers(&w, &ret->headers);
	ret->body = get_body(&w, attachment);
	return wire_end(&w);
}

void http_response_put(struct buf *b, const struct http_response *r)
{
	wire_put_int(b, r->status);
	put_headers(b, &r->headers);
	put_body(b, r->body);
}

bool http_response_get(struct str values, struct str attachment,
		       struct http_response *ret)
{
	struct wire w = wire_of(values);

	ret->status = wire_int(&w);
	get_headers(&w, &ret->headers);
	ret->body = get_body(&w, attachment);
	return wire_end(&w) && ret->status >= 100 && ret->status <= 599;
}

struct str http_header_find(const struct http_headers *h, struct str name)
{
	for (size_t i = 0; i < h->count; i++)
		if (str_eq(h->at[i].name, name))
			return h->at[i].value;
	return (struct str){ NULL, 0 };
}

bool http_header_add(struct http_headers *h, struct str name, struct str value)
{
	if (h->count == HTTP_HEADERS_MAX)
		return false;
	h->at[h->count++] = (struct http_header){ name, value };
	return true;
}
