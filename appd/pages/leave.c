/* leave.c -- taking along what one wrote, and closing one's account. */
#include "appd/html.h"
#include "appd/json.h"
#include "appd/model/draft.h"
#include "appd/model/user.h"
#include "appd/pages/feed.h"
#include "appd/pages/page.h"
#include "appd/pages/pages.h"
#include "appd/request.h"
#include "appd/sql.h"
#include "appd/zip.h"
#include "gen/sql.h"

enum { CHUNK = 50, EXPORT_FILES_MAX = 4000 };

/* ---- the archive ---- */

static void pair(struct json *j, const char *key, struct str value)
{
	json_key(j, key);
	json_str(j, value);
}

static struct str time_text(struct request *q, int64_t us)
{
	struct buf text;
	struct str ret;

	buf_init(&text, 32);
	xml_time(&text, us);
	ret = arena_str(&q->arena, buf_get(&text));
	buf_fini(&text);
	return ret;
}

static void write_tags(struct json *j, struct str lines)
{
	json_key(j, "tagList");
	json_open(j, '[');
	while (lines.p != NULL && lines.n > 0)
		json_str(j, str_cut(&lines, '\n'));
	json_close(j, ']');
}

static void write_article(struct request *q, struct json *j,
			  const struct sql_export_articles_row *a)
{
	json_open(j, '{');
	pair(j, "slug", a->slug);
	pair(j, "title", a->title);
	pair(j, "description", a->description);
	pair(j, "body", a->body);
	write_tags(j, a->tags);
	pair(j, "createdAt", time_text(q, a->created_at));
	pair(j, "updatedAt", time_text(q, a->updated_at));
	json_close(j, '}');
}

static void write_draft(struct request *q, struct json *j,
			const struct sql_export_drafts_row *d)
{
	json_open(j, '{');
	pair(j, "title", d->title);
	pair(j, "description", d->description);
	pair(j, "body", d->body);
	write_tags(j, d->tags);
	pair(j, "createdAt", time_text(q, d->created_at));
	pair(j, "updatedAt", time_text(q, d->updated_at));
	json_close(j, '}');
}

/* One file of the archive, built in the scratch. */
static void add(struct request *q, struct zip *z, struct str name)
{
	struct buf *text = &q->scratch;

	if (!zip_add(z, name, buf_get(text)) || !buf_ok(text))
		q->out.failed = true;
	buf_reset(text);
}

/* A description is one line, and JSON's strings are YAML's. */
static void add_markdown(struct request *q, struct zip *z,
			 const struct sql_export_articles_row *a)
{
	struct buf *text = request_scratch(q, REPLY_LIMIT);
	struct json j = json_of(text);

	buf_text(text, "---\ntitle: ");
	json_str(&j, a->title);
	j.comma = false;
	buf_text(text, "\ndescription: ");
	json_str(&j, a->description);
	buf_text(text, "\ndate: ");
	xml_time(text, a->created_at);
	buf_text(text, "\n---\n\n");
	buf_str(text, a->body);
	add(q, z, arena_fmt(&q->arena, "articles/%.*s.md", STR_ARG(a->slug)));
}

struct export
{
	struct sql_export_articles articles[EXPORT_FILES_MAX / CHUNK];
	struct sql_export_comments comments[EXPORT_FILES_MAX / CHUNK];
	struct sql_export_drafts drafts[DRAFTS_MAX / CHUNK];
	size_t article_chunks, comment_chunks, draft_chunks;
};

/* In pieces, so that no message is too large. */
static struct export *collect(struct request *q)
{
	struct export *e = ARENA_NEW(&q->arena, struct export);
	int64_t after = 0;

	do {
		struct sql_batch *b = sql_batch(q);
		struct sql_export_articles *a = &e->articles[e->article_chunks++];

		sql_export_articles(b, a, q->me.id, after, CHUNK);
		sql_run(b);
		if (a->count < CHUNK)
			break;
		after = a->rows[a->count - 1].id;
	} while (e->article_chunks < EXPORT_FILES_MAX / CHUNK);
	after = 0;
	do {
		struct sql_batch *b = sql_batch(q);
		struct sql_export_comments *c = &e->comments[e->comment_chunks++];

		sql_export_comments(b, c, q->me.id, after, CHUNK);
		sql_run(b);
		if (c->count < CHUNK)
			break;
		after = c->rows[c->count - 1].id;
	} while (e->comment_chunks < EXPORT_FILES_MAX / CHUNK);
	after = 0;
	do {
		struct sql_batch *b = sql_batch(q);
		struct sql_export_drafts *d = &e->drafts[e->draft_chunks++];

		sql_export_drafts(b, d, q->me.id, after, CHUNK);
		sql_run(b);
		if (d->count < CHUNK)
			break;
		after = d->rows[d->count - 1].id;
	} while (e->draft_chunks < DRAFTS_MAX / CHUNK);
	return e;
}

static void add_articles(struct request *q, struct zip *z, const struct export *e)
{
	struct json j = json_of(request_scratch(q, REPLY_LIMIT));

	json_open(&j, '[');
	for (size_t n = 0; n < e->article_chunks; n++)
		for (size_t i = 0; i < e->articles[n].count; i++)
			write_article(q, &j, &e->articles[n].rows[i]);
	json_close(&j, ']');
	add(q, z, STR("articles.json"));
	for (size_t n = 0; n < e->article_chunks; n++)
		for (size_t i = 0; i < e->articles[n].count; i++)
			add_markdown(q, z, &e->articles[n].rows[i]);
}

static void add_comments(struct request *q, struct zip *z, const struct export *e)
{
	struct json j = json_of(request_scratch(q, REPLY_LIMIT));

	json_open(&j, '[');
	for (size_t n = 0; n < e->comment_chunks; n++) {
		for (size_t i = 0; i < e->comments[n].count; i++) {
			const struct sql_export_comments_row *c = &e->comments[n].rows[i];

			json_open(&j, '{');
			pair(&j, "article", c->slug);
			pair(&j, "body", c->body);
			pair(&j, "createdAt", time_text(q, c->created_at));
			json_close(&j, '}');
		}
	}
	json_close(&j, ']');
	add(q, z, STR("comments.json"));
}

static void add_drafts(struct request *q, struct zip *z, const struct export *e)
{
	struct json j = json_of(request_scratch(q, REPLY_LIMIT));

	json_open(&j, '[');
	for (size_t n = 0; n < e->draft_chunks; n++)
		for (size_t i = 0; i < e->drafts[n].count; i++)
			write_draft(q, &j, &e->drafts[n].rows[i]);
	json_close(&j, ']');
	add(q, z, STR("drafts.json"));
}

static void add_account(struct request *q, struct zip *z)
{
	struct json j = json_of(request_scratch(q, 64 << 10));

	json_open(&j, '{');
	pair(&j, "username", q->me.row->name);
	pair(&j, "email", q->me.row->email);
	pair(&j, "bio", q->me.row->bio);
	pair(&j, "image", q->me.row->image);
	json_close(&j, '}');
	add(q, z, STR("account.json"));
}

void page_export(struct request *q)
{
	const struct export *e = collect(q);
	struct zip z;

	q->reply.status = 200;
	reply_header(q, STR("content-type"), STR("application/zip"));
	reply_header(q, STR("content-disposition"),
		     STR("attachment; filename=\"onebox-export.zip\""));
	reply_header(q, STR("cache-control"), STR("private, no-store"));
	zip_init(&z, &q->out); /* from here on nothing ends the request */
	add_account(q, &z);
	add_articles(q, &z, e);
	add_drafts(q, &z, e);
	add_comments(q, &z, e);
	zip_end(&z);
	zip_fini(&z);
}

/* ---- closing the account ---- */

void page_leave(struct request *q)
{
	struct view_frame f;

	member_check(q);
	page_frame(q, &f);
	f.nav = NAV_SETTINGS;
	f.here = STR("/settings/delete");
	f.title = str_of(message(f.language, MESSAGE_leave_title));
	template_leave(&q->out, &f);
	page_end(q);
}

void page_leave_post(struct request *q)
{
	page_of(q)->again = page_leave;
	body_check(q);
	user_delete(q, body_value(q, "password")->text);
	session_forget(q);
	redirect(q, STR("/"));
}
