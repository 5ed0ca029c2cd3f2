/* zone_edit.c -- see zone_edit.h. */
#include "deploy/command/zone_edit.h"

#include <stdio.h>
#include <strings.h>
#include <time.h>

enum { TOKENS_MAX = 256, NAME_MAX_TEXT = 1100 };

struct span {
	size_t at, end;
};

/* One record or directive: the whole of its lines, and its words. */
struct entry {
	struct span all;
	bool blank; /* it has the owner of the one before */
	struct span tokens[TOKENS_MAX];
	unsigned count;
};

struct editor {
	struct str text;
	size_t at; /* of the scanner */
	const struct zone_change *change;
	struct buf *out;
	size_t copied; /* of text, into out */
	char origin[NAME_MAX_TEXT], owner[NAME_MAX_TEXT], wanted[NAME_MAX_TEXT];
	bool is_set, has_serial;
};

/* ---- reading ---- */

static size_t skip_quoted(struct str t, size_t at)
{
	for (at++; at < t.n && t.p[at] != '"' && t.p[at] != '\n'; at++)
		at += t.p[at] == '\\';
	return at < t.n ? at + 1 : t.n;
}

static size_t skip_word(struct str t, size_t at)
{
	while (at < t.n && strchr(" \t\r\n;()\"", t.p[at]) == NULL)
		at += t.p[at] == '\\' ? 2 : 1;
	return at < t.n ? at : t.n;
}

static void add_token(struct entry *e, size_t at, size_t end)
{
	if (e->count < TOKENS_MAX)
		e->tokens[e->count++] = (struct span){ at, end };
}

/* The next entry; false at the end. */
static bool next(struct editor *ed, struct entry *e)
{
	struct str t = ed->text;
	bool open = false;

	*e = (struct entry){ .all = { ed->at, t.n } };
	while (ed->at < t.n) {
		char c = t.p[ed->at];
		size_t from = ed->at;

		if (c == '"' || strchr(" \t\r\n;()", c) == NULL) {
			ed->at = c == '"' ? skip_quoted(t, from) : skip_word(t, from);
			if (e->count == 0)
				e->blank = from > e->all.at;
			add_token(e, from, ed->at);
			continue;
		}
		ed->at++;
		if (c == ';')
			while (ed->at < t.n && t.p[ed->at] != '\n')
				ed->at++;
		open = c == '(' || (open && c != ')');
		if (c != '\n' || open)
			continue;
		if (e->count > 0) {
			e->all.end = ed->at;
			return true;
		}
		e->all.at = ed->at; /* nothing so far */
	}
	return e->count > 0;
}

static struct str word(const struct editor *ed, const struct entry *e, unsigned i)
{
	return (struct str){ ed->text.p + e->tokens[i].at,
			     e->tokens[i].end - e->tokens[i].at };
}

/* Absolute, without a final dot. */
static void absolute(struct str name, const char *origin, char ret[NAME_MAX_TEXT])
{
	if (str_eq(name, STR("@")))
		snprintf(ret, NAME_MAX_TEXT, "%s", origin);
	else if (name.n > 0 && name.p[name.n - 1] == '.')
		snprintf(ret, NAME_MAX_TEXT, "%.*s", (int)name.n - 1, name.p);
	else
		snprintf(ret, NAME_MAX_TEXT, "%.*s.%s", STR_ARG(name), origin);
}

/* Index of the type, behind owner, TTL and class. */
static unsigned type_at(const struct editor *ed, const struct entry *e)
{
	unsigned i = e->blank ? 0 : 1;

	for (; i < e->count; i++) {
		struct str w = word(ed, e, i);

		if (!str_eq_nocase(w, STR("IN")) && (w.p[0] < '0' || w.p[0] > '9'))
			break;
	}
	return i;
}

/* ---- writing ---- */

static void copy_to(struct editor *ed, size_t end)
{
	buf_put(ed->out, ed->text.p + ed->copied, end - ed->copied);
	ed->copied = end;
}

static void put_data(struct editor *ed)
{
	for (size_t i = 0; i < ed->change->words; i++)
		buf_fmt(ed->out, i == 0 ? "%s" : " %s", ed->change->data[i]);
}

/* Today's number if it is of that kind, else one more (RFC 1912 2.2). */
static uint64_t next_serial(uint64_t serial)
{
	time_t now = time(NULL);
	struct tm tm;
	uint64_t today;

	gmtime_r(&now, &tm);
	today = (uint64_t)(tm.tm_year + 1900) * 1000000 +
		(uint64_t)(tm.tm_mon + 1) * 10000 + (uint64_t)tm.tm_mday * 100 + 1;
	if (serial >= 1970010100 && serial < today)
		return today;
	return (serial + 1) & 0xffffffff;
}

static void raise_serial(struct editor *ed, const struct entry *e, unsigned type)
{
	uint64_t serial;

	if (type + 3 >= e->count || !str_to_u64(word(ed, e, type + 3), &serial))
		return;
	copy_to(ed, e->tokens[type + 3].at);
	buf_fmt(ed->out, "%llu", (unsigned long long)next_serial(serial));
	ed->copied = e->tokens[type + 3].end;
	ed->has_serial = true;
}

/* The first such record gets the data, the others go. */
static void set_record(struct editor *ed, const struct entry *e, unsigned type)
{
	struct entry after;
	size_t here = ed->at;

	if (!ed->is_set && type + 1 < e->count) {
		copy_to(ed, e->tokens[type + 1].at);
		put_data(ed);
		ed->copied = e->tokens[e->count - 1].end;
		ed->is_set = true;
		return;
	}
	copy_to(ed, e->all.at);
	ed->copied = e->all.end;
	if (!e->blank && next(ed, &after) && after.blank) {
		/* the next one has its owner from here */
		buf_put(ed->out, ed->text.p + e->tokens[0].at,
			e->tokens[0].end - e->tokens[0].at);
		ed->copied = after.all.at;
	}
	ed->at = here;
}

static void take_entry(struct editor *ed, const struct entry *e)
{
	struct str first = word(ed, e, 0);
	char origin[NAME_MAX_TEXT];
	unsigned type;

	if (!e->blank && first.p[0] == '$') {
		if (e->count > 1 && str_eq_nocase(first, STR("$ORIGIN"))) {
			absolute(word(ed, e, 1), ed->origin, origin);
			memcpy(ed->origin, origin, sizeof(origin));
		}
		return;
	}
	if (!e->blank)
		absolute(first, ed->origin, ed->owner);
	type = type_at(ed, e);
	if (type >= e->count)
		return;
	if (str_eq_nocase(word(ed, e, type), STR("SOA")))
		raise_serial(ed, e, type);
	else if (strcasecmp(ed->owner, ed->wanted) == 0 &&
		 str_eq_nocase(word(ed, e, type), ed->change->type))
		set_record(ed, e, type);
}

const char *zone_edit(struct str text, const struct zone_change *c, struct buf *ret)
{
	struct editor ed = { .text = text, .change = c, .out = ret };
	struct entry e;

	if (str_eq_nocase(c->type, STR("SOA")))
		return "the SOA is not set this way; edit the file";
	snprintf(ed.origin, sizeof(ed.origin), "%.*s", STR_ARG(c->zone));
	snprintf(ed.wanted, sizeof(ed.wanted), "%.*s", STR_ARG(c->name));
	if (str_eq(c->name, STR("@")) ||
	    (!str_eq_nocase(c->name, c->zone) &&
	     (c->name.n <= c->zone.n ||
	      !str_eq_nocase((struct str){ c->name.p + c->name.n - c->zone.n, c->zone.n },
			     c->zone))))
		absolute(c->name, ed.origin, ed.wanted);
	while (next(&ed, &e))
		take_entry(&ed, &e);
	copy_to(&ed, text.n);
	if (!ed.is_set) {
		if (text.n > 0 && text.p[text.n - 1] != '\n')
			buf_char(ret, '\n');
		buf_fmt(ret, "%s.\t%.*s\t", ed.wanted, STR_ARG(c->type));
		put_data(&ed);
		buf_char(ret, '\n');
	}
	if (!ed.has_serial)
		return "there is no SOA whose serial could be raised";
	return buf_ok(ret) ? NULL : "is too large";
}
