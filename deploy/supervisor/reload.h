/* reload.h -- the configuration: read, checked, and kept as a copy that was right.
 *
 * The daemons are given STATE/onebox.conf, a copy made when the configuration was found
 * right: a restart after a crash never meets a file that somebody is just editing. */
#ifndef DEPLOY_SUPERVISOR_RELOAD_H
#define DEPLOY_SUPERVISOR_RELOAD_H

#include "deploy/supervisor/super.h"

/* Copies the file that was found right. false with errno. */
bool reload_keep_copy(struct super *s);
/* Checks; takes over; tells the daemons if `tell`. Says what waits for a restart.
 * Returns an exit code; if not EXIT_OK, nothing changed, and it says why. */
int reload_run(struct super *s, bool tell, struct buf *say);

#endif
