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

static struct str text(struct request *q, const char *name)
{
	return body_value(q, name)->text;
}

void api_user_add(struct request *q)
{
	user_check_names(q);
	body_check(q);
	reply_user(q, 201,
		   user_register(q, &(struct newcomer){
					.name = text(q, "username"),
					.email = text(q, "email"),
					.password = text(q, "password"),
					.invitation = text(q, "invitation"),
				    }));
}

void api_user_login(struct request *q)
{
	body_check(q);
	reply_user(q, 200, user_login(q, text(q, "email"), text(q, "password")));
}

void api_user(struct request *q)
{
	reply_user(q, 200, user_current(q));
}

void api_user_change(struct request *q)
{
	const struct user_change c = {
		.name = text(q, "username"),
		.email = text(q, "email"),
		.password = text(q, "password"),
		.set_bio = body_value(q, "bio")->given,
		.bio = text(q, "bio"),
		.set_image = body_value(q, "image")->given,
		.image = text(q, "image"),
	};

	user_check_names(q);
	body_check(q);
	reply_user(q, 200, user_change(q, &c));
}
