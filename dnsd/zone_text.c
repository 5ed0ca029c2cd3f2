/* zone_text.c -- see zone_text.h. */
#include "dnsd/zone_text.h"

#include <stdlib.h>

enum { TOKENS_MAX = 1 << 16 };

static const char zero[] = "a zero byte; this is no zone file";

void zone_text_init(struct zone_text *t, struct str text)
{
	*t = (struct zone_text){ .text = text, .line = 1 };
}

void zone_text_fini(struct zone_text *t)
{
	free(t->tokens);
	t->tokens = NULL;
	t->cap = 0;
}

static int wrong(struct zone_text *t, const char *why)
{
	t->wrong = why;
	t->entry_line = t->line;
	return -1;
}

static const char *ends_at(const struct token *t)
{
	return t->s.p + t->s.n + t->quoted;
}

static bool add(struct zone_text *t, size_t from, size_t to, bool quoted)
{
	if (t->count == t->cap) {
		size_t cap = t->cap == 0 ? 32 : t->cap * 2;
		struct token *more;

		if (cap > TOKENS_MAX)
			return false;
		more = realloc(t->tokens, cap * sizeof(*more));
		if (more == NULL)
			return false;
		t->tokens = more;
		t->cap = cap;
	}
	t->tokens[t->count] = (struct token){
		.s = { t->text.p + from, to - from },
		.quoted = quoted,
		.joined = t->count > 0 &&
			  ends_at(&t->tokens[t->count - 1]) == t->text.p + from - quoted,
	};
	t->count++;
	return true;
}

static bool ends_word(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' || c == '(' ||
	       c == ')' || c == '"';
}

static int take_quoted(struct zone_text *t)
{
	const char *p = t->text.p;
	size_t from = ++t->at;

	for (; t->at < t->text.n && p[t->at] != '"'; t->at++) {
		if (p[t->at] == '\\' && t->at + 1 < t->text.n)
			t->at++;
		if (p[t->at] == '\0')
			return wrong(t, zero);
		if (p[t->at] == '\n')
			return wrong(t, "a quoted string does not end on its line");
	}
	if (t->at >= t->text.n)
		return wrong(t, "a quoted string never ends");
	if (!add(t, from, t->at++, true))
		return wrong(t, "too many words in one record");
	return 0;
}

static int take_word(struct zone_text *t)
{
	const char *p = t->text.p;
	size_t from = t->at;

	for (; t->at < t->text.n && !ends_word(p[t->at]); t->at++) {
		if (p[t->at] == '\\' && t->at + 1 < t->text.n && p[t->at + 1] != '\n')
			t->at++;
		if (p[t->at] == '\0')
			return wrong(t, zero);
	}
	if (!add(t, from, t->at, false))
		return wrong(t, "too many words in one record");
	return 0;
}

static void skip_comment(struct zone_text *t)
{
	while (t->at < t->text.n && t->text.p[t->at] != '\n')
		t->at++;
}

/* One octet that is not within a word. 1: the entry is complete. */
static int step(struct zone_text *t, bool *open)
{
	switch (t->text.p[t->at]) {
	case '\n':
		t->at++;
		t->line++;
		return !*open && t->count > 0;
	case ' ':
	case '\t':
	case '\r':
		t->at++;
		return 0;
	case ';':
		skip_comment(t);
		return 0;
	case '(':
	case ')':
		if (*open == (t->text.p[t->at] == '('))
			return wrong(t, *open ? "a '(' within parentheses"
					      : "a ')' without its '('");
		*open = !*open;
		t->at++;
		return 0;
	case '"':
		return take_quoted(t);
	case '\0':
		return wrong(t, zero);
	default:
		return take_word(t);
	}
}

int zone_text_next(struct zone_text *t)
{
	bool open = false;
	size_t line_began = t->at;

	t->count = 0;
	while (t->at < t->text.n) {
		unsigned line = t->line;
		size_t words = t->count;
		char c = t->text.p[t->at];
		int done = step(t, &open);

		if (done != 0)
			return done;
		if (words == 0 && t->count == 1) {
			c = t->text.p[line_began];
			t->entry_line = line;
			t->starts_blank = c == ' ' || c == '\t';
		}
		if (c == '\n' && t->count == 0)
			line_began = t->at;
	}
	if (open)
		return wrong(t, "a '(' is never closed");
	return t->count > 0;
}
