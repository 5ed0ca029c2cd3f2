/* profile.c -- a person: what they wrote, what they like, and following them. */
#include "appd/model/profile.h"
#include "appd/model/article.h"
#include "appd/pages/page.h"
#include "appd/pages/pages.h"
#include "appd/request.h"
#include "appd/sql.h"

static void show(struct request *q, bool favorites)
{
	struct str name = request_arg(q, 0);
	struct article_filter filter = { .limit = PAGE_SIZE };
	struct view_profile v = { .favorites = favorites };
	struct sql_batch *b;
	struct article_page page;
	struct sql_profile profile;
	struct sql_hidden_mine hidden;
	struct view_frame f;

	v.pages.current = page_number(q);
	v.pages.path = page_path(q, "/profile/", name, favorites ? "/favorites" : "");
	filter.offset = (v.pages.current - 1) * PAGE_SIZE;
	*(favorites ? &filter.fan : &filter.author) = name;
	b = sql_batch(q);
	sql_profile(b, &profile, q->me.id, name);
	article_ask(q, b, &filter, &page);
	if (q->me.id != 0)
		sql_hidden_mine(b, &hidden, q->me.id);
	sql_run(b);
	if (profile.count == 0)
		fail(q, 404, "profile", "not found");
	v.pages.last = page_last(article_count(&page));
	if (v.pages.current > v.pages.last)
		fail(q, 404, "page", "There is nothing at this address.");
	page_frame(q, &f);
	v.profile = profile.rows;
	v.articles = &page.list;
	if (q->me.id == v.profile->id && !favorites)
		v.hidden = &hidden;
	f.nav = q->me.id == v.profile->id ? NAV_ME : NAV_NONE;
	f.title = v.profile->name;
	f.description = v.profile->bio;
	f.canonical = v.pages.path;
	f.feed = page_path(q, "/profile/", name, "/feed");
	template_profile(&q->out, &f, &v);
	page_end(q);
}

void page_profile(struct request *q)
{
	show(q, false);
}

void page_profile_favorites(struct request *q)
{
	show(q, true);
}

static void follow(struct request *q, bool yes)
{
	const struct sql_profile_row *p = profile_follow(q, request_arg(q, 0), yes);

	redirect(q, page_next(q, page_path(q, "/profile/", p->name, "")));
}

void page_follow(struct request *q)
{
	follow(q, true);
}

void page_unfollow(struct request *q)
{
	follow(q, false);
}
