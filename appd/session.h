/* session.h -- who a browser is: a cookie of 32 random bytes, of which the database keeps
 * only a hash, so that a dump of it opens nothing.
 *
 * Around the random bytes the cookie carries the user's id and epoch, sealed with the
 * site's key: a request can ask for everything at once, and that the session is still in
 * the table is asked in the same message (member.c). It slides: one older than a day is
 * prolonged and handed out anew.
 *
 * Over HTTPS it is `__Host-session`. A plain one is given only to http://localhost and
 * loopback addresses, where nobody listens. */
#ifndef APPD_SESSION_H
#define APPD_SESSION_H

#include "common/str.h"

struct request;

enum { SESSION_RANDOM = 32, SESSION_LIFE_S = 30 * 24 * 3600 };

struct session {
	bool given; /* a sound cookie came */
	uint8_t random[SESSION_RANDOM];
	int64_t issued_s;
	struct str hash; /* as the table has it */
};

/* Fills q->session and q->me from the cookie. */
void session_read(struct request *q);
/* Old enough to be handed out anew: prolongs it. Its row must have been seen. */
void session_slide(struct request *q);
/* A new one for this user. */
void session_start(struct request *q, int64_t user, int64_t epoch);
/* The same for a new epoch: all others are void. */
void session_renew(struct request *q, int64_t epoch);
void session_end(struct request *q);
/* Only in the browser: for a cookie that is void. */
void session_forget(struct request *q);

/* May this request have a session: does it come over TLS, or from this machine? */
bool session_is_possible(const struct request *q);

/* What a form must send back to be taken for ours; as hex. */
struct str session_token(struct request *q);
/* Ends a request to change something that another site made: by Sec-Fetch-Site, Origin
 * and the form's token. */
void session_check_origin(struct request *q);
void session_check_token(struct request *q);

/* A cookie's value; p == NULL: there is none. */
struct str cookie_find(const struct request *q, const char *name);
/* max_age_s 0: it goes away. Scripts never see it. */
void cookie_set(struct request *q, const char *name, struct str value, int64_t max_age_s);

#endif
