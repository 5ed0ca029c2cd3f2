/* body_specs.c -- see body_specs.h. Lengths are in characters; the columns take them. */
#include "appd/api/body_specs.h"

enum { TEXT_MAX = 100000, COMMENT_MAX = 10000 };

const struct body_spec body_new_user = {
	"NewUser",
	"user",
	{
	    { "username", FIELD_TEXT, FIELD_REQUIRED, 1, 64 },
	    { "email", FIELD_TEXT, FIELD_REQUIRED, 1, 254 },
	    { "password", FIELD_TEXT, FIELD_REQUIRED | FIELD_RAW, 8, 1000 },
	    { "invitation", FIELD_TEXT, FIELD_OPTIONAL, 0, 64 },
	},
};

const struct body_spec body_login = {
	"Login",
	"user",
	{
	    { "email", FIELD_TEXT, FIELD_REQUIRED, 1, 254 },
	    { "password", FIELD_TEXT, FIELD_REQUIRED | FIELD_RAW, 1, 1000 },
	},
};

const struct body_spec body_user_change = {
	"UserChange",
	"user",
	{
	    { "username", FIELD_TEXT, FIELD_FILLED, 1, 64 },
	    { "email", FIELD_TEXT, FIELD_FILLED, 1, 254 },
	    { "password", FIELD_TEXT, FIELD_FILLED | FIELD_RAW, 8, 1000 },
	    { "bio", FIELD_TEXT, FIELD_LINES, 0, 2000 },
	    { "image", FIELD_TEXT, 0, 0, 1000 },
	},
};

const struct body_spec body_new_article = {
	"NewArticle",
	"article",
	{
	    { "title", FIELD_TEXT, FIELD_REQUIRED, 1, 200 },
	    { "description", FIELD_TEXT, FIELD_REQUIRED, 1, 500 },
	    { "body", FIELD_TEXT, FIELD_REQUIRED | FIELD_LINES | FIELD_RAW, 1, TEXT_MAX },
	    { "tagList", FIELD_TEXTS, 0, 1, 50 },
	},
};

const struct body_spec body_article_change = {
	"ArticleChange",
	"article",
	{
	    { "title", FIELD_TEXT, FIELD_FILLED, 1, 200 },
	    { "description", FIELD_TEXT, FIELD_FILLED, 1, 500 },
	    { "body", FIELD_TEXT, FIELD_FILLED | FIELD_LINES | FIELD_RAW, 1, TEXT_MAX },
	    { "tagList", FIELD_TEXTS, 0, 1, 50 },
	},
};

const struct body_spec body_new_comment = {
	"NewComment",
	"comment",
	{
	    { "body", FIELD_TEXT, FIELD_REQUIRED | FIELD_LINES | FIELD_RAW, 1,
	      COMMENT_MAX },
	},
};
