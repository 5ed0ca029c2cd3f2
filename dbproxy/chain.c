/* chain.c -- see chain.h. */
#include "dbproxy/chain.h"

static void wait_for(struct chain *c, int what)
{
	int fd = c->options.fd(c->options.ctx);
	uint32_t events = (what & CHAIN_READ ? EPOLLIN : 0) |
			  (what & CHAIN_WRITE ? EPOLLOUT : 0) |
			  (what & CHAIN_EXCEPT ? EPOLLPRI : 0);

	if (what & CHAIN_TIMEOUT)
		loop_timer_in(c->options.loop, &c->timeout,
			      c->options.timeout_us(c->options.ctx));
	if (fd == c->watch.fd && events == c->events)
		return;
	if (fd == c->watch.fd) {
		loop_fd_change(c->options.loop, &c->watch, events);
	} else {
		loop_fd_remove(c->options.loop, &c->watch);
		if (!loop_fd_add(c->options.loop, &c->watch, fd, events))
			return; /* out of memory: the time-out ends the operation */
	}
	c->events = events;
}

/* Steps until one waits. False: it waits; true: the operation has ended. */
static bool run(struct chain *c, int ready)
{
	while (c->step != NULL) {
		int what = c->step(c->options.ctx, ready);

		if (what != 0) {
			wait_for(c, what);
			return false;
		}
		ready = 0;
	}
	loop_timer_stop(c->options.loop, &c->timeout);
	if (c->watch.fd >= 0)
		wait_for(c, CHAIN_READ); /* so that a hang-up is noticed */
	return true;
}

static void on_event(void *ctx, uint32_t events)
{
	struct chain *c = ctx;
	int ready = (events & (EPOLLIN | EPOLLHUP | EPOLLERR) ? CHAIN_READ : 0) |
		    (events & EPOLLOUT ? CHAIN_WRITE : 0) |
		    (events & EPOLLPRI ? CHAIN_EXCEPT : 0);

	if (c->step != NULL) {
		if (run(c, ready))
			c->options.ended(c->options.ctx);
	} else if (!c->finish.waiting) {
		loop_fd_remove(c->options.loop, &c->watch);
		c->options.lost(c->options.ctx);
	}
}

static void on_timeout(void *ctx)
{
	struct chain *c = ctx;

	if (c->step != NULL && run(c, CHAIN_TIMEOUT))
		c->options.ended(c->options.ctx);
}

void chain_init(struct chain *c, const struct chain_options *options)
{
	*c = (struct chain){
		.options = *options,
		.watch = { .fd = -1, .run = on_event, .ctx = c },
		.timeout = { .run = on_timeout, .ctx = c },
		.finish = { .run = options->ended, .ctx = options->ctx },
	};
}

void chain_fini(struct chain *c)
{
	loop_timer_stop(c->options.loop, &c->timeout);
	loop_later_cancel(&c->finish);
	loop_fd_remove(c->options.loop, &c->watch);
}

void chain_begin(struct chain *c, chain_step first)
{
	c->step = first;
	if (run(c, 0))
		loop_later(c->options.loop, &c->finish);
}
