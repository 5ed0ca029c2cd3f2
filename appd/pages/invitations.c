/* invitations.c -- one's invitations: a new one's link is shown once. */
#include "appd/html.h"
#include "appd/model/invitation.h"
#include "appd/pages/page.h"
#include "appd/pages/pages.h"
#include "appd/request.h"
#include "appd/sql.h"
#include "gen/sql.h"

static void show(struct request *q, struct str token)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_invitation_list list;
	struct view_invitations v = { .list = &list, .token = token };
	struct view_frame f;

	sql_invitation_list(b, &list, q->me.id);
	sql_run(b);
	page_frame(q, &f);
	f.nav = NAV_SETTINGS;
	f.here = STR("/settings/invitations");
	f.title = str_of(message(f.language, MESSAGE_invitations));
	template_invitations(&q->out, &f, &v);
	page_end(q);
}

void page_invitations(struct request *q)
{
	show(q, STR(""));
}

static void again(struct request *q)
{
	show(q, STR(""));
}

void page_invitation_add(struct request *q)
{
	page_of(q)->again = again;
	show(q, invitation_make(q));
}

void page_invitation_revoke(struct request *q)
{
	invitation_revoke(q, request_arg(q, 0));
	redirect(q, STR("/settings/invitations"));
}
