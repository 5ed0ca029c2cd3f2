/* wait.c -- see mail.h: a task that waits for a descriptor or its deadline. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "appd/appd.h"
#include "appd/mail/mail.h"
#include "appd/request.h"

struct waiting {
	struct request *q;
	struct mail_hold *hold;
	struct loop *loop;
	struct loop_fd watch;
	struct timer timer;
	bool late;
};

void mail_release(struct mail_hold *h)
{
	if (h->child > 0) {
		kill(h->child, SIGKILL);
		waitpid(h->child, NULL, 0);
	}
	if (h->fd >= 0)
		close(h->fd);
	h->fd = -1;
	h->child = 0;
}

static void leave(struct waiting *w)
{
	loop_fd_remove(w->loop, &w->watch);
	loop_timer_stop(w->loop, &w->timer);
}

static void on_ready(void *ctx, uint32_t events)
{
	struct waiting *w = ctx;

	(void)events;
	leave(w);
	request_wake(w->q);
}

static void on_late(void *ctx)
{
	struct waiting *w = ctx;

	w->late = true;
	leave(w);
	request_wake(w->q);
}

static void on_cancel(void *ctx)
{
	struct waiting *w = ctx;

	leave(w);
	mail_release(w->hold);
}

bool mail_wait(struct request *q, struct mail_hold *h, uint32_t events)
{
	struct waiting w = { .q = q, .hold = h, .loop = q->appd->daemon->loop };

	w.watch = (struct loop_fd){ .fd = -1, .run = on_ready, .ctx = &w };
	w.timer = (struct timer){ .run = on_late, .ctx = &w };
	if (!loop_fd_add(w.loop, &w.watch, h->fd, events))
		return false;
	loop_timer_at(w.loop, &w.timer, h->deadline_us);
	request_wait(q, on_cancel, &w);
	return !w.late;
}
