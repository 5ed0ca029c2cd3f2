/* mark.h -- where the words of a question stand in a text, whatever their case and
 * accents: what was found is shown marked. */
#ifndef APPD_MARK_H
#define APPD_MARK_H

#include "common/arena.h"
#include "common/buf.h"

enum { MARKS_MAX = 12 };

/* Words with one blank between them, folded; `prefix`: words that begin so, too. */
struct mark {
	const int32_t *at;
	size_t count;
	bool prefix;
};

struct marks {
	struct mark at[MARKS_MAX];
	size_t count;
	struct str first; /* a word to look for in a long text; n == 0: none */
};

/* Letters and digits of ASCII, _, and all that is not ASCII. */
bool mark_is_letter(char c);
/* One more; more than there is room for are passed over. */
void mark_add(struct marks *m, struct arena *a, struct str words, bool prefix);
/* The text, escaped, with <mark> around what is found. */
void mark_html(struct buf *out, struct str text, const struct marks *m);
/* Markdown as one line without its signs: for a few lines of an article. */
struct str mark_plain(struct arena *a, struct str markdown);
/* What was cut out of a longer text, as "… " or " …" at its ends say: without the pieces
 * of words that the cut left there. */
struct str mark_whole_words(struct arena *a, struct str excerpt);

#endif
