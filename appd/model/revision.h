/* revision.h -- what an article said before it was edited. article_change keeps them;
 * the author and moderators see them, and only the author may go back. Versions count
 * from 1; the one in force has the highest number. */
#ifndef APPD_MODEL_REVISION_H
#define APPD_MODEL_REVISION_H

#include "appd/model/article.h"

struct revision {
	int64_t n; /* 0: not found */
	struct str title, description, body;
};

struct revisions {
	const struct sql_article_recent_row *article;
	struct sql_revision_list list; /* newest first, without the one in force */
	int64_t now;                   /* the number of the one in force */
};

/* 404 if there is no such article, 403 if it is not for whoever asks. */
void revisions_find(struct request *q, struct str slug, struct revisions *ret);
/* 404 if it was never there or is no longer kept. */
struct revision revision_find(struct request *q, const struct revisions *r, int64_t n);
/* The article says again what it said then; what it said until now is kept. */
const struct sql_article_recent_row *revision_restore(struct request *q, struct str slug,
						      int64_t n);

#endif
