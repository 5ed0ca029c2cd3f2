/* loop.c -- see loop.h. */
#include "common/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"

enum { BATCH = 64 };

struct loop {
	int epoll;
	bool stopping;
	int64_t now_us;
	uint64_t turns;
	struct epoll_event batch[BATCH];
	int batch_at, batch_n; /* events still to be given out in this turn */
	struct timers timers;
	struct list later;
};

struct loop *loop_new(void)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll < 0) {
		free(l);
		return NULL;
	}
	list_init(&l->later);
	l->now_us = clock_us();
	return l;
}

void loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	close(l->epoll);
	timers_fini(&l->timers);
	free(l);
}

int64_t loop_now_us(const struct loop *l)
{
	return l->now_us;
}

uint64_t loop_turns(const struct loop *l)
{
	return __atomic_load_n(&l->turns, __ATOMIC_RELAXED);
}

void loop_stop(struct loop *l)
{
	l->stopping = true;
}

bool loop_fd_add(struct loop *l, struct loop_fd *f, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = f };

	f->fd = fd;
	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e) == 0;
}

void loop_fd_change(struct loop *l, struct loop_fd *f, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = f };

	epoll_ctl(l->epoll, EPOLL_CTL_MOD, f->fd, &e);
}

void loop_fd_remove(struct loop *l, struct loop_fd *f)
{
	if (f->fd < 0)
		return;
	epoll_ctl(l->epoll, EPOLL_CTL_DEL, f->fd, NULL);
	f->fd = -1;
	/* events of this turn not yet given out must not reach a removed owner */
	for (int i = l->batch_at; i < l->batch_n; i++)
		if (l->batch[i].data.ptr == f)
			l->batch[i].data.ptr = NULL;
}

void loop_timer_at(struct loop *l, struct timer *t, int64_t due_us)
{
	timers_set(&l->timers, t, due_us);
}

void loop_timer_in(struct loop *l, struct timer *t, int64_t us)
{
	timers_set(&l->timers, t, clock_us() + us);
}

void loop_timer_stop(struct loop *l, struct timer *t)
{
	timers_stop(&l->timers, t);
}

void loop_later(struct loop *l, struct loop_later *w)
{
	if (w->waiting)
		return;
	w->waiting = true;
	list_append(&l->later, &w->link);
}

void loop_later_cancel(struct loop_later *w)
{
	if (!w->waiting)
		return;
	w->waiting = false;
	list_remove(&w->link);
}

static int sleep_ms(const struct loop *l)
{
	int64_t next = timers_next(&l->timers), us;

	if (!list_empty(&l->later))
		return 0;
	if (next == INT64_MAX)
		return -1;
	us = next - clock_us();
	if (us <= 0)
		return 0;
	return us > 60000000 ? 60000 : (int)((us + 999) / 1000);
}

static void run_fds(struct loop *l, int timeout_ms)
{
	int n = epoll_wait(l->epoll, l->batch, BATCH, timeout_ms);

	l->now_us = clock_us();
	l->batch_n = n < 0 ? 0 : n;
	for (l->batch_at = 0; l->batch_at < l->batch_n;) {
		struct epoll_event e = l->batch[l->batch_at++];
		struct loop_fd *f = e.data.ptr;

		if (f != NULL)
			f->run(f->ctx, e.events);
	}
}

static void run_later(struct loop *l)
{
	struct list now;
	struct list *link;

	/* work put off by this work waits for the next turn */
	list_init(&now);
	while ((link = list_first(&l->later)) != NULL) {
		list_remove(link);
		list_append(&now, link);
	}
	while ((link = list_first(&now)) != NULL) {
		struct loop_later *w = LIST_OF(link, struct loop_later, link);

		list_remove(link);
		w->waiting = false;
		w->run(w->ctx);
	}
}

void loop_run(struct loop *l)
{
	l->stopping = false;
	while (!l->stopping) {
		run_fds(l, sleep_ms(l));
		timers_run(&l->timers, clock_us());
		run_later(l);
		__atomic_store_n(&l->turns, l->turns + 1, __ATOMIC_RELAXED);
	}
}
