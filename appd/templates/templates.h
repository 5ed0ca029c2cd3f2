/* templates.h -- the pages made from the HTML files beside it, and what each shows. A
 * view borrows everything; templates only print. */
#ifndef APPD_TEMPLATES_TEMPLATES_H
#define APPD_TEMPLATES_TEMPLATES_H

#include "appd/diff.h"
#include "appd/messages.h"
#include "appd/model/role.h"
#include "appd/pages/feed.h"
#include "common/buf.h"

struct marks;
struct problem;
struct request;
struct sql_article_recent;
struct sql_article_recent_row;
struct sql_comment_list;
struct sql_draft_list;
struct sql_me_row;
struct sql_hidden_mine;
struct sql_invitation_list;
struct sql_moderated_row;
struct sql_moderation_list;
struct sql_profile_row;
struct sql_report_list;
struct sql_reportable_row;
struct sql_revision_list;
struct sql_session_list;
struct sql_tag_popular;

enum nav {
	NAV_NONE,
	NAV_HOME,
	NAV_SEARCH,
	NAV_SIGN_IN,
	NAV_SIGN_UP,
	NAV_EDITOR,
	NAV_SETTINGS,
	NAV_ME,
	NAV_MODERATION,
};

/* Around every page. */
struct view_frame {
	struct str site_name, site_description;
	const struct language *language;
	struct str theme;            /* "light", "dark"; empty: as the system says */
	const struct sql_me_row *me; /* NULL: a visitor */
	struct str token;            /* for forms */
	struct str here;             /* this page's address: path and query */
	struct str foot;             /* pinned below: lines of slug, tab, title */
	enum role role;              /* of me */
	struct str registration;     /* who may sign up */
	bool may_invite;             /* me */
	enum nav nav;
	struct str title;       /* of this page; empty: the site's own */
	struct str description; /* for search engines; may be empty */
	struct str base;        /* "https://www.foobar.com" */
	struct str canonical;   /* path; empty: none is said */
	struct str feed;        /* this page's feeds without .atom; empty: the site's */
	bool hidden;            /* from search engines */
	const struct sql_article_recent_row
	    *article; /* that the page is about, or NULL */
	const struct problem *problems;
	size_t problem_count;
};

/* "/tag/c?page=3" of 12 */
struct view_pages {
	struct str path;        /* percent-encoded, without a query */
	struct str name, value; /* what else the query says, as it is; or nothing */
	int64_t current, last;
};

struct view_home {
	const struct sql_article_recent *articles, *pinned;
	const struct sql_tag_popular *tags;
	struct str tag; /* p == NULL: all */
	bool following;
	struct view_pages pages;
};

struct view_article {
	const struct sql_article_recent_row *article;
	const struct sql_comment_list *comments;
	struct str hidden_why; /* p == NULL: it is not hidden */
	struct str key;        /* of the next comment */
	struct str draft;      /* of a comment that was refused */
};

struct view_profile {
	const struct sql_profile_row *profile;
	const struct sql_article_recent *articles;
	const struct sql_hidden_mine *hidden;
	bool favorites;
	struct view_pages pages;
};

struct view_account {
	bool is_new;
	struct str username, email, next, invitation;
};

struct view_settings {
	struct str image, username, bio, email;
	bool mail_possible, confirmed;
	const struct sql_session_list *sessions; /* NULL: not shown */
	struct str session;                      /* the hash of this browser's */
};

struct view_editor {
	struct str slug;  /* empty: a new article */
	int64_t draft;    /* 0: none that is saved */
	int64_t saved_us; /* when it was; 0: not said */
	int64_t seen_us;  /* when the article was changed last; 0: it is new */
	struct str title, description, body, tag, key;
	const struct str *tags;
	size_t tag_count;
	struct str preview; /* HTML; p == NULL: none */
};

struct view_drafts {
	const struct sql_draft_list *drafts;
};

struct view_revisions {
	const struct sql_article_recent_row *article;
	const struct sql_revision_list *list; /* without the one in force */
	int64_t now;                          /* its number */
	int64_t from, to;                     /* what is compared */
	struct diff title, description, body;
};

struct view_search {
	struct str question;
	bool asked;
	int64_t found;
	/* with some lines around what was found as their bodies; p == NULL: none */
	const struct sql_article_recent *articles;
	const struct marks *marks;
	struct view_pages pages;
};

/* Something that one reports. */
struct view_report {
	const struct sql_reportable_row *what;
	struct str article, comment, person, reason; /* as they came */
	bool done;
};

/* Something that a moderator acts on. */
struct view_moderate {
	const struct sql_moderated_row *what;
	struct str here;
	bool person;
	int64_t comment; /* 0: it is none */
	struct str reason;
};

struct view_log {
	const struct sql_moderation_list *acts;
	struct view_pages pages;
};

struct view_mail {
	struct str token, email;
	bool off;     /* no mail is sent here */
	bool confirm; /* an address; else it is about a new password */
	bool done;
};

struct view_invitations {
	const struct sql_invitation_list *list;
	struct str token; /* just made; empty: none */
};

struct view_keeping {
	struct str name, description, language, registration, inviters;
	struct str articles_a_day, comment_length, home, foot;
};

struct view_error {
	int status;
	const char *title;
	const struct problem *problems;
	size_t count;
};

/* frame.html */
void template_head(struct buf *out, const struct view_frame *f);
void template_foot(struct buf *out, const struct view_frame *f);
void template_token(struct buf *out, const struct view_frame *f);
void template_problems(struct buf *out, const struct view_frame *f);
/* parts.html */
void template_previews(struct buf *out, const struct view_frame *f,
		       const struct sql_article_recent *articles, const char *empty);
void template_pages(struct buf *out, const struct view_frame *f,
		    const struct view_pages *p);
void template_meta(struct buf *out, const struct view_frame *f,
		   const struct sql_article_recent_row *a);
void template_follow(struct buf *out, const struct view_frame *f, struct str name,
		     bool following);
void template_article_tags(struct buf *out, const struct view_frame *f, struct str lines);
/* a file for each */
void template_home(struct buf *out, const struct view_frame *f,
		   const struct view_home *v);
void template_article(struct buf *out, const struct view_frame *f,
		      const struct view_article *v);
void template_profile(struct buf *out, const struct view_frame *f,
		      const struct view_profile *v);
void template_tags(struct buf *out, const struct view_frame *f,
		   const struct sql_tag_popular *tags);
void template_account(struct buf *out, const struct view_frame *f,
		      const struct view_account *v);
void template_settings(struct buf *out, const struct view_frame *f,
		       const struct view_settings *v);
void template_editor(struct buf *out, const struct view_frame *f,
		     const struct view_editor *v);
void template_drafts(struct buf *out, const struct view_frame *f,
		     const struct view_drafts *v);
void template_revisions(struct buf *out, const struct view_frame *f,
			const struct view_revisions *v);
void template_search(struct buf *out, const struct view_frame *f,
		     const struct view_search *v);
void template_leave(struct buf *out, const struct view_frame *f);
/* moderation.html; the first three stand within other pages */
void template_report_link(struct buf *out, const struct view_frame *f, const char *kind,
			  struct str name);
void template_hidden(struct buf *out, const struct view_frame *f, struct str why);
void template_hidden_mine(struct buf *out, const struct view_frame *f,
			  const struct sql_hidden_mine *mine);
void template_report(struct buf *out, const struct view_frame *f,
		     const struct view_report *v);
void template_moderation(struct buf *out, const struct view_frame *f,
			 const struct sql_report_list *reports);
void template_moderate(struct buf *out, const struct view_frame *f,
		       const struct view_moderate *v);
void template_moderation_log(struct buf *out, const struct view_frame *f,
			     const struct view_log *v);
/* mail.html; the second stands in the settings */
void template_mail(struct buf *out, const struct view_frame *f,
		   const struct view_mail *v);
void template_mail_state(struct buf *out, const struct view_frame *f, bool possible,
			 bool confirmed);
void template_invitations(struct buf *out, const struct view_frame *f,
			  const struct view_invitations *v);
void template_keeping(struct buf *out, const struct view_frame *f,
		      const struct view_keeping *v);
void template_about(struct buf *out, const struct view_frame *f);
void template_error(struct buf *out, const struct view_frame *f,
		    const struct view_error *v);

/* ---- what templates print with, in view.c ---- */

/* The message with its {} replaced by words of people, which keep their direction to
 * themselves; the second is for attributes. */
void say_str(struct buf *out, const char *text, struct str arg);
void say_plain(struct buf *out, const char *text, struct str arg);
/* The message with its number, and the word in the form that goes with that. */
void say_count(struct buf *out, const struct view_frame *f, const char *text, int64_t n);
/* What the model says, in the frame's language. */
void say_sentence(struct buf *out, const struct view_frame *f, struct str english);
/* In words of the frame's language, within <time>. */
void say_date(struct buf *out, const struct view_frame *f, int64_t us);
/* With the time of day. */
void say_moment(struct buf *out, const struct view_frame *f, int64_t us);
/* A number as text, in the caller's room. */
struct str decimal(int64_t n, char room[24]);
/* The frame's article as JSON-LD. */
void say_article(struct buf *out, const struct view_frame *f);
/* What may stand in src: it, if it is a plain http(s) address, else our own picture. */
struct str picture(struct str image);
/* " active\" aria-current=\"page" or nothing: goes into a class attribute. */
const char *when(bool yes, const char *text);
/* The name of a field in words. */
const char *field_name(const struct view_frame *f, const char *key);

#endif
