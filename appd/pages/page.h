/* page.h -- what all pages have in common: the frame around them, forms, failures, and
 * what the browser may keep. A handler of a page reads like this:
 *
 *     struct sql_batch *b = sql_batch(q);
 *
 *     sql_...(b, ...);
 *     sql_run(b);
 *     page_frame(q, &f);
 *     template_...(&q->out, &f, &v);
 *     page_end(q);
 *
 * The site's own row, and who asks, ride along in its first batch. */
#ifndef APPD_PAGES_PAGE_H
#define APPD_PAGES_PAGE_H

#include "appd/body.h"
#include "appd/route.h"
#include "appd/templates/templates.h"

struct request;
struct sql_batch;
struct sql_site;

enum { PAGE_SIZE = 10 };

struct page {
	struct sql_site *site; /* asked for; NULL: not yet */
	/* shows a form again with what is wrong; NULL: failures have a page of their own
	 */
	void (*again)(struct request *q);
	const struct problem *problems;
	size_t problem_count;
	bool failing; /* what fails now fails a failure */
};

/* Of sql.c and request.c: what rides along, and how a form is received: whose it is, who
 * sends it, what is in it. */
void page_ask(struct request *q, struct sql_batch *b);
void page_post(struct request *q, const struct route *r);
/* Of fail.c. */
void page_fail(struct request *q, int status, const struct problem *at, size_t count);

/* Of member.c: sign in first and come back; the session is over, go on as a visitor. */
_Noreturn void page_sign_in(struct request *q);
_Noreturn void page_session_over(struct request *q);

/* A password, or a link that stands for one, never crosses a network in the clear: the
 * same page by HTTPS. */
void page_need_tls(struct request *q);

struct page *page_of(struct request *q);
/* Chosen, or what the browser prefers, or the site's. */
const struct language *page_language(struct request *q);
/* Begins the answer: 200, headers, and what the frame shows. */
void page_frame(struct request *q, struct view_frame *f);
/* Only what the frame shows: for answers that are no pages. */
void page_view(struct request *q, struct view_frame *f);
/* Says what was sent, so that a browser that has it gets 304. */
void page_end(struct request *q);

/* From the query: page=3; 1 if there is none. 404 for what is no page. */
int64_t page_number(struct request *q);
int64_t page_last(int64_t count);
/* Of a form field or the query; as it came, empty if it did not. */
struct str page_field(struct request *q, const char *name);
/* Where to go on: the address in `next`, if it is one of ours, else this one. */
struct str page_next(struct request *q, struct str usual);
/* "/profile/a%20b" of "/profile/" and "a b". */
struct str page_path(struct request *q, const char *before, struct str part,
		     const char *after);
/* A form that comes twice is done once. */
void page_once(struct request *q);
/* What `key` is in the form: the same as long as `state` is. */
struct str page_key(struct request *q, struct str what, int64_t state);

#endif
