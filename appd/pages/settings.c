/* settings.c -- one's profile, password, and where one is signed in. */
#include "appd/model/ticket.h"
#include "appd/model/user.h"
#include "appd/pages/forms.h"
#include "appd/pages/page.h"
#include "appd/pages/pages.h"
#include "appd/request.h"
#include "appd/sql.h"
#include "gen/sql.h"

const struct body_spec form_settings = {
	"Settings",
	"user",
	{
	    { "username", FIELD_TEXT, FIELD_FILLED, 1, 64 },
	    { "email", FIELD_TEXT, FIELD_FILLED, 1, 254 },
	    { "password", FIELD_TEXT, FIELD_RAW | FIELD_OPTIONAL, 8, 1000 },
	    { "bio", FIELD_TEXT, FIELD_LINES, 0, 2000 },
	    { "image", FIELD_TEXT, 0, 0, 1000 },
	},
};

const struct body_spec form_leave = {
	"Leave",
	"user",
	{
	    { "password", FIELD_TEXT, FIELD_REQUIRED | FIELD_RAW, 1, 1000 },
	},
};

static void show(struct request *q, struct view_settings v)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_session_list sessions;
	struct sql_mail_state mail;
	struct view_frame f;

	sql_session_list(b, &sessions, q->me.id);
	sql_mail_state(b, &mail, q->me.id);
	sql_run(b);
	page_frame(q, &f);
	f.nav = NAV_SETTINGS;
	f.here = STR("/settings");
	f.title = str_of(message(f.language, MESSAGE_settings));
	if (q->method != METHOD_POST)
		v = (struct view_settings){
			.image = f.me->image,
			.username = f.me->name,
			.bio = f.me->bio,
			.email = f.me->email,
		};
	v.mail_possible = ticket_possible(q);
	v.confirmed = mail.count > 0 && mail.rows->confirmed;
	v.sessions = &sessions;
	v.session = q->session.hash;
	template_settings(&q->out, &f, &v);
	page_end(q);
}

void page_settings(struct request *q)
{
	show(q, (struct view_settings){ 0 });
}

static void again(struct request *q)
{
	show(q, (struct view_settings){
		    .image = page_field(q, "image"),
		    .username = page_field(q, "username"),
		    .bio = page_field(q, "bio"),
		    .email = page_field(q, "email"),
		});
}

void page_settings_post(struct request *q)
{
	struct user_change c;
	struct account a;

	page_of(q)->again = again;
	c = user_changes(q);
	a = user_change(q, &c);
	if (c.password.p != NULL)
		session_renew(q, a.row->epoch);
	redirect(q, page_path(q, "/profile/", a.row->name, ""));
}

void page_session_delete(struct request *q)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_done done;

	sql_session_revoke(b, &done, q->me.id, request_arg(q, 0));
	sql_run(b);
	redirect(q, STR("/settings#sessions-title"));
}
