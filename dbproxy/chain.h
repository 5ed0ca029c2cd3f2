/* chain.h -- an operation made of steps on one descriptor, between which the loop turns.
 *
 * A step does what it can without waiting and returns what it waits for (CHAIN_ bits; it
 * is called again with those that came true), or 0 after naming the next step, or after
 * naming none: then the operation has ended. `ended` runs from the loop, never from
 * inside chain_begin. Between operations a descriptor that becomes readable is `lost`:
 * the other side has hung up. */
#ifndef DBPROXY_CHAIN_H
#define DBPROXY_CHAIN_H

#include "common/loop.h"

enum { CHAIN_READ = 1, CHAIN_WRITE = 2, CHAIN_EXCEPT = 4, CHAIN_TIMEOUT = 8 };

typedef int (*chain_step)(void *ctx, int ready); /* ready: 0 at first */

struct chain_options {
	struct loop *loop;
	int (*fd)(void *ctx);             /* it may change while a step waits */
	int64_t (*timeout_us)(void *ctx); /* of a wait for CHAIN_TIMEOUT */
	void (*ended)(void *ctx);
	void (*lost)(void *ctx);
	void *ctx; /* of all */
};

struct chain {
	struct chain_options options;
	struct loop_fd watch;
	uint32_t events;
	struct timer timeout;
	struct loop_later finish;
	chain_step step; /* NULL: nothing goes on */
};

void chain_init(struct chain *c, const struct chain_options *options);
/* In the middle of an operation too, which then never ends. */
void chain_fini(struct chain *c);
void chain_begin(struct chain *c, chain_step first);

#endif
