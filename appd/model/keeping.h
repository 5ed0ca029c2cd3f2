/* keeping.h -- the settings of the site, kept in the database: every process reads them
 * with the next request. Only keepers write them. */
#ifndef APPD_MODEL_KEEPING_H
#define APPD_MODEL_KEEPING_H

#include "common/str.h"
#include "gen/sql.h"

struct request;

enum { PINS_MAX = 20 };

struct keeping {
	struct str name, description, language, registration, inviters;
	int64_t articles_a_day; /* 0: any number */
	int64_t comment_length;
	struct str home, foot; /* slugs of pinned articles, as lines */
};

/* Failures end the request: 403 for whoever is no keeper, 422 for what cannot be. */
const struct sql_site_settings_row *keeping_read(struct request *q);
void keeping_save(struct request *q, const struct keeping *k);

/* Why a comment was not taken: 422 if it was too long for this site. */
void keeping_fail_comment(struct request *q, const struct sql_site_limits *limits,
			  struct str comment);
/* Why an article was not: 401 for a void token, else 429. */
_Noreturn void keeping_fail_author(struct request *q);

#endif
