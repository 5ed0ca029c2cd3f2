/* resume.h -- takes over what a supervisor before us (or the start) has handed on. */
#ifndef DEPLOY_SUPERVISOR_RESUME_H
#define DEPLOY_SUPERVISOR_RESUME_H

#include "deploy/supervisor/guard.h"
#include "deploy/supervisor/super.h"

/* The sockets, the doors, the terminal. false: the text makes no sense. */
bool resume_fixed(struct super *s, const struct hand *h);
/* The instances; after the loop and the logs are open. */
bool resume_changing(struct super *s, const struct hand *h);

#endif
