/* guard_request.c -- the request line and headers of HTTP/1, as RFC 9112 wants them.
 *
 * The real parser splits; we refuse what two programs could read in two ways. A refused
 * request is handed on as an empty GET whose connection closes, so that it passes the
 * handler like any other and is answered and logged there (guard_refused says why). */
#include <strings.h>

#include "common/stat.h"
#include "webd/guard.h"

enum { METHOD_MAX = 32 };

struct phr_header {
	const char *name;
	size_t name_len;
	const char *value;
	size_t value_len;
};

/* What picohttpparser's function takes and gives, as one thing. */
struct head {
	struct str method, target;
	int minor;
	struct phr_header *fields;
	size_t count, size;
	bool has_more; /* bytes behind the head came with it */
	struct phr_header *host;
	bool has_length, has_coding;
	size_t length; /* of the body, if has_length */
};

static const struct guard_refusal
    bad_syntax = { 400, "The request is not HTTP/1.1." },
    bad_line = { 400, "The request line is malformed." },
    bad_field = { 400, "A header is malformed." },
    bad_host = { 400, "There must be one Host header, with a name and maybe a port." },
    bad_length = { 400, "Content-Length must be one decimal number." },
    bad_framing = { 400, "The length of the body is given in two ways." },
    bad_coding = { 400, "Transfer-Encoding is malformed." },
    bad_target = { 400, "The request target is malformed." },
    unknown_coding = { 501, "The only transfer coding understood is chunked." },
    unknown_method = { 501, "CONNECT and TRACE are not served here." },
    unknown_expectation = { 417, "Nothing but 100-continue can be expected." },
    other_version = { 505, "Only HTTP/1.0, HTTP/1.1 and HTTP/2 are spoken here." },
    long_target = { 414, "The request target is too long." },
    large_head = { 431, "The headers are too large." },
    many_fields = { 431, "There are too many headers." };

static struct str value_of(const struct phr_header *f)
{
	return (struct str){ f->value, f->value_len };
}

static const struct guard_refusal *take_host(struct head *h, struct phr_header *f)
{
	if (h->host != NULL || !guard_host_ok(value_of(f)))
		return &bad_host;
	h->host = f;
	return NULL;
}

static const struct guard_refusal *take_length(struct head *h, struct phr_header *f)
{
	uint64_t n;

	if (h->has_length || f->value_len > 18 || !str_to_u64(value_of(f), &n))
		return &bad_length;
	h->has_length = true;
	h->length = (size_t)n;
	return NULL;
}

/* Names between commas, "chunked" at most as the last of them (RFC 9112 6.1). */
static bool codings_ok(struct str list)
{
	bool chunked = false;

	while (list.p != NULL) {
		struct str coding = str_trim(str_cut(&list, ','));

		if (chunked || !guard_token_ok(coding))
			return false;
		chunked = str_eq_nocase(coding, STR("chunked"));
	}
	return true;
}

static const struct guard_refusal *take_coding(struct head *h, struct phr_header *f)
{
	if (h->has_coding || h->minor == 0)
		return &bad_framing;
	if (!str_eq_nocase(value_of(f), STR("chunked")))
		return codings_ok(value_of(f)) ? &unknown_coding : &bad_coding;
	h->has_coding = true;
	return NULL;
}

static const struct guard_refusal *drop(struct head *h, struct phr_header *f)
{
	memmove(f, f + 1, (size_t)(h->fields + h->count - f - 1) * sizeof(*f));
	h->count--;
	return NULL;
}

static const struct guard_refusal *take_expect(struct head *h, struct phr_header *f)
{
	if (!str_eq_nocase(value_of(f), STR("100-continue")) && h->minor > 0)
		return &unknown_expectation;
	/* HTTP/1.0 has no 100, and who sends the body at once waits for none */
	return h->minor == 0 || h->has_more ? drop(h, f) : NULL; /* RFC 9110 10.1.1 */
}

/* The headers that decide how the request is read. Upgrade is never offered, so it may
 * be left out (libh2o would change to HTTP/2 in the middle of HTTP/1). */
static const struct {
	struct str name;
	const struct guard_refusal *(*take)(struct head *h, struct phr_header *f);
} known[] = {
	{ { "host", 4 }, take_host },
	{ { "content-length", 14 }, take_length },
	{ { "transfer-encoding", 17 }, take_coding },
	{ { "expect", 6 }, take_expect },
	{ { "upgrade", 7 }, drop },
	{ { "http2-settings", 14 }, drop },
};

static const struct guard_refusal *check_field(struct head *h, struct phr_header *f)
{
	if (f->name == NULL || f->name_len > 256) /* no name: a folded line */
		return &bad_field;
	/* the real parser takes a bare line feed for the end of a line */
	if (f->value[f->value_len] != '\r')
		return &bad_field;
	while (f->value_len > 0 &&
	       (f->value[f->value_len - 1] == ' ' || f->value[f->value_len - 1] == '\t'))
		f->value_len--;
	for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
		if (f->name_len == known[k].name.n &&
		    strncasecmp(f->name, known[k].name.p, f->name_len) == 0)
			return known[k].take(h, f);
	return NULL;
}

static const struct guard_refusal *check_fields(struct head *h)
{
	for (size_t i = 0; i < h->count;) {
		size_t before = h->count;
		const struct guard_refusal *r = check_field(h, &h->fields[i]);

		if (r != NULL)
			return r;
		if (h->count == before) /* it was not dropped */
			i++;
	}
	if (h->host == NULL && h->minor >= 1)
		return &bad_host;
	return h->has_length && h->has_coding ? &bad_framing : NULL;
}

/* "http://host/path": the authority in the target wins over Host (RFC 9112 3.2.2). */
static const struct guard_refusal *take_absolute(struct head *h)
{
	struct str rest = h->target, host;
	size_t at;

	str_cut(&rest, ':');
	rest.p += 2, rest.n -= 2;
	for (at = 0; at < rest.n && rest.p[at] != '/' && rest.p[at] != '?'; at++)
		;
	host = (struct str){ rest.p, at };
	if (!guard_host_ok(host))
		return &bad_target;
	if (h->host != NULL) {
		h->host->value = host.p;
		h->host->value_len = host.n;
	}
	rest.p += at, rest.n -= at;
	if (rest.n == 0)
		rest = STR("/");
	h->target = rest;
	return NULL;
}

static bool is_absolute(struct str t)
{
	return (t.n > 7 && strncasecmp(t.p, "http://", 7) == 0) ||
	       (t.n > 8 && strncasecmp(t.p, "https://", 8) == 0);
}

static const struct guard_refusal *check_target(struct head *h)
{
	const struct guard_refusal *r;

	if (is_absolute(h->target) && (r = take_absolute(h)) != NULL)
		return r;
	if (str_eq(h->target, STR("*")) && !str_eq(h->method, STR("OPTIONS")))
		return &bad_target;
	return guard_target_ok(h->target) ? NULL : &bad_target;
}

static const struct guard_refusal *check_head(struct head *h, const char *bytes)
{
	const char *line_end = h->target.p + h->target.n + 9; /* " HTTP/1.x" */
	const struct guard_refusal *r;

	if (h->method.n > METHOD_MAX || !guard_token_ok(h->method) || h->target.n == 0)
		return &bad_line;
	if (h->target.n > guard_limits()->target)
		return &long_target;
	if (h->size > guard_limits()->head)
		return &large_head;
	if (bytes[0] == '\n' || *line_end != '\r' || bytes[h->size - 2] != '\r')
		return &bad_syntax;
	if (str_eq(h->method, STR("CONNECT")) || str_eq(h->method, STR("TRACE")))
		return &unknown_method;
	if ((r = check_fields(h)) != NULL)
		return r;
	return check_target(h);
}

/* "HTTP/" digit "." digit, and the digit before the point is not 1. */
static bool is_other_version(struct str v)
{
	return v.n == 8 && memcmp(v.p, "HTTP/", 5) == 0 && v.p[5] >= '0' &&
	       v.p[5] <= '9' && v.p[5] != '1' && v.p[6] == '.' && v.p[7] >= '0' &&
	       v.p[7] <= '9';
}

/* The request line without its end; p == NULL while it is not complete. */
static struct str first_line(const char *bytes, size_t n)
{
	struct str s = { bytes, n };
	const char *end;

	while (s.n > 0 && (*s.p == '\r' || *s.p == '\n'))
		s.p++, s.n--;
	end = s.n > 0 ? memchr(s.p, '\n', s.n) : NULL;
	if (end == NULL)
		return (struct str){ NULL, 0 };
	s.n = (size_t)(end - s.p);
	if (s.n > 0 && s.p[s.n - 1] == '\r')
		s.n--;
	return s;
}

static const struct guard_refusal *check_line(struct str line)
{
	struct str version;

	if (line.n < 14)
		return &bad_line;
	version = (struct str){ line.p + line.n - 8, 8 };
	if (is_other_version(version))
		return &other_version;
	return memcmp(version.p - 1, " HTTP/1.", 8) == 0 ? NULL : &bad_line;
}

/* The longest method and yet no blank; line ends may stand before it. */
static bool has_no_method(const char *bytes, size_t n)
{
	enum { SOME = METHOD_MAX + 5 };

	return n >= SOME && memchr(bytes, ' ', SOME) == NULL;
}

/* Nobody waits for the rest of what is wrong or too large already. */
static const struct guard_refusal *check_partial(const char *bytes, size_t n)
{
	struct str line = first_line(bytes, n);

	if (has_no_method(bytes, n))
		return &bad_line;
	if (line.p == NULL)
		return n > guard_limits()->target + 64 ? &long_target : NULL;
	if (n > guard_limits()->head)
		return &large_head;
	return check_line(line);
}

static const struct guard_refusal *check_failed(const char *bytes, size_t n, size_t count,
						size_t max)
{
	struct str line = first_line(bytes, n);

	if (count >= max)
		return &many_fields;
	if (line.p != NULL && check_line(line) == &other_version)
		return &other_version;
	return &bad_syntax;
}

/* Nothing but line ends: libh2o closes without a word, which is right. A preface of
 * HTTP/2: libh2o changes over. */
static bool is_for_libh2o(const char *bytes, size_t n)
{
	static const char preface[] = "PRI * HTTP/2";

	if (n <= 4) {
		for (size_t i = 0; i < n; i++)
			if (bytes[i] != '\r' && bytes[i] != '\n')
				return false;
		return true;
	}
	return n >= sizeof(preface) - 1 &&
	       memcmp(bytes, preface, sizeof(preface) - 1) == 0;
}

int phr_parse_request(const char *bytes, size_t n, const char **method,
		      size_t *method_len, const char **target, size_t *target_len,
		      int *minor, struct phr_header *fields, size_t *count,
		      size_t last) GUARD_EXPORT;

int phr_parse_request(const char *bytes, size_t n, const char **method,
		      size_t *method_len, const char **target, size_t *target_len,
		      int *minor, struct phr_header *fields, size_t *count, size_t last)
{
	static _Thread_local typeof(phr_parse_request) *real;
	/* libh2o writes the names back in lower case */
	static _Thread_local char close_name[] = "connection", close_value[] = "close";
	size_t max = *count < guard_limits()->fields ? *count : guard_limits()->fields;
	const struct guard_refusal *r;
	int used;

	if (real == NULL)
		real = (typeof(real))guard_real("phr_parse_request");
	*count = max;
	used = real(bytes, n, method, method_len, target, target_len, minor, fields,
		    count, last);
	if (used > 0) {
		struct head h = {
			.method = { *method, *method_len },
			.target = { *target, *target_len },
			.minor = *minor,
			.fields = fields,
			.count = *count,
			.size = (size_t)used,
			.has_more = (size_t)used < n,
		};

		r = check_head(&h, bytes);
		guard_expect(bytes, h.has_coding   ? SIZE_MAX
				    : h.has_length ? h.length
						   : 0);
		*target = h.target.p;
		*target_len = h.target.n;
		*count = h.count;
	} else if (used == -2) {
		r = check_partial(bytes, n);
	} else {
		if (is_for_libh2o(bytes, n))
			return used;
		r = check_failed(bytes, n, *count, max);
	}
	if (r == NULL)
		return used;
	stat_one(STAT_WEBD_REFUSED_HEAD);
	guard_refuse(r);
	*method = "GET", *method_len = 3;
	*target = "/", *target_len = 1;
	*minor = 1;
	fields[0] = (struct phr_header){ close_name, 10, close_value, 5 };
	*count = 1;
	return (int)n;
}

const struct guard_probe guard_request_probe = {
	.function = "phr_parse_request",
	.sent = STR("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
	.counted = STAT_WEBD_REFUSED_HEAD,
};
