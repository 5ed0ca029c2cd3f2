/* user.h -- accounts: signing up, signing in, settings. Failures end the request. */
#ifndef APPD_MODEL_USER_H
#define APPD_MODEL_USER_H

#include "common/str.h"

struct request;
struct sql_me_row;

struct account {
	const struct sql_me_row *row;
	struct str token; /* fresh */
};

struct newcomer {
	struct str name, email, password;
	struct str invitation; /* p == NULL: none */
};

/* What a person may change; p == NULL leaves it. */
struct user_change {
	struct str name, email, password;
	bool set_bio, set_image;
	struct str bio, image; /* empty or p == NULL: none */
};

/* The request's body, checked: that "email" may be a mail address (the rest a mail will
 * tell) and "username" part of a profile's address, beside what its fields ask for. */
struct newcomer user_newcomer(struct request *q);
struct user_change user_changes(struct request *q);
/* 403 where the site is closed, or the invitation is none. */
struct account user_register(struct request *q, const struct newcomer *n);
/* 401 for a wrong mail or password, in the same words and time; 429 after too many. */
struct account user_login(struct request *q, struct str email, struct str password);
struct account user_current(struct request *q);
/* Of who asks, with all that hangs on it; the password as for signing in. */
void user_delete(struct request *q, struct str password);
/* One more mail was asked for to this address: how many lately. 429 where a network asks
 * for too many. */
int64_t user_asked(struct request *q, struct str email);
/* With a new password every token and session but this one is void: the account's token
 * and epoch are those to go on with. */
struct account user_change(struct request *q, const struct user_change *c);

#endif
