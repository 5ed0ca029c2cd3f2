/* member.h -- who asks: from the Authorization header of the API, or a page's cookie
 * (session.h), to a row of the table of users.
 *
 * A token is checked twice: its signature at once (member_read), and that it was not
 * revoked by the statement `me`, which rides along in the first message that the request
 * sends to the database. sql.c sees to that, so that no handler can forget it. */
#ifndef APPD_MEMBER_H
#define APPD_MEMBER_H

#include "common/str.h"

struct request;
struct sql_batch;
struct sql_me;
struct sql_me_row;

enum who {
	WHO_ANYONE, /* the same answer for everybody: nobody looks at tokens or cookies */
	WHO_READER, /* visitors too; a token, if there is one, must be good */
	WHO_MEMBER,
};

struct member {
	int64_t id, epoch;            /* as the token says; 0: a visitor */
	const struct sql_me_row *row; /* NULL until the database confirmed it */
	struct sql_me *answer;
};

/* Fills q->me, or ends the request by 401. */
void member_read(struct request *q, enum who who);
/* Adds the question to a batch if it is still open, and takes the answer. */
void member_ask(struct request *q, struct sql_batch *b);
void member_answer(struct request *q);
/* Asks at once if it is still open: before an error that only a member may see. */
void member_check(struct request *q);

/* A fresh token for this user; from the arena. */
struct str member_token(struct request *q, int64_t id, int64_t epoch);

#endif
