/* shape.c -- see shape.h. */
#include "appd/api/shape.h"

#include "appd/model/user.h"
#include "common/clock.h"
#include "gen/sql.h"

/* ---- the tables ---- */

static const struct shape shape_user = {
	"User",
	{ { "email", SHAPE_TEXT, NULL },
	  { "token", SHAPE_TEXT, NULL },
	  { "username", SHAPE_TEXT, NULL },
	  { "bio", SHAPE_TEXT_OR_NULL, NULL },
	  { "image", SHAPE_TEXT_OR_NULL, NULL } },
};

static const struct shape shape_profile = {
	"Profile",
	{ { "username", SHAPE_TEXT, NULL },
	  { "bio", SHAPE_TEXT_OR_NULL, NULL },
	  { "image", SHAPE_TEXT_OR_NULL, NULL },
	  { "following", SHAPE_BOOL, NULL } },
};

static const struct shape shape_article = {
	"Article",
	{ { "slug", SHAPE_TEXT, NULL },
	  { "title", SHAPE_TEXT, NULL },
	  { "description", SHAPE_TEXT, NULL },
	  { "body", SHAPE_TEXT, NULL },
	  { "tagList", SHAPE_TEXTS, NULL },
	  { "createdAt", SHAPE_TIME, NULL },
	  { "updatedAt", SHAPE_TIME, NULL },
	  { "favorited", SHAPE_BOOL, NULL },
	  { "favoritesCount", SHAPE_INT, NULL },
	  { "author", SHAPE_OBJECT, &shape_profile } },
};

static const struct shape shape_article_in_list = {
	"ArticleInList",
	{ { "slug", SHAPE_TEXT, NULL },
	  { "title", SHAPE_TEXT, NULL },
	  { "description", SHAPE_TEXT, NULL },
	  { "tagList", SHAPE_TEXTS, NULL },
	  { "createdAt", SHAPE_TIME, NULL },
	  { "updatedAt", SHAPE_TIME, NULL },
	  { "favorited", SHAPE_BOOL, NULL },
	  { "favoritesCount", SHAPE_INT, NULL },
	  { "author", SHAPE_OBJECT, &shape_profile } },
};

static const struct shape shape_comment = {
	"Comment",
	{ { "id", SHAPE_INT, NULL },
	  { "createdAt", SHAPE_TIME, NULL },
	  { "updatedAt", SHAPE_TIME, NULL },
	  { "body", SHAPE_TEXT, NULL },
	  { "author", SHAPE_OBJECT, &shape_profile } },
};

const struct shape shape_user_reply = {
	"UserReply",
	{ { "user", SHAPE_OBJECT, &shape_user } },
};

const struct shape shape_profile_reply = {
	"ProfileReply",
	{ { "profile", SHAPE_OBJECT, &shape_profile } },
};

const struct shape shape_article_reply = {
	"ArticleReply",
	{ { "article", SHAPE_OBJECT, &shape_article } },
};

const struct shape shape_articles_reply = {
	"ArticlesReply",
	{ { "articles", SHAPE_OBJECTS, &shape_article_in_list },
	  { "articlesCount", SHAPE_INT, NULL } },
};

const struct shape shape_comment_reply = {
	"CommentReply",
	{ { "comment", SHAPE_OBJECT, &shape_comment } },
};

const struct shape shape_comments_reply = {
	"CommentsReply",
	{ { "comments", SHAPE_OBJECTS, &shape_comment } },
};

const struct shape shape_tags_reply = { "TagsReply", { { "tags", SHAPE_TEXTS, NULL } } };

/* Its keys are free, so the description says it by hand. */
const struct shape shape_errors = { "Errors", { { "errors", SHAPE_OBJECT, NULL } } };

/* ---- the writers ---- */

/* "2026-11-20T23:49:00.123Z" */
static void write_time(struct json *j, int64_t us)
{
	char stamp[CLOCK_STAMP_SIZE];

	clock_stamp(us, stamp);
	stamp[23] = 'Z';
	json_str(j, (struct str){ stamp, 24 });
}

void write_user(struct json *j, const struct account *a)
{
	json_open(j, '{');
	json_key(j, "email");
	json_str(j, a->row->email);
	json_key(j, "token");
	json_str(j, a->token);
	json_key(j, "username");
	json_str(j, a->row->name);
	json_key(j, "bio");
	json_str(j, a->row->bio);
	json_key(j, "image");
	json_str(j, a->row->image);
	json_close(j, '}');
}

void write_profile(struct json *j, const struct sql_profile_row *p)
{
	json_open(j, '{');
	json_key(j, "username");
	json_str(j, p->name);
	json_key(j, "bio");
	json_str(j, p->bio);
	json_key(j, "image");
	json_str(j, p->image);
	json_key(j, "following");
	json_bool(j, p->following);
	json_close(j, '}');
}

/* Kept as lines. */
static void write_tags(struct json *j, struct str lines)
{
	json_open(j, '[');
	while (lines.p != NULL && lines.n > 0)
		json_str(j, str_cut(&lines, '\n'));
	json_close(j, ']');
}

void write_article(struct json *j, const struct sql_article_recent_row *a)
{
	const struct sql_profile_row author = {
		.name = a->author,
		.bio = a->bio,
		.image = a->image,
		.following = a->following,
	};

	json_open(j, '{');
	json_key(j, "slug");
	json_str(j, a->slug);
	json_key(j, "title");
	json_str(j, a->title);
	json_key(j, "description");
	json_str(j, a->description);
	if (a->body.p != NULL) {
		json_key(j, "body");
		json_str(j, a->body);
	}
	json_key(j, "tagList");
	write_tags(j, a->tags);
	json_key(j, "createdAt");
	write_time(j, a->created_at);
	json_key(j, "updatedAt");
	write_time(j, a->updated_at);
	json_key(j, "favorited");
	json_bool(j, a->favorited);
	json_key(j, "favoritesCount");
	json_int(j, a->favorites);
	json_key(j, "author");
	write_profile(j, &author);
	json_close(j, '}');
}

void write_comment(struct json *j, const struct sql_comment_list_row *c)
{
	const struct sql_profile_row author = {
		.name = c->author,
		.bio = c->bio,
		.image = c->image,
		.following = c->following,
	};

	json_open(j, '{');
	json_key(j, "id");
	json_int(j, c->id);
	json_key(j, "createdAt");
	write_time(j, c->created_at);
	json_key(j, "updatedAt");
	write_time(j, c->updated_at);
	json_key(j, "body");
	json_str(j, c->body);
	json_key(j, "author");
	write_profile(j, &author);
	json_close(j, '}');
}
