/* draft.h -- articles before they are published, which only their authors see. A draft of
 * somebody else is like none: 404 "draft". */
#ifndef APPD_MODEL_DRAFT_H
#define APPD_MODEL_DRAFT_H

#include "appd/model/article.h"

enum { DRAFTS_MAX = 200 }; /* of one author */

/* Those of the member, the one written last first; without their texts. */
void draft_list(struct request *q, struct sql_draft_list *ret);
const struct sql_draft_list_row *draft_find(struct request *q, int64_t id);
/* Anything of it may be empty. The id; 422 if the author has too many. */
int64_t draft_add(struct request *q, const struct article_draft *d);
void draft_change(struct request *q, int64_t id, const struct article_draft *d);
/* Twice is as good as once. */
void draft_delete(struct request *q, int64_t id);

/* Of an address; 404 for what is no number. */
int64_t draft_id(struct request *q, struct str text);

#endif
