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

/* Only what can never be a mail: the rest a mail will tell. */
static void check_email(struct request *q)
{
	struct str email = text(q, "email"), rest = email, local = str_cut(&rest, '@');

	if (email.n > 0 && (local.n == 0 || rest.n == 0 || memchr(email.p, ' ', email.n)))
		body_problem(q, "email", STR("is invalid"));
}

void api_user_add(struct request *q)
{
	check_email(q);
	body_check(q);
	reply_user(
	    q, 201,
	    user_register(q, text(q, "username"), text(q, "email"), text(q, "password")));
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

	check_email(q);
	body_check(q);
	reply_user(q, 200, user_change(q, &c));
}
