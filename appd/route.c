/* route.c -- see route.h. The table is the site's contents; keep it sorted by path.
 *
 * Matching walks the rows: a few dozen comparisons of segments, well under a microsecond.
 */
#include "appd/route.h"

#include <assert.h>

#include "appd/api/api.h"
#include "appd/api/body_specs.h"
#include "appd/api/shape.h"
#include "appd/pages/forms.h"
#include "appd/pages/pages.h"

static const char *const list_query[] = { "tag",   "author", "favorited",
					  "limit", "offset", NULL };
static const char *const page_query[] = { "limit", "offset", NULL };

/* clang-format off */
const struct route routes[] = {
	/* method, path, handler, who may, what the body holds; of the API also: status,
	   reply, query, in a few words */
	{ METHOD_GET, "/", page_home, WHO_READER, NULL, 0, NULL, NULL, NULL },
	{ METHOD_GET, "/-/ready", page_ready, WHO_ANYONE, NULL, 0, NULL, NULL, NULL },
	{ METHOD_GET, "/about", page_about, WHO_READER, NULL, 0, NULL, NULL, NULL },

	{ METHOD_GET, "/api/articles", api_articles, WHO_READER, NULL,
	  200, &shape_articles_reply, list_query, "Articles, newest first" },
	{ METHOD_POST, "/api/articles", api_article_add, WHO_MEMBER, &body_new_article,
	  201, &shape_article_reply, NULL, "Publish an article" },
	{ METHOD_GET, "/api/articles/:slug", api_article, WHO_READER, NULL,
	  200, &shape_article_reply, NULL, "One article" },
	{ METHOD_PUT, "/api/articles/:slug", api_article_change, WHO_MEMBER, &body_article_change,
	  200, &shape_article_reply, NULL, "Change one's article" },
	{ METHOD_DELETE, "/api/articles/:slug", api_article_delete, WHO_MEMBER, NULL,
	  204, NULL, NULL, "Delete one's article" },
	{ METHOD_GET, "/api/articles/:slug/comments", api_comments, WHO_READER, NULL,
	  200, &shape_comments_reply, NULL, "The comments at an article, oldest first" },
	{ METHOD_POST, "/api/articles/:slug/comments", api_comment_add, WHO_MEMBER, &body_new_comment,
	  201, &shape_comment_reply, NULL, "Comment on an article" },
	{ METHOD_DELETE, "/api/articles/:slug/comments/:id", api_comment_delete, WHO_MEMBER, NULL,
	  204, NULL, NULL, "Delete one's comment" },
	{ METHOD_POST, "/api/articles/:slug/favorite", api_favorite, WHO_MEMBER, NULL,
	  200, &shape_article_reply, NULL, "Make it a favourite" },
	{ METHOD_DELETE, "/api/articles/:slug/favorite", api_unfavorite, WHO_MEMBER, NULL,
	  200, &shape_article_reply, NULL, "Make it no favourite" },
	{ METHOD_GET, "/api/articles/feed", api_feed, WHO_MEMBER, NULL,
	  200, &shape_articles_reply, page_query, "Articles of those one follows" },
	{ METHOD_GET, "/api/openapi.json", api_openapi, WHO_ANYONE, NULL,
	  200, NULL, NULL, "This description" },
	{ METHOD_GET, "/api/profiles/:username", api_profile, WHO_READER, NULL,
	  200, &shape_profile_reply, NULL, "A person" },
	{ METHOD_POST, "/api/profiles/:username/follow", api_follow, WHO_MEMBER, NULL,
	  200, &shape_profile_reply, NULL, "Follow a person" },
	{ METHOD_DELETE, "/api/profiles/:username/follow", api_unfollow, WHO_MEMBER, NULL,
	  200, &shape_profile_reply, NULL, "Follow no longer" },
	{ METHOD_GET, "/api/tags", api_tags, WHO_ANYONE, NULL,
	  200, &shape_tags_reply, NULL, "The tags most used of late" },
	{ METHOD_GET, "/api/user", api_user, WHO_MEMBER, NULL,
	  200, &shape_user_reply, NULL, "Who one is" },
	{ METHOD_PUT, "/api/user", api_user_change, WHO_MEMBER, &body_user_change,
	  200, &shape_user_reply, NULL, "Change one's settings" },
	{ METHOD_POST, "/api/users", api_user_add, WHO_ANYONE, &body_new_user,
	  201, &shape_user_reply, NULL, "Sign up" },
	{ METHOD_POST, "/api/users/login", api_user_login, WHO_ANYONE, &body_login,
	  200, &shape_user_reply, NULL, "Sign in" },

	{ METHOD_GET, "/article/:slug", page_article, WHO_READER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/article/:slug/comments", page_comment_add, WHO_MEMBER, &body_new_comment,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/article/:slug/comments/:id/delete", page_comment_delete, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/article/:slug/comments.atom", page_comments_feed, WHO_ANYONE, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/article/:slug/comments.json", page_comments_feed, WHO_ANYONE, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/article/:slug/comments.rss", page_comments_feed, WHO_ANYONE, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/article/:slug/delete", page_article_delete, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/article/:slug/favorite", page_favorite, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/article/:slug/revisions", page_revisions, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/article/:slug/revisions/:n/restore", page_revision_restore, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/article/:slug/unfavorite", page_unfavorite, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/choices", page_choices, WHO_READER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/drafts", page_drafts, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/drafts/:id", page_draft, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/drafts/:id", page_draft_post, WHO_MEMBER, &body_new_article,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/drafts/:id/delete", page_draft_delete, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/confirm/:token", page_confirm_link, WHO_READER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/confirm/:token", page_confirm_link_post, WHO_READER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/editor", page_editor, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/editor", page_editor_post, WHO_MEMBER, &body_new_article,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/editor/:slug", page_editor_change, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/editor/:slug", page_editor_change_post, WHO_MEMBER, &body_new_article,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/feed.atom", page_feed, WHO_ANYONE, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/feed.json", page_feed, WHO_ANYONE, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/feed.rss", page_feed, WHO_ANYONE, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/login", page_login, WHO_READER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/login", page_login_post, WHO_READER, &body_login,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/logout", page_logout, WHO_READER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/moderation", page_moderation, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/moderation/article/:slug", page_moderate, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/moderation/article/:slug", page_moderate_post, WHO_MEMBER, &form_moderate,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/moderation/comment/:id", page_moderate, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/moderation/comment/:id", page_moderate_post, WHO_MEMBER, &form_moderate,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/moderation/log", page_moderation_log, WHO_READER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/moderation/person/:username", page_moderate, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/moderation/person/:username", page_moderate_post, WHO_MEMBER, &form_moderate,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/moderation/report/:id", page_report_close, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/profile/:username", page_profile, WHO_READER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/profile/:username/favorites", page_profile_favorites, WHO_READER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/profile/:username/feed.atom", page_profile_feed, WHO_ANYONE, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/profile/:username/feed.json", page_profile_feed, WHO_ANYONE, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/profile/:username/feed.rss", page_profile_feed, WHO_ANYONE, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/profile/:username/follow", page_follow, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/profile/:username/unfollow", page_unfollow, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/register", page_register, WHO_READER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/register", page_register_post, WHO_READER, &body_new_user,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/report", page_report, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/report", page_report_post, WHO_MEMBER, &form_report,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/reset", page_reset, WHO_READER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/reset", page_reset_post, WHO_READER, &form_reset,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/reset/:token", page_reset_link, WHO_READER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/reset/:token", page_reset_link_post, WHO_READER, &form_new_password,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/robots.txt", page_robots, WHO_ANYONE, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/search", page_search, WHO_READER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/settings", page_settings, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/settings", page_settings_post, WHO_MEMBER, &form_settings,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/settings/delete", page_leave, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/settings/delete", page_leave_post, WHO_MEMBER, &form_leave,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/settings/export", page_export, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/settings/confirm", page_confirm_again, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/settings/invitations", page_invitations, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/settings/invitations", page_invitation_add, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/settings/invitations/:name/delete", page_invitation_revoke, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/settings/sessions/:name/delete", page_session_delete, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/settings/site", page_keeping, WHO_MEMBER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_POST, "/settings/site", page_keeping_post, WHO_MEMBER, &form_keeping,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/sitemap.xml", page_sitemap, WHO_ANYONE, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/tag/:tag", page_tag, WHO_READER, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/tag/:tag/feed.atom", page_tag_feed, WHO_ANYONE, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/tag/:tag/feed.json", page_tag_feed, WHO_ANYONE, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/tag/:tag/feed.rss", page_tag_feed, WHO_ANYONE, NULL,
	  0, NULL, NULL, NULL },
	{ METHOD_GET, "/tags", page_tags, WHO_READER, NULL,
	  0, NULL, NULL, NULL },
	{ 0 },
};
/* clang-format on */

static const struct method_word {
	const char *word;
	enum method method;
} method_words[] = {
	{ "GET", METHOD_GET }, { "HEAD", METHOD_HEAD },     { "POST", METHOD_POST },
	{ "PUT", METHOD_PUT }, { "DELETE", METHOD_DELETE }, { "OPTIONS", METHOD_OPTIONS },
};

enum { METHOD_WORDS = sizeof(method_words) / sizeof(method_words[0]) };

enum method method_of(struct str word)
{
	for (size_t i = 0; i < METHOD_WORDS; i++)
		if (str_eq(word, str_of(method_words[i].word)))
			return method_words[i].method;
	return METHOD_NONE;
}

const char *method_word(enum method m)
{
	for (size_t i = 0; i < METHOD_WORDS; i++)
		if (method_words[i].method == m)
			return method_words[i].word;
	return "?";
}

/* Slugs are ASCII, and so are their columns, which other letters cannot be compared
 * with: whoever asks for such a slug asks for one that nobody has. */
static struct str argument(struct str name, struct str s)
{
	if (str_eq(name, STR(":slug")))
		for (size_t i = 0; i < s.n; i++)
			if ((unsigned char)s.p[i] >= 0x80)
				return STR("");
	return s;
}

/* How well a row's path fits: 0 not at all, else a bit for each segment, fixed ones
 * higher than parameters, the first segment highest. */
static unsigned fit(const struct route *r, const struct target *t, struct str *args)
{
	struct str rest = str_of(r->path + 1);
	unsigned score = 1;
	size_t i = 0, arg = 0;

	for (; rest.n > 0; i++) {
		struct str segment = str_cut(&rest, '/');
		bool fixed = segment.p[0] != ':';

		if (i == t->count || t->segments[i].n == 0 ||
		    (fixed && !str_eq(segment, t->segments[i])))
			return 0;
		score = score << 1 | fixed;
		if (!fixed) {
			assert(arg < ROUTE_ARGS_MAX);
			args[arg++] = argument(segment, t->segments[i]);
		}
	}
	return i == t->count ? score : 0;
}

struct route_match route_find(enum method method, const struct target *t)
{
	struct route_match m = { 0 };
	unsigned best = 0;
	enum method wanted = method == METHOD_HEAD ? METHOD_GET : method;

	for (const struct route *r = routes; r->path != NULL; r++) {
		struct str args[ROUTE_ARGS_MAX] = { 0 };
		unsigned score = fit(r, t, args);

		if (score == 0 || score < best)
			continue;
		if (score > best)
			m = (struct route_match){ 0 };
		best = score;
		m.methods |= r->method;
		memcpy(m.args, args, sizeof(args));
		if (r->method == wanted)
			m.route = r;
	}
	if (m.methods & METHOD_GET)
		m.methods |= METHOD_HEAD;
	if (m.methods != 0)
		m.methods |= METHOD_OPTIONS;
	return m;
}

void route_allow(struct buf *out, unsigned methods)
{
	const char *comma = "";

	for (size_t i = 0; i < METHOD_WORDS; i++) {
		if (!(methods & method_words[i].method))
			continue;
		buf_fmt(out, "%s%s", comma, method_words[i].word);
		comma = ", ";
	}
}
