/* commands.h -- THE table of what the supervisor can be asked on its control socket. */
#ifndef DEPLOY_SUPERVISOR_COMMANDS_H
#define DEPLOY_SUPERVISOR_COMMANDS_H

#include "deploy/supervisor/control.h"

/* Runs one line. The conversation ends now or later, by visitor_end. */
void commands_run(struct super *s, struct visitor *v, struct str line);
/* The visitor is about to be gone: nobody may speak to it any more. */
void commands_forget(struct super *s, struct visitor *v);

#endif
