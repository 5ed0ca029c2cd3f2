/* body.h -- what a request brings in its body: which fields there may be, and what of
 * them was given. A route's row names its specification; from it come the checks, the
 * messages and the description in /api/openapi.json.
 *
 * Reading never ends the request: who asks and for what is checked first (401, 404, 403),
 * and only then body_check says 422 with everything that is wrong. */
#ifndef APPD_BODY_H
#define APPD_BODY_H

#include "common/str.h"

struct request;

enum field_type { FIELD_TEXT, FIELD_TEXTS };

enum field_flag {
	FIELD_REQUIRED = 1, /* must be there and not blank */
	FIELD_FILLED = 2,   /* if it is there, it must not be blank or null */
	FIELD_LINES = 4,    /* may hold line breaks */
	FIELD_RAW = 8,      /* blanks at the ends belong to it */
	FIELD_OPTIONAL =
	    16, /* of forms, which send every field: an empty one is not given */
};

enum {
	BODY_FIELDS_MAX = 8,
	BODY_TEXTS_MAX = 20,
	BODY_PROBLEMS_MAX = 16,
	BODY_DEPTH = 16,
	BODY_BYTES_MAX = 2 << 20, /* far below what the request's arena holds */
};

struct field {
	const char *name;
	enum field_type type;
	unsigned flags;
	unsigned min, max; /* characters; of TEXTS: of each */
};

struct body_spec {
	const char *name;   /* "NewArticle" */
	const char *object; /* {"article": {...}} */
	struct field fields[BODY_FIELDS_MAX];
};

struct value {
	bool given;      /* null counts as given */
	struct str text; /* p == NULL: null or absent */
	const struct str *texts;
	size_t count;
};

struct problem {
	const char *key;
	struct str sentence;
};

struct body {
	struct value values[BODY_FIELDS_MAX];
	struct problem problems[BODY_PROBLEMS_MAX];
	size_t problem_count;
};

/* Of the request's JSON, into q->body. */
void body_read(struct request *q, const struct body_spec *spec);
/* The same of q->form; each field by its name, of TEXTS all that have it. */
void body_read_form(struct request *q, const struct body_spec *spec);
/* By name, of those in the route's specification. */
const struct value *body_value(struct request *q, const char *name);
/* One more thing that is wrong; the sentence is a literal or lives in the arena. */
void body_problem(struct request *q, const char *key, struct str sentence);
/* What is blank or missing is nothing wrong: of what is kept half done. Its text is p ==
 * NULL. */
void body_forgive_blank(struct request *q);
/* Ends the request if anything is wrong: 401 if the token is void, else 422. */
void body_check(struct request *q);

#endif
