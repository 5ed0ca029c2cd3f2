/* tag.c -- see tag.h. */
#include "appd/model/tag.h"

#include "appd/sql.h"

void tag_popular(struct request *q, struct sql_tag_popular *ret)
{
	struct sql_batch *b = sql_batch(q);

	sql_tag_popular(b, ret, TAGS_MAX);
	sql_run(b);
}
