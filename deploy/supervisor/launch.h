/* launch.h -- from an instance to its process: which program, with which arguments,
 * sockets and environment. */
#ifndef DEPLOY_SUPERVISOR_LAUNCH_H
#define DEPLOY_SUPERVISOR_LAUNCH_H

#include "deploy/supervisor/child.h"
#include "deploy/supervisor/instance.h"

/* Sets i->pid, i->pidfd, i->log, i->installing. false with errno. */
bool launch(struct instance *i);
/* In this very process; for other supervisors. Returns only when it cannot. */
void launch_here(struct instance *i);
/* The database was made. False: it was not. */
bool launch_installed(struct instance *i);
/* Removes what a dead process left in the run folder. */
void launch_clean_after(const struct instance *i);

#endif
