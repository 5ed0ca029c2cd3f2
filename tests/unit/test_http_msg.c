/* test_http_msg.c -- common/http_msg.h. */
#include "common/http_msg.h"

#include "tests/unit/check.h"

static struct http_request request = {
	.method = STR("POST"),
	.scheme = STR("https"),
	.authority = STR("www.foobar.com"),
	.target = STR("/editor?x=%00"),
	.client = STR("2001:db8::1"),
};

TEST(a_request_with_a_short_body)
{
	static struct http_request got;
	struct buf b;

	request.headers.count = 0;
	CHECK(http_header_add(&request.headers, STR("accept"), STR("*/*")));
	CHECK(http_header_add(&request.headers, STR("cookie"), STR("a=b")));
	request.body = STR("title=\0");
	buf_init(&b, 10000);
	http_request_put(&b, &request);
	if (!CHECK(http_request_get(buf_get(&b), STR("not this"), &got)))
		return;
	CHECK_STR(got.method, request.method);
	CHECK_STR(got.scheme, request.scheme);
	CHECK_STR(got.authority, request.authority);
	CHECK_STR(got.target, request.target);
	CHECK_STR(got.client, request.client);
	CHECK_STR(got.body, request.body);
	CHECK_INT(got.headers.count, 2);
	CHECK_STR(http_header_find(&got.headers, STR("cookie")), STR("a=b"));
	CHECK(http_header_find(&got.headers, STR("host")).p == NULL);
	buf_fini(&b);
}

TEST(a_long_body_travels_beside_the_values)
{
	static struct http_request got;
	static char body[4097];
	struct buf b;

	request.body = (struct str){ body, 4096 };
	CHECK(http_body_is_inline(request.body));
	request.body.n = 4097;
	CHECK(!http_body_is_inline(request.body));
	buf_init(&b, 1000); /* too small for the body, which is not put */
	http_request_put(&b, &request);
	CHECK(buf_ok(&b));
	CHECK(http_request_get(buf_get(&b), request.body, &got));
	CHECK(got.body.p == body && got.body.n == 4097);
	buf_fini(&b);
}

TEST(a_response)
{
	static struct http_response response = { .status = 201 }, got;
	struct buf b;

	buf_init(&b, 1000);
	response.body = STR("<p>");
	http_header_add(&response.headers, STR("etag"), STR("\"1\""));
	http_response_put(&b, &response);
	CHECK(http_response_get(buf_get(&b), STR(""), &got));
	CHECK_INT(got.status, 201);
	CHECK_STR(got.body, STR("<p>"));
	CHECK_STR(http_header_find(&got.headers, STR("etag")), STR("\"1\""));
	buf_char(&b, 'n');
	CHECK(!http_response_get(buf_get(&b), STR(""), &got)); /* something left over */
	buf_fini(&b);
}

TEST(a_status_that_is_none_is_refused)
{
	static const int64_t bad[] = { 0, 99, 600, -200, INT64_MAX };
	static struct http_response response, got;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf b;

		buf_init(&b, 1000);
		response.status = bad[i];
		http_response_put(&b, &response);
		CHECK(!http_response_get(buf_get(&b), STR(""), &got));
		buf_fini(&b);
	}
}

TEST(headers_have_a_bound)
{
	static struct http_headers h;

	for (int i = 0; i < HTTP_HEADERS_MAX; i++)
		CHECK(http_header_add(&h, STR("a"), STR("b")));
	CHECK(!http_header_add(&h, STR("a"), STR("b")));
	CHECK_INT(h.count, HTTP_HEADERS_MAX);
}
