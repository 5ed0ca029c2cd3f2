/* json.c -- see json.h. */
#include "appd/json.h"

#include "appd/utf8.h"

static void before(struct json *j)
{
	if (j->comma)
		buf_char(j->out, ',');
	j->comma = true;
}

void json_open(struct json *j, char bracket)
{
	before(j);
	buf_char(j->out, bracket);
	j->comma = false;
}

void json_close(struct json *j, char bracket)
{
	buf_char(j->out, bracket);
	j->comma = true;
}

void json_key(struct json *j, const char *key)
{
	before(j);
	buf_char(j->out, '"');
	buf_text(j->out, key);
	buf_put(j->out, "\":", 2);
	j->comma = false;
}

static const char *short_escape(char c)
{
	switch (c) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	default:
		return NULL;
	}
}

/* <, > and & too, so that JSON may stand inside a page. */
static bool needs_escape(char c)
{
	return (unsigned char)c < 0x20 || c == '"' || c == '\\' || c == 0x7f ||
	       c == '<' || c == '>' || c == '&';
}

static void put_escaped(struct buf *out, struct str s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		const char *e;

		if (!needs_escape(s.p[i]))
			continue;
		buf_put(out, s.p + from, i - from);
		from = i + 1;
		e = short_escape(s.p[i]);
		if (e != NULL)
			buf_text(out, e);
		else
			buf_fmt(out, "\\u%04x", (unsigned char)s.p[i]);
	}
	if (s.n > from)
		buf_put(out, s.p + from, s.n - from);
}

void json_str(struct json *j, struct str s)
{
	before(j);
	if (s.p == NULL) {
		buf_put(j->out, "null", 4);
		return;
	}
	buf_char(j->out, '"');
	put_escaped(j->out, s);
	buf_char(j->out, '"');
}

void json_plain(struct json *j, struct str s)
{
	before(j);
	buf_char(j->out, '"');
	while (s.n > 0)
		put_escaped(j->out, utf8_cut_turn(&s));
	buf_char(j->out, '"');
}

void json_text(struct json *j, const char *z)
{
	json_str(j, str_of(z));
}

void json_join(struct json *j, const char *a, const char *b)
{
	before(j);
	buf_fmt(j->out, "\"%s%s\"", a, b);
}

void json_str_key(struct json *j, struct str key)
{
	json_str(j, key);
	buf_char(j->out, ':');
	j->comma = false;
}

void json_int(struct json *j, int64_t v)
{
	before(j);
	buf_int(j->out, v);
}

void json_bool(struct json *j, bool v)
{
	before(j);
	buf_text(j->out, v ? "true" : "false");
}
