/* status.h -- what is running, as lines of words for the onebox command to lay out:
 *
 *     ready yes|no           supervisor PID VERSION UPTIME_S      guard PID    state PATH
 *     release PATH           domain NAME       address IP         listen ADDRESSES
 *     zones FOLDER (empty: ours)
 *     port KIND PORT
 *     instance DAEMON SLOT PID STATE UPTIME_S RESTARTS VERSION INFLIGHT CREDIT WORDS...
 *     (INFLIGHT and CREDIT are - of one that has none) */
#ifndef DEPLOY_SUPERVISOR_STATUS_H
#define DEPLOY_SUPERVISOR_STATUS_H

#include "deploy/supervisor/control.h"

void status_say(const struct super *s, struct visitor *v);

#endif
