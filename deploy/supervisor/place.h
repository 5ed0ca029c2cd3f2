/* place.h -- the folders of one stack: made, checked, locked.
 *
 *     STATE/log       one log per daemon           STATE/mysql     the private database
 *     STATE/zones     zone files in force          STATE/releases  builds that ran
 *     STATE/tls       webd's certificate and keys  STATE/secret    keys of all instances
 *     STATE/secondary zones that dnsd fetched
 *     STATE/run       sockets; a link to a short folder elsewhere when STATE's path is
 *                     too long for the name of a unix socket
 *     STATE/lock      held by the supervisor while it lives */
#ifndef DEPLOY_SUPERVISOR_PLACE_H
#define DEPLOY_SUPERVISOR_PLACE_H

#include <limits.h>

#include "deploy/supervisor/account.h"

enum { PLACE_RUN_MAX = 108, PLACE_MAX = 3000 };

struct place {
	char state[PLACE_MAX];   /* absolute */
	char run[PLACE_RUN_MAX]; /* absolute, without links */
	char release[PLACE_MAX]; /* the build that runs: holds bin, static, zones */
	int lock_fd;
};

/* Makes STATE and takes the lock. Ends the program if another supervisor has it. */
void place_lock(struct place *p, const char *state);
/* Where they are, when all was made before. */
void place_find(struct place *p, const char *state);
/* The other folders. Ends the program when one cannot be made or is not to be trusted. */
void place_make(struct place *p, const struct account *a);
/* Removes the sockets in the run folder, and the folder if it is elsewhere. */
void place_clean(struct place *p);
/* STATE/name; name is one of ours, so there is room. Returns ret. */
const char *place_path(const struct place *p, const char *name, char ret[PATH_MAX]);
/* Free bytes where STATE is. */
long long place_free_bytes(const struct place *p);

#endif
