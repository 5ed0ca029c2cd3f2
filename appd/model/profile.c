/* profile.c -- see profile.h. */
#include "appd/model/profile.h"

#include "appd/request.h"
#include "appd/sql.h"
#include "gen/sql.h"

static const struct sql_profile_row *only_row(struct request *q,
					      const struct sql_profile *p)
{
	if (p->count == 0)
		fail(q, 404, "profile", "not found");
	return p->rows;
}

const struct sql_profile_row *profile_find(struct request *q, struct str name)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_profile profile;

	sql_profile(b, &profile, q->me.id, name);
	sql_run(b);
	return only_row(q, &profile);
}

const struct sql_profile_row *profile_follow(struct request *q, struct str name,
					     bool follow)
{
	struct sql_batch *b = sql_batch(q);
	struct sql_profile profile;
	struct sql_done done;

	if (follow)
		sql_follow_add(b, &done, q->me.id, q->me.epoch, name);
	else
		sql_follow_delete(b, &done, q->me.id, q->me.epoch, name);
	sql_profile(b, &profile, q->me.id, name);
	sql_run(b);
	return only_row(q, &profile);
}
