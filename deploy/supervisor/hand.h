/* hand.h -- descriptors that pass from one program image to the next, in order.
 *
 * The receiver finds them at HAND_FIRST, HAND_FIRST + 1, ... The first of each kind is a
 * memory file whose text says what the others are:
 *
 *     fixed      made once at the start: lock, doors, listening sockets    (keep.c)
 *     changing   the instances as they are now, with their log pipes       (keep.c)
 */
#ifndef DEPLOY_SUPERVISOR_HAND_H
#define DEPLOY_SUPERVISOR_HAND_H

#include "common/buf.h"

enum { HAND_FIRST = 10, HAND_FIXED_MAX = 300, HAND_CHANGING_MAX = 200 };

struct hand {
	int fixed[HAND_FIXED_MAX], changing[HAND_CHANGING_MAX];
	size_t fixed_count, changing_count;
};

/* A memory file with this text; -1 with errno. */
int hand_text(struct str text);
/* Its text again. */
bool hand_text_read(int fd, struct buf *ret);
/* Puts the descriptors (and extra after them, unless -1) where the next image looks for
 * them, closes all others from 3 on, and executes program with argv. Returns only if it
 * cannot. */
void hand_exec(const struct hand *h, int extra, const char *program, char *const *argv);
/* "FIXED,CHANGING" as given on the command line: the descriptors that we were handed. */
bool hand_take(const char *counts, struct hand *ret);

#endif
