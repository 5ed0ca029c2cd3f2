/* mail.c -- the pages that links in mails lead to: a new password, a confirmed address. A
 * link only shows a form: programs that look at links in mails use nothing up. */
#include "appd/model/ticket.h"
#include "appd/model/user.h"
#include "appd/pages/forms.h"
#include "appd/pages/page.h"
#include "appd/pages/pages.h"
#include "appd/request.h"
#include "appd/sql.h"
#include "gen/sql.h"

const struct body_spec form_reset = {
	"Reset",
	"user",
	{
	    { "email", FIELD_TEXT, FIELD_REQUIRED, 1, 254 },
	},
};

const struct body_spec form_new_password = {
	"NewPassword",
	"user",
	{
	    { "password", FIELD_TEXT, FIELD_REQUIRED | FIELD_RAW, 8, 1000 },
	},
};

static void show(struct request *q, struct view_mail v)
{
	struct view_frame f;

	page_frame(q, &f);
	f.title = str_of(
	    message(f.language, v.confirm ? MESSAGE_confirm_title : MESSAGE_reset_title));
	f.here = STR("/");
	f.hidden = true;
	v.off = !ticket_possible(q);
	template_mail(&q->out, &f, &v);
	page_end(q);
}

void page_reset(struct request *q)
{
	sql_run(sql_batch(q));
	show(q, (struct view_mail){ .email = page_field(q, "email") });
}

void page_reset_post(struct request *q)
{
	page_of(q)->again = page_reset;
	body_check(q);
	if (ticket_possible(q))
		ticket_send(q, body_value(q, "email")->text, "reset");
	sql_run(sql_batch(q));
	show(q, (struct view_mail){ .done = true });
}

void page_reset_link(struct request *q)
{
	struct str token = request_arg(q, 0);

	page_need_tls(q);
	ticket_check(q, token, "reset");
	show(q, (struct view_mail){ .token = token });
}

void page_reset_link_post(struct request *q)
{
	page_need_tls(q);
	page_of(q)->again = page_reset_link;
	body_check(q);
	ticket_reset(q, request_arg(q, 0), body_value(q, "password")->text);
	redirect(q, STR("/login"));
}

void page_confirm_link(struct request *q)
{
	struct str token = request_arg(q, 0);

	page_need_tls(q);
	ticket_check(q, token, "email");
	show(q, (struct view_mail){ .token = token, .confirm = true });
}

void page_confirm_link_post(struct request *q)
{
	page_need_tls(q);
	ticket_confirm(q, request_arg(q, 0));
	sql_run(sql_batch(q));
	show(q, (struct view_mail){ .done = true, .confirm = true });
}

void page_confirm_again(struct request *q)
{
	ticket_send(q, arena_str(&q->arena, q->me.row->email), "email");
	redirect(q, STR("/settings"));
}
