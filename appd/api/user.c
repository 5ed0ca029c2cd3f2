/* user.c -- accounts in the API. */
#include "appd/model/user.h"
#include "appd/api/api.h"
#include "appd/api/shape.h"
#include "appd/request.h"

static void reply_user(struct request *q, int status, struct account a)
{
	struct json j = json_of(&q->out);

	reply_json(q);
	q->reply.status = status;
	json_open(&j, '{');
	json_key(&j, "user");
	write_user(&j, &a);
	json_close(&j, '}');
}

void api_user_add(struct request *q)
{
	const struct newcomer n = user_newcomer(q);

	reply_user(q, 201, user_register(q, &n));
}

void api_user_login(struct request *q)
{
	body_check(q);
	reply_user(
	    q, 200,
	    user_login(q, body_value(q, "email")->text, body_value(q, "password")->text));
}

void api_user(struct request *q)
{
	reply_user(q, 200, user_current(q));
}

void api_user_change(struct request *q)
{
	const struct user_change c = user_changes(q);

	reply_user(q, 200, user_change(q, &c));
}
