/* timers.h -- deadlines in order: a binary heap of timers embedded in their owners.
 *
 * Setting, moving and stopping one is O(log n). A timer runs once; set it again for more.
 * Whoever owns the struct timers decides when they run (the event loop, the fabric). */
#ifndef COMMON_TIMERS_H
#define COMMON_TIMERS_H

#include <stddef.h>
#include <stdint.h>

struct timer {
	void (*run)(void *ctx);
	void *ctx;
	int64_t due_us;
	size_t place; /* in the heap, from 1; 0: not set */
};

struct timers {
	struct timer **heap; /* from 1 */
	size_t count, cap;
	int64_t running_us; /* inside timers_run its now_us, else 0 */
};

void timers_fini(struct timers *s);
void timers_set(struct timers *s, struct timer *t, int64_t due_us);
void timers_stop(struct timers *s, struct timer *t); /* one that is not set: fine */
int64_t timers_next(const struct timers *s);         /* INT64_MAX if there is none */
/* Runs all that were due at now_us, a time above 0; one that is set meanwhile for now or
 * earlier waits for the next run. */
void timers_run(struct timers *s, int64_t now_us);

#endif
