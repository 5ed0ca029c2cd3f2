/* renew.h -- the supervisor replaced in place by that of another build: sockets, daemons
 * and conversations are kept, and the process ids of all but the supervisor too. */
#ifndef DEPLOY_SUPERVISOR_RENEW_H
#define DEPLOY_SUPERVISOR_RENEW_H

#include "deploy/supervisor/control.h"

/* Tries the other program first. Does not return if that is well. */
void renew_start(struct super *s, struct visitor *v, const char *release);

#endif
