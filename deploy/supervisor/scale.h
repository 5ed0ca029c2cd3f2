/* scale.h -- whoever asked for more or fewer instances waits until it is so. */
#ifndef DEPLOY_SUPERVISOR_SCALE_H
#define DEPLOY_SUPERVISOR_SCALE_H

#include "deploy/supervisor/control.h"

/* Ends the conversation when the crew has exactly its wanted number, all ready; or when
 * that takes too long. One visitor at a time is kept waiting; a second is told to ask. */
void scale_wait(struct super *s, struct visitor *v, struct crew *c);
void scale_step(struct super *s);
void scale_forget_visitor(struct super *s, const struct visitor *v);

#endif
