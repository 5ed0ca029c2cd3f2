/* tcp.c -- see tcp.h.
 *
 * A connection is either read from or written to: while an answer waits for the client to
 * take it, nothing more is read, so a client that does not read costs one buffer. When
 * there is no room for one more, the one that was idle for longest goes (RFC 7766 6.2.3);
 * a message half sent does not make a connection less idle. */
#include "dnsd/tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/stat.h"
#include "dnsd/count.h"
#include "dnsd/respond.h"
#include "dnsd/transfer.h"

enum { IN_FIRST = 4096, IN_MOST = DNS_MAX + 2, ACCEPTS = 16, DRAIN_IDLE_US = 200000 };

struct conn {
	struct source source;
	struct list link; /* in conns, or in dead */
	struct sockaddr_in6 from;
	struct transfer *transfer; /* what is being given to it, NULL: nothing */
	uint8_t *in, *out;
	size_t in_n, in_cap, out_n, out_at;
	int64_t since_us; /* of the last thing that counts as activity */
	bool ended;       /* the client sends no more */
};

static void close_conn(struct worker *w, struct conn *c)
{
	if (c->source.fd < 0)
		return;
	close(c->source.fd);
	c->source.fd = -1;
	list_remove(&c->link);
	list_append(&w->dead, &c->link);
	w->conn_count--;
}

void tcp_bury(struct worker *w)
{
	struct list *link;

	while ((link = list_take(&w->dead)) != NULL) {
		struct conn *c = LIST_OF(link, struct conn, link);

		transfer_end(c->transfer);
		free(c->in);
		free(c->out);
		free(c);
	}
}

void tcp_close_all(struct worker *w)
{
	LIST_EACH(link, &w->conns)
		close_conn(w, LIST_OF(link, struct conn, link));
	tcp_bury(w);
}

static void touch(struct worker *w, struct conn *c)
{
	c->since_us = w->now_us;
	list_remove(&c->link);
	list_append(&w->conns, &c->link);
}

int64_t tcp_expire(struct worker *w)
{
	int64_t limit =
	    atomic_load(&w->draining) ? DRAIN_IDLE_US : w->options.tcp_idle_us;
	struct list *link;

	while ((link = list_first(&w->conns)) != NULL) {
		struct conn *c = LIST_OF(link, struct conn, link);
		int64_t left = c->since_us + limit - w->now_us;

		if (left > 0)
			return left;
		stat_one(STAT_DNSD_TCP_LATE);
		close_conn(w, c);
	}
	return -1;
}

/* ---- writing ---- */

static void want(struct worker *w, struct conn *c, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = &c->source };

	epoll_ctl(w->epoll, EPOLL_CTL_MOD, c->source.fd, &e);
}

/* How much was taken; -1: the connection is broken. */
static ssize_t send_some(const struct conn *c, const uint8_t *p, size_t n)
{
	ssize_t sent = send(c->source.fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return sent;
}

/* Sends, or keeps what the client does not take yet. */
static bool send_or_keep(struct worker *w, struct conn *c, const uint8_t *p, size_t n)
{
	ssize_t sent = send_some(c, p, n);

	if (sent < 0)
		return false;
	if ((size_t)sent == n)
		return true;
	c->out = malloc(n - (size_t)sent);
	if (c->out == NULL)
		return false;
	c->out_n = n - (size_t)sent;
	c->out_at = 0;
	memcpy(c->out, p + sent, c->out_n);
	want(w, c, EPOLLOUT);
	return true;
}

/* ---- answering ---- */

static struct client client_of(const struct worker *w, const struct conn *c)
{
	struct client client = {
		.transport = TRANSPORT_TCP,
		.now_s = w->now_s,
		.since_us = w->now_us,
	};

	client_address(&client, &c->from);
	if (!atomic_load(&w->draining))
		client.keepalive = (uint16_t)(w->options.tcp_idle_us / 100000);
	return client;
}

/* One message, which is not part of a transfer. */
static size_t answer_message(struct worker *w, struct conn *c, uint8_t *p, size_t n,
			     uint8_t *out)
{
	const struct client client = client_of(w, c);
	const struct transfer_question q = { w->snapshot, &client, p, n };
	const struct asked asked = { w->snapshot, &w->scratch, &client };
	size_t got = 0;

	stat_one(STAT_DNSD_TCP);
	if (transfer_wanted(p, n)) {
		c->transfer = transfer_begin(&q, out, &got);
		return got;
	}
	got = worker_respond(w, &asked, (struct iovec){ p, n }, out);
	if (got > 0)
		count_answer(&asked, out, got);
	else
		stat_one(STAT_DNSD_DROPPED);
	return got;
}

/* Answers the complete messages in the buffer as far as the output has room; *ret_used
 * octets of them are done. A transfer stops it. */
static size_t answer_messages(struct worker *w, struct conn *c, size_t *ret_used)
{
	size_t at = 0, n = 0;

	while (c->transfer == NULL && c->in_n - at >= 2 && TCP_OUT - n >= IN_MOST) {
		size_t len = get16(c->in + at), got;

		if (c->in_n - at - 2 < len)
			break;
		got = answer_message(w, c, c->in + at + 2, len, w->tcp_out + n + 2);
		at += 2 + len;
		put16(w->tcp_out + n, (unsigned)got);
		n += got > 0 ? 2 + got : 0;
	}
	*ret_used = at;
	return n;
}

/* The next messages of the transfer; ends it after the last. */
static size_t transfer_messages(struct worker *w, struct conn *c)
{
	size_t n = 0;

	while (TCP_OUT - n >= IN_MOST) {
		size_t got = transfer_next(c->transfer, &w->scratch.seen, w->now_s,
					   w->tcp_out + n + 2);

		if (got == 0) {
			transfer_end(c->transfer);
			c->transfer = NULL;
			break;
		}
		put16(w->tcp_out + n, (unsigned)got);
		n += 2 + got;
	}
	return n;
}

/* Until there is no complete message left, or the client takes no more. */
static bool serve(struct worker *w, struct conn *c)
{
	while (c->out == NULL) {
		size_t used = 0, n;

		if (c->transfer != NULL)
			n = transfer_messages(w, c);
		else
			n = answer_messages(w, c, &used);
		if (used == 0 && n == 0 && c->transfer == NULL)
			break;
		touch(w, c);
		c->in_n -= used;
		memmove(c->in, c->in + used, c->in_n);
		if (n > 0 && !send_or_keep(w, c, w->tcp_out, n))
			return false;
	}
	return c->out != NULL || !c->ended;
}

/* Room for the message that has begun; false: no memory. */
static bool make_room(struct conn *c)
{
	size_t need = c->in_n >= 2 ? 2u + get16(c->in) : IN_FIRST;
	uint8_t *more;

	if (c->in_cap > c->in_n && c->in_cap >= need)
		return true;
	if (need < IN_FIRST)
		need = IN_FIRST;
	more = realloc(c->in, need);
	if (more == NULL)
		return false;
	c->in = more;
	c->in_cap = need;
	return true;
}

static bool read_some(struct worker *w, struct conn *c)
{
	ssize_t n;

	if (!make_room(c))
		return false;
	n = recv(c->source.fd, c->in + c->in_n, c->in_cap - c->in_n, MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	c->in_n += (size_t)n;
	c->ended = n == 0;
	return serve(w, c);
}

static bool write_some(struct worker *w, struct conn *c)
{
	ssize_t sent = send_some(c, c->out + c->out_at, c->out_n - c->out_at);

	if (sent < 0)
		return false;
	if (sent > 0)
		touch(w, c);
	c->out_at += (size_t)sent;
	if (c->out_at < c->out_n)
		return true;
	free(c->out);
	c->out = NULL;
	want(w, c, EPOLLIN);
	return serve(w, c);
}

static void run_conn(struct worker *w, struct source *s, uint32_t events)
{
	struct conn *c = (struct conn *)(void *)s;
	bool ok = true;

	if (s->fd < 0)
		return;
	if (c->out != NULL)
		ok = (events & EPOLLERR) == 0 && write_some(w, c);
	else
		ok = read_some(w, c);
	if (!ok)
		close_conn(w, c);
}

/* ---- accepting ---- */

static bool same_address(const struct sockaddr_in6 *a, const struct sockaddr_in6 *b)
{
	if (a->sin6_family != b->sin6_family)
		return false;
	if (a->sin6_family == AF_INET6) /* a household has a /64 */
		return memcmp(&a->sin6_addr, &b->sin6_addr, 8) == 0;
	return ((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr ==
	       ((const struct sockaddr_in *)(const void *)b)->sin_addr.s_addr;
}

static bool is_loopback(const struct sockaddr_in6 *a)
{
	if (a->sin6_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&a->sin6_addr);
	return ntohl(((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr) >>
		   24 ==
	       127;
}

static void evict(struct worker *w, struct conn *c)
{
	stat_one(STAT_DNSD_TCP_EVICTED);
	close_conn(w, c);
}

/* Of one address that has too many, its own longest idle one goes; else anybody's. */
static void make_place(struct worker *w, const struct sockaddr_in6 *from)
{
	struct conn *oldest = NULL;
	unsigned count = 0;

	LIST_EACH(link, &w->conns) {
		struct conn *c = LIST_OF(link, struct conn, link);

		if (!same_address(&c->from, from))
			continue;
		oldest = oldest == NULL ? c : oldest;
		count++;
	}
	if (oldest != NULL && count >= w->options.tcp_per_address && !is_loopback(from))
		evict(w, oldest);
	if (w->conn_count >= w->options.tcp_clients)
		evict(w, LIST_OF(list_first(&w->conns), struct conn, link));
}

static void add_conn(struct worker *w, int fd, const struct sockaddr_in6 *from)
{
	struct epoll_event e = { .events = EPOLLIN };
	struct conn *c;

	make_place(w, from);
	c = calloc(1, sizeof(*c));
	if (c == NULL) {
		close(fd);
		return;
	}
	c->source = (struct source){ run_conn, fd };
	c->from = *from;
	c->since_us = w->now_us;
	e.data.ptr = &c->source;
	if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &e) != 0) {
		close(fd);
		free(c);
		return;
	}
	list_append(&w->conns, &c->link);
	w->conn_count++;
	stat_one(STAT_DNSD_TCP_CLIENTS);
}

void tcp_accept(struct worker *w, struct source *s, uint32_t events)
{
	(void)events;
	for (unsigned i = 0; i < ACCEPTS; i++) {
		struct sockaddr_in6 from = { 0 };
		socklen_t n = sizeof(from);
		int fd = accept4(s->fd, (struct sockaddr *)&from, &n,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		add_conn(w, fd, &from);
	}
}
