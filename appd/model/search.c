/* search.c -- see search.h. What the database gets is built here of letters and digits
 * only: its own operators have no meaning to the person who asks. */
#include "appd/model/search.h"

#include "appd/request.h"
#include "appd/sql.h"
#include "common/arena.h"

enum {
	QUESTION_MAX = 300, /* bytes; more is cut off */
	TERMS_MAX = 12,
	SHORTEST = 3, /* the index knows no shorter words */
};

struct writer {
	char *to;
	size_t n;
	unsigned terms;
	struct marks *marks;
	struct arena *arena;
};

static void put(struct writer *w, const char *bytes, size_t n)
{
	memcpy(w->to + w->n, bytes, n);
	w->n += n;
}

/* The next run of letters; n == 0 at the end. */
static struct str next_word(struct str *s)
{
	struct str word;

	while (s->n > 0 && !mark_is_letter(*s->p))
		s->p++, s->n--;
	word = (struct str){ s->p, 0 };
	while (word.n < s->n && mark_is_letter(s->p[word.n]))
		word.n++;
	s->p += word.n, s->n -= word.n;
	return word;
}

/* "c++/web" is two words; what the index does not know is passed over. */
static void put_words(struct writer *w, struct str s)
{
	struct str word;

	while ((word = next_word(&s)).n > 0) {
		if (word.n < SHORTEST || w->terms++ >= TERMS_MAX)
			continue;
		put(w, " +", w->n > 0 ? 2 : 0);
		if (w->n == 0)
			put(w, "+", 1);
		put(w, word.p, word.n);
		put(w, "*", 1);
		mark_add(w->marks, w->arena, word, true);
	}
}

static void put_phrase(struct writer *w, struct str s)
{
	struct str word = next_word(&s);
	size_t start;

	if (word.n == 0 || w->terms++ >= TERMS_MAX)
		return;
	put(w, w->n > 0 ? " +\"" : "+\"", w->n > 0 ? 3 : 2);
	start = w->n;
	put(w, word.p, word.n);
	while ((word = next_word(&s)).n > 0) {
		put(w, " ", 1);
		put(w, word.p, word.n);
	}
	mark_add(w->marks, w->arena, (struct str){ w->to + start, w->n - start }, false);
	put(w, "\"", 1);
}

/* Up to the quote's end, or to the next blank. */
static struct str next_term(struct str *s, bool *ret_quoted)
{
	size_t n = 0;
	struct str term;

	*ret_quoted = s->p[0] == '"';
	if (*ret_quoted) {
		s->p++, s->n--;
		term = str_cut(s, '"');
		if (s->p == NULL)
			*s = (struct str){ "", 0 };
		return term;
	}
	while (n < s->n && s->p[n] != ' ' && s->p[n] != '"')
		n++;
	term = (struct str){ s->p, n };
	s->p += n, s->n -= n;
	return term;
}

/* author:ann or author:"ann b" */
static bool take_filter(struct str *s, struct str term, const char *name, struct str *ret)
{
	struct str prefix = str_of(name);
	bool quoted;

	if (!str_starts(term, prefix))
		return false;
	term.p += prefix.n, term.n -= prefix.n;
	if (term.n == 0 && s->n > 0 && s->p[0] == '"')
		term = next_term(s, &quoted);
	if (term.n > 0)
		*ret = term;
	return true;
}

struct search search_parse(struct arena *a, struct str text)
{
	struct search ret = { .words = STR("") };
	struct writer w = { .marks = &ret.marks, .arena = a };
	struct str rest;

	if (text.n > QUESTION_MAX) {
		text.n = QUESTION_MAX;
		while (text.n > 0 && ((unsigned char)text.p[text.n] & 0xc0) == 0x80)
			text.n--; /* no half of a letter */
	}
	rest = arena_str(a, text);
	w.to = arena_take(a, 4 * QUESTION_MAX);
	while (rest.n > 0) {
		struct str term;
		bool quoted;

		if (*rest.p == ' ') {
			rest.p++, rest.n--;
			continue;
		}
		term = next_term(&rest, &quoted);
		if (quoted)
			put_phrase(&w, term);
		else if (!take_filter(&rest, term, "author:", &ret.author) &&
			 !take_filter(&rest, term, "tag:", &ret.tag))
			put_words(&w, term);
	}
	ret.words = (struct str){ w.to, w.n };
	return ret;
}

void search_run(struct request *q, const struct search *s, int64_t limit, int64_t offset,
		struct article_page *ret)
{
	struct sql_batch *b;

	if (s->words.n == 0) {
		article_list(q,
			     &(struct article_filter){ .tag = s->tag,
						       .author = s->author,
						       .limit = limit,
						       .offset = offset },
			     ret);
		return;
	}
	b = sql_batch(q);
	sql_search(b, &ret->list, q->me.id, s->words, s->marks.first, s->author, s->tag,
		   limit, offset);
	sql_search_count(b, &ret->counted, s->words, s->author, s->tag);
	sql_run(b);
}
