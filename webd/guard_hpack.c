/* guard_hpack.c -- the header blocks of HTTP/2, before and after they are unfolded.
 *
 * Before: a block has one field per byte at worst, each a reference to 4 KiB of the
 * dynamic table, so fields are counted on the compressed bytes. After: sizes, and the
 * rules of RFC 9113 8.2 and 8.3 that the real parser leaves out. Too much ends the
 * connection, malformed trailers do; a malformed request ends its stream; trailers are
 * read and dropped. */
#include "common/stat.h"
#include "webd/guard.h"
#include "webd/h2o.h"

enum {
	PSEUDO_MAX = 5,
	BLOCK_MAX = 32 << 10,
	/* What can be named without being said, each once: the dynamic table, the static
	 * one, and 32 bytes that we count for each. Who unfolds more to a few bytes names
	 * the same again and again. */
	TABLES_SIZE = 12 << 10,
};

/* RFC 7541 5.1; false past the end or when it is absurd. */
static bool skip_int(struct str *s, unsigned prefix, size_t *ret)
{
	size_t mask = (1u << prefix) - 1, v;

	if (s->n == 0)
		return false;
	v = (unsigned char)*s->p & mask;
	s->p++, s->n--;
	for (unsigned shift = 0; v >= mask && shift <= 21; shift += 7) {
		unsigned char c;

		if (s->n == 0)
			return false;
		c = (unsigned char)*s->p;
		s->p++, s->n--;
		v += (size_t)(c & 0x7f) << shift;
		if (!(c & 0x80)) {
			*ret = v;
			return true;
		}
	}
	*ret = v;
	return v < mask;
}

static bool skip_string(struct str *s)
{
	size_t n;

	if (!skip_int(s, 7, &n) || n > s->n)
		return false;
	s->p += n;
	s->n -= n;
	return true;
}

/* How many fields the block unfolds to; what is malformed the real parser will say. */
static size_t count_fields(struct str s)
{
	size_t count = 0, index;

	while (s.n > 0) {
		unsigned char c = (unsigned char)*s.p;
		unsigned prefix = c & 0x80 ? 7 : c & 0x40 ? 6 : c & 0x20 ? 5 : 4;

		if (!skip_int(&s, prefix, &index))
			break;
		if (prefix == 5)
			continue; /* a new table size, not a field */
		count++;
		if (prefix == 7)
			continue;
		if ((index == 0 && !skip_string(&s)) || !skip_string(&s))
			break;
	}
	return count;
}

static struct str str_from(h2o_iovec_t v)
{
	return (struct str){ v.base, v.len };
}

static size_t unfolded_size(const h2o_req_t *req)
{
	size_t n = req->input.path.len + req->input.authority.len;

	for (size_t i = 0; i < req->headers.size; i++)
		n += req->headers.entries[i].name->len +
		     req->headers.entries[i].value.len + 32;
	return n;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* RFC 9113 8.2.1 and 8.2.2: no name, blanks around a value, what belongs to HTTP/1. */
static bool fields_ok(const h2o_headers_t *fields, size_t from)
{
	for (size_t i = from; i < fields->size; i++) {
		const h2o_header_t *f = &fields->entries[i];
		struct str name = str_from(*f->name), value = str_from(f->value);

		if (name.n == 0 || str_eq(name, STR("keep-alive")) ||
		    str_eq(name, STR("proxy-connection")))
			return false;
		if (value.n > 0 &&
		    (is_blank(value.p[0]) || is_blank(value.p[value.n - 1])))
			return false;
	}
	return true;
}

/* Host stands in for a missing :authority, and names the same where both are given
 * (RFC 9113 8.3.1). It is no header of the request afterwards, as in HTTP/1. */
static bool take_host(h2o_req_t *req)
{
	h2o_header_t *f = req->headers.entries;
	bool same = true;
	size_t kept = 0;

	for (size_t i = 0; i < req->headers.size; i++) {
		if (f[i].name != &H2O_TOKEN_HOST->buf) {
			f[kept++] = f[i];
			continue;
		}
		if (req->input.authority.base == NULL)
			req->input.authority = f[i].value;
		else if (!str_eq_nocase(str_from(req->input.authority),
					str_from(f[i].value)))
			same = false;
	}
	req->headers.size = kept;
	return same;
}

static bool is_well_formed(h2o_req_t *req, size_t content_length)
{
	const h2o_http2_stream_t *stream =
	    H2O_STRUCT_FROM_MEMBER(h2o_http2_stream_t, req, req);
	struct str method = str_from(req->input.method), path = str_from(req->input.path);

	return guard_token_ok(method) && method.n <= 32 &&
	       !str_eq(method, STR("CONNECT")) && guard_target_ok(path) &&
	       guard_host_ok(str_from(req->input.authority)) &&
	       (path.p[0] == '/' || str_eq(method, STR("OPTIONS"))) &&
	       /* END_STREAM, and yet a body was announced */
	       (content_length == 0 || content_length == SIZE_MAX ||
		stream->_req_body != NULL);
}

static int refuse_all(const char *why, const char **err)
{
	stat_one(STAT_WEBD_REFUSED_HPACK);
	*err = why;
	return H2O_HTTP2_ERROR_ENHANCE_YOUR_CALM;
}

int h2o_hpack_parse_headers(h2o_req_t *req, h2o_hpack_header_table_t *table,
			    const uint8_t *src, size_t len, int *map,
			    size_t *content_length, h2o_cache_digests_t **digests,
			    const char **err) GUARD_EXPORT;

int h2o_hpack_parse_headers(h2o_req_t *req, h2o_hpack_header_table_t *table,
			    const uint8_t *src, size_t len, int *map,
			    size_t *content_length, h2o_cache_digests_t **digests,
			    const char **err)
{
	static _Thread_local typeof(h2o_hpack_parse_headers) *real;
	const struct guard_limits *limits = guard_limits();
	size_t had = req->headers.size;
	bool is_ok;
	int ret;

	(void)digests; /* cache digests: a draft that died; never built */
	if (real == NULL)
		real = (typeof(real))guard_real("h2o_hpack_parse_headers");
	if (len > BLOCK_MAX || count_fields((struct str){ (const char *)src, len }) >
				   limits->fields + PSEUDO_MAX)
		return refuse_all("too many headers", err);
	ret = real(req, table, src, len, map, content_length, NULL, err);
	if (ret != 0 && ret != H2O_HTTP2_ERROR_INVALID_HEADER_CHAR)
		return ret;
	is_ok = ret == 0 && fields_ok(&req->headers, had);
	if (req->headers.size > limits->fields || unfolded_size(req) > limits->head ||
	    unfolded_size(req) > len * 2 + TABLES_SIZE)
		return refuse_all("headers too large", err);
	guard_grew(GUARD_STREAM_SIZE);
	if (map == NULL) {
		req->headers.size = had; /* trailers must not pass for headers */
		return is_ok ? 0 : H2O_HTTP2_ERROR_PROTOCOL;
	}
	if (!is_ok || !take_host(req) ||
	    ((*map & H2O_HPACK_PARSE_HEADERS_PATH_EXISTS) &&
	     (*map & H2O_HPACK_PARSE_HEADERS_METHOD_EXISTS) &&
	     !is_well_formed(req, *content_length))) {
		stat_one(STAT_WEBD_REFUSED_HPACK);
		/* as if it were missing: the caller resets the stream */
		*map &= ~H2O_HPACK_PARSE_HEADERS_PATH_EXISTS;
	}
	/* not all of it will be kept: see guard_body.c */
	if (*content_length > limits->body)
		*content_length = SIZE_MAX;
	return 0;
}

void guard_hpack_prepare(void)
{
	/* the real parser drops Host unseen; take_host must see it */
	H2O_TOKEN_HOST->http2_should_reject = 0;
}

/* 120 times "accept-encoding: gzip, deflate" in 120 bytes */
#define TWENTY                                                                           \
	"\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90"   \
	"\x90"

const struct guard_probe guard_hpack_probe = {
	.function = "h2o_hpack_parse_headers",
	.http2 = true,
	.sent = STR(GUARD_PREFACE "\0\0\x7e\1\5\0\0\0\1" GUARD_FIELDS TWENTY TWENTY TWENTY
			TWENTY TWENTY TWENTY),
	.counted = STAT_WEBD_REFUSED_HPACK,
};
