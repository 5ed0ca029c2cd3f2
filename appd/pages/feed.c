/* feed.c -- the feeds: of the site, a tag, a person, and the comments at an article; and
 * what search engines read. The same for everybody, so anybody may keep them. */
#include "appd/pages/feed.h"

#include "appd/appd.h"
#include "appd/html.h"
#include "appd/model/article.h"
#include "appd/pages/page.h"
#include "appd/pages/pages.h"
#include "appd/request.h"
#include "appd/sql.h"

enum { FEED_SIZE = 30, SITEMAP_SIZE = 10000 };

/* By the end of the address, which a route has. */
static const struct feed_format *format_of(struct request *q)
{
	struct str path = q->target.raw_path;

	return str_ends(path, STR(".atom"))  ? &feed_atom
	       : str_ends(path, STR(".rss")) ? &feed_rss
					     : &feed_json;
}

static struct str in_full(struct request *q, const struct view_frame *f, struct str path)
{
	return arena_fmt(&q->arena, "%.*s%.*s", STR_ARG(f->base), STR_ARG(path));
}

/* An address that stays when the title changes (RFC 4151). */
static struct str lasting_id(struct request *q, const char *kind, int64_t id)
{
	return arena_fmt(&q->arena, "tag:%s,2026:%s:%lld", q->appd->daemon->conf->domain,
			 kind, (long long)id);
}

static void reply_for_all(struct request *q, struct str type)
{
	q->reply.status = 200;
	reply_header(q, STR("content-type"), type);
	reply_header(q, STR("x-content-type-options"), STR("nosniff"));
	reply_header(q, STR("cache-control"), STR("max-age=60"));
}

static void answer(struct request *q, const struct view_frame *frame, struct feed *f,
		   struct str page)
{
	const struct feed_format *format = format_of(q);

	f->description = frame->site_description;
	f->page = in_full(q, frame, page);
	f->self = in_full(q, frame, q->target.raw_path);
	f->id = f->page;
	for (size_t i = 0; i < f->count; i++)
		if (f->entries[i].updated_us > f->updated_us)
			f->updated_us = f->entries[i].updated_us;
	reply_for_all(q, format->type);
	format->write(&q->out, f);
	page_end(q);
}

static const struct feed_entry *entries_of(struct request *q,
					   const struct view_frame *frame,
					   const struct sql_article_recent *list)
{
	struct feed_entry *e = arena_array(&q->arena, list->count + 1, sizeof(*e));

	for (size_t i = 0; i < list->count; i++) {
		const struct sql_article_recent_row *a = &list->rows[i];

		e[i] = (struct feed_entry){
			.id = lasting_id(q, "article", a->id),
			.link = in_full(q, frame, page_path(q, "/article/", a->slug, "")),
			.title = a->title,
			.summary = a->description,
			.author = a->author,
			.published_us = a->created_at,
			.updated_us = a->updated_at,
		};
	}
	return e;
}

/* name: of the tag or the person; empty: the site's. */
static void answer_list(struct request *q, const struct sql_article_recent *list,
			struct str name, struct str page)
{
	struct view_frame frame;
	struct feed f = { .count = list->count };

	page_view(q, &frame);
	f.title = name.n == 0 ? frame.site_name
			      : arena_fmt(&q->arena, "%.*s - %.*s", STR_ARG(name),
					  STR_ARG(frame.site_name));
	f.entries = entries_of(q, &frame, list);
	answer(q, &frame, &f, page);
}

void page_feed(struct request *q)
{
	struct sql_article_recent list;
	struct sql_batch *b = sql_batch(q);

	sql_article_recent(b, &list, 0, FEED_SIZE, 0);
	sql_run(b);
	answer_list(q, &list, STR(""), STR("/"));
}

void page_tag_feed(struct request *q)
{
	struct str tag = request_arg(q, 0);
	struct sql_article_recent list;
	struct sql_batch *b = sql_batch(q);

	sql_article_by_tag(b, &list, 0, tag, FEED_SIZE, 0);
	sql_run(b);
	answer_list(q, &list, tag, page_path(q, "/tag/", tag, ""));
}

void page_profile_feed(struct request *q)
{
	struct str name = request_arg(q, 0);
	struct sql_article_recent list;
	struct sql_profile profile;
	struct sql_batch *b = sql_batch(q);

	sql_profile(b, &profile, 0, name);
	sql_article_by_author(b, &list, 0, name, FEED_SIZE, 0);
	sql_run(b);
	if (profile.count == 0)
		fail(q, 404, "profile", "not found");
	answer_list(q, &list, profile.rows->name,
		    page_path(q, "/profile/", profile.rows->name, ""));
}

void page_comments_feed(struct request *q)
{
	struct str slug = request_arg(q, 0), page = page_path(q, "/article/", slug, "");
	struct sql_article_recent article;
	struct sql_comment_list list;
	struct view_frame frame;
	struct feed_entry *e;
	struct feed f = { 0 };
	struct sql_batch *b = sql_batch(q);

	sql_article_by_slug(b, &article, 0, slug);
	sql_comment_list(b, &list, 0, slug);
	sql_run(b);
	if (article.count == 0 || !str_eq(article.rows->slug, slug))
		fail(q, 404, "article", "not found");
	page_view(q, &frame);
	e = arena_array(&q->arena, list.count + 1, sizeof(*e));
	f = (struct feed){ .title = article.rows->title,
			   .updated_us = article.rows->created_at,
			   .entries = e,
			   .count = list.count };
	for (size_t i = 0; i < list.count; i++) { /* newest first */
		const struct sql_comment_list_row *c = &list.rows[list.count - 1 - i];

		e[i] = (struct feed_entry){
			.id = lasting_id(q, "comment", c->id),
			.link = arena_fmt(&q->arena, "%.*s%.*s#comment-%lld",
					  STR_ARG(frame.base), STR_ARG(page),
					  (long long)c->id),
			.title = c->author,
			.summary = c->body,
			.author = c->author,
			.html = c->html,
			.published_us = c->created_at,
			.updated_us = c->updated_at,
		};
	}
	answer(q, &frame, &f, page);
}

/* ---- search engines ---- */

void page_robots(struct request *q)
{
	struct view_frame f;

	sql_run(sql_batch(q));
	page_view(q, &f);
	reply_for_all(q, STR("text/plain; charset=utf-8"));
	buf_fmt(&q->out,
		"User-agent: *\nDisallow: /-/\nDisallow: /editor\nDisallow: /settings\n"
		"Disallow: /search\n\nSitemap: %.*s/sitemap.xml\n",
		STR_ARG(f.base));
	page_end(q);
}

static void location(struct request *q, const struct view_frame *f, struct str path,
		     int64_t updated_us)
{
	buf_text(&q->out, "<url><loc>");
	xml_text(&q->out, f->base);
	xml_text(&q->out, path);
	buf_text(&q->out, "</loc>");
	if (updated_us > 0) {
		buf_text(&q->out, "<lastmod>");
		xml_time(&q->out, updated_us);
		buf_text(&q->out, "</lastmod>");
	}
	buf_text(&q->out, "</url>\n");
}

static void sitemap_index(struct request *q, const struct view_frame *f, int64_t pages)
{
	buf_text(&q->out, "<sitemapindex "
			  "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
	for (int64_t n = 1; n <= pages; n++) {
		buf_text(&q->out, "<sitemap><loc>");
		xml_text(&q->out, f->base);
		buf_fmt(&q->out, "/sitemap.xml?page=%lld</loc></sitemap>\n",
			(long long)n);
	}
	buf_text(&q->out, "</sitemapindex>\n");
}

/* One page, or a list of them once there are too many for one. */
void page_sitemap(struct request *q)
{
	int64_t n = page_number(q);
	bool one = request_query(q, STR("page")).p != NULL;
	struct sql_article_count_all count;
	struct sql_sitemap list;
	struct view_frame f;
	struct sql_batch *b = sql_batch(q);

	sql_article_count_all(b, &count);
	sql_sitemap(b, &list, SITEMAP_SIZE, (n - 1) * SITEMAP_SIZE);
	sql_run(b);
	page_view(q, &f);
	reply_for_all(q, STR("application/xml; charset=utf-8"));
	buf_text(&q->out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
	if (!one && count.count > 0 && count.rows->articles > SITEMAP_SIZE) {
		sitemap_index(q, &f,
			      (count.rows->articles + SITEMAP_SIZE - 1) / SITEMAP_SIZE);
		page_end(q);
		return;
	}
	buf_text(&q->out,
		 "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
	if (n == 1)
		location(q, &f, STR("/"), 0);
	for (size_t i = 0; i < list.count; i++)
		location(q, &f, page_path(q, "/article/", list.rows[i].slug, ""),
			 list.rows[i].updated_at);
	buf_text(&q->out, "</urlset>\n");
	page_end(q);
}
