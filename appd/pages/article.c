/* article.c -- one article with its comments, and what readers do there. Every form
 * leads back to a page, so that reloading does nothing twice. */
#include "appd/model/article.h"
#include "appd/model/comment.h"
#include "appd/pages/page.h"
#include "appd/pages/pages.h"
#include "appd/request.h"
#include "appd/sql.h"

static struct str path_of(struct request *q, struct str slug)
{
	return page_path(q, "/article/", slug, "");
}

static void show(struct request *q, struct str draft)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_article_recent article;
	struct sql_comment_list comments;
	struct sql_article_hidden hidden = { 0 };
	struct view_article v = { .comments = &comments, .draft = draft };
	struct str slug = request_arg(q, 0);
	struct view_frame f;

	sql_article_by_slug(b, &article, q->me.id, slug);
	sql_comment_list(b, &comments, q->me.id, slug);
	if (q->me.id != 0)
		sql_article_hidden(b, &hidden, q->me.id, slug);
	sql_run(b);
	if (article.count == 0)
		fail(q, 404, "article", "not found");
	v.article = article.rows;
	if (!str_eq(v.article->slug, slug)) {
		reply_moved(q, path_of(q, v.article->slug));
		return;
	}
	page_frame(q, &f);
	if (hidden.count > 0)
		v.hidden_why = hidden.rows->why;
	f.hidden = hidden.count > 0;
	v.key = page_key(q, slug, v.article->comments);
	f.here = path_of(q, slug);
	f.canonical = f.here;
	f.title = v.article->title;
	f.description = v.article->description;
	f.article = v.article;
	f.feed = page_path(q, "/article/", slug, "/comments");
	template_article(&q->out, &f, &v);
	page_end(q);
}

void page_article(struct request *q)
{
	show(q, STR(""));
}

void page_article_delete(struct request *q)
{
	article_delete(q, request_arg(q, 0));
	redirect(q, STR("/"));
}

static void favorite(struct request *q, bool yes)
{
	const struct sql_article_recent_row *a =
	    article_favorite(q, request_arg(q, 0), yes);

	redirect(q, page_next(q, path_of(q, a->slug)));
}

void page_favorite(struct request *q)
{
	favorite(q, true);
}

void page_unfavorite(struct request *q)
{
	favorite(q, false);
}

static void comment_again(struct request *q)
{
	show(q, page_field(q, "body"));
}

void page_comment_add(struct request *q)
{
	const struct sql_comment_list_row *c;

	page_of(q)->again = comment_again;
	page_once(q);
	c = comment_add(q, request_arg(q, 0), body_value(q, "body")->text);
	redirect(q, arena_fmt(&q->arena, "%.*s#comment-%lld",
			      STR_ARG(path_of(q, request_arg(q, 0))), (long long)c->id));
}

void page_comment_delete(struct request *q)
{
	comment_delete(q, request_arg(q, 0), request_arg(q, 1));
	redirect(q, page_path(q, "/article/", request_arg(q, 0), "#comments-title"));
}
