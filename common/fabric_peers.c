/* fabric_peers.c -- the peers of a fabric caller: one connection each, what they say, and
 * seeing that one is gone (its socket closes) or hangs (its beats stop). */
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "common/clock.h"
#include "common/fabric_caller.h"

enum {
	CHECK_US = 50000, /* how often peers are looked at for silence */
	BURST = 256,      /* messages read from one peer before the others have a turn */
};

/* ---- talking to one ---- */

bool peer_send(struct peer *p, struct fabric_header *h, zmq_msg_t *body,
	       zmq_msg_t *attachment)
{
	h->version = p->version;
	if (!p->dirty) {
		p->dirty = true;
		caller_want_turn(p->caller);
	}
	return fabric_send(p->socket, h, body, attachment);
}

void peer_set_ready(struct peer *p, bool ready)
{
	struct fabric_caller *c = p->caller;

	if (p->ready == ready)
		return;
	p->ready = ready;
	c->ready += ready ? 1 : -1;
	caller_want_turn(c); /* which tells peers_changed */
}

/* ---- finding and losing them ---- */

void peer_close(struct peer *p)
{
	list_remove(&p->link);
	zmq_socket_monitor(p->socket, NULL, 0);
	if (p->leaving) /* it waits for our DRAINED */
		fabric_socket_set(p->socket, ZMQ_LINGER, 100);
	/* zmq_close does not take its descriptor out of our set until its own thread got
	 * to it; a stale event must not find a freed watch */
	epoll_ctl(p->caller->set, EPOLL_CTL_DEL, fabric_socket_fd(p->socket), NULL);
	epoll_ctl(p->caller->set, EPOLL_CTL_DEL, fabric_socket_fd(p->monitor), NULL);
	zmq_close(p->monitor);
	zmq_close(p->socket);
	free(p);
}

/* Whatever it had goes elsewhere or is lost. The connection stays: ZeroMQ goes on trying
 * until the file is gone. */
void peer_down(struct peer *p)
{
	if (p->ready || p->inflight > 0)
		fabric_count(COUNT_DIED_PEER);
	peer_set_ready(p, false);
	/* not LIST_EACH: an end may cancel any other call */
	for (struct list *link; (link = list_first(&p->calls)) != NULL;)
		call_orphaned(LIST_OF(link, struct call, link));
}

static bool peer_connect(struct peer *p)
{
	struct fabric_caller *c = p->caller;
	char endpoint[PATH_MAX], monitor[64];

	p->socket = fabric_socket(c->fabric, ZMQ_DEALER);
	p->monitor = fabric_socket(c->fabric, ZMQ_PAIR);
	if (p->socket == NULL || p->monitor == NULL)
		return false;
	/* nothing is ever queued for a peer that is not there: it would be executed when
	 * the peer returns, however late */
	fabric_socket_set(p->socket, ZMQ_IMMEDIATE, 1);
	fabric_socket_set(p->socket, ZMQ_PROBE_ROUTER, 1);
	fabric_socket_set(p->socket, ZMQ_RECONNECT_IVL, 10);
	fabric_socket_set(p->socket, ZMQ_RECONNECT_IVL_MAX, 200);
	snprintf(monitor, sizeof(monitor), "inproc://monitor-%p-%u", (void *)c,
		 c->monitors++);
	snprintf(endpoint, sizeof(endpoint), "ipc://%s/%s", c->options.run_dir, p->name);
	return zmq_socket_monitor(p->socket, monitor, ZMQ_EVENT_DISCONNECTED) == 0 &&
	       zmq_connect(p->monitor, monitor) == 0 &&
	       zmq_connect(p->socket, endpoint) == 0 &&
	       caller_watch(c, fabric_socket_fd(p->socket), &p->watch) &&
	       caller_watch(c, fabric_socket_fd(p->monitor), &p->monitor_watch);
}

static struct peer *peer_find(struct fabric_caller *c, const char *name)
{
	LIST_EACH(link, &c->peers) {
		struct peer *p = LIST_OF(link, struct peer, link);

		if (strcmp(p->name, name) == 0)
			return p;
	}
	return NULL;
}

/* "appd.2.4711.sock" -> "appd.2" */
static void make_label(struct peer *p)
{
	struct str rest = str_of(p->name);
	struct str service = str_cut(&rest, '.');
	struct str slot = str_cut(&rest, '.');

	snprintf(p->label, sizeof(p->label), "%.*s.%.*s", STR_ARG(service),
		 STR_ARG(slot));
}

void peer_appeared(struct fabric_caller *c, const char *name)
{
	struct peer *p = peer_find(c, name);

	if (p != NULL) {
		p->absent = false;
		return;
	}
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return;
	p->caller = c;
	p->serial = ++c->serials;
	p->version = FABRIC_VERSION_MIN;
	p->watch = (struct watch){ WATCH_PEER, p };
	p->monitor_watch = (struct watch){ WATCH_MONITOR, p };
	p->heard_us = clock_us();
	str_copy(p->name, sizeof(p->name), str_of(name));
	make_label(p);
	list_init(&p->calls);
	list_append(&c->peers, &p->link);
	if (!peer_connect(p)) {
		if (p->socket != NULL && p->monitor != NULL) {
			peer_close(p);
			return;
		}
		if (p->socket != NULL)
			zmq_close(p->socket);
		if (p->monitor != NULL)
			zmq_close(p->monitor);
		list_remove(&p->link);
		free(p);
		return;
	}
	/* ZeroMQ's descriptor signals edges: look once now, or the first may be missed */
	p->dirty = true;
	caller_want_turn(c);
}

void peer_vanished(struct fabric_caller *c, const char *name)
{
	struct peer *p = peer_find(c, name);

	if (p != NULL)
		p->absent = true; /* closed when it has nothing more of ours */
}

void peers_close_absent(struct fabric_caller *c)
{
	LIST_EACH(link, &c->peers) {
		struct peer *p = LIST_OF(link, struct peer, link);

		if (p->absent && !p->ready && p->inflight == 0)
			peer_close(p);
	}
}

/* ---- what peers say ---- */

static void on_reply(struct peer *p, const struct fabric_header *h,
		     struct fabric_frames *m)
{
	struct call *call = call_find(p->caller, h->id);
	struct answer_frames a = {
		.answer = {
			.status = (enum msg_status)h->flags,
			.body = fabric_part(m, 1),
			.attachment = fabric_part(m, 2),
			.service_us = h->load,
			.peer = p->label,
		},
		.frames = m,
	};

	if (call == NULL || call->peer != p)
		fabric_count(
		    COUNT_STALE_REPLY); /* cancelled, late, or answered elsewhere */
	else if (h->flags == STATUS_AGAIN)
		call_refused(call, &a);
	else
		call_end(call, &a);
}

static void on_message(struct peer *p, struct fabric_frames *m)
{
	struct fabric_header h;

	p->heard_us = clock_us();
	if (!fabric_header_read(m, 0, &h)) {
		fabric_count(COUNT_BAD_FRAME);
		return;
	}
	switch (h.kind) {
	case KIND_READY:
		p->version = h.speaks < FABRIC_VERSION ? h.speaks : FABRIC_VERSION;
		if (p->version < FABRIC_VERSION_MIN) {
			fabric_count(COUNT_BAD_FRAME);
			break; /* too old to talk to: never ready */
		}
		p->credit = h.credit;
		p->leaving = false;
		peer_set_ready(p, true);
		/* nothing to cancel, but now it knows that we are no stranger */
		peer_send(p, &(struct fabric_header){ .kind = KIND_CANCEL }, NULL, NULL);
		break;
	case KIND_BEAT:
		p->credit = h.credit;
		if (!p->leaving && h.credit > 0)
			peer_set_ready(p, true); /* it hung and came back */
		break;
	case KIND_DRAIN:
		p->leaving = true;
		peer_set_ready(p, false);
		peer_send(p, &(struct fabric_header){ .kind = KIND_DRAINED }, NULL, NULL);
		break;
	case KIND_REPLY:
		on_reply(p, &h, m);
		break;
	default:
		fabric_count(COUNT_UNKNOWN_KIND);
	}
}

void peer_read(struct peer *p)
{
	struct fabric_frames m;

	p->dirty = false;
	for (int i = 0; i < BURST; i++) {
		if (!fabric_receive(p->socket, &m))
			return;
		on_message(p, &m);
		fabric_frames_close(&m);
	}
	p->dirty = true; /* more is there; the others first */
	caller_want_turn(p->caller);
}

void peer_monitor_read(struct peer *p)
{
	struct fabric_frames m;
	bool down = false;

	while (fabric_receive(p->monitor, &m)) {
		down = true; /* DISCONNECTED is all we asked for */
		fabric_frames_close(&m);
	}
	if (!down)
		return;
	do
		peer_read(p); /* what it answered before it went still counts */
	while (p->dirty);
	p->version = FABRIC_VERSION_MIN;
	peer_down(p);
}

/* A peer whose loop hangs keeps its connection: ZeroMQ's thread lives. Its beats stop. */
void peers_check(void *ctx)
{
	struct fabric_caller *c = ctx;
	int64_t now = clock_us();
	bool we_slept = now - c->checked_us > 4 * CHECK_US;

	c->checked_us = now;
	LIST_EACH(link, &c->peers) {
		struct peer *p = LIST_OF(link, struct peer, link);

		if (we_slept)
			p->heard_us = now; /* it is we who were not listening */
		else if ((p->ready || p->inflight > 0) &&
			 now - p->heard_us > FABRIC_DEAD_US)
			peer_down(p);
	}
	calls_try_again(c, now);
	timers_set(&c->timers, &c->check, now + CHECK_US);
}
