/* signals.h -- the signals that guard and supervisor live by, as a descriptor to poll. */
#ifndef DEPLOY_SUPERVISOR_SIGNALS_H
#define DEPLOY_SUPERVISOR_SIGNALS_H

/* Blocks SIGCHLD, SIGTERM, SIGINT and SIGHUP, which come by the descriptor from now on. A
 * program that is made by exec has them blocked until it opens its own. */
int signals_open(void) __attribute__((warn_unused_result));

#endif
