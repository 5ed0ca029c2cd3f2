/* revisions.c -- what an article said before, what changed from one version to another,
 * and going back. */
#include "appd/diff.h"
#include "appd/model/revision.h"
#include "appd/pages/page.h"
#include "appd/pages/pages.h"
#include "appd/request.h"

static struct str path_of(struct request *q, struct str slug)
{
	return page_path(q, "/article/", slug, "/revisions");
}

static int64_t version(struct request *q, struct str text)
{
	int64_t n;

	if (!str_to_i64(text, &n) || n < 1)
		fail(q, 404, "revision", "not found");
	return n;
}

/* Of the query; without one, what the last edit changed. */
static void which(struct request *q, const struct revisions *r, struct view_revisions *v)
{
	struct str from = request_query(q, STR("from")), to = request_query(q, STR("to"));

	v->from = from.p != NULL ? version(q, from) : r->now - 1;
	v->to = to.p != NULL ? version(q, to) : r->now;
	if (v->from > v->to) {
		int64_t n = v->from;

		v->from = v->to;
		v->to = n;
	}
}

static void compare(struct request *q, const struct revisions *r,
		    struct view_revisions *v)
{
	struct revision before = revision_find(q, r, v->from);
	struct revision after = revision_find(q, r, v->to);

	v->title = diff_texts(&q->arena, before.title, after.title);
	v->description = diff_texts(&q->arena, before.description, after.description);
	v->body = diff_texts(&q->arena, before.body, after.body);
}

void page_revisions(struct request *q)
{
	struct view_revisions v = { 0 };
	struct revisions r;
	struct view_frame f;

	revisions_find(q, request_arg(q, 0), &r);
	if (!str_eq(r.article->slug, request_arg(q, 0))) {
		reply_moved(q, path_of(q, r.article->slug));
		return;
	}
	v.article = r.article;
	v.list = &r.list;
	v.now = r.now;
	if (r.list.count > 0) {
		which(q, &r, &v);
		compare(q, &r, &v);
	}
	page_frame(q, &f);
	f.title = str_of(message(f.language, MESSAGE_revisions));
	f.hidden = true;
	template_revisions(&q->out, &f, &v);
	page_end(q);
}

void page_revision_restore(struct request *q)
{
	const struct sql_article_recent_row *a =
	    revision_restore(q, request_arg(q, 0), version(q, request_arg(q, 1)));

	redirect(q, page_path(q, "/article/", a->slug, ""));
}
