/* fabric_loop.h -- ties a fabric caller or server to a struct loop. */
#ifndef COMMON_FABRIC_LOOP_H
#define COMMON_FABRIC_LOOP_H

#include "common/fabric.h"
#include "common/loop.h"

struct fabric_tie {
	struct loop *loop;
	struct fabric_caller *caller; /* one of the two */
	struct fabric_server *server;
	struct loop_fd watch;
	struct loop_later later;
};

/* Before the caller or server is made; give fabric_tie_wake and the tie's address, or
 * call fabric_tie_wake(tie) from a wake function of your own. */
void fabric_tie_init(struct fabric_tie *t, struct loop *l);
void fabric_tie_wake(void *tie);
/* After it is made. false with errno. */
bool fabric_tie_caller(struct fabric_tie *t, struct fabric_caller *c)
    __attribute__((warn_unused_result));
bool fabric_tie_server(struct fabric_tie *t, struct fabric_server *s)
    __attribute__((warn_unused_result));
/* Before it is freed. */
void fabric_tie_fini(struct fabric_tie *t);

#endif
