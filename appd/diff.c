/* diff.c -- see diff.h. The shortest edit script of E. W. Myers, "An O(ND) Difference
 * Algorithm and Its Variations" (1986), between what two texts share at both ends. */
#include "appd/diff.h"

enum { WORDS_MAX = 4000, WORD_EDITS_MAX = 100 };

/* Lines or words of a text. */
struct tokens {
	struct str *at;
	uint32_t *hash;
	bool *changed; /* not in the other text */
	size_t count;
};

static struct tokens tokens_of(struct arena *a, size_t most)
{
	return (struct tokens){
		.at = arena_array(a, most + 1, sizeof(struct str)),
		.hash = arena_array(a, most + 1, sizeof(uint32_t)),
		.changed = arena_array(a, most + 1, sizeof(bool)),
	};
}

static void add(struct tokens *t, struct str s)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < s.n; i++)
		hash = (hash ^ (unsigned char)s.p[i]) * 16777619u;
	t->at[t->count] = s;
	t->hash[t->count++] = hash;
}

static struct tokens lines_of(struct arena *a, struct str text)
{
	size_t most = 1;
	struct tokens t;

	for (size_t i = 0; i < text.n; i++)
		most += text.p[i] == '\n';
	t = tokens_of(a, most);
	if (text.n > 0 && text.p[text.n - 1] == '\n')
		text.n--;
	while (text.p != NULL && (text.n > 0 || t.count > 0))
		add(&t, str_cut(&text, '\n'));
	return t;
}

static bool is_word(char c)
{
	return (unsigned char)c >= 0x80 || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Words, and each other character by itself. */
static struct tokens words_of(struct arena *a, struct str line)
{
	struct tokens t = tokens_of(a, line.n < WORDS_MAX ? line.n : WORDS_MAX);

	while (line.n > 0 && t.count < WORDS_MAX) {
		struct str word = { line.p, 1 };

		while (is_word(line.p[0]) && word.n < line.n && is_word(line.p[word.n]))
			word.n++;
		add(&t, word);
		line.p += word.n, line.n -= word.n;
	}
	if (line.n > 0) /* the rest is one long word */
		t.at[t.count - 1].n += line.n;
	return t;
}

static bool same(const struct tokens *x, size_t i, const struct tokens *y, size_t j)
{
	return x->hash[i] == y->hash[j] && str_eq(x->at[i], y->at[j]);
}

static void mark(struct tokens *t, size_t from, size_t to)
{
	for (; from < to; from++)
		t->changed[from] = true;
}

/* ---- the shortest way from one to the other ---- */

/* Between what both share: tokens x[at .. at + n) and y[at .. at + m). reach[d] has, for
 * each diagonal of d edits, how far along x one gets. */
struct walk {
	struct tokens *x, *y;
	size_t at;
	int32_t n, m;
	int32_t **reach;
};

enum { OFF = -1 }; /* no way of d edits ends on this diagonal */

static int32_t reached(const struct walk *w, int32_t d, int32_t k)
{
	return k < -d || k > d ? OFF : w->reach[d][k + d];
}

/* The d-th edit that ends on diagonal k: it drops a token of x, or adds one of y (down).
 * The one that gets further; neither leaves the texts. How far along x, or OFF. */
static int32_t step(const struct walk *w, int32_t d, int32_t k, bool *ret_down)
{
	int32_t right = reached(w, d - 1, k - 1), down = reached(w, d - 1, k + 1);

	right = right == OFF || right == w->n ? OFF : right + 1;
	if (down - k > w->m)
		down = OFF;
	*ret_down = down >= right;
	return *ret_down ? down : right;
}

static int32_t slide(const struct walk *w, int32_t i, int32_t k)
{
	while (i < w->n && i - k < w->m &&
	       same(w->x, w->at + (size_t)i, w->y, w->at + (size_t)(i - k)))
		i++;
	return i;
}

/* How many edits it takes; -1: more than `most`. */
static int32_t walk_forth(struct arena *a, struct walk *w, int32_t most)
{
	w->reach = arena_array(a, (size_t)most + 1, sizeof(*w->reach));
	for (int32_t d = 0; d <= most; d++) {
		w->reach[d] = arena_array(a, 2 * (size_t)d + 1, sizeof(int32_t));
		for (int32_t k = -d; k <= d; k += 2) {
			bool down;
			int32_t i = d == 0 ? 0 : step(w, d, k, &down);

			if (i != OFF)
				i = slide(w, i, k);
			w->reach[d][k + d] = i;
			if (i == w->n && k == w->n - w->m)
				return d;
		}
	}
	return -1;
}

static void walk_back(const struct walk *w, int32_t d)
{
	int32_t k = w->n - w->m;

	for (; d > 0; d--) {
		bool down;
		int32_t i = step(w, d, k, &down);

		if (down)
			w->y->changed[w->at + (size_t)(i - k - 1)] = true;
		else
			w->x->changed[w->at + (size_t)(i - 1)] = true;
		k = down ? k + 1 : k - 1;
	}
}

/* Marks what is only in one of them. False: they have too little in common; then all
 * between their common ends is marked. */
static bool compare(struct arena *a, struct tokens *x, struct tokens *y, int32_t most)
{
	size_t head = 0, tail = 0, least = x->count < y->count ? x->count : y->count;
	struct walk w = { .x = x, .y = y };
	int32_t edits;

	while (head < least && same(x, head, y, head))
		head++;
	while (tail < least - head &&
	       same(x, x->count - 1 - tail, y, y->count - 1 - tail))
		tail++;
	w.at = head;
	w.n = (int32_t)(x->count - head - tail);
	w.m = (int32_t)(y->count - head - tail);
	edits = walk_forth(a, &w, most);
	if (edits < 0) {
		mark(x, head, x->count - tail);
		mark(y, head, y->count - tail);
		return false;
	}
	walk_back(&w, edits);
	return true;
}

/* ---- what is shown ---- */

struct writer {
	struct arena *arena;
	struct diff_line *lines;
	struct diff diff;
};

static void put(struct writer *w, enum diff_kind kind, const struct diff_span *spans,
		size_t count)
{
	if (w->diff.count == DIFF_LINES_MAX) {
		w->diff.cut = true;
		return;
	}
	w->lines[w->diff.count++] = (struct diff_line){ kind, spans, count };
}

static void put_plain(struct writer *w, enum diff_kind kind, struct str text)
{
	struct diff_span *span;

	if (w->diff.count == DIFF_LINES_MAX) {
		w->diff.cut = true;
		return;
	}
	span = ARENA_NEW(w->arena, struct diff_span);
	span->text = text;
	put(w, kind, span, 1);
}

/* Neighbours that are alike become one. */
static void put_words(struct writer *w, enum diff_kind kind, const struct tokens *t)
{
	struct diff_span *spans =
	    arena_array(w->arena, t->count + 1, sizeof(struct diff_span));
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++) {
		if (n > 0 && spans[n - 1].changed == t->changed[i])
			spans[n - 1].text.n += t->at[i].n;
		else
			spans[n++] = (struct diff_span){ t->at[i], t->changed[i] };
	}
	put(w, kind, spans, n);
}

static size_t count_words(const struct tokens *t, bool shared)
{
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		n += is_word(t->at[i].p[0]) && !(shared && t->changed[i]);
	return n;
}

/* Lines that share less than a third of the shorter one's words are not one line that was
 * changed. */
static bool is_alike(const struct tokens *x, const struct tokens *y)
{
	size_t n = count_words(x, false), m = count_words(y, false);

	return 3 * count_words(x, true) >= (n < m ? n : m);
}

/* A run of lines that went and of lines that came in their place: the first goes with the
 * first, and so on. */
static void put_block(struct writer *w, const struct tokens *x, const struct tokens *y)
{
	size_t pairs = x->count < y->count ? x->count : y->count;
	struct tokens *before, *after;
	bool *alike;

	if (pairs > DIFF_EDITS_MAX)
		pairs = 0;
	before = arena_array(w->arena, pairs + 1, sizeof(*before));
	after = arena_array(w->arena, pairs + 1, sizeof(*after));
	alike = arena_array(w->arena, pairs + 1, sizeof(*alike));
	for (size_t i = 0; i < pairs; i++) {
		before[i] = words_of(w->arena, x->at[i]);
		after[i] = words_of(w->arena, y->at[i]);
		alike[i] = compare(w->arena, &before[i], &after[i], WORD_EDITS_MAX) &&
			   is_alike(&before[i], &after[i]);
	}
	for (size_t i = 0; i < x->count; i++) {
		if (i < pairs && alike[i])
			put_words(w, DIFF_GONE, &before[i]);
		else
			put_plain(w, DIFF_GONE, x->at[i]);
	}
	for (size_t i = 0; i < y->count; i++) {
		if (i < pairs && alike[i])
			put_words(w, DIFF_NEW, &after[i]);
		else
			put_plain(w, DIFF_NEW, y->at[i]);
	}
}

/* A run of lines that are the same; of a long one only what is near a change. */
static void put_same(struct writer *w, const struct tokens *x, bool first, bool last)
{
	size_t head = first ? 0 : DIFF_CONTEXT, tail = last ? 0 : DIFF_CONTEXT;

	if (x->count <= head + tail + 1) {
		head = x->count;
		tail = 0;
	}
	for (size_t i = 0; i < head; i++)
		put_plain(w, DIFF_SAME, x->at[i]);
	if (x->count > head + tail)
		put(w, DIFF_SKIPPED, NULL, x->count - head - tail);
	for (size_t i = x->count - tail; i < x->count; i++)
		put_plain(w, DIFF_SAME, x->at[i]);
}

static struct tokens slice(const struct tokens *t, size_t from, size_t to)
{
	return (struct tokens){ t->at + from, t->hash + from, t->changed + from,
				to - from };
}

struct diff diff_texts(struct arena *a, struct str before, struct str after)
{
	struct tokens x = lines_of(a, before), y = lines_of(a, after);
	struct writer w = { .arena = a };
	size_t i = 0, j = 0;

	w.lines = arena_array(a, DIFF_LINES_MAX, sizeof(*w.lines));
	w.diff.lines = w.lines;
	compare(a, &x, &y, DIFF_EDITS_MAX);
	while (i < x.count || j < y.count) {
		size_t i0 = i, j0 = j;
		struct tokens gone, fresh, both;

		while (i < x.count && j < y.count && !x.changed[i] && !y.changed[j])
			i++, j++;
		both = slice(&x, i0, i);
		put_same(&w, &both, i0 == 0 && j0 == 0, i == x.count && j == y.count);
		i0 = i, j0 = j;
		while (i < x.count && x.changed[i])
			i++;
		while (j < y.count && y.changed[j])
			j++;
		gone = slice(&x, i0, i);
		fresh = slice(&y, j0, j);
		w.diff.changed = w.diff.changed || gone.count + fresh.count > 0;
		put_block(&w, &gone, &fresh);
	}
	return w.diff;
}
