/* comment.c -- see comment.h. An article may be named by a slug that it had before: then
 * the first message only learns the new one, and a second does the work. */
#include "appd/model/comment.h"

#include "appd/markdown.h"
#include "appd/model/article.h"
#include "appd/model/keeping.h"
#include "appd/request.h"
#include "appd/sql.h"

static const struct sql_article_recent_row *
article_row(struct request *q, const struct sql_article_recent *a)
{
	if (a->count == 0)
		fail(q, 404, "article", "not found");
	return a->rows;
}

void comment_list(struct request *q, struct str slug, struct sql_comment_list *ret)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_article_recent article;
	const struct sql_article_recent_row *row;

	sql_article_by_slug(b, &article, q->me.id, slug);
	sql_comment_list(b, ret, q->me.id, slug);
	sql_run(b);
	row = article_row(q, &article);
	if (!str_eq(row->slug, slug))
		comment_list(q, row->slug, ret);
}

static struct str render(struct request *q, struct str body)
{
	struct buf *html = request_scratch(q, 60 << 10); /* the column takes 64 KiB */
	struct str ret;

	if (!markdown_render(html, body))
		fail(q, 422, "body", "is too large or too intricate to be shown");
	ret = arena_str(&q->arena, buf_get(html));
	request_scratch_free(q);
	return ret;
}

const struct sql_comment_list_row *comment_add(struct request *q, struct str slug,
					       struct str body)
{
	struct sql_article_recent article;
	struct sql_comment_list added;
	struct sql_site_limits limits;
	struct sql_refusal refusal;
	struct sql_batch *b;
	struct sql_done done, counted;

	if (q->body->problem_count > 0) {
		article_find(q, slug); /* who asks for what is not there hears that */
		body_check(q);
	}
	body = arena_str(&q->arena, body);
	b = sql_batch(q);
	sql_comment_lock(b, &done, slug);
	sql_article_by_slug(b, &article, q->me.id, slug);
	sql_comment_add(b, &done, q->me.id, q->me.epoch, slug, body, render(q, body));
	sql_comment_counted(b, &counted, slug);
	sql_comment_added(b, &added, q->me.id);
	sql_site_limits(b, &limits, q->me.id);
	refusal = sql_try(b);
	if (str_eq(refusal.class, STR("foreign_key")))
		fail(q, 404, "article", "not found"); /* deleted meanwhile */
	if (refusal.class.n > 0)
		sql_fail(q, &refusal);
	if (!str_eq(article_row(q, &article)->slug, slug))
		return comment_add(q, article.rows->slug, body);
	if (done.affected == 0) {
		keeping_fail_comment(q, &limits, body);
		fail(q, 404, "article", "not found"); /* deleted meanwhile */
	}
	if (added.count == 0)
		fail(q, 500, "comment", "The comment cannot be read back.");
	return added.rows;
}

void comment_delete(struct request *q, struct str slug, struct str id)
{
	struct sql_article_recent article;
	struct sql_comment_list comment;
	struct sql_batch *b = sql_batch(q);
	struct sql_done deleted, counted;
	int64_t number;

	if (!str_to_i64(id, &number) || number < 0)
		number = 0; /* nobody's */
	sql_article_by_slug(b, &article, q->me.id, slug);
	sql_comment_one(b, &comment, q->me.id, number);
	sql_comment_uncounted(b, &counted, number, slug, q->me.id, q->me.epoch);
	sql_comment_delete(b, &deleted, number, slug, q->me.id, q->me.epoch);
	sql_run(b);
	article_row(q, &article);
	if (comment.count == 0 || comment.rows->article_id != article.rows->id)
		fail(q, 404, "comment", "not found");
	if (comment.rows->author_id != q->me.id)
		fail(q, 403, "comment", "forbidden");
	if (!str_eq(article.rows->slug, slug))
		comment_delete(q, article.rows->slug, id);
	else if (deleted.affected == 0) /* another was quicker */
		fail(q, 404, "comment", "not found");
}
