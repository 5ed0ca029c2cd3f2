/* serve.h -- the supervisor at work, from taking over to the end. */
#ifndef DEPLOY_SUPERVISOR_SERVE_H
#define DEPLOY_SUPERVISOR_SERVE_H

#include "deploy/supervisor/guard.h"
#include "deploy/supervisor/super.h"

/* Goes on with what was handed over. Returns the exit code. */
int serve(struct super *s, struct hand *h, const char *state);
/* Would it work? Changes nothing. */
int serve_try(struct super *s, struct hand *h, const char *state);

#endif
