/* ask.h -- asks the daemons themselves, over the fabric, as they ask each other. */
#ifndef DEPLOY_COMMAND_ASK_H
#define DEPLOY_COMMAND_ASK_H

#include "common/msg.h"
#include "common/str.h"

/* text: what it said; or, when status is not STATUS_OK, why not. */
typedef void (*ask_fn)(void *ctx, const char *instance, enum msg_status status,
		       struct str text);

struct question {
	enum msg_type type;
	struct str value;  /* p == NULL: none */
	int64_t budget_us; /* how long the answer may take; 0: as long as is usual */
};

/* Puts a control request to every instance whose name is `of` ("appd.1"), to all of that
 * daemon ("appd") or to all (""), one after another. Returns how many there were; -1: the
 * run directory cannot be read. */
int ask_each(const char *state, const char *of, struct question q, ask_fn each,
	     void *ctx);

/* The same of any one instance of that daemon. Returns 1; 0: there is none; -1: as above.
 */
int ask_any(const char *state, const char *daemon, struct question q, ask_fn each,
	    void *ctx);

#endif
