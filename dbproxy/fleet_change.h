/* fleet_change.h -- inside fleet: one server told to follow another, or nobody. */
#ifndef DBPROXY_FLEET_CHANGE_H
#define DBPROXY_FLEET_CHANGE_H

#include "dbproxy/fleet.h"

/* False: *why says it. One that has what the primary never had is left out. */
bool fleet_follow(struct fleet *f, struct member *m, struct member *primary,
		  struct buf *why) __attribute__((warn_unused_result));

/* One that was told to stand still receives again, and acknowledges. */
bool fleet_resume(struct member *m, struct buf *why) __attribute__((warn_unused_result));

/* No longer anybody's replica; all that it has received must have been applied. */
bool fleet_unfollow(struct member *m, struct buf *why)
    __attribute__((warn_unused_result));

#endif
