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

/* All there is room for is in memory until it is sent. */
static _Noreturn void too_much(struct request *q)
{
	fail(q, 413, "archive", "There is more than one archive can hold.");
}

static void add(struct request *q, struct zip *z, struct str name, const struct buf *text)
{
	if (!buf_ok(text) || !zip_add(z, name, buf_get(text)) || !buf_ok(z->out))
		too_much(q);
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
	add(q, z, arena_fmt(&q->arena, "articles/%.*s.md", STR_ARG(a->slug)), text);
}

/* Each is read once: its own file is added while the list of all grows. */
static void add_articles(struct request *q, struct zip *z, struct buf *text)
{
	struct sql_each *e = sql_each(q);
	struct sql_export_articles list;
	struct json j = json_of(text);

	buf_reset(text);
	json_open(&j, '[');
	while (sql_export_articles_next(e, &list, q->me.id)) {
		for (size_t i = 0; i < list.count; i++) {
			write_article(q, &j, &list.rows[i]);
			add_markdown(q, z, &list.rows[i]);
		}
	}
	json_close(&j, ']');
	add(q, z, STR("articles.json"), text);
}

static void add_drafts(struct request *q, struct zip *z, struct buf *text)
{
	struct sql_each *e = sql_each(q);
	struct sql_export_drafts list;
	struct json j = json_of(text);

	buf_reset(text);
	json_open(&j, '[');
	while (sql_export_drafts_next(e, &list, q->me.id))
		for (size_t i = 0; i < list.count; i++)
			write_draft(q, &j, &list.rows[i]);
	json_close(&j, ']');
	add(q, z, STR("drafts.json"), text);
}

static void write_comment(struct request *q, struct json *j,
			  const struct sql_export_comments_row *c)
{
	json_open(j, '{');
	pair(j, "article", c->slug);
	pair(j, "body", c->body);
	pair(j, "createdAt", time_text(q, c->created_at));
	json_close(j, '}');
}

static void add_comments(struct request *q, struct zip *z, struct buf *text)
{
	struct sql_each *e = sql_each(q);
	struct sql_export_comments list;
	struct json j = json_of(text);

	buf_reset(text);
	json_open(&j, '[');
	while (sql_export_comments_next(e, &list, q->me.id)) {
		for (size_t i = 0; i < list.count; i++)
			write_comment(q, &j, &list.rows[i]);
		if (!buf_ok(text))
			too_much(q);
	}
	json_close(&j, ']');
	add(q, z, STR("comments.json"), text);
}

static void write_report(struct request *q, struct json *j,
			 const struct sql_export_reports_row *r)
{
	json_open(j, '{');
	pair(j, "about", r->kind);
	pair(j, "article", r->slug);
	json_key(j, "comment");
	if (r->comment != 0)
		json_int(j, r->comment);
	else
		json_str(j, (struct str){ NULL, 0 });
	pair(j, "person", r->person);
	pair(j, "reason", r->why);
	json_key(j, "open");
	json_bool(j, r->open);
	pair(j, "createdAt", time_text(q, r->created_at));
	json_close(j, '}');
}

static void add_reports(struct request *q, struct zip *z, struct buf *text)
{
	struct sql_each *e = sql_each(q);
	struct sql_export_reports list;
	struct json j = json_of(text);

	buf_reset(text);
	json_open(&j, '[');
	while (sql_export_reports_next(e, &list, q->me.id))
		for (size_t i = 0; i < list.count; i++)
			write_report(q, &j, &list.rows[i]);
	json_close(&j, ']');
	add(q, z, STR("reports.json"), text);
}

static void add_invitations(struct request *q, struct zip *z, struct buf *text)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_export_invitations list;
	struct json j = json_of(text);

	sql_export_invitations(b, &list, q->me.id);
	sql_run(b);
	buf_reset(text);
	json_open(&j, '[');
	for (size_t i = 0; i < list.count; i++) {
		const struct sql_export_invitations_row *r = &list.rows[i];

		json_open(&j, '{');
		pair(&j, "name", r->name);
		pair(&j, "createdAt", time_text(q, r->created_at));
		pair(&j, "expiresAt", time_text(q, r->expires_at));
		json_key(&j, "used");
		json_bool(&j, r->used);
		pair(&j, "person", r->person);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	add(q, z, STR("invitations.json"), text);
}

static void add_account(struct request *q, struct zip *z, struct buf *text)
{
	struct json j = json_of(text);

	buf_reset(text);
	json_open(&j, '{');
	pair(&j, "username", q->me.row->name);
	pair(&j, "email", q->me.row->email);
	pair(&j, "bio", q->me.row->bio);
	pair(&j, "image", q->me.row->image);
	json_close(&j, '}');
	add(q, z, STR("account.json"), text);
}

void page_export(struct request *q)
{
	struct buf *text = request_buf(q, REPLY_LIMIT);
	struct zip z = zip_of(&q->out, request_buf(q, REPLY_LIMIT));

	member_check(q);
	add_account(q, &z, text);
	add_articles(q, &z, text);
	add_drafts(q, &z, text);
	add_comments(q, &z, text);
	add_reports(q, &z, text);
	add_invitations(q, &z, text);
	zip_end(&z);
	if (!buf_ok(&q->out))
		too_much(q);
	q->reply.status = 200;
	reply_header(q, STR("content-type"), STR("application/zip"));
	reply_header(q, STR("content-disposition"),
		     STR("attachment; filename=\"onebox-export.zip\""));
	reply_header(q, STR("cache-control"), STR("private, no-store"));
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
