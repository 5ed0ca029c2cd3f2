/* loop.h -- one thread's event loop: descriptors, timers, and work put off to the end of
 * the turn.
 *
 * Everything registered is embedded in its owner's struct; the loop borrows it until it
 * is removed. Callbacks run on the loop's thread, are given (ctx, events), and never
 * block. Any callback may remove anything, itself included. */
#ifndef COMMON_LOOP_H
#define COMMON_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "common/list.h"
#include "common/timers.h"

struct loop;

typedef void (*loop_fd_fn)(void *ctx, uint32_t events);
typedef void (*loop_fn)(void *ctx);

struct loop_fd {
	int fd;
	loop_fd_fn run;
	void *ctx;
};

struct loop_later {
	loop_fn run;
	void *ctx;
	struct list link;
	bool waiting;
};

struct loop *loop_new(void); /* NULL with errno */
void loop_free(struct loop *l);

/* Until loop_stop. Each turn: descriptors, due timers, then put-off work. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);
/* When this turn began: the cheap clock for callbacks. */
int64_t loop_now_us(const struct loop *l);
/* Turns so far; a watchdog sees from outside that it grows. */
uint64_t loop_turns(const struct loop *l);

/* events: EPOLLIN, EPOLLOUT, EPOLLEXCLUSIVE, ... Level-triggered. false with errno. */
bool loop_fd_add(struct loop *l, struct loop_fd *f, int fd, uint32_t events)
    __attribute__((warn_unused_result));
void loop_fd_change(struct loop *l, struct loop_fd *f, uint32_t events);
void loop_fd_remove(struct loop *l,
		    struct loop_fd *f); /* does not close; twice is fine */

/* Sets or moves it. A timer runs once; set it again for more. */
void loop_timer_at(struct loop *l, struct timer *t, int64_t due_us);
void loop_timer_in(struct loop *l, struct timer *t, int64_t us);
void loop_timer_stop(struct loop *l, struct timer *t);

/* Runs it at the end of this turn, once however often it was asked for. */
void loop_later(struct loop *l, struct loop_later *w);
void loop_later_cancel(struct loop_later *w);

#endif
