/* keep.h -- what the supervisor would need to go on in another process, handed to the
 * guard whenever it changes; and taken from there when that has happened.
 *
 * Two texts, each with descriptors (hand.h). A number after '@' is the place of one.
 *
 *     fixed      started US    lock @1    notify @2    control @3
 *                port KIND PORT ...    socket KIND @N ...
 *                terminal @N    starter @N     (the last, let go of when all is ready)
 *     changing   super STARTED_US ANNOUNCED STOPPING EXIT_CODE
 *                crew NAME WANTED BEGUN RELEASE
 *                instance NAME SLOT PID STATE STARTED_US READY_US RESTARTS FAILS
 *                         INSTALLING SUCCESSOR @LOG RELEASE
 *                said PID INFLIGHT CREDIT WORDS
 *                visitor @N    (who waits for the new supervisor) */
#ifndef DEPLOY_SUPERVISOR_KEEP_H
#define DEPLOY_SUPERVISOR_KEEP_H

#include "deploy/supervisor/guard.h"
#include "deploy/supervisor/super.h"

/* For the first start. false with errno. */
bool keep_fixed(const struct super *s, struct hand *ret);
/* The instances as they are. Owns the descriptors of memory files only. false: no room.
 */
bool keep_changing(const struct super *s, struct hand *h);
/* Tells the guard; nothing if there is none. */
void keep_send(const struct super *s);
void keep_say(const struct super *s, enum guard_word word, const char *text);
/* The guard is gone: be it, and let another image be the supervisor. */
void keep_become_guard(struct super *s);

#endif
