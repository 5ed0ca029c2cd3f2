/* editor.c -- writing and changing an article, without a script: the form comes back with
 * a tag more or less, or with the preview, until it is published. A new one can also be
 * kept as a draft, and is published from there. */
#include "appd/markdown.h"
#include "appd/model/draft.h"
#include "appd/pages/page.h"
#include "appd/pages/pages.h"
#include "appd/request.h"
#include "appd/sql.h"
#include "common/clock.h"

static struct str path_of_draft(struct request *q, int64_t id)
{
	return arena_fmt(&q->arena, "/drafts/%lld", (long long)id);
}

static void show(struct request *q, struct view_editor *v)
{
	struct view_frame f;

	page_frame(q, &f);
	f.nav = NAV_EDITOR;
	f.hidden = true;
	f.here = v->slug.n > 0  ? page_path(q, "/editor/", v->slug, "")
		 : v->draft > 0 ? path_of_draft(q, v->draft)
				: STR("/editor");
	f.title = str_of(message(f.language, v->slug.n > 0 ? MESSAGE_editor_edit
							   : MESSAGE_editor_new));
	if (v->key.n == 0)
		v->key = page_key(q, STR("editor"), clock_wall_us());
	template_editor(&q->out, &f, v);
	page_end(q);
}

/* ---- the form as it was sent ---- */

/* The article's time when the form was made of it; 0: not said. */
static int64_t seen(struct request *q)
{
	int64_t us;

	return str_to_i64(page_field(q, "seen"), &us) && us > 0 ? us : 0;
}

static struct view_editor sent(struct request *q)
{
	const struct value *tags = body_value(q, "tagList");
	bool is_draft = q->match.route->run == page_draft_post;
	bool is_new = q->match.args[0].p == NULL;

	return (struct view_editor){
		.slug = is_draft || is_new ? STR("") : request_arg(q, 0),
		.draft = is_draft ? draft_id(q, request_arg(q, 0)) : 0,
		.title = page_field(q, "title"),
		.description = page_field(q, "description"),
		.body = page_field(q, "body"),
		.tag = page_field(q, "tag"),
		.key = page_field(q, "key"),
		.seen_us = seen(q),
		.tags = tags->texts,
		.tag_count = tags->count,
	};
}

static bool is_save(struct str what)
{
	return str_eq(what, STR("draft"));
}

/* Of a change, what refuses it as a whole is that it was changed meanwhile: who sends the
 * form again knows. */
static void again(struct request *q)
{
	struct view_editor v = sent(q);

	if (v.seen_us > 0 && strcmp(page_of(q)->problems[0].key, "article") == 0)
		v.seen_us = article_find(q, v.slug)->updated_at;

	if (is_save(page_field(q, "do")))
		v.key =
		    STR(""); /* what was refused for want of room may be tried again */
	show(q, &v);
}

/* What stands in the field for tags becomes tags. */
static void take_tag(struct request *q, struct view_editor *v)
{
	struct str *tags = arena_array(&q->arena, BODY_TEXTS_MAX + 1, sizeof(*tags));
	struct str tag = str_trim(v->tag);
	bool known = tag.n == 0;

	for (size_t i = 0; i < v->tag_count; i++) {
		tags[i] = v->tags[i];
		known = known || str_eq(tags[i], tag);
	}
	v->tags = tags;
	if (!known && v->tag_count == BODY_TEXTS_MAX)
		return; /* it stays in its field */
	if (!known)
		tags[v->tag_count++] = tag;
	v->tag = STR("");
}

static void drop_tag(struct request *q, struct view_editor *v, struct str tag)
{
	struct str *tags = arena_array(&q->arena, BODY_TEXTS_MAX, sizeof(*tags));
	size_t n = 0;

	for (size_t i = 0; i < v->tag_count; i++)
		if (!str_eq(v->tags[i], tag))
			tags[n++] = v->tags[i];
	v->tags = tags;
	v->tag_count = n;
}

static void preview(struct request *q, struct view_editor *v)
{
	struct buf *html = request_scratch(q, MARKDOWN_OUT_MAX);

	if (!markdown_render(html, body_value(q, "body")->text))
		fail(q, 422, "body", "is too long when it is shown");
	v->preview = arena_str(&q->arena, buf_get(html));
}

/* Anything but publishing gives the form back. */
static void work_on(struct request *q, struct str what)
{
	struct view_editor v = sent(q);
	struct str untag = STR("untag:");

	if (str_starts(what, untag))
		drop_tag(q, &v, (struct str){ what.p + untag.n, what.n - untag.n });
	else if (str_eq(what, STR("preview")))
		preview(q, &v);
	else
		take_tag(q, &v);
	show(q, &v);
}

static bool is_work(struct str what)
{
	return what.n > 0 && !str_eq(what, STR("publish")) && !is_save(what);
}

static struct article_draft draft(struct request *q)
{
	struct view_editor v = sent(q);

	take_tag(q, &v);
	return (struct article_draft){
		.title = body_value(q, "title")->text,
		.description = body_value(q, "description")->text,
		.body = body_value(q, "body")->text,
		.set_tags = true,
		.tags = v.tags,
		.tag_count = v.tag_count,
		.from = v.draft,
		.seen_us = v.seen_us,
	};
}

/* Half done is good enough. */
static _Noreturn void save(struct request *q, const struct article_draft *d)
{
	int64_t id = d->from;

	body_forgive_blank(q);
	body_check(q);
	if (id == 0)
		id = draft_add(q, d);
	else
		draft_change(q, id, d);
	redirect(q, path_of_draft(q, id));
}

/* ---- the handlers ---- */

void page_editor(struct request *q)
{
	struct view_editor v = { 0 };

	member_check(q);
	show(q, &v);
}

static void split_tags(struct request *q, struct view_editor *v, struct str lines)
{
	struct str *tags = arena_array(&q->arena, BODY_TEXTS_MAX, sizeof(*tags));

	v->tags = tags;
	while (lines.p != NULL && lines.n > 0 && v->tag_count < BODY_TEXTS_MAX)
		tags[v->tag_count++] = str_cut(&lines, '\n');
}

void page_editor_change(struct request *q)
{
	const struct sql_article_recent_row *a = article_find(q, request_arg(q, 0));
	struct view_editor v = { .slug = a->slug,
				 .title = a->title,
				 .description = a->description,
				 .body = a->body,
				 .seen_us = a->updated_at };

	if (a->author_id != q->me.id)
		fail(q, 403, "article", "forbidden");
	split_tags(q, &v, a->tags);
	show(q, &v);
}

void page_editor_post(struct request *q)
{
	struct str what = page_field(q, "do");
	struct article_draft d;

	page_of(q)->again = again;
	if (is_work(what)) {
		work_on(q, what);
		return;
	}
	d = draft(q);
	if (d.from == 0 || !is_save(what)) /* what is overwritten may be so again */
		page_once(q);
	if (is_save(what))
		save(q, &d);
	redirect(q, page_path(q, "/article/", article_add(q, &d)->slug, ""));
}

void page_draft(struct request *q)
{
	const struct sql_draft_list_row *d =
	    draft_find(q, draft_id(q, request_arg(q, 0)));
	struct view_editor v = { .draft = d->id,
				 .saved_us = d->updated_at,
				 .title = d->title,
				 .description = d->description,
				 .body = d->body };

	split_tags(q, &v, d->tags);
	show(q, &v);
}

void page_draft_post(struct request *q)
{
	page_editor_post(q);
}

void page_editor_change_post(struct request *q)
{
	struct str what = page_field(q, "do");
	struct article_draft d;

	page_of(q)->again = again;
	if (is_work(what)) {
		work_on(q, what);
		return;
	}
	d = draft(q);
	redirect(q, page_path(q, "/article/",
			      article_change(q, request_arg(q, 0), &d)->slug, ""));
}
