/* article.c -- see article.h. Reading and favourites; writing is in article_write.c. */
#include "appd/model/article.h"

#include "appd/request.h"
#include "appd/sql.h"

static void ask_list(struct request *q, struct sql_batch *b,
		     const struct article_filter *f, struct sql_article_recent *ret)
{
	int64_t me = q->me.id;

	if (f->feed)
		sql_article_feed(b, ret, me, f->limit, f->offset);
	else if ((f->tag.p != NULL) + (f->author.p != NULL) + (f->fan.p != NULL) > 1)
		sql_article_filtered(b, ret, me, f->tag, f->author, f->fan, f->limit,
				     f->offset);
	else if (f->tag.p != NULL)
		sql_article_by_tag(b, ret, me, f->tag, f->limit, f->offset);
	else if (f->author.p != NULL)
		sql_article_by_author(b, ret, me, f->author, f->limit, f->offset);
	else if (f->fan.p != NULL)
		sql_article_by_fan(b, ret, me, f->fan, f->limit, f->offset);
	else
		sql_article_recent(b, ret, me, f->limit, f->offset);
}

static void ask_count(struct request *q, struct sql_batch *b,
		      const struct article_filter *f, struct sql_article_count_all *ret)
{
	if (f->feed)
		sql_article_count_feed(b, ret, q->me.id);
	else if ((f->tag.p != NULL) + (f->author.p != NULL) + (f->fan.p != NULL) > 1)
		sql_article_count_filtered(b, ret, f->tag, f->author, f->fan);
	else if (f->tag.p != NULL)
		sql_article_count_tag(b, ret, f->tag);
	else if (f->author.p != NULL)
		sql_article_count_author(b, ret, f->author);
	else if (f->fan.p != NULL)
		sql_article_count_fan(b, ret, f->fan);
	else
		sql_article_count_all(b, ret);
}

void article_ask(struct request *q, struct sql_batch *b, const struct article_filter *f,
		 struct article_page *ret)
{
	ask_list(q, b, f, &ret->list);
	ask_count(q, b, f, &ret->counted);
}

void article_list(struct request *q, const struct article_filter *f,
		  struct article_page *ret)
{
	struct sql_batch *b = sql_batch(q);

	article_ask(q, b, f, ret);
	sql_run(b);
}

int64_t article_count(const struct article_page *p)
{
	return p->counted.count > 0 ? p->counted.rows->articles : 0;
}

static const struct sql_article_recent_row *only_row(struct request *q,
						     const struct sql_article_recent *a)
{
	if (a->count == 0)
		fail(q, 404, "article", "not found");
	return a->rows;
}

const struct sql_article_recent_row *article_find(struct request *q, struct str slug)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_article_recent article;

	sql_article_by_slug(b, &article, q->me.id, slug);
	sql_run(b);
	return only_row(q, &article);
}

const struct sql_article_recent_row *article_favorite(struct request *q, struct str slug,
						      bool favorite)
{
	const struct sql_article_recent_row *row;
	struct sql_batch *b = sql_batch(q);
	struct sql_article_recent article;
	struct sql_done done;

	sql_favorite_lock(b, &done, q->me.id, slug);
	if (favorite)
		sql_favorite_add(b, &done, q->me.id, q->me.epoch, slug);
	else
		sql_favorite_delete(b, &done, q->me.id, q->me.epoch, slug);
	sql_favorite_counted(b, &done, q->me.id, slug, favorite ? 1 : -1);
	sql_article_by_slug(b, &article, q->me.id, slug);
	sql_run(b);
	row = only_row(q, &article);
	/* it has moved: the statements above did not find it */
	return str_eq(row->slug, slug) ? row : article_favorite(q, row->slug, favorite);
}
