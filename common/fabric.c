/* fabric.c -- what callers and servers of the fabric share: context, sockets, frames. */
#include "common/fabric.h"

#include <errno.h>
#include <stdlib.h>

#include "common/fabric_frame.h"

static _Atomic uint64_t counters[COUNT_KINDS];

void fabric_count(enum fabric_counter what)
{
	atomic_fetch_add_explicit(&counters[what], 1, memory_order_relaxed);
}

static uint64_t counted(enum fabric_counter what)
{
	return atomic_load_explicit(&counters[what], memory_order_relaxed);
}

void fabric_counters_read(struct fabric_counters *ret)
{
	*ret = (struct fabric_counters){
		.bad_frames = counted(COUNT_BAD_FRAME),
		.unknown_kinds = counted(COUNT_UNKNOWN_KIND),
		.stale_replies = counted(COUNT_STALE_REPLY),
		.lost_replies = counted(COUNT_LOST_REPLY),
		.refused_clients = counted(COUNT_REFUSED_CLIENT),
		.died_peers = counted(COUNT_DIED_PEER),
		.resent = counted(COUNT_RESENT),
		.full = counted(COUNT_FULL),
		.late = counted(COUNT_LATE),
		.lost = counted(COUNT_LOST),
	};
}

struct fabric *fabric_new(void)
{
	struct fabric *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->zmq = zmq_ctx_new();
	if (f->zmq == NULL) {
		free(f);
		return NULL;
	}
	return f;
}

void fabric_free(struct fabric *f)
{
	if (f == NULL)
		return;
	zmq_ctx_term(f->zmq);
	free(f);
}

void fabric_socket_set(void *socket, int option, int value)
{
	zmq_setsockopt(socket, option, &value, sizeof(value));
}

void *fabric_socket(struct fabric *f, int type)
{
	void *s = zmq_socket(f->zmq, type);
	int64_t max = FABRIC_MESSAGE_MAX;

	if (s == NULL)
		return NULL;
	zmq_setsockopt(s, ZMQ_MAXMSGSIZE, &max, sizeof(max));
	fabric_socket_set(s, ZMQ_LINGER, 0);
	fabric_socket_set(s, ZMQ_HANDSHAKE_IVL, 1000);
	/* credit bounds what is under way; this only catches a peer that ignores it */
	fabric_socket_set(s, ZMQ_SNDHWM, 20000);
	fabric_socket_set(s, ZMQ_RCVHWM, 20000);
	return s;
}

int fabric_socket_fd(void *socket)
{
	int fd = -1;
	size_t n = sizeof(fd);

	zmq_getsockopt(socket, ZMQ_FD, &fd, &n);
	return fd;
}

bool fabric_receive(void *socket, struct fabric_frames *ret)
{
	enum { PARTS = sizeof(ret->part) / sizeof(ret->part[0]) };
	bool more = true;

	ret->count = 0;
	for (unsigned i = 0; i < PARTS; i++)
		zmq_msg_init(&ret->part[i]);
	while (more) {
		/* parts past the last we know of are read and thrown away */
		zmq_msg_t rest, *into = &rest;

		if (ret->count < PARTS)
			into = &ret->part[ret->count];
		else
			zmq_msg_init(&rest);
		if (zmq_msg_recv(into, socket, ZMQ_DONTWAIT) < 0) {
			if (errno == EINTR)
				continue;
			if (into == &rest)
				zmq_msg_close(&rest);
			fabric_frames_close(ret);
			return false;
		}
		more = zmq_msg_more(into) != 0;
		if (into == &rest)
			zmq_msg_close(&rest);
		ret->count++;
	}
	return true;
}

void fabric_frames_close(struct fabric_frames *m)
{
	for (unsigned i = 0; i < sizeof(m->part) / sizeof(m->part[0]); i++)
		zmq_msg_close(&m->part[i]);
}

bool fabric_header_read(struct fabric_frames *m, unsigned at, struct fabric_header *ret)
{
	struct str s = fabric_part(m, at);

	if (m->count == at + 1 && s.n == 0) {
		*ret = (struct fabric_header){ .version = FABRIC_VERSION_MIN,
					       .kind = KIND_HELLO };
		return true;
	}
	if (s.n != sizeof(*ret) || m->count > at + 3)
		return false;
	memcpy(ret, s.p, sizeof(*ret));
	return ret->version >= FABRIC_VERSION_MIN && ret->version <= FABRIC_VERSION;
}

struct str fabric_part(struct fabric_frames *m, unsigned at)
{
	if (at >= m->count || at >= sizeof(m->part) / sizeof(m->part[0]))
		return (struct str){ NULL, 0 };
	return (struct str){ zmq_msg_data(&m->part[at]), zmq_msg_size(&m->part[at]) };
}

static bool send_part(void *socket, zmq_msg_t *m, bool more)
{
	if (zmq_msg_send(m, socket, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)) >= 0)
		return true;
	zmq_msg_close(m);
	return false;
}

bool fabric_send(void *socket, const struct fabric_header *h, zmq_msg_t *body,
		 zmq_msg_t *attachment)
{
	int more = body != NULL ? ZMQ_SNDMORE : 0;
	bool ok = true;

	/* only the first part can be refused (no peer, no room); the rest belongs to it
	 */
	if (zmq_send(socket, h, sizeof(*h), ZMQ_DONTWAIT | more) < 0) {
		if (body != NULL)
			zmq_msg_close(body);
		if (attachment != NULL)
			zmq_msg_close(attachment);
		return false;
	}
	/* when the connection goes in between, ZeroMQ drops what it has and what follows
	 * up to the last part: so that must be sent, or the next message would be dropped
	 */
	if (body != NULL && !send_part(socket, body, attachment != NULL))
		ok = false;
	if (attachment != NULL && !send_part(socket, attachment, false))
		ok = false;
	return ok;
}

bool fabric_attachment_message(const struct fabric_attachment *a, zmq_msg_t *ret)
{
	if (zmq_msg_init_data(ret, a->p, a->n, a->free_fn, a->hint) == 0)
		return true;
	if (a->free_fn != NULL)
		a->free_fn(a->p, a->hint);
	return false;
}
