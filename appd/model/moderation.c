/* moderation.c -- see moderation.h. Each act is one message and so one transaction: it
 * marks, moves what is counted, and writes the log (dbproxy/sql/moderation.sql). */
#include "appd/model/moderation.h"

#include "appd/model/role.h"
#include "appd/request.h"
#include "appd/sql.h"

int64_t moderation_comment_id(struct str text)
{
	int64_t id;

	return str_to_i64(text, &id) && id > 0 ? id : 0;
}

/* ---- reports ---- */

const struct sql_reportable_row *moderation_reportable(struct request *q,
						       const struct subject *s)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_reportable found;
	const struct sql_reportable_row *row;

	sql_reportable(b, &found, q->me.id, s->slug, s->comment, s->name);
	sql_run(b);
	row = found.rows;
	if (found.count == 0 || row->person.p == NULL)
		fail(q, 404, "page", "There is nothing at this address.");
	return row;
}

void moderation_report(struct request *q, const struct subject *s, struct str why)
{
	const struct sql_reportable_row *row = moderation_reportable(q, s);
	struct sql_batch *b;
	struct sql_done done;

	if (row->today >= REPORTS_A_DAY) {
		reply_retry_after(q, 3600);
		fail(q, 429, "reason", "You have reported enough for today.");
	}
	b = sql_batch(q);
	sql_report_add(b, &done, q->me.id, q->me.epoch, s->slug, s->comment, s->name,
		       why);
	sql_run(b);
}

void moderation_close(struct request *q, struct str report)
{
	struct sql_batch *b;
	struct sql_done done;

	role_need(q, ROLE_MODERATOR);
	b = sql_batch(q);
	sql_report_close(b, &done, q->me.id, q->me.epoch, moderation_comment_id(report));
	sql_run(b);
}

/* ---- acts ---- */

const struct sql_moderated_row *moderation_find(struct request *q,
						const struct subject *s)
{
	struct sql_moderated found;
	struct sql_batch *b;

	role_need(q, ROLE_MODERATOR);
	b = sql_batch(q);
	sql_moderated(b, &found, q->me.id, s->slug, s->comment, s->name);
	sql_run(b);
	if (found.count == 0)
		fail(q, 404, "page", "There is nothing at this address.");
	if (found.rows->id == q->me.id ||
	    role_read(found.rows->role) >= role_read(q->me.row->role))
		fail(q, 403, "role", "forbidden");
	return found.rows;
}

/* What is counted follows what was marked; and then nothing is marked any more. */
static void move(struct sql_batch *b, struct sql_done *done)
{
	sql_moved_tags_back(b, done);
	sql_moved_tags(b, done);
	sql_moved_tags_away(b, done);
	sql_moved_fans(b, done);
	sql_moved_authors(b, done);
	sql_moved_site(b, done);
	sql_moved_reports(b, done);
	sql_moved(b, done);
}

void moderation_hide(struct request *q, const struct subject *s, struct str why)
{
	int64_t me = q->me.id, epoch = q->me.epoch;
	struct sql_batch *b;
	struct sql_done done;

	moderation_find(q, s);
	b = sql_batch(q);
	if (s->comment != 0) {
		sql_comment_hide(b, &done, me, epoch, s->comment, why);
		sql_comment_log(b, &done, me, s->comment, STR("hide"), why);
		sql_comment_reports(b, &done, s->comment);
	} else {
		sql_article_hide(b, &done, me, epoch, s->slug, why);
		sql_moved_log(b, &done, me, STR("hide"), why);
		move(b, &done);
	}
	sql_run(b);
}

void moderation_restore(struct request *q, const struct subject *s)
{
	int64_t me = q->me.id, epoch = q->me.epoch;
	struct sql_batch *b;
	struct sql_done done;

	moderation_find(q, s);
	b = sql_batch(q);
	if (s->comment != 0) {
		sql_comment_restore(b, &done, me, epoch, s->comment);
		sql_comment_log(b, &done, me, s->comment, STR("restore"), STR(""));
	} else {
		sql_article_restore(b, &done, me, epoch, s->slug);
		sql_moved_log(b, &done, me, STR("restore"), STR(""));
		move(b, &done);
	}
	sql_run(b);
}

void moderation_suspend(struct request *q, struct str name, struct str why, bool hides)
{
	struct sql_batch *b;
	struct sql_done done;

	moderation_find(q, &(struct subject){ .name = name });
	b = sql_batch(q);
	sql_user_suspend(b, &done, q->me.id, q->me.epoch, name, why, hides);
	sql_user_log(b, &done, q->me.id, name, STR("suspend"), STR(""), why);
	sql_user_suspended(b, &done, name);
	sql_user_reports(b, &done, name);
	sql_comment_hide_all_count(b, &done, name);
	sql_comment_hide_all(b, &done, name);
	sql_article_hide_all(b, &done, name);
	move(b, &done);
	sql_run(b);
}

void moderation_lift(struct request *q, struct str name)
{
	struct sql_batch *b;
	struct sql_done done;

	moderation_find(q, &(struct subject){ .name = name });
	b = sql_batch(q);
	sql_user_lift(b, &done, q->me.id, q->me.epoch, name);
	sql_user_log(b, &done, q->me.id, name, STR("lift"), STR(""), STR(""));
	sql_comment_restore_all_count(b, &done, name);
	sql_comment_restore_all(b, &done, name);
	sql_article_restore_all(b, &done, name);
	move(b, &done);
	sql_run(b);
}

void moderation_role(struct request *q, struct str name, struct str role)
{
	struct sql_batch *b;
	struct sql_done done;

	role_need(q, ROLE_KEEPER);
	if (!role_is_known(role) || role_read(role) >= ROLE_KEEPER)
		fail(q, 422, "role", "is invalid");
	moderation_find(q, &(struct subject){ .name = name });
	b = sql_batch(q);
	sql_user_role(b, &done, q->me.id, q->me.epoch, name, role);
	sql_user_log(b, &done, q->me.id, name, STR("role"), role, STR(""));
	sql_run(b);
}
