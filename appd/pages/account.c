/* account.c -- signing up, in and out. */
#include "appd/appd.h"
#include "appd/model/user.h"
#include "appd/pages/page.h"
#include "appd/pages/pages.h"
#include "appd/request.h"
#include "appd/sql.h"
#include "gen/sql.h"

/* Frames are the same whoever asks: the site's row comes with a batch of its own. */
static void show(struct request *q, bool is_new)
{
	struct view_account v = { .is_new = is_new };
	struct view_frame f;

	page_need_tls(q);
	sql_run(sql_batch(q));
	if (q->me.row != NULL)
		redirect(q, STR("/"));
	page_frame(q, &f);
	f.nav = is_new ? NAV_SIGN_UP : NAV_SIGN_IN;
	f.title = str_of(message(f.language, is_new ? MESSAGE_sign_up : MESSAGE_sign_in));
	f.here = is_new ? STR("/register") : STR("/login");
	f.canonical = f.here;
	v.next = page_next(q, STR("/"));
	v.invitation = page_field(q, "invitation");
	if (q->method == METHOD_POST) {
		v.username = page_field(q, "username");
		v.email = page_field(q, "email");
	}
	template_account(&q->out, &f, &v);
	page_end(q);
}

void page_login(struct request *q)
{
	show(q, false);
}

void page_register(struct request *q)
{
	show(q, true);
}

static void enter(struct request *q, struct account a)
{
	struct str next = page_next(q, STR("/"));

	session_start(q, a.row->id, a.row->epoch);
	if (cookie_find(q, "next").p != NULL)
		cookie_set(q, "next", STR(""), 0);
	redirect(q, next);
}

void page_login_post(struct request *q)
{
	page_need_tls(q);
	page_of(q)->again = page_login;
	body_check(q);
	enter(q, user_login(q, body_value(q, "email")->text,
			    body_value(q, "password")->text));
}

void page_register_post(struct request *q)
{
	struct newcomer n;

	page_need_tls(q);
	page_of(q)->again = page_register;
	n = user_newcomer(q);
	enter(q, user_register(q, &n));
}

void page_logout(struct request *q)
{
	if (q->session.given)
		session_end(q);
	redirect(q, STR("/"));
}
