/* alone.h -- for other supervisors (systemd, supervisord): the parts of our own that they
 * lack. */
#ifndef DEPLOY_SUPERVISOR_ALONE_H
#define DEPLOY_SUPERVISOR_ALONE_H

#include "deploy/supervisor/super.h"

/* Makes folders, zone, database and its settings, and ends. Returns the exit code. */
int alone_setup(struct super *s, const char *state);
/* Becomes that daemon, with sockets of its own in the groups it serves. Ends the program
 * if it cannot. */
_Noreturn void alone_exec(struct super *s, const char *state, const char *daemon,
			  const char *slot);

#endif
