/* home.c -- the home page: the newest articles and the popular tags. */
#include "appd/pages/pages.h"
#include "appd/request.h"
#include "appd/sql.h"
#include "appd/templates/templates.h"
#include "gen/sql.h"

enum { PAGE_SIZE = 10, TAGS_SHOWN = 20 };

void page_home(struct request *q)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_site site;
	struct sql_article_recent articles;
	struct sql_tag_popular tags;

	sql_site(b, &site);
	sql_article_recent(b, &articles, 0, PAGE_SIZE, 0);
	sql_tag_popular(b, &tags, TAGS_SHOWN);
	sql_run(b);
	if (site.count == 0)
		fail(q, 500, "site", "The table `site` is empty.");
	reply_page(q);
	template_home(&q->out, &(struct view_home){ site.rows, &articles, &tags });
}
