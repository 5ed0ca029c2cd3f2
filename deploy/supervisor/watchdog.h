/* watchdog.h -- an instance whose loop stands still is ended and replaced.
 *
 * It is to say WATCHDOG=1 several times in the configured span. One that does not is
 * described in onebox.log (what its threads are at), made to write its stacks into its
 * own log (SIGABRT, common/crash.h), and killed if it cannot even do that. One that did
 * not get to run is starved, not hung (starved.h): it gets ten times the span. */
#ifndef DEPLOY_SUPERVISOR_WATCHDOG_H
#define DEPLOY_SUPERVISOR_WATCHDOG_H

#include "deploy/supervisor/instance.h"

/* The span for one that is started now; 0: it is not watched. */
int64_t watchdog_us(const struct super *s, const struct crew *c);
/* It lives: the span begins anew. */
void watchdog_fed(struct instance *i);
/* The database feeds nobody. But if somebody stopped its process (SIGSTOP), everything
 * waits for it: once a second. */
void watchdog_look_at_database(struct instance *i);
/* Its timer says: beats are missing, or the span is over. */
void watchdog_due(struct instance *i);

#endif
