/* article.h -- articles: lists, one, writing, favourites. Failures end the request: 404
 * "article" before 403 "article" before 422. */
#ifndef APPD_MODEL_ARTICLE_H
#define APPD_MODEL_ARTICLE_H

#include "common/str.h"
#include "gen/sql.h"

struct request;
struct sql_batch;

enum { ARTICLES_MAX = 100, ARTICLES_DEFAULT = 20 };

struct article_filter {
	struct str tag, author, fan; /* p == NULL: any */
	bool feed;                   /* of those the member follows */
	int64_t limit, offset;
};

struct article_page {
	struct sql_article_recent list;
	struct sql_article_count_all counted;
};

/* What is written; of a change, p == NULL leaves a part as it is. */
struct article_draft {
	struct str title, description, body;
	bool set_tags;
	const struct str *tags;
	size_t tag_count;
	int64_t
	    from; /* the draft that it was, which goes when it is published; 0: none */
	int64_t seen_us; /* updated_at of what was changed; 0: whatever it is now */
};

/* Its tags, sorted, one a line. */
struct str article_tag_lines(struct request *q, const struct article_draft *d);

/* Into a batch of the caller's. */
void article_ask(struct request *q, struct sql_batch *b, const struct article_filter *f,
		 struct article_page *ret);
void article_list(struct request *q, const struct article_filter *f,
		  struct article_page *ret);
/* Of all that fit the filter. */
int64_t article_count(const struct article_page *p);
/* Its slug may be another than was asked for: it has moved. */
const struct sql_article_recent_row *article_find(struct request *q, struct str slug);
const struct sql_article_recent_row *article_add(struct request *q,
						 const struct article_draft *d);
/* Checks the body (body_check) after it has found that the article may be changed. */
const struct sql_article_recent_row *article_change(struct request *q, struct str slug,
						    const struct article_draft *d);
/* 403 for all but its author. */
void article_check_owner(struct request *q, const struct sql_article_recent_row *a);
void article_delete(struct request *q, struct str slug);
/* Twice is as good as once. */
const struct sql_article_recent_row *article_favorite(struct request *q, struct str slug,
						      bool favorite);

#endif
