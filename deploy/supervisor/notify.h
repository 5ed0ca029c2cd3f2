/* notify.h -- the socket on which instances say READY=1, STATUS=..., WATCHDOG=1. */
#ifndef DEPLOY_SUPERVISOR_NOTIFY_H
#define DEPLOY_SUPERVISOR_NOTIFY_H

#include "deploy/supervisor/super.h"

/* Makes the socket; -1 with errno. */
int notify_bind(const struct place *p);
/* Listens at s->notify_fd. NULL with errno. */
struct notify *notify_new(struct super *s);
void notify_free(struct notify *n);
const char *notify_path(const struct notify *n);
/* Reads all that waits: before somebody's death is dealt with, what it said last. */
void notify_take(struct notify *n);

#endif
