/* templates.h -- the pages made from the HTML files beside it, and what each shows. A
 * view borrows everything; templates only print. */
#ifndef APPD_TEMPLATES_TEMPLATES_H
#define APPD_TEMPLATES_TEMPLATES_H

#include "common/buf.h"

struct problem;
struct sql_site_row;
struct sql_article_recent;
struct sql_tag_popular;

/* Around every page. */
struct view_frame {
	struct str site_name;
	struct str title;       /* of this page; empty: the site's own */
	struct str description; /* for search engines; may be empty */
};

struct view_home {
	const struct sql_site_row *site;
	const struct sql_article_recent *articles;
	const struct sql_tag_popular *tags;
};

struct view_error {
	int status;
	const char *title;
	const struct problem *problems;
	size_t count;
};

void template_head(struct buf *out, const struct view_frame *f);
void template_foot(struct buf *out, const struct view_frame *f);
void template_home(struct buf *out, const struct view_home *v);
void template_error(struct buf *out, const struct view_error *v);

#endif
