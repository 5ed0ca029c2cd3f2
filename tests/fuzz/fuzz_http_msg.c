/* fuzz_http_msg.c -- any bytes as an HTTP request and as a response on the fabric. What
 * is understood is written again and must be understood the same way. */
#include "common/http_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check_headers(const struct http_headers *a, const struct http_headers *b)
{
	if (a->count != b->count)
		abort();
	for (size_t i = 0; i < a->count; i++)
		if (!str_eq(a->at[i].name, b->at[i].name) ||
		    !str_eq(a->at[i].value, b->at[i].value))
			abort();
}

static void as_request(struct str values, struct str attachment)
{
	static struct http_request r, again;
	struct buf b;

	if (!http_request_get(values, attachment, &r))
		return;
	buf_init(&b, values.n + 64);
	http_request_put(&b, &r);
	if (!buf_ok(&b) || !http_request_get(buf_get(&b), r.body, &again) ||
	    !str_eq(r.method, again.method) || !str_eq(r.target, again.target) ||
	    !str_eq(r.client, again.client) || !str_eq(r.body, again.body))
		abort();
	check_headers(&r.headers, &again.headers);
	buf_fini(&b);
}

static void as_response(struct str values, struct str attachment)
{
	static struct http_response r, again;
	struct buf b;

	if (!http_response_get(values, attachment, &r))
		return;
	buf_init(&b, values.n + 64);
	http_response_put(&b, &r);
	if (!buf_ok(&b) || !http_response_get(buf_get(&b), r.body, &again) ||
	    r.status != again.status || !str_eq(r.body, again.body))
		abort();
	check_headers(&r.headers, &again.headers);
	buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct str all = { (const char *)bytes, n };
	struct str attachment = STR("the attachment");

	as_request(all, attachment);
	as_response(all, attachment);
	return 0;
}
