/* search.h -- finding articles: words, "phrases", author:name and tag:name. */
#ifndef APPD_MODEL_SEARCH_H
#define APPD_MODEL_SEARCH_H

#include "appd/mark.h"
#include "appd/model/article.h"

/* A question taken apart. Pure; memory from the arena. */
struct search {
	struct str words;       /* as the database reads them; empty: none */
	struct str author, tag; /* p == NULL: any */
	struct marks marks;     /* the words again, as they are found in a text */
};

struct arena;

struct search search_parse(struct arena *a, struct str text);
static inline bool search_is_empty(const struct search *s)
{
	return s->words.n == 0 && s->author.p == NULL && s->tag.p == NULL;
}
/* Best first, each with a few lines of its Markdown around a word as its body; without
 * words, newest first and without a body. */
void search_run(struct request *q, const struct search *s, int64_t limit, int64_t offset,
		struct article_page *ret);

#endif
