/* tie.h -- a worker's tie to one kind of daemon behind it: a fabric caller that takes its
 * turns inside the worker's loop.
 *
 * libh2o finishes a write only inside its loop's callbacks: whatever ends in h2o_send,
 * and so every turn of the fabric, runs from one of them and nowhere else. */
#ifndef WEBD_TIE_H
#define WEBD_TIE_H

#include <stdatomic.h>

#include "common/fabric.h"
#include "webd/h2o.h"

struct worker;

struct tie {
	struct worker *worker;
	struct fabric_caller *caller; /* NULL: not open, or closed */
	h2o_socket_t *sock;
	h2o_timeout_entry_t turn;
	bool in_turn, turn_again;
	int64_t alone_us;  /* since when no instance could be asked; 0: one can */
	atomic_uint peers; /* instances that can be asked; others may read it */
};

/* service: "appd"; a literal. False with errno. */
bool tie_open(struct tie *t, struct worker *w, const char *service)
    __attribute__((warn_unused_result));
/* Calls under way end without an answer. One that was never opened: fine. */
void tie_close(struct tie *t);
/* Between two rounds of the loop: what a turn left for later. */
void tie_go_on(struct tie *t);
/* Nobody could be asked for so long that waiting makes no sense. */
bool tie_is_alone(const struct tie *t);

#endif
