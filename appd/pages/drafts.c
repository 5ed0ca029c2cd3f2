/* drafts.c -- what one has begun to write. Writing on is in editor.c. */
#include "appd/model/draft.h"
#include "appd/pages/page.h"
#include "appd/pages/pages.h"
#include "appd/request.h"

void page_drafts(struct request *q)
{
	struct sql_draft_list drafts;
	const struct view_drafts v = { .drafts = &drafts };
	struct view_frame f;

	draft_list(q, &drafts);
	page_frame(q, &f);
	f.nav = NAV_ME;
	f.hidden = true;
	f.here = STR("/drafts");
	f.title = str_of(message(f.language, MESSAGE_drafts));
	template_drafts(&q->out, &f, &v);
	page_end(q);
}

void page_draft_delete(struct request *q)
{
	draft_delete(q, draft_id(q, request_arg(q, 0)));
	redirect(q, STR("/drafts"));
}
