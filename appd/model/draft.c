/* draft.c -- see draft.h. */
#include "appd/model/draft.h"

#include "appd/request.h"
#include "appd/sql.h"

void draft_list(struct request *q, struct sql_draft_list *ret)
{
	struct sql_batch *b = sql_batch(q);

	sql_draft_list(b, ret, q->me.id, DRAFTS_MAX);
	sql_run(b);
}

const struct sql_draft_list_row *draft_find(struct request *q, int64_t id)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_draft_list found;

	sql_draft_one(b, &found, q->me.id, id);
	sql_run(b);
	if (found.count == 0)
		fail(q, 404, "draft", "not found");
	return found.rows;
}

int64_t draft_id(struct request *q, struct str text)
{
	int64_t id;

	if (!str_to_i64(text, &id)) {
		member_check(q);
		fail(q, 404, "draft", "not found");
	}
	return id;
}

static struct str or_empty(struct str s)
{
	return s.p == NULL ? STR("") : s;
}

int64_t draft_add(struct request *q, const struct article_draft *d)
{
	struct str tags = article_tag_lines(q, d);
	struct sql_batch *b = sql_batch(q);
	struct sql_done done;

	sql_draft_add(b, &done, q->me.id, q->me.epoch, or_empty(d->title),
		      or_empty(d->description), or_empty(d->body), tags, DRAFTS_MAX);
	sql_run(b);
	if (done.affected == 0)
		fail(q, 422, "drafts",
		     "are too many: publish or delete some of them first");
	return done.insert_id;
}

void draft_change(struct request *q, int64_t id, const struct article_draft *d)
{
	struct str tags = article_tag_lines(q, d);
	struct sql_batch *b = sql_batch(q);
	struct sql_done done;

	sql_draft_change(b, &done, id, q->me.id, q->me.epoch, or_empty(d->title),
			 or_empty(d->description), or_empty(d->body), tags);
	sql_run(b);
	if (done.affected == 0)
		fail(q, 404, "draft", "not found");
}

void draft_delete(struct request *q, int64_t id)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_done done;

	sql_draft_delete(b, &done, id, q->me.id, q->me.epoch);
	sql_run(b);
}
