/* search.c -- the page that finds articles. */
#include "appd/model/search.h"

#include "appd/pages/page.h"
#include "appd/pages/pages.h"
#include "appd/request.h"
#include "appd/sql.h"

void page_search(struct request *q)
{
	struct view_search v = { .question = page_field(q, "q") };
	struct search s = search_parse(&q->arena, v.question);
	struct article_page page = { 0 };
	struct view_frame f;

	v.pages.current = page_number(q);
	v.pages.path = STR("/search");
	v.pages.name = STR("q");
	v.pages.value = v.question;
	if (search_is_empty(&s))
		sql_run(sql_batch(q));
	else
		search_run(q, &s, PAGE_SIZE, (v.pages.current - 1) * PAGE_SIZE, &page);
	v.found = article_count(&page);
	v.asked = !search_is_empty(&s);
	v.pages.last = page_last(v.found);
	if (v.pages.current > v.pages.last)
		fail(q, 404, "page", "There is nothing at this address.");
	page_frame(q, &f);
	f.nav = NAV_SEARCH;
	f.title = str_of(message(f.language, MESSAGE_search));
	f.hidden = true;
	v.articles = &page.list;
	v.marks = &s.marks;
	for (size_t i = 0; i < page.list.count; i++) {
		struct sql_article_recent_row *a = &page.list.rows[i];

		if (a->body.p != NULL)
			a->body =
			    mark_whole_words(&q->arena, mark_plain(&q->arena, a->body));
	}
	template_search(&q->out, &f, &v);
	page_end(q);
}
