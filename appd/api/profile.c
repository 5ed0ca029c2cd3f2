/* profile.c -- profiles and following in the API. */
#include "appd/model/profile.h"
#include "appd/api/api.h"
#include "appd/api/shape.h"
#include "appd/request.h"

static void reply_profile(struct request *q, const struct sql_profile_row *p)
{
	struct json j = json_of(&q->out);

	reply_json(q);
	json_open(&j, '{');
	json_key(&j, "profile");
	write_profile(&j, p);
	json_close(&j, '}');
}

void api_profile(struct request *q)
{
	reply_profile(q, profile_find(q, request_arg(q, 0)));
}

void api_follow(struct request *q)
{
	reply_profile(q, profile_follow(q, request_arg(q, 0), true));
}

void api_unfollow(struct request *q)
{
	reply_profile(q, profile_follow(q, request_arg(q, 0), false));
}
