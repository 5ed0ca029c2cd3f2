/* tie.c -- see tie.h. */
#include "webd/tie.h"

#include <fcntl.h>

#include "common/clock.h"
#include "webd/worker.h"

/* An instance that died is back in a moment, and who asked then may wait for it. After
 * that an answer is better than a queue. */
enum { ALONE_US = 1000000 };

static void turn(struct tie *t)
{
	t->in_turn = true;
	fabric_caller_turn(t->caller);
	t->in_turn = false;
}

static void on_readable(h2o_socket_t *sock, const char *err)
{
	(void)err;
	turn(sock->data);
}

static void on_turn(h2o_timeout_entry_t *entry)
{
	turn(H2O_STRUCT_FROM_MEMBER(struct tie, turn, entry));
}

static void wake(void *ctx)
{
	struct tie *t = ctx;

	if (t->in_turn) /* after the other sockets had theirs: linked by the loop */
		t->turn_again = true;
	else if (!h2o_timeout_is_linked(&t->turn))
		h2o_timeout_link(t->worker->ctx.loop, &t->worker->ctx.zero_timeout,
				 &t->turn);
}

static void on_peers_changed(void *ctx, unsigned ready)
{
	struct tie *t = ctx;

	atomic_store(&t->peers, ready);
	t->alone_us = ready == 0 ? clock_us() : 0;
}

bool tie_open(struct tie *t, struct worker *w, const char *service)
{
	const struct fabric_caller_options options = {
		.run_dir = w->webd->daemon->run_dir,
		.service = service,
		.calls_max = w->settings.inflight,
		.queue_max = w->settings.queue,
		.wake = wake,
		.peers_changed = on_peers_changed,
		.ctx = t,
	};
	int fd;

	t->worker = w;
	t->turn.cb = on_turn;
	t->alone_us = clock_us();
	t->caller = fabric_caller_new(w->webd->daemon->fabric, &options);
	if (t->caller == NULL)
		return false;
	/* libh2o closes what it is given, and must never read this one */
	fd = fcntl(fabric_caller_fd(t->caller), F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return false;
	t->sock = h2o_evloop_socket_create(w->ctx.loop, fd, H2O_SOCKET_FLAG_DONT_READ);
	t->sock->data = t;
	h2o_socket_read_start(t->sock, on_readable);
	wake(t); /* ZeroMQ signals edges: look once */
	return true;
}

void tie_close(struct tie *t)
{
	if (t->sock != NULL)
		h2o_socket_close(t->sock);
	t->sock = NULL;
	fabric_caller_free(t->caller);
	t->caller = NULL;
	h2o_timeout_unlink(&t->turn);
}

void tie_go_on(struct tie *t)
{
	if (!t->turn_again)
		return;
	t->turn_again = false;
	wake(t);
}

bool tie_is_alone(const struct tie *t)
{
	return t->alone_us != 0 && clock_us() - t->alone_us > ALONE_US;
}
