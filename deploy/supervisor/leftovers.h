/* leftovers.h -- daemons of this state directory whose supervisor and guard are both
 * gone.
 */
#ifndef DEPLOY_SUPERVISOR_LEFTOVERS_H
#define DEPLOY_SUPERVISOR_LEFTOVERS_H

/* In the environment of every child, with the state directory after it. */
#define LEFTOVERS_MARK "ONEBOX_DAEMON_OF="

/* Ends them, in order first. Only with the lock in hand. Returns how many there were. */
int leftovers_end(const char *state);

#endif
