/* guard.h -- the process above the supervisor: it holds what must not be lost with it.
 *
 * It does next to nothing, so that it has no reason to die: it keeps the descriptors that
 * the supervisor hands it, and when the supervisor dies it starts another, which goes on
 * where that one was. The daemons do not notice: whoever lost its parent becomes the
 * guard's child. And when the guard dies, the supervisor takes its place (keep.c). */
#ifndef DEPLOY_SUPERVISOR_GUARD_H
#define DEPLOY_SUPERVISOR_GUARD_H

#include <sys/types.h>

#include "deploy/supervisor/hand.h"

/* From the supervisor, as the first byte of a message. */
enum guard_word {
	GUARD_CHANGED = 'c', /* with descriptors: what is changing, as of now */
	GUARD_HELLO = 'h',   /* I know all my instances; tell me of the dead */
	GUARD_READY = 'r',   /* whoever waited for the start need wait no longer */
	GUARD_RENEW = 'n',   /* then a path: go on as this program, both of us */
	GUARD_BYE = 'b',     /* I end because I was asked to */
};

/* To the supervisor: a process that we adopted has ended. */
struct guard_death {
	pid_t pid;
	int status;
};

/* argv: as we were started, without what passes between images. Returns the exit code.
 * starter: how many of the last fixed ones are let go of at GUARD_READY. */
int guard_run(struct hand *h, char *const *argv, size_t starters);

/* The command line for the next image: argv with "WORD FIXED,CHANGING". Static storage.
 */
char **guard_argv(char *const *argv, const char *word, const struct hand *h);

#endif
