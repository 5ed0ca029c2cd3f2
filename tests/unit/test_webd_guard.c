/* test_webd_guard.c -- what the guard lets through to libh2o, and what it does not. The
 * functions are called as libh2o calls them. */
#include "tests/unit/check.h"
#include "webd/guard.h"

struct phr_header {
	const char *name;
	size_t name_len;
	const char *value;
	size_t value_len;
};
struct phr_chunked_decoder {
	size_t bytes_left_in_chunk;
	char consume_trailer, _hex_count, _state;
};
int phr_parse_request(const char *, size_t, const char **, size_t *, const char **,
		      size_t *, int *, struct phr_header *, size_t *, size_t);
ssize_t phr_decode_chunked(struct phr_chunked_decoder *, char *, size_t *);

struct parsed {
	int used, minor;
	struct str method, target;
	struct phr_header fields[100];
	size_t count;
};

/* The status it is refused with, 0 if it is a request, -2 if more is needed. */
static int parse(struct str bytes, struct parsed *p)
{
	char *copy = malloc(bytes.n + 1); /* exactly that long, for AddressSanitizer */
	const struct guard_refusal *r;
	int status;

	memcpy(copy, bytes.p, bytes.n);
	p->count = 100;
	p->used =
	    phr_parse_request(copy, bytes.n, &p->method.p, &p->method.n, &p->target.p,
			      &p->target.n, &p->minor, p->fields, &p->count, 0);
	r = guard_refused();
	status = r != NULL ? r->status : p->used < 0 ? p->used : 0;
	free(copy);
	return status;
}

static int status_of(struct str bytes)
{
	struct parsed p;

	return parse(bytes, &p);
}
#define STATUS(literal) status_of(STR(literal))
#define GET(fields)     STATUS("GET / HTTP/1.1\r\nHost: a\r\n" fields "\r\n")

TEST(ordinary_requests_pass)
{
	CHECK_INT(GET(""), 0);
	CHECK_INT(GET("Cookie: a=b; c=\"d\"\r\nX: \x80\tz\r\n"), 0);
	CHECK_INT(STATUS("GET / HTTP/1.0\r\n\r\n"), 0);
	CHECK_INT(STATUS("POST /a?b=|{} HTTP/1.1\r\nHost: [::1]:80\r\n"
			 "Content-Length: 3 \r\n\r\nabc"),
		  0);
	CHECK_INT(STATUS("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
	CHECK_INT(STATUS("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
	CHECK_INT(STATUS("PROPFIND /a%2fb HTTP/1.1\r\nHost: a-b_c.d:8080\r\n\r\n"), 0);
}

TEST(two_readings_of_the_length_are_refused)
{
	CHECK_INT(GET("Content-Length: 1\r\nContent-Length: 1\r\n"), 400);
	CHECK_INT(GET("Content-Length: 1, 1\r\n"), 400);
	CHECK_INT(GET("Content-Length: +1\r\n"), 400);
	CHECK_INT(GET("Content-Length: 0x1\r\n"), 400);
	CHECK_INT(GET("Content-Length: \r\n"), 400);
	CHECK_INT(GET("Content-Length: 99999999999999999999\r\n"), 400);
	CHECK_INT(GET("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400);
	CHECK_INT(GET("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
		  400);
	CHECK_INT(GET("Transfer-Encoding: gzip, chunked\r\n"), 501);
	CHECK_INT(GET("Transfer-Encoding: xchunked\r\n"), 501);
	CHECK_INT(GET("Transfer-Encoding: identity\r\n"), 501);
	CHECK_INT(GET("Transfer-Encoding: \r\n"), 400);
	CHECK_INT(GET("Transfer-Encoding: ,chunked\r\n"), 400);
	CHECK_INT(GET("Transfer-Encoding: chunked,\r\n"), 400);
	CHECK_INT(GET("Transfer-Encoding: chunked, gzip\r\n"), 400);
	CHECK_INT(GET("Transfer-Encoding: chunked, chunked\r\n"), 400);
	CHECK_INT(GET("Transfer-Encoding: chunked;a=b\r\n"), 400);
	CHECK_INT(GET("Transfer-Encoding: \xa0"
		      "chunked\r\n"),
		  400);
	CHECK_INT(GET("Transfer-Encoding:\r\n chunked\r\n"), 400);
	CHECK_INT(GET("Transfer-Encoding: chunked\x0b\r\n"), 400);
	CHECK_INT(STATUS("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
	CHECK_INT(GET("TRANSFER-ENCODING: CHUNKED\r\n"), 0);
}

TEST(there_is_one_host)
{
	CHECK_INT(STATUS("GET / HTTP/1.1\r\n\r\n"), 400);
	CHECK_INT(GET("Host: a\r\n"), 400);
	CHECK_INT(STATUS("GET / HTTP/1.1\r\nHost: \r\n\r\n"), 400);
	CHECK_INT(STATUS("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400);
	CHECK_INT(STATUS("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"), 400);
	CHECK_INT(STATUS("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"), 400);
	CHECK_INT(STATUS("GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n"), 400);
	CHECK_INT(STATUS("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"), 400);
	CHECK_INT(STATUS("GET / HTTP/1.1\r\nHost : a\r\n\r\n"), 400);
}

TEST(lines_end_in_cr_lf)
{
	CHECK_INT(STATUS("GET / HTTP/1.1\nHost: a\r\n\r\n"), 400);
	CHECK_INT(STATUS("GET / HTTP/1.1\r\nHost: a\n\r\n"), 400);
	CHECK_INT(STATUS("GET / HTTP/1.1\r\nHost: a\r\n\n"), 400);
	CHECK_INT(STATUS("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(GET("X: a\rb\r\n"), 400);
	CHECK_INT(GET(" folded\r\n"), 400);
	CHECK_INT(GET("X: a\r\n\tfolded\r\n"), 400);
	CHECK_INT(GET(": no name\r\n"), 400);
	CHECK_INT(GET("no colon\r\n"), 400);
}

TEST(request_lines)
{
	CHECK_INT(STATUS("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(STATUS("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(STATUS("G@T / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(STATUS("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
	CHECK_INT(STATUS("GET / HTTP/3.0\r\nHost: a\r\n\r\n"), 505);
	CHECK_INT(STATUS("GET / http/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(STATUS("GET / HTTP/1.1x\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(STATUS("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n"), 501);
	CHECK_INT(STATUS("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"), 501);
	CHECK_INT(STATUS("GET * HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(STATUS("GET a HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(STATUS("GET /#a HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(STATUS("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(STATUS("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(STATUS("GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	CHECK_INT(STATUS("GET /\\ HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

TEST(the_absolute_form_names_the_host)
{
	struct parsed p;

	CHECK_INT(parse(STR("GET http://b:81/c?d HTTP/1.1\r\nHost: a\r\n\r\n"), &p), 0);
	CHECK_INT(p.target.n, 4);
	CHECK_INT(p.fields[0].value_len, 4);
	CHECK_INT(parse(STR("GET HTTPS://b HTTP/1.1\r\nHost: a\r\n\r\n"), &p), 0);
	CHECK_INT(p.target.n, 1);
	CHECK_INT(parse(STR("GET http:///c HTTP/1.1\r\nHost: a\r\n\r\n"), &p), 400);
	CHECK_INT(parse(STR("GET http://b?c HTTP/1.1\r\nHost: a\r\n\r\n"), &p), 400);
	CHECK_INT(parse(STR("GET http://u@b/ HTTP/1.1\r\nHost: a\r\n\r\n"), &p), 400);
	CHECK_INT(parse(STR("GET ftp://b/ HTTP/1.1\r\nHost: a\r\n\r\n"), &p), 400);
}

TEST(upgrades_are_left_out)
{
	struct parsed p;

	CHECK_INT(parse(STR("GET / HTTP/1.1\r\nUpgrade: h2c\r\nHost: a\r\n"
			    "HTTP2-Settings: AAMAAABk\r\nX: y\r\n\r\n"),
			&p),
		  0);
	CHECK_INT(p.count, 2);
	CHECK_INT(parse(STR("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n"), &p), 0);
	CHECK_INT(p.count, 0);
}

TEST(what_is_too_large_is_said_to_be)
{
	static char text[80000];
	size_t n;

	n = (size_t)snprintf(text, sizeof(text),
			     "GET /%09000d HTTP/1.1\r\nHost: a\r\n\r\n", 0);
	CHECK_INT(status_of((struct str){ text, n }), 414);
	CHECK_INT(status_of((struct str){ text, 8500 }), 414); /* without its end */
	n = (size_t)snprintf(text, sizeof(text),
			     "GET / HTTP/1.1\r\nHost: a\r\nX: %070000d\r\n\r\n", 0);
	CHECK_INT(status_of((struct str){ text, n }), 431);
	CHECK_INT(status_of((struct str){ text, 69000 }), 431);
	n = (size_t)snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: a\r\n");
	for (int i = 0; i < 101; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "X: y\r\n");
	n += (size_t)snprintf(text + n, sizeof(text) - n, "\r\n");
	CHECK_INT(status_of((struct str){ text, n }), 431);
}

TEST(a_wrong_beginning_is_not_waited_for)
{
	CHECK_INT(STATUS("GET / HTTP/1.1\r\nHo"), -2);
	CHECK_INT(STATUS("GE"), -2);
	CHECK_INT(STATUS("hello world\r\n"), 400);
	CHECK_INT(STATUS("GET / HTTP/1.1 x\r\nHost: a"), 400);
	CHECK_INT(STATUS("\r\n"), -2);
}

/* ---- chunked bodies ---- */

/* All of it in pieces of `step` bytes; -1: refused, -2: not complete, else what is left
 * over. body gets what was decoded. */
static ssize_t decode(struct str s, size_t step, char *body, size_t *ret_n)
{
	struct phr_chunked_decoder d = { .consume_trailer = 1 };
	ssize_t ret = -2;

	*ret_n = 0;
	for (size_t at = 0; at < s.n && ret == -2; at += step) {
		size_t n = s.n - at < step ? s.n - at : step;
		char *copy = malloc(n);

		memcpy(copy, s.p + at, n);
		ret = phr_decode_chunked(&d, copy, &n);
		memcpy(body + *ret_n, copy, n);
		*ret_n += n;
		free(copy);
	}
	return ret;
}

static ssize_t decode_all(struct str s)
{
	char body[4096];
	size_t n;
	ssize_t ret = decode(s, s.n, body, &n);

	for (size_t step = 1; step < 5 && ret < 0; step++)
		CHECK_INT(decode(s, step, body, &n), ret);
	return ret;
}
#define CHUNKED(literal) decode_all(STR(literal))

TEST(chunks_are_joined_however_they_are_split)
{
	struct str s =
	    STR("4\r\nWiki\r\n6;a=b;c=\"d\"\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n"
		"0\r\nTrailer: x\r\n\r\n");
	char body[256];
	size_t n;

	for (size_t step = 1; step <= s.n; step++) {
		if (!CHECK_INT(decode(s, step, body, &n), 0))
			return;
		CHECK_STR(((struct str){ body, n }), STR("Wikipedia in \r\n\r\nchunks."));
	}
}

TEST(what_follows_the_body_is_left)
{
	CHECK_INT(CHUNKED("0\r\n\r\nGET"), 3);
}

TEST(sizes_that_others_read_otherwise_are_refused)
{
	CHECK_INT(CHUNKED("0_2e\r\n"), -1);
	CHECK_INT(CHUNKED("5;\r\nhello\r\n0\r\n\r\n"), -1);
	CHECK_INT(CHUNKED("0x5\r\n"), -1);
	CHECK_INT(CHUNKED(" 5\r\n"), -1);
	CHECK_INT(CHUNKED("5 \r\n"), -1);
	CHECK_INT(CHUNKED("-5\r\n"), -1);
	CHECK_INT(CHUNKED("1000000\r\n"), -2); /* the largest body there can be */
	CHECK_INT(CHUNKED("1000001\r\n"), -1);
	CHECK_INT(CHUNKED("\r\n"), -1);
	CHECK_INT(CHUNKED("123456789\r\n"), -1);
	CHECK_INT(CHUNKED("5\nhello\r\n"), -1);
	CHECK_INT(CHUNKED("5\rXhello"), -1);
	CHECK_INT(CHUNKED("5\r\nhelloX\r\n"), -1);
	CHECK_INT(CHUNKED("5\r\nhello\n0\r\n\r\n"), -1);
	CHECK_INT(CHUNKED("1;a\nb\r\n"), -1);
	CHECK_INT(CHUNKED("0\r\nno colon\r\n\r\n"), -1);
	CHECK_INT(CHUNKED("0\r\n: x\r\n\r\n"), -1);
	CHECK_INT(CHUNKED("0\r\nA: \x01\r\n\r\n"), -1);
	CHECK_INT(CHUNKED("0\r\n\n"), -1);
}

TEST(extensions_and_trailers_have_an_end)
{
	char text[10000];
	size_t n = (size_t)snprintf(text, sizeof(text), "1;a=%0200d\r\n", 0);

	CHECK_INT(decode_all((struct str){ text, n }), -1);
	n = (size_t)snprintf(text, sizeof(text), "0\r\nA: %09000d\r\n\r\n", 0);
	CHECK_INT(decode_all((struct str){ text, n }), -1);
}

/* ---- the whole ---- */

TEST(libh2o_calls_every_one_of_them)
{
	CHECK_TEXT(guard_test(), "");
}
