/* tag.h -- tags. */
#ifndef APPD_MODEL_TAG_H
#define APPD_MODEL_TAG_H

#include "gen/sql.h"

struct request;

/* Those most used of late, at most TAGS_MAX. */
enum { TAGS_MAX = 100 };
void tag_popular(struct request *q, struct sql_tag_popular *ret);

#endif
