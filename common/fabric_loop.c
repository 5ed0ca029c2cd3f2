/* fabric_loop.c -- see fabric_loop.h. */
#include "common/fabric_loop.h"

static void turn(void *ctx)
{
	struct fabric_tie *t = ctx;

	if (t->caller != NULL)
		fabric_caller_turn(t->caller);
	if (t->server != NULL)
		fabric_server_turn(t->server);
}

static void on_readable(void *ctx, uint32_t events)
{
	(void)events;
	turn(ctx);
}

void fabric_tie_init(struct fabric_tie *t, struct loop *l)
{
	*t = (struct fabric_tie){
		.loop = l,
		.watch = { .fd = -1, .run = on_readable, .ctx = t },
		.later = { .run = turn, .ctx = t },
	};
}

void fabric_tie_wake(void *tie)
{
	struct fabric_tie *t = tie;

	loop_later(t->loop, &t->later);
}

bool fabric_tie_caller(struct fabric_tie *t, struct fabric_caller *c)
{
	t->caller = c;
	return loop_fd_add(t->loop, &t->watch, fabric_caller_fd(c), EPOLLIN);
}

bool fabric_tie_server(struct fabric_tie *t, struct fabric_server *s)
{
	t->server = s;
	return loop_fd_add(t->loop, &t->watch, fabric_server_fd(s), EPOLLIN);
}

void fabric_tie_fini(struct fabric_tie *t)
{
	loop_fd_remove(t->loop, &t->watch);
	loop_later_cancel(&t->later);
	t->caller = NULL;
	t->server = NULL;
}
