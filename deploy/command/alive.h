/* alive.h -- does a supervisor live with that state directory? Told without its socket,
 * which somebody may have removed. */
#ifndef DEPLOY_COMMAND_ALIVE_H
#define DEPLOY_COMMAND_ALIVE_H

#include <stdbool.h>

/* It holds the lock: from its first moment to its last. */
bool alive_locked(const char *state);
/* To each supervisor's process of that state directory; 0: to none. false: there is none.
 */
bool alive_signal(const char *state, int number);

#endif
