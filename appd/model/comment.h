/* comment.h -- comments at an article. Failures end the request: 404 "article" before 404
 * "comment" before 403 "comment" before 422. */
#ifndef APPD_MODEL_COMMENT_H
#define APPD_MODEL_COMMENT_H

#include "common/str.h"
#include "gen/sql.h"

struct request;

/* Oldest first. */
void comment_list(struct request *q, struct str slug, struct sql_comment_list *ret);
/* Checks the request's body (body_check) after it has found the article. */
const struct sql_comment_list_row *comment_add(struct request *q, struct str slug,
					       struct str body);
/* id: as it stands in the address. */
void comment_delete(struct request *q, struct str slug, struct str id);

#endif
