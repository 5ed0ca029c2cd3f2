/* password.h -- argon2id, which takes 16 ms of a processor and 19 MiB: two threads do it,
 * so that the loop goes on. The queue before them is bounded, which is also the limit of
 * what a flood of sign-ins can cost: whoever finds it full is told to come again. */
#ifndef APPD_PASSWORD_H
#define APPD_PASSWORD_H

#include "common/loop.h"
#include "common/str.h"

struct request;
struct passwords; /* the threads and their queue */

enum { PASSWORD_HASH_SIZE = 128 };

/* NULL with errno. */
struct passwords *passwords_new(struct loop *l);
/* After the last request has gone. */
void passwords_free(struct passwords *p);

/* Both park the request's task. */
void password_hash(struct request *q, struct str plain, char ret[PASSWORD_HASH_SIZE]);
/* stored may be anything; only a hash of `plain` gives true. *ret_weak: right, but hashed
 * with less than is usual today. */
bool password_is_right(struct request *q, struct str plain, struct str stored,
		       bool *ret_weak);
/* As slow as the above: for when there is no such account. */
void password_waste(struct request *q, struct str plain);

#endif
