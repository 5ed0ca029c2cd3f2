/* page.c -- see page.h. */
#include "appd/pages/page.h"

#include <sodium.h>

#include "appd/appd.h"
#include "appd/html.h"
#include "appd/model/invitation.h"
#include "appd/request.h"
#include "appd/sql.h"
#include "common/clock.h"
#include "gen/sql.h"

enum { NEXT_MAX_AGE_S = 600, PAGE_MAX = 100000 };

struct page *page_of(struct request *q)
{
	if (q->page == NULL)
		q->page = ARENA_NEW(&q->arena, struct page);
	return q->page;
}

void page_ask(struct request *q, struct sql_batch *b)
{
	struct page *p;

	if (q->is_api)
		return;
	p = page_of(q);
	if (p->site != NULL)
		return;
	p->site = ARENA_NEW(&q->arena, struct sql_site);
	sql_site(b, p->site);
}

/* ---- the frame ---- */

const struct language *page_language(struct request *q)
{
	const struct language *l = language_find(cookie_find(q, "language"));

	if (l == NULL)
		l = language_accepted(request_header(q, STR("accept-language")));
	if (l == NULL)
		l = language_find(str_of(q->appd->site.language));
	return l != NULL ? l : &languages[0];
}

static struct str theme_of(struct request *q)
{
	struct str theme = cookie_find(q, "theme");

	return str_eq(theme, STR("light")) || str_eq(theme, STR("dark")) ? theme
									 : STR("");
}

/* What the site is called: as this request was told, or as an earlier one was. */
static void site_words(struct request *q, struct view_frame *f)
{
	const struct sql_site *site = page_of(q)->site;
	struct site_words *known = &q->appd->site;

	if (site != NULL && site->count > 0) {
		str_copy(known->name, sizeof(known->name), site->rows->name);
		str_copy(known->description, sizeof(known->description),
			 site->rows->description);
		str_copy(known->language, sizeof(known->language), site->rows->language);
		f->foot = site->rows->foot;
		f->registration = site->rows->registration;
		f->may_invite = q->me.row != NULL &&
				invitation_may(q->me.row->role, site->rows->inviters);
	}
	f->site_name = arena_str(&q->arena, str_of(known->name));
	f->site_description = arena_str(&q->arena, str_of(known->description));
}

void page_need_tls(struct request *q)
{
	struct str rest = q->authority, host = str_cut(&rest, ':');
	int64_t port = q->appd->daemon->conf->https_port;

	if (session_is_possible(q))
		return;
	if (port == 0)
		port = rest.p == NULL || str_eq(rest, STR("80")) ? 443 : 8443;
	if (port == 443)
		redirect(q, arena_fmt(&q->arena, "https://%.*s%.*s", STR_ARG(host),
				      STR_ARG(q->raw_target)));
	redirect(q, arena_fmt(&q->arena, "https://%.*s:%lld%.*s", STR_ARG(host),
			      (long long)port, STR_ARG(q->raw_target)));
}

/* Links that leave the site name it in full: as the browser does if that is this machine
 * or ours, else as the configuration does. */
static struct str base_of(struct request *q)
{
	struct str domain = str_of(q->appd->daemon->conf->domain), host, rest;

	rest = q->authority;
	host = str_cut(&rest, ':');
	if (session_is_possible(q) &&
	    (str_ends(host, domain) || !str_eq(q->scheme, STR("https"))))
		return arena_fmt(&q->arena, "%.*s://%.*s", STR_ARG(q->scheme),
				 STR_ARG(q->authority));
	return arena_fmt(&q->arena, "https://www.%.*s", STR_ARG(domain));
}

/* What only members see is kept nowhere, so that nobody goes back to it once they have
 * signed out; but going back to an editor must not lose what was written there. */
static struct str keeping_of(const struct request *q)
{
	const struct route *r = q->match.route;

	if (r == NULL || r->who != WHO_MEMBER ||
	    str_starts(q->target.raw_path, STR("/editor")) ||
	    str_starts(q->target.raw_path, STR("/drafts/")))
		return STR("private, no-cache");
	return STR("private, no-store");
}

void page_frame(struct request *q, struct view_frame *f)
{
	reply_page(q);
	reply_header(q, STR("cache-control"), keeping_of(q));
	reply_header(q, STR("vary"), STR("cookie, accept-language"));
	page_view(q, f);
}

void page_view(struct request *q, struct view_frame *f)
{
	const struct page *p = page_of(q);

	*f = (struct view_frame){
		.theme = theme_of(q),
		.me = q->me.row,
		.role = q->me.row != NULL ? role_read(q->me.row->role) : ROLE_MEMBER,
		.token = session_token(q),
		.here = q->method == METHOD_POST ? STR("/") : q->raw_target,
		.base = base_of(q),
		.problems = p->problems,
		.problem_count = p->problem_count,
	};
	site_words(q, f);
	f->language = page_language(q);
}

/* ---- what the browser may keep ---- */

/* A list of them, or "*". */
static bool is_listed(struct str list, struct str etag)
{
	while (list.p != NULL) {
		struct str item = str_trim(str_cut(&list, ','));

		if (str_starts(item, STR("W/")))
			item.p += 2, item.n -= 2;
		if (str_eq(item, etag) || str_eq(item, STR("*")))
			return true;
	}
	return false;
}

void page_end(struct request *q)
{
	uint8_t digest[SECRET_DIGEST_SIZE];
	struct str etag;

	if (!buf_ok(&q->out))
		return;
	secret_digest(&q->appd->secret, "etag", buf_get(&q->out), digest);
	etag = arena_fmt(&q->arena, "\"%016llx%016llx\"",
			 *(const unsigned long long *)(const void *)digest,
			 *(const unsigned long long *)(const void *)(digest + 8));
	reply_header(q, STR("etag"), etag);
	if (!is_listed(request_header(q, STR("if-none-match")), etag))
		return;
	buf_reset(&q->out);
	q->reply.status = 304;
}

/* ---- signing in first ---- */

/* A path of ours, and nothing that a browser takes for another site. */
static bool is_ours(struct str path)
{
	if (path.n == 0 || path.p[0] != '/' || path.n > 2000 ||
	    (path.n > 1 && (path.p[1] == '/' || path.p[1] == '\\')))
		return false;
	for (size_t i = 0; i < path.n; i++)
		if ((unsigned char)path.p[i] <= ' ' || (unsigned char)path.p[i] >= 0x7f)
			return false;
	return true;
}

/* Where a form was, of the Referer that browsers send to their own site. */
static struct str form_page(struct request *q)
{
	struct str next = pairs_find(&q->form, STR("next"));
	struct str from = request_header(q, STR("referer"));
	struct str origin = arena_fmt(&q->arena, "%.*s://%.*s", STR_ARG(q->scheme),
				      STR_ARG(q->authority));

	if (is_ours(next))
		return next;
	if (!str_starts(from, origin))
		return STR("/");
	from.p += origin.n, from.n -= origin.n;
	return is_ours(from) ? from : STR("/");
}

void page_sign_in(struct request *q)
{
	struct str next = q->method == METHOD_POST ? form_page(q) : q->raw_target;
	struct buf *text = request_scratch(q, 8 << 10);

	q->reply = (struct reply){ 0 };
	if (is_ours(next)) {
		html_url_part(text, url_part(next));
		cookie_set(q, "next", arena_str(&q->arena, buf_get(text)),
			   NEXT_MAX_AGE_S);
	}
	redirect(q, STR("/login"));
}

void page_session_over(struct request *q)
{
	q->reply = (struct reply){ 0 };
	session_forget(q);
	redirect(q, q->method == METHOD_POST ? STR("/login") : q->raw_target);
}

/* ---- forms ---- */

struct str page_field(struct request *q, const char *name)
{
	struct str s = pairs_find(q->method == METHOD_POST ? &q->form : &q->target.query,
				  str_of(name));

	return s.p == NULL ? STR("") : s;
}

static struct str decoded(struct request *q, struct str value)
{
	struct pairs pairs;

	if (!pairs_parse(&q->arena, arena_fmt(&q->arena, "x=%.*s", STR_ARG(value)),
			 &pairs) ||
	    pairs.count != 1)
		return STR("");
	return pairs.at[0].value;
}

struct str page_next(struct request *q, struct str usual)
{
	struct str next = page_field(q, "next");

	if (is_ours(next))
		return next;
	next = decoded(q, cookie_find(q, "next"));
	return is_ours(next) ? next : usual;
}

struct str page_path(struct request *q, const char *before, struct str part,
		     const char *after)
{
	struct buf *text = request_scratch(q, 4 << 10);

	buf_text(text, before);
	html_url_part(text, url_part(part));
	buf_text(text, after);
	return arena_str(&q->arena, buf_get(text));
}

static void read_form(struct request *q)
{
	struct str type = request_header(q, STR("content-type"));
	struct str kind = str_trim(str_cut(&type, ';'));

	if (q->raw_body.n > BODY_BYTES_MAX)
		fail_count(q, 413, "body", MESSAGE_is_larger, BODY_BYTES_MAX);
	if (q->raw_body.n > 0 &&
	    !str_eq_nocase(kind, STR("application/x-www-form-urlencoded")))
		fail(q, 415, "type",
		     "Forms are sent as "
		     "application/x-www-form-urlencoded.");
	if (!pairs_parse(&q->arena, q->raw_body, &q->form))
		fail(q, 400, "form", "The form is not valid percent-encoded UTF-8.");
}

void page_post(struct request *q, const struct route *r)
{
	session_check_origin(q);
	read_form(q);
	member_read(q, r->who);
	session_check_token(q);
	member_check(q);
	if (q->session.given)
		session_slide(q);
	if (r->body != NULL)
		body_read_form(q, r->body);
	r->run(q);
}

/* The key is of whoever sends it, and of what is sent: the same form again. */
void page_once(struct request *q)
{
	struct str key = page_field(q, "key");
	struct str parts = arena_fmt(&q->arena, "%lld %.*s %.*s", (long long)q->me.id,
				     STR_ARG(q->raw_target), STR_ARG(q->raw_body));

	if (key.n > 0)
		secret_digest(&q->appd->secret, "once", parts, q->context.key);
}

struct str page_key(struct request *q, struct str what, int64_t state)
{
	uint8_t digest[SECRET_DIGEST_SIZE];
	char hex[2 * SECRET_DIGEST_SIZE + 1];

	secret_digest(&q->appd->secret, "key",
		      arena_fmt(&q->arena, "%lld %.*s %lld", (long long)q->me.id,
				STR_ARG(what), (long long)state),
		      digest);
	sodium_bin2hex(hex, sizeof(hex), digest, sizeof(digest));
	return arena_str(&q->arena, str_of(hex));
}

/* ---- failures ---- */

static enum message title_of(int status)
{
	static const struct {
		int status;
		enum message title;
	} titles[] = {
		{ 400, MESSAGE_error_400 }, { 401, MESSAGE_error_401 },
		{ 403, MESSAGE_error_403 }, { 404, MESSAGE_error_404 },
		{ 405, MESSAGE_error_405 }, { 409, MESSAGE_error_409 },
		{ 410, MESSAGE_error_410 }, { 413, MESSAGE_error_413 },
		{ 415, MESSAGE_error_415 }, { 422, MESSAGE_error_422 },
		{ 429, MESSAGE_error_429 }, { 503, MESSAGE_error_503 },
		{ 504, MESSAGE_error_504 },
	};

	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		if (titles[i].status == status)
			return titles[i].title;
	return MESSAGE_error_500;
}

void page_fail(struct request *q, int status, const struct problem *at, size_t count)
{
	struct page *p = page_of(q);
	void (*again)(struct request * q) = p->again;
	struct view_error v = { .status = status, .problems = at, .count = count };
	struct view_frame f;

	/* the frame shows who is signed in, also where there is nothing */
	if (status < 500 && !p->failing) {
		p->failing = true;
		if (q->match.route == NULL)
			session_read(q);
		member_check(q);
	}
	if (again != NULL && status < 500) {
		p->again = NULL;
		p->problems = at;
		p->problem_count = count;
		again(q);
		return;
	}
	page_frame(q, &f);
	v.title = message(f.language, title_of(status));
	f.title = str_of(v.title);
	f.hidden = true;
	template_error(&q->out, &f, &v);
}

/* ---- pages of a list ---- */

int64_t page_number(struct request *q)
{
	struct str s = request_query(q, STR("page"));
	int64_t n = 1;

	if (s.p != NULL && (!str_to_i64(s, &n) || n < 1 || n > PAGE_MAX))
		fail(q, 404, "page", "There is nothing at this address.");
	return n;
}

int64_t page_last(int64_t count)
{
	return count <= PAGE_SIZE ? 1 : (count + PAGE_SIZE - 1) / PAGE_SIZE;
}
