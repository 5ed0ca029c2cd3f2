/* about.c -- what this site is, and how a person wants to see it. */
#include "appd/pages/page.h"
#include "appd/pages/pages.h"
#include "appd/request.h"
#include "appd/sql.h"

enum { CHOICE_AGE_S = 365 * 24 * 3600 };

void page_about(struct request *q)
{
	struct view_frame f;

	sql_run(sql_batch(q));
	page_frame(q, &f);
	f.title = str_of(message(f.language, MESSAGE_about));
	f.canonical = STR("/about");
	template_about(&q->out, &f);
	page_end(q);
}

/* Colours and language, in cookies: they are a browser's, not a member's. */
void page_choices(struct request *q)
{
	struct str theme = page_field(q, "theme"), language = page_field(q, "language");

	if (str_eq(theme, STR("light")) || str_eq(theme, STR("dark")))
		cookie_set(q, "theme", theme, CHOICE_AGE_S);
	else if (theme.n > 0)
		cookie_set(q, "theme", STR(""), 0);
	if (language_find(language) != NULL)
		cookie_set(q, "language", language, CHOICE_AGE_S);
	redirect(q, page_next(q, STR("/")));
}
