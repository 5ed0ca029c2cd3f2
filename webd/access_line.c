/* access_line.c -- see access_line.h. */
#include "webd/access_line.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/log_text.h"
#include "webd/conn.h"
#include "webd/exchange.h"

enum { FIELD = 1024 };

struct text {
	char *bytes;
	size_t n;
};

static void put(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void put(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->bytes + t->n, ACCESS_LINE_SIZE - t->n, fmt, ap);
	va_end(ap);
	t->n +=
	    (size_t)n < ACCESS_LINE_SIZE - t->n ? (size_t)n : ACCESS_LINE_SIZE - t->n - 1;
}

/* From outside: nothing in it may end the field or the line. */
static void put_field(struct text *t, struct str s)
{
	static const char hex[] = "0123456789abcdef";
	size_t end = t->n + FIELD;

	if (s.n == 0)
		s = STR("-");
	for (size_t i = 0; i < s.n && t->n + 4 < end; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= ' ' && c < 0x7f && c != '"' && c != '\\') {
			t->bytes[t->n++] = (char)c;
			continue;
		}
		t->bytes[t->n++] = '\\';
		t->bytes[t->n++] = 'x';
		t->bytes[t->n++] = hex[c >> 4];
		t->bytes[t->n++] = hex[c & 15];
	}
}

/* A JSON string. Bytes that are not ASCII are taken for Latin-1, so that any bytes at all
 * make valid JSON. */
static void put_string(struct text *t, const char *name, struct str s)
{
	size_t end;

	put(t, ",\"%s\":\"", name);
	end = t->n + FIELD;
	for (size_t i = 0; i < s.n && t->n + 8 < end; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= ' ' && c < 0x7f && c != '"' && c != '\\')
			t->bytes[t->n++] = (char)c;
		else
			put(t, "\\u%04x", c);
	}
	put(t, "\"");
}

static const char *version_words(int version)
{
	return version >= 0x200 ? "HTTP/2.0" : version == 0x100 ? "HTTP/1.0" : "HTTP/1.1";
}

static void put_combined(struct text *t, const struct access_line *l)
{
	const h2o_req_t *req = l->e->req;

	put(t, "%s - - [%s] \"", l->e->conn->peer_text, req->processed_at.str->log);
	if (l->e->refused != NULL) {
		put(t, "-");
	} else {
		put_field(t, exchange_method(l->e));
		put(t, " ");
		put_field(t, log_target(str_of_iovec(req->input.path)));
		put(t, " %s", version_words(req->version));
	}
	put(t, "\" %d %zu \"", l->status, req->bytes_sent);
	put_field(t, log_target(exchange_header(l->e, STR("referer"))));
	put(t, "\" \"");
	put_field(t, exchange_header(l->e, STR("user-agent")));
	put(t, "\" %lld.%06lld trace=%s upstream=%s\n", (long long)(l->took_us / 1000000),
	    (long long)(l->took_us % 1000000), l->e->trace,
	    l->e->upstream[0] != '\0' ? l->e->upstream : "-");
}

static void put_json(struct text *t, const struct access_line *l)
{
	const h2o_req_t *req = l->e->req;
	bool real = l->e->refused == NULL;

	put(t, "{\"time\":\"%s\"", req->processed_at.str->log);
	put_string(t, "client", str_of(l->e->conn->peer_text));
	put_string(t, "method", real ? exchange_method(l->e) : STR("-"));
	put_string(t, "target",
		   real ? log_target(str_of_iovec(req->input.path)) : STR("-"));
	put_string(t, "host", real ? str_of_iovec(req->input.authority) : STR("-"));
	put_string(t, "protocol", str_of(version_words(req->version)));
	put(t, ",\"status\":%d,\"bytes\":%zu,\"seconds\":%lld.%06lld", l->status,
	    req->bytes_sent, (long long)(l->took_us / 1000000),
	    (long long)(l->took_us % 1000000));
	put_string(t, "referer", log_target(exchange_header(l->e, STR("referer"))));
	put_string(t, "agent", exchange_header(l->e, STR("user-agent")));
	put_string(t, "trace", str_of(l->e->trace));
	put_string(t, "upstream", str_of(l->e->upstream));
	put(t, "}\n");
}

size_t access_line_format(const struct access_line *l, enum access_format format,
			  char ret[ACCESS_LINE_SIZE])
{
	struct text t = { .bytes = ret };

	switch (format) {
	case ACCESS_COMBINED:
		put_combined(&t, l);
		break;
	case ACCESS_JSON:
		put_json(&t, l);
		break;
	case ACCESS_NONE:
		break;
	}
	return t.n;
}
