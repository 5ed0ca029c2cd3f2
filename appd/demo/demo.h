/* demo.h -- what a new site begins with: two authors and the articles of
 * docs/whiteboard.md, so that whoever comes first finds something to read. */
#ifndef APPD_DEMO_DEMO_H
#define APPD_DEMO_DEMO_H

#include "common/str.h"

struct request;

struct demo_article {
	struct str title, author, tags, about, text;
};

/* gen/demo.c, made by appd/demo/generate.c; the first is the newest. */
extern const struct demo_article demo_articles[];
extern const size_t demo_article_count;

/* Once in a site's life; `wanted` no: only says that its life has begun. */
void demo_begin(struct request *q, bool wanted);

#endif
