/* worker.h -- one answering thread: an epoll of its own over every socket that was handed
 * in, and the TCP connections it accepted. Workers share nothing but the snapshot.
 *
 * Sockets are polled with EPOLLEXCLUSIVE by every worker of every instance, so that no
 * share of the traffic is stranded when one of them goes. */
#ifndef DNSD_WORKER_H
#define DNSD_WORKER_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "common/inherit.h"
#include "common/list.h"
#include "dnsd/answer.h"
#include "dnsd/notices.h"
#include "dnsd/ratelimit.h"
#include "dnsd/respond.h"

enum { WORKER_SOCKETS = INHERIT_MAX, TCP_OUT = 2 * (DNS_MAX + 2) };

struct worker;

/* What epoll hands back. */
struct source {
	void (*run)(struct worker *w, struct source *s, uint32_t events);
	int fd;
};

struct socket_source {
	struct source source;
	bool is_udp, is_wild; /* wild: answers must leave from the address asked */
	bool one_by_one;      /* UDP_SEGMENT does not work here */
	bool listening;
};

struct worker_options {
	unsigned tcp_clients, tcp_per_address;
	int64_t tcp_idle_us;
};

struct udp_batch;

struct worker {
	pthread_t thread;
	int epoll, wake;
	struct source wake_source;
	struct socket_source sockets[WORKER_SOCKETS];
	size_t socket_count;
	struct worker_options options;

	/* published by the control thread */
	const struct snapshot *_Atomic *current;
	const atomic_ullong *epoch;
	struct ratelimit *ratelimit; /* shared by all */
	struct notices *notices;     /* too */
	/* ours: the epoch at which this turn began; WORKER_AWAY: no snapshot is held */
	atomic_ullong passed;
	atomic_bool stopping, draining, drained;
	atomic_ullong turns;

	const struct snapshot *snapshot; /* of this turn */
	struct scratch scratch;
	struct udp_batch *udp;
	struct list conns; /* the longest idle first */
	struct list dead;  /* closed in this turn */
	unsigned conn_count;
	uint8_t *tcp_out;
	int64_t now_us;
	uint32_t now_s; /* wall time */
	unsigned busy;  /* questions over UDP in this turn */
};

#define WORKER_AWAY UINT64_MAX

/* Points the client's address into *from. */
static inline void client_address(struct client *c, const struct sockaddr_in6 *from)
{
	if (from->sin6_family == AF_INET6) {
		c->address = from->sin6_addr.s6_addr;
		c->address_len = sizeof(from->sin6_addr);
	} else {
		const struct sockaddr_in *v4 =
		    (const struct sockaddr_in *)(const void *)from;

		c->address = (const uint8_t *)&v4->sin_addr;
		c->address_len = sizeof(v4->sin_addr);
	}
}

/* One message as it came, answered; NOTIFYs are passed on. Octets in out, 0: none. */
static inline size_t worker_respond(const struct worker *w, const struct asked *a,
				    struct iovec in, uint8_t *out)
{
	size_t n = respond(a, in.iov_base, in.iov_len, out);

	if (n > 0 && a->scratch->notified)
		notices_put(w->notices, a->scratch->query.name.lower);
	return n;
}

/* Opens and starts. 0, or an errno. Sockets are borrowed. */
int worker_start(struct worker *w, const struct inherit *sockets);
/* Wakes it up, to look at stopping and draining. */
void worker_wake(struct worker *w);
/* After stopping was set and it was woken. */
void worker_join(struct worker *w);

#endif
