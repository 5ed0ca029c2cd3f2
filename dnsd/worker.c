/* worker.c -- see worker.h. */
#include "dnsd/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "dnsd/tcp.h"
#include "dnsd/udp.h"

enum { EVENTS = 64, DRAIN_BATCHES = 1000, GATHER_FROM = 8, GATHER_NS = 100000 };

static void on_wake(struct worker *w, struct source *s, uint32_t events)
{
	uint64_t n;

	(void)w;
	(void)events;
	if (read(s->fd, &n, sizeof(n)) < 0) {
		/* somebody else's wake-up; the flags are looked at anyway */
	}
}

void worker_wake(struct worker *w)
{
	uint64_t one = 1;

	if (write(w->wake, &one, sizeof(one)) < 0) {
		/* the counter is full: it is being woken already */
	}
}

/* Takes no more from the shared sockets: what is in them now is answered, what comes is
 * for the other instances. */
static void leave_sockets(struct worker *w)
{
	for (size_t i = 0; i < w->socket_count; i++) {
		struct socket_source *s = &w->sockets[i];

		if (!s->listening)
			continue;
		s->listening = false;
		epoll_ctl(w->epoll, EPOLL_CTL_DEL, s->source.fd, NULL);
		for (unsigned k = 0; s->is_udp && k < DRAIN_BATCHES; k++)
			if (udp_answer(w, s) == 0)
				break;
	}
}

/* From here on this turn's snapshot is held; see service.c for why the order matters. */
static void begin_turn(struct worker *w)
{
	atomic_store(&w->passed, atomic_load(w->epoch));
	w->snapshot = atomic_load(w->current);
	w->now_us = clock_us();
	w->now_s = (uint32_t)(clock_wall_us() / 1000000);
}

static void end_turn(struct worker *w)
{
	tcp_bury(w);
	atomic_store(&w->passed, WORKER_AWAY);
	atomic_fetch_add_explicit(&w->turns, 1, memory_order_relaxed);
}

static void run_turn(struct worker *w, int64_t *wait_us)
{
	struct epoll_event events[EVENTS];
	int ms = *wait_us < 0 ? -1 : (int)(*wait_us / 1000 + 1);
	int n;

	/* Many questions at a time cost less each. While they come thick and fast, a
	 * moment of waiting fills the next batch; a quiet server answers at once. */
	if (w->busy >= GATHER_FROM)
		nanosleep(&(struct timespec){ .tv_nsec = GATHER_NS }, NULL);
	w->busy = 0;
	n = epoll_wait(w->epoll, events, EVENTS, ms);
	begin_turn(w);
	for (int i = 0; i < n; i++) {
		struct source *s = events[i].data.ptr;

		s->run(w, s, events[i].events);
	}
	if (atomic_load(&w->draining))
		leave_sockets(w);
	*wait_us = tcp_expire(w);
	if (atomic_load(&w->draining) && w->conn_count == 0)
		atomic_store(&w->drained, true);
	end_turn(w);
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	int64_t wait_us = -1;

	prctl(PR_SET_TIMERSLACK, 1000ul, 0ul, 0ul, 0ul); /* 50 us otherwise */
	while (!atomic_load(&w->stopping))
		run_turn(w, &wait_us);
	tcp_close_all(w);
	return NULL;
}

static bool add_source(struct worker *w, struct source *s, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = s };

	return epoll_ctl(w->epoll, EPOLL_CTL_ADD, s->fd, &e) == 0;
}

static bool add_sockets(struct worker *w, const struct inherit *sockets)
{
	for (size_t i = 0; i < sockets->count; i++) {
		const struct inherit_socket *from = &sockets->sockets[i];
		struct socket_source *s = &w->sockets[w->socket_count];

		s->is_udp = strcmp(from->name, "dns-udp") == 0;
		if (!s->is_udp && strcmp(from->name, "dns-tcp") != 0)
			continue;
		s->source = (struct source){ s->is_udp ? udp_run : tcp_accept, from->fd };
		s->listening = true;
		if (s->is_udp)
			udp_prepare(s);
		if (!add_source(w, &s->source, EPOLLIN | EPOLLEXCLUSIVE))
			return false;
		w->socket_count++;
	}
	return true;
}

int worker_start(struct worker *w, const struct inherit *sockets)
{
	list_init(&w->conns);
	list_init(&w->dead);
	atomic_store(&w->passed, WORKER_AWAY);
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->udp = udp_batch_new();
	w->tcp_out = malloc(TCP_OUT);
	if (w->epoll < 0 || w->wake < 0)
		return errno;
	if (w->udp == NULL || w->tcp_out == NULL)
		return ENOMEM;
	w->wake_source = (struct source){ on_wake, w->wake };
	if (!add_source(w, &w->wake_source, EPOLLIN) || !add_sockets(w, sockets))
		return errno;
	return pthread_create(&w->thread, NULL, worker_main, w);
}

void worker_join(struct worker *w)
{
	pthread_join(w->thread, NULL);
	close(w->epoll);
	close(w->wake);
	udp_batch_free(w->udp);
	free(w->tcp_out);
}
