/* home.c -- the home page: the newest articles, of all or of those one follows or of a
 * tag, and the popular tags; and the page of all tags. */
#include "appd/model/article.h"
#include "appd/model/tag.h"
#include "appd/pages/page.h"
#include "appd/pages/pages.h"
#include "appd/request.h"
#include "appd/sql.h"

enum { TAGS_SHOWN = 30 };

static void show(struct request *q, struct article_filter filter, struct view_home v)
{
	struct sql_batch *b;
	struct article_page page;
	struct sql_article_recent pinned = { 0 };
	struct sql_tag_popular tags;
	struct view_frame f;

	v.tag = filter.tag;
	v.following = filter.feed;
	v.pages.current = page_number(q);
	filter.limit = PAGE_SIZE;
	filter.offset = (v.pages.current - 1) * PAGE_SIZE;
	b = sql_batch(q);
	article_ask(q, b, &filter, &page);
	sql_tag_popular(b, &tags, TAGS_SHOWN);
	if (v.tag.p == NULL && !filter.feed && v.pages.current == 1)
		sql_article_pinned(b, &pinned, q->me.id);
	sql_run(b);
	v.pages.last = page_last(article_count(&page));
	if (v.pages.current > v.pages.last)
		fail(q, 404, "page", "There is nothing at this address.");
	page_frame(q, &f);
	f.nav = v.tag.p == NULL ? NAV_HOME : NAV_NONE;
	f.title = filter.feed ? str_of(message(f.language, MESSAGE_your_feed)) : v.tag;
	f.description = f.site_description;
	f.canonical = filter.feed ? STR("/?feed=following") : v.pages.path;
	if (v.tag.p != NULL)
		f.feed = page_path(q, "/tag/", v.tag, "/feed");
	v.articles = &page.list;
	v.pinned = &pinned;
	v.tags = &tags;
	template_home(&q->out, &f, &v);
	page_end(q);
}

void page_home(struct request *q)
{
	bool following = str_eq(request_query(q, STR("feed")), STR("following"));

	if (following && q->me.id == 0)
		page_sign_in(q);
	show(q, (struct article_filter){ .feed = following },
	     (struct view_home){ .pages = { .path = STR("/"),
					    .name = following ? STR("feed") : STR(""),
					    .value = STR("following") } });
}

void page_tag(struct request *q)
{
	struct str tag = request_arg(q, 0);

	show(q, (struct article_filter){ .tag = tag },
	     (struct view_home){ .pages = { .path = page_path(q, "/tag/", tag, "") } });
}

void page_tags(struct request *q)
{
	struct sql_tag_popular tags;
	struct view_frame f;

	tag_popular(q, &tags);
	page_frame(q, &f);
	f.title = str_of(message(f.language, MESSAGE_tags_title));
	f.canonical = STR("/tags");
	template_tags(&q->out, &f, &tags);
	page_end(q);
}
