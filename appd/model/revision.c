/* revision.c -- see revision.h. */
#include "appd/model/revision.h"

#include "appd/model/role.h"
#include "appd/request.h"
#include "appd/sql.h"

void revisions_find(struct request *q, struct str slug, struct revisions *ret)
{
	struct sql_batch *b;

	ret->article = article_find(q, slug);
	if (role_mine(q) < ROLE_MODERATOR)
		article_check_owner(q, ret->article);
	b = sql_batch(q);
	sql_revision_list(b, &ret->list, ret->article->id);
	sql_run(b);
	ret->now = ret->list.count > 0 ? ret->list.rows[0].n + 1 : 1;
}

struct revision revision_find(struct request *q, const struct revisions *r, int64_t n)
{
	struct sql_revision_one found;
	struct sql_batch *b;

	if (n == r->now)
		return (struct revision){ n, r->article->title, r->article->description,
					  r->article->body };
	b = sql_batch(q);
	sql_revision_one(b, &found, r->article->id, n);
	sql_run(b);
	if (found.count == 0)
		fail(q, 404, "revision", "not found");
	return (struct revision){ n, found.rows->title, found.rows->description,
				  found.rows->body };
}

const struct sql_article_recent_row *revision_restore(struct request *q, struct str slug,
						      int64_t n)
{
	struct revisions all;
	struct revision r;

	revisions_find(q, slug, &all);
	r = revision_find(q, &all, n);
	return article_change(q, all.article->slug,
			      &(struct article_draft){ .title = r.title,
						       .description = r.description,
						       .body = r.body });
}
