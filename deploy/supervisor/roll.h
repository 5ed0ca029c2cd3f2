/* roll.h -- replaces instances one by one without losing a request: start the new one
 * beside the old, wait until it is ready, then let the old one drain and go.
 *
 * A new one that does not become ready ends the roll, and the old one serves on. One roll
 * at a time; it belongs to the visitor who asked, and goes on if that one hangs up. */
#ifndef DEPLOY_SUPERVISOR_ROLL_H
#define DEPLOY_SUPERVISOR_ROLL_H

#include "deploy/supervisor/control.h"
#include "deploy/supervisor/instance.h"

/* names: a daemon's, or "all"; release: the build that the new instances run. */
void roll_start(struct super *s, struct visitor *v, struct str name, const char *release);
/* Whether one that was relieved serves on for now: a later crew of this roll asks it, and
 * what the old ones of that crew ask the new ones may not know. */
bool roll_keeps(struct super *s, const struct instance *old);
/* Goes on when something it may be waiting for has happened. */
void roll_step(struct super *s);
void roll_fail(struct super *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The visitor, or the instance, is about to be freed. */
void roll_forget_visitor(struct super *s, const struct visitor *v);
void roll_forget(struct super *s, const struct instance *i);

#endif
