/* shape.h -- what the API's answers look like: the tables from which the description is
 * made, and the writers that make the answers. tests/flow/api_openapi.py holds the one
 * against the other. */
#ifndef APPD_API_SHAPE_H
#define APPD_API_SHAPE_H

#include "appd/json.h"

struct request;
struct account;
struct sql_profile_row;
struct sql_article_recent_row;
struct sql_comment_list_row;

enum shape_type {
	SHAPE_TEXT,
	SHAPE_TEXT_OR_NULL,
	SHAPE_TEXTS,
	SHAPE_TIME,
	SHAPE_INT,
	SHAPE_BOOL,
	SHAPE_OBJECT,  /* of: its shape */
	SHAPE_OBJECTS, /* a list of them */
};

enum { SHAPE_FIELDS_MAX = 12 };

struct shape {
	const char *name;
	struct shape_field {
		const char *name;
		enum shape_type type;
		const struct shape *of;
	} fields[SHAPE_FIELDS_MAX];
};

extern const struct shape shape_user_reply, shape_profile_reply, shape_article_reply,
    shape_articles_reply, shape_comment_reply, shape_comments_reply, shape_tags_reply,
    shape_errors;

void write_user(struct json *j, const struct account *a);
void write_profile(struct json *j, const struct sql_profile_row *p);
/* With its body if the row has one: lists leave it out. */
void write_article(struct json *j, const struct sql_article_recent_row *a);
void write_comment(struct json *j, const struct sql_comment_list_row *c);

#endif
