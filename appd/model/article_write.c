/* article_write.c -- writing, changing and deleting articles. A write with all its counts
 * is one message, which is one transaction, and it reads back what it made. */
#include "appd/appd.h"
#include "appd/json.h"
#include "appd/markdown.h"
#include "appd/model/article.h"
#include "appd/model/keeping.h"
#include "appd/request.h"
#include "appd/slug.h"
#include "appd/sql.h"

enum { SLUG_TRIES = 4 };

/* What goes into the database. */
struct prepared {
	struct str slug, title, description, body, html;
	struct str tag_lines, tag_json;
	bool set_tags;
	int64_t from; /* the draft it was; 0: none */
};

static int compare(const void *a, const void *b)
{
	const struct str *x = a, *y = b;
	size_t n = x->n < y->n ? x->n : y->n;
	int order = memcmp(x->p, y->p, n);

	return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

struct str article_tag_lines(struct request *q, const struct article_draft *d)
{
	struct str *tags = arena_array(&q->arena, d->tag_count + 1, sizeof(*tags));
	struct buf *text = request_scratch(q, 64 << 10);

	for (size_t i = 0; i < d->tag_count; i++)
		tags[i] = d->tags[i];
	qsort(tags, d->tag_count, sizeof(*tags), compare);
	for (size_t i = 0; i < d->tag_count; i++) {
		if (i > 0)
			buf_char(text, '\n');
		buf_str(text, tags[i]);
	}
	return arena_str(&q->arena, buf_get(text));
}

/* As lines for lists and as JSON for the statements. */
static void prepare_tags(struct request *q, const struct article_draft *d,
			 struct prepared *p)
{
	struct str lines = p->tag_lines = article_tag_lines(q, d);
	struct buf *text = request_scratch(q, 64 << 10);
	struct json j = json_of(text);

	json_open(&j, '[');
	while (lines.p != NULL && lines.n > 0)
		json_str(&j, str_cut(&lines, '\n'));
	json_close(&j, ']');
	p->tag_json = arena_str(&q->arena, buf_get(text));
	p->set_tags = true;
}

static struct str render(struct request *q, struct str body)
{
	struct buf *html = request_scratch(q, MARKDOWN_OUT_MAX);
	struct str ret;

	if (!markdown_render(html, body))
		fail(q, 422, "body", "is too large or too intricate to be shown");
	ret = arena_str(&q->arena, buf_get(html));
	request_scratch_free(q);
	return ret;
}

/* "feed" has an address of its own. */
static struct str first_slug(struct request *q, struct str title)
{
	struct str slug = slug_of_title(&q->arena, title);

	if (slug.n == 0 || str_eq(slug, STR("feed")))
		return slug_with_suffix(&q->arena, slug);
	return slug;
}

static void add_tags(struct sql_batch *b, const struct prepared *p, struct sql_done *done)
{
	sql_tag_make(b, done, p->tag_json);
	sql_tag_link(b, done, p->slug, p->tag_json);
	sql_tag_count(b, done, p->slug);
}

static struct str try_add(struct request *q, const struct prepared *p,
			  struct sql_article_recent *ret)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_refusal refusal;
	struct sql_done done;

	sql_article_add(b, &done, q->me.id, q->me.epoch, p->slug, p->title,
			p->description, p->body, p->html, MARKDOWN_VERSION, p->tag_lines);
	sql_article_added(b, &done, p->slug);
	add_tags(b, p, &done);
	if (p->from != 0)
		sql_draft_delete(b, &done, p->from, q->me.id, q->me.epoch);
	sql_article_by_slug(b, ret, q->me.id, p->slug);
	refusal = sql_try(b);
	if (str_eq(refusal.class, STR("null")))
		keeping_fail_author(q);
	if (refusal.class.n > 0 && !str_eq(refusal.class, STR("duplicate")))
		sql_fail(q, &refusal);
	return refusal.class;
}

const struct sql_article_recent_row *article_add(struct request *q,
						 const struct article_draft *d)
{
	struct prepared p = { .title = d->title,
			      .description = d->description,
			      .body = d->body,
			      .from = d->from };
	struct sql_article_recent article = { 0 };
	struct str plain;

	body_check(q);
	p.html = render(q, d->body);
	prepare_tags(q, d, &p);
	p.slug = first_slug(q, d->title);
	plain = p.slug;
	for (int i = 0; try_add(q, &p, &article).n > 0; i++) {
		if (i == SLUG_TRIES)
			fail(q, 409, "title", "has already been taken");
		p.slug = slug_with_suffix(&q->arena, plain);
	}
	if (article.count == 0)
		fail(q, 500, "article", "The article cannot be read back.");
	return article.rows;
}

/* ---- changing ---- */

void article_check_owner(struct request *q, const struct sql_article_recent_row *a)
{
	if (a->author_id != q->me.id)
		fail(q, 403, "article", "forbidden");
}

static struct str or_else(struct str s, struct str other)
{
	return s.p == NULL ? other : s;
}

static struct str try_change(struct request *q, const struct sql_article_recent_row *old,
			     const struct prepared *p, struct sql_article_recent *ret)
{
	const struct conf *conf = q->appd->daemon->conf;
	struct sql_batch *b = sql_batch(q);
	struct sql_refusal refusal;
	struct sql_done done;

	sql_revision_lock(b, &done, old->id);
	sql_revision_keep(b, &done, old->id, q->me.id, q->me.epoch, p->title,
			  p->description, p->body);
	sql_revision_trim(b, &done, old->id, conf->appd_revisions,
			  conf->appd_revisions_size);
	sql_article_keep_slug(b, &done, old->id, p->slug);
	sql_article_change(b, &done, old->id, q->me.id, q->me.epoch, p->slug, p->title,
			   p->description, p->body, p->html, MARKDOWN_VERSION,
			   p->set_tags ? p->tag_lines : old->tags);
	if (p->set_tags) {
		sql_tag_uncount(b, &done, old->id);
		sql_tag_unlink(b, &done, old->id);
		add_tags(b, p, &done);
	}
	sql_article_by_slug(b, ret, q->me.id, p->slug);
	refusal = sql_try(b);
	if (refusal.class.n > 0 && !str_eq(refusal.class, STR("duplicate")))
		sql_fail(q, &refusal);
	return refusal.class;
}

/* Somebody else, or the same person in another window. A form that comes twice finds its
 * own words, and nothing is lost. */
static void fail_if_changed(struct request *q, const struct article_draft *d,
			    const struct sql_article_recent_row *old)
{
	if (d->seen_us == 0 || d->seen_us == old->updated_at ||
	    (str_eq(d->title, old->title) && str_eq(d->description, old->description) &&
	     str_eq(d->body, old->body)))
		return;
	fail(q, 409, "article",
	     "was changed meanwhile: look at its versions, or publish this over them");
}

const struct sql_article_recent_row *article_change(struct request *q, struct str slug,
						    const struct article_draft *d)
{
	const struct sql_article_recent_row *old = article_find(q, slug);
	struct sql_article_recent article = { 0 };
	struct prepared p = { .slug = old->slug };
	struct str plain;

	article_check_owner(q, old);
	body_check(q);
	fail_if_changed(q, d, old);
	p.title = or_else(d->title, old->title);
	p.description = or_else(d->description, old->description);
	p.body = or_else(d->body, old->body);
	p.html = d->body.p != NULL ? render(q, d->body) : old->html;
	if (d->set_tags)
		prepare_tags(q, d, &p);
	if (!str_eq(p.title, old->title))
		p.slug = first_slug(q, p.title);
	plain = p.slug;
	for (int i = 0; try_change(q, old, &p, &article).n > 0; i++) {
		if (i == SLUG_TRIES)
			fail(q, 409, "title", "has already been taken");
		p.slug = slug_with_suffix(&q->arena, plain);
	}
	if (article.count == 0)
		fail(q, 404, "article", "not found"); /* deleted meanwhile */
	return article.rows;
}

/* Finding and deleting are one message, so that the same key again finds the same. */
void article_delete(struct request *q, struct str slug)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_article_recent article;
	struct sql_done done, deleted;

	sql_article_by_slug(b, &article, q->me.id, slug);
	sql_article_delete_tags(b, &done, slug, q->me.id, q->me.epoch);
	sql_article_delete_fans(b, &done, slug, q->me.id, q->me.epoch);
	sql_article_delete_counts(b, &done, slug, q->me.id, q->me.epoch);
	sql_article_delete(b, &deleted, slug, q->me.id, q->me.epoch);
	sql_run(b);
	if (article.count == 0)
		fail(q, 404, "article", "not found");
	article_check_owner(q, article.rows);
	if (!str_eq(article.rows->slug, slug)) /* it has moved: that was not it */
		article_delete(q, article.rows->slug);
	else if (deleted.affected == 0) /* another was quicker */
		fail(q, 404, "article", "not found");
}
