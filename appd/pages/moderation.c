/* moderation.c -- reporting, for every member; the queue and the acts, for moderators;
 * and the log of them, for everybody. */
#include "appd/model/moderation.h"

#include "appd/model/role.h"
#include "appd/pages/forms.h"
#include "appd/pages/page.h"
#include "appd/pages/pages.h"
#include "appd/request.h"
#include "appd/sql.h"

enum { LOG_SHOWN = 50 };

const struct body_spec form_report = {
	"Report",
	"report",
	{
	    { "reason", FIELD_TEXT, FIELD_REQUIRED | FIELD_LINES, 1, 500 },
	},
};

/* Needed for some acts only. */
const struct body_spec form_moderate = {
	"Moderate",
	"act",
	{
	    { "reason", FIELD_TEXT, FIELD_LINES, 0, 500 },
	},
};

static struct str reason(struct request *q)
{
	struct str s = body_value(q, "reason")->text;

	return s.p == NULL ? STR("") : s;
}

/* ---- reporting ---- */

static struct str field_or_none(struct request *q, const char *name)
{
	struct str s = page_field(q, name);

	return s.n == 0 ? (struct str){ NULL, 0 } : s;
}

/* From the query, or the form that repeats it. */
static struct subject reported(struct request *q)
{
	struct subject s = { .slug = field_or_none(q, "article") };

	if (s.slug.p == NULL)
		s.comment = moderation_comment_id(page_field(q, "comment"));
	if (s.slug.p == NULL && s.comment == 0)
		s.name = field_or_none(q, "person");
	return s;
}

static void show_report(struct request *q)
{
	struct subject s = reported(q);
	struct view_report v = {
		.article = page_field(q, "article"),
		.comment = page_field(q, "comment"),
		.person = page_field(q, "person"),
		.reason = page_field(q, "reason"),
	};
	struct view_frame f;

	v.what = moderation_reportable(q, &s);
	page_frame(q, &f);
	f.title = str_of(message(f.language, MESSAGE_report));
	f.hidden = true;
	template_report(&q->out, &f, &v);
	page_end(q);
}

void page_report(struct request *q)
{
	show_report(q);
}

void page_report_post(struct request *q)
{
	struct subject s = reported(q);
	struct view_report v = { .done = true };
	struct view_frame f;

	page_of(q)->again = show_report;
	body_check(q);
	moderation_report(q, &s, reason(q));
	page_frame(q, &f);
	f.title = str_of(message(f.language, MESSAGE_report));
	f.hidden = true;
	template_report(&q->out, &f, &v);
}

/* ---- the queue and the log ---- */

void page_moderation(struct request *q)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_report_list reports;
	struct view_frame f;

	sql_report_list(b, &reports, q->me.id, REPORTS_SHOWN);
	sql_run(b);
	role_need(q, ROLE_MODERATOR);
	page_frame(q, &f);
	f.nav = NAV_MODERATION;
	f.title = str_of(message(f.language, MESSAGE_moderation));
	template_moderation(&q->out, &f, &reports);
	page_end(q);
}

void page_moderation_log(struct request *q)
{
	struct view_log v = { .pages = { .path = STR("/moderation/log"),
					 .current = page_number(q) } };
	struct sql_batch *b = sql_batch(q);
	struct sql_moderation_list acts;
	struct sql_moderation_count counted;
	struct view_frame f;

	sql_moderation_list(b, &acts, LOG_SHOWN, (v.pages.current - 1) * LOG_SHOWN);
	sql_moderation_count(b, &counted);
	sql_run(b);
	v.acts = &acts;
	v.pages.last = counted.count == 0 || counted.rows->acts == 0
			   ? 1
			   : (counted.rows->acts + LOG_SHOWN - 1) / LOG_SHOWN;
	if (v.pages.current > v.pages.last)
		fail(q, 404, "page", "There is nothing at this address.");
	page_frame(q, &f);
	f.title = str_of(message(f.language, MESSAGE_moderation_log));
	f.canonical = STR("/moderation/log");
	template_moderation_log(&q->out, &f, &v);
	page_end(q);
}

void page_report_close(struct request *q)
{
	moderation_close(q, request_arg(q, 0));
	redirect(q, STR("/moderation"));
}

/* ---- acts ---- */

static bool is_about(struct request *q, const char *what)
{
	return str_eq(q->target.segments[1], str_of(what));
}

static struct subject subject_of(struct request *q)
{
	struct subject s = { 0 };

	if (is_about(q, "article"))
		s.slug = request_arg(q, 0);
	else if (is_about(q, "comment"))
		s.comment = moderation_comment_id(request_arg(q, 0));
	else
		s.name = request_arg(q, 0);
	return s;
}

static void show_moderate(struct request *q)
{
	struct subject s = subject_of(q);
	struct view_moderate v = {
		.here = q->target.raw_path,
		.person = s.name.p != NULL,
		.comment = s.comment,
		.reason = page_field(q, "reason"),
	};
	struct view_frame f;

	v.what = moderation_find(q, &s);
	page_frame(q, &f);
	f.nav = NAV_MODERATION;
	f.title = str_of(message(f.language, MESSAGE_moderate));
	f.here = v.here;
	template_moderate(&q->out, &f, &v);
	page_end(q);
}

void page_moderate(struct request *q)
{
	show_moderate(q);
}

static void need_reason(struct request *q)
{
	if (reason(q).n == 0)
		body_problem(q, "reason", STR("can't be blank"));
	body_check(q);
}

/* Who may not act at all, or on nothing, is told that first. */
static _Noreturn void fail_act(struct request *q)
{
	struct subject s = subject_of(q);

	moderation_find(q, &s);
	fail(q, 422, "act", "is invalid");
}

static void moderate_person(struct request *q, struct str act)
{
	struct str name = request_arg(q, 0);

	if (str_eq(act, STR("suspend"))) {
		need_reason(q);
		moderation_suspend(q, name, reason(q), page_field(q, "hides").n > 0);
	} else if (str_eq(act, STR("lift"))) {
		moderation_lift(q, name);
	} else if (role_is_known(act)) {
		moderation_role(q, name, act);
	} else {
		fail_act(q);
	}
}

static void moderate_content(struct request *q, struct str act)
{
	struct subject s = subject_of(q);

	if (str_eq(act, STR("hide"))) {
		need_reason(q);
		moderation_hide(q, &s, reason(q));
	} else if (str_eq(act, STR("restore"))) {
		moderation_restore(q, &s);
	} else {
		fail_act(q);
	}
}

void page_moderate_post(struct request *q)
{
	struct str act = page_field(q, "do");

	role_need(q, ROLE_MODERATOR);
	page_of(q)->again = show_moderate;
	body_check(q);
	if (is_about(q, "person"))
		moderate_person(q, act);
	else
		moderate_content(q, act);
	redirect(q, q->target.raw_path);
}
