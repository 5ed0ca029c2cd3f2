/* prepare.h -- the first start: everything is looked at and made before anything runs. */
#ifndef DEPLOY_SUPERVISOR_PREPARE_H
#define DEPLOY_SUPERVISOR_PREPARE_H

#include "deploy/supervisor/super.h"

/* Ends the program with a sentence when something is not as it must be. */
void prepare(struct super *s, const char *state, bool background);
/* Of that, all but sockets and limits: for other supervisors. */
void prepare_files(struct super *s, const char *state);
/* What each image of the supervisor needs to know anew. */
void prepare_again(struct super *s, const char *state);

#endif
