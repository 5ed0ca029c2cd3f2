/* fabric_server.c -- the answering side of the fabric: one ROUTER, the callers it knows,
 * credit shared out among them, a beat every 100 ms, and the drain. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fabric.h"
#include "common/fabric_frame.h"

enum {
	CLIENTS_MAX = 512,
	HASH_SIZE = 2048, /* a power of two well above CLIENTS_MAX */
	ADDRESS_MAX = 16, /* of ZeroMQ's routing ids, which are 5 bytes */
	BURST = 256,
	DRAIN_GRACE_US = 50000, /* for a caller that was just connecting */
	DRAIN_SILENT_US =
	    2000000, /* a caller that never says DRAINED is not waited for */
	LINGER_MS = 500,
};

struct client {
	uint8_t address[ADDRESS_MAX];
	size_t address_size; /* 0: free */
	uint32_t generation;
	unsigned inflight;
	uint8_t version;
	uint64_t since; /* who came before whom */
	bool proper;    /* has said something that only a caller of ours says */
	bool drained;
	bool gone; /* to be forgotten in the next turn, not in the midst of a reply */
};

struct fabric_server {
	struct fabric_server_options options;
	void *socket;
	char path[108];
	int set, timer_fd;
	int64_t beat_us; /* timer_fd does not fire before */
	struct client *clients;
	uint16_t hash[HASH_SIZE]; /* client index + 1, by address; 0: empty */
	unsigned client_count, proper_count, inflight, gone_count;
	uint64_t arrivals;
	bool draining, dirty;
	int64_t seen_us;   /* when we last looked at what came in */
	int64_t behind_us; /* how long the messages read now may have waited; 0: not */
	int64_t behind_until_us;
	int64_t drain_us;
};

/* ---- clients, found by ZeroMQ's address ---- */

static unsigned hash_of(const uint8_t *address, size_t n)
{
	unsigned h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ address[i]) * 16777619u;
	return h % HASH_SIZE;
}

static void hash_put(struct fabric_server *s, unsigned at)
{
	const struct client *c = &s->clients[at];
	unsigned h = hash_of(c->address, c->address_size);

	while (s->hash[h] != 0)
		h = (h + 1) % HASH_SIZE;
	s->hash[h] = (uint16_t)(at + 1);
}

static void hash_rebuild(struct fabric_server *s)
{
	memset(s->hash, 0, sizeof(s->hash));
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		if (s->clients[i].address_size > 0)
			hash_put(s, i);
}

static struct client *client_find(struct fabric_server *s, struct str address)
{
	unsigned h = hash_of((const uint8_t *)address.p, address.n);

	for (; s->hash[h] != 0; h = (h + 1) % HASH_SIZE) {
		struct client *c = &s->clients[s->hash[h] - 1];

		if (c->address_size == address.n &&
		    memcmp(c->address, address.p, address.n) == 0)
			return c;
	}
	return NULL;
}

static void client_gone(struct fabric_server *s, struct client *c)
{
	struct fabric_ticket t = { .client = (uint32_t)(c - s->clients),
				   .generation = c->generation };

	if (c->gone)
		s->gone_count--;
	s->proper_count -= c->proper;
	c->address_size = 0;
	c->gone = c->proper = false;
	s->client_count--;
	hash_rebuild(s);
	if (s->options.cancel != NULL && c->inflight > 0)
		s->options.cancel(s->options.ctx, &t); /* id 0: all of this client */
}

/* The one that is here longest and never said anything but that it is here: none of our
 * callers. False: there is none. */
static bool make_room(struct fabric_server *s)
{
	struct client *oldest = NULL;

	for (unsigned i = 0; i < CLIENTS_MAX; i++) {
		struct client *c = &s->clients[i];

		if (!c->proper && c->inflight == 0 &&
		    (oldest == NULL || c->since < oldest->since))
			oldest = c;
	}
	if (oldest != NULL)
		client_gone(s, oldest);
	return oldest != NULL;
}

static struct client *client_add(struct fabric_server *s, struct str address)
{
	if (address.n == 0 || address.n > ADDRESS_MAX ||
	    (s->client_count == CLIENTS_MAX && !make_room(s)))
		return NULL;
	for (unsigned i = 0; i < CLIENTS_MAX; i++) {
		struct client *c = &s->clients[i];

		if (c->address_size != 0)
			continue;
		*c = (struct client){ .address_size = address.n,
				      .generation = c->generation + 1,
				      .since = ++s->arrivals,
				      .version = FABRIC_VERSION_MIN };
		memcpy(c->address, address.p, address.n);
		s->client_count++;
		hash_put(s, i);
		return c;
	}
	return NULL;
}

static struct client *client_of(struct fabric_server *s, const struct fabric_ticket *t)
{
	struct client *c = &s->clients[t->client];

	return c->address_size > 0 && !c->gone && c->generation == t->generation ? c
										 : NULL;
}

/* The window is shared out among callers; those who only stand around have no part. */
static uint32_t credit(const struct fabric_server *s, const struct client *c)
{
	unsigned share = s->options.window / (s->proper_count + !c->proper);

	return share > 0 ? share : 1;
}

/* ---- sending ---- */

static void touched(struct fabric_server *s)
{
	if (s->dirty)
		return;
	s->dirty = true; /* ZeroMQ may swallow a read signal while it sends */
	s->options.wake(s->options.ctx);
}

/* False: the client is gone, or takes no more. */
static bool client_send(struct fabric_server *s, struct client *c,
			struct fabric_header *h, zmq_msg_t *body, zmq_msg_t *attachment)
{
	h->version = c->version;
	touched(s);
	if (zmq_send(s->socket, c->address, c->address_size,
		     ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0)
		return fabric_send(s->socket, h, body, attachment);
	if (body != NULL)
		zmq_msg_close(body);
	if (attachment != NULL)
		zmq_msg_close(attachment);
	if (errno == EHOSTUNREACH && !c->gone) {
		c->gone = true;
		s->gone_count++;
	}
	return false;
}

void fabric_reply(struct fabric_server *s, const struct fabric_ticket *t,
		  enum msg_status status, struct str body,
		  const struct fabric_attachment *attachment)
{
	struct client *c = client_of(s, t);
	bool attached = attachment != NULL && attachment->p != NULL;
	/* more would end the caller's connection, each time it asks */
	bool too_long = body.n > FABRIC_MESSAGE_MAX ||
			(attached && attachment->n > FABRIC_MESSAGE_MAX);
	int64_t took = clock_us() - t->start_us;
	struct fabric_header h = { .kind = KIND_REPLY,
				   .flags = (uint8_t)(too_long ? STATUS_FAIL : status),
				   .id = t->id,
				   .load =
				       took > UINT32_MAX ? UINT32_MAX : (uint32_t)took };
	zmq_msg_t values, extra;

	s->inflight--;
	if (c != NULL)
		c->inflight--;
	if (attached && !fabric_attachment_message(attachment, &extra)) {
		attached = false;
		c = NULL;
	}
	if (too_long) {
		fabric_count(COUNT_LOST_REPLY);
		body.n = 0;
		if (attached)
			zmq_msg_close(&extra);
		attached = false;
	}
	if (c == NULL || zmq_msg_init_size(&values, body.n) != 0) {
		fabric_count(COUNT_LOST_REPLY);
		if (attached)
			zmq_msg_close(&extra);
		return;
	}
	if (body.n > 0)
		memcpy(zmq_msg_data(&values), body.p, body.n);
	if (!client_send(s, c, &h, &values, attached ? &extra : NULL))
		fabric_count(COUNT_LOST_REPLY);
}

/* ---- receiving ---- */

static void say_ready(struct fabric_server *s, struct client *c)
{
	struct fabric_header h = { .kind = s->draining ? KIND_DRAIN : KIND_READY,
				   .credit = credit(s, c),
				   .speaks = FABRIC_VERSION };

	/* in the oldest version, before we know what the caller understands */
	c->version = FABRIC_VERSION_MIN;
	client_send(s, c, &h, NULL, NULL);
}

/* When the process was stopped or its loop hung, requests wait in the socket, and how
 * long each did nobody knows: up to as long as we did not look. */
static void look_behind(struct fabric_server *s, int64_t now)
{
	int64_t away = now - s->seen_us;

	if (away > s->behind_us && away > 2 * FABRIC_BEAT_US) {
		s->behind_us = away;
		/* ZeroMQ's own thread was stopped too, and brings them when it comes to
		 * it */
		s->behind_until_us = now + FABRIC_BEAT_US;
	}
	s->seen_us = now;
}

/* After such a time its caller may have given it up, as late or to another instance; then
 * it must not be executed. If not, it will be asked again. */
static bool is_too_old(const struct fabric_server *s, const struct fabric_header *h)
{
	return s->behind_us > FABRIC_DEAD_US ||
	       (s->behind_us > 0 && h->budget_us <= s->behind_us);
}

static void on_request(struct fabric_server *s, struct client *c,
		       const struct fabric_header *h, struct fabric_frames *m)
{
	int64_t now = clock_us();
	struct fabric_incoming in = {
		.ticket = { .client = (uint32_t)(c - s->clients),
			    .generation = c->generation,
			    .id = h->id,
			    .start_us = now,
			    .version = h->version },
		.type = (enum msg_type)h->type,
		.again = (h->flags & FLAG_AGAIN) != 0,
		.attempt = h->attempt,
		.deadline_us = now + h->budget_us,
		.context = { .span = h->span },
		.body = fabric_part(m, 2),
		.attachment = fabric_part(m, 3),
	};

	look_behind(s, now);
	memcpy(in.context.trace, h->trace, FABRIC_TRACE_SIZE);
	memcpy(in.context.key, h->key, FABRIC_KEY_SIZE);
	c->inflight++;
	s->inflight++;
	if (s->inflight > 2 * s->options.window || /* a caller that ignores its credit */
	    is_too_old(s, h))
		fabric_reply(s, &in.ticket, STATUS_AGAIN, STR(""), NULL);
	else
		s->options.request(s->options.ctx, &in);
}

static void on_cancel(struct fabric_server *s, struct client *c, uint64_t id)
{
	struct fabric_ticket t = { .client = (uint32_t)(c - s->clients),
				   .generation = c->generation,
				   .id = id };

	if (id != 0 && s->options.cancel != NULL)
		s->options.cancel(s->options.ctx, &t);
}

static void on_message(struct fabric_server *s, struct fabric_frames *m)
{
	struct str address = fabric_part(m, 0);
	struct client *c;
	struct fabric_header h;

	if (!fabric_header_read(m, 1, &h)) {
		fabric_count(COUNT_BAD_FRAME);
		return;
	}
	c = client_find(s, address);
	if (c == NULL)
		c = client_add(s, address);
	if (c == NULL) {
		fabric_count(COUNT_REFUSED_CLIENT);
		return;
	}
	if (h.version > c->version)
		c->version = h.version; /* it has shown what it understands */
	if (h.kind != KIND_HELLO && !c->proper) {
		c->proper = true;
		s->proper_count++;
	}
	switch (h.kind) {
	case KIND_HELLO:
		say_ready(s, c);
		break;
	case KIND_REQUEST:
		on_request(s, c, &h, m);
		break;
	case KIND_CANCEL:
		on_cancel(s, c, h.id);
		break;
	case KIND_DRAINED:
		c->drained = true;
		break;
	default:
		fabric_count(COUNT_UNKNOWN_KIND);
	}
}

static void receive(struct fabric_server *s)
{
	struct fabric_frames m;

	s->dirty = false;
	for (int i = 0; i < BURST; i++) {
		if (!fabric_receive(s->socket, &m)) {
			if (s->seen_us > s->behind_until_us)
				s->behind_us = 0;
			return;
		}
		on_message(s, &m);
		fabric_frames_close(&m);
	}
	touched(s); /* more is there; the rest of the loop first */
}

static void beat(struct fabric_server *s)
{
	for (unsigned i = 0; i < CLIENTS_MAX; i++) {
		struct client *c = &s->clients[i];
		struct fabric_header h = { .kind = KIND_BEAT,
					   .credit = credit(s, c),
					   .load = s->inflight };

		if (c->address_size == 0 || c->gone)
			continue;
		if (s->draining && !c->drained)
			h.kind = KIND_DRAIN;
		client_send(s, c, &h, NULL, NULL);
	}
}

/* ---- life ---- */

static void start_beats(struct fabric_server *s, int64_t first_us)
{
	struct itimerspec spec = {
		.it_value = { 0, (first_us > 0 ? first_us : 1) * 1000 },
		.it_interval = { 0, FABRIC_BEAT_US * 1000 },
	};

	s->beat_us = clock_us() + first_us;
	timerfd_settime(s->timer_fd, 0, &spec, NULL);
}

static bool watch_fd(struct fabric_server *s, int fd)
{
	struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(s->set, EPOLL_CTL_ADD, fd, &e) == 0;
}

static bool bind_socket(struct fabric_server *s)
{
	const uid_t users[] = { getuid(), 0 };
	char endpoint[128];
	mode_t old;
	bool ok;

	/* a send to a caller that is gone is an error, not silence */
	fabric_socket_set(s->socket, ZMQ_ROUTER_MANDATORY, 1);
	/* nobody else's connections: a stranger who uses up our descriptors would make
	 * libzmq 4.3.4 abort in accept */
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++)
		zmq_setsockopt(s->socket, ZMQ_IPC_FILTER_UID, &users[i],
			       sizeof(users[i]));
	snprintf(endpoint, sizeof(endpoint), "ipc://%s", s->path);
	old = umask(0177);
	ok = zmq_bind(s->socket, endpoint) == 0;
	umask(old);
	return ok;
}

struct fabric_server *fabric_server_new(struct fabric *f,
					const struct fabric_server_options *options)
{
	struct fabric_server *s = calloc(1, sizeof(*s));
	int error = ENAMETOOLONG;

	if (s == NULL)
		return NULL;
	s->options = *options;
	s->set = epoll_create1(EPOLL_CLOEXEC);
	s->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	s->clients = calloc(CLIENTS_MAX, sizeof(*s->clients));
	s->socket = fabric_socket(f, ZMQ_ROUTER);
	if (str_copy(s->path, sizeof(s->path), str_of(options->path)) && s->set >= 0 &&
	    s->timer_fd >= 0 && s->clients != NULL && s->socket != NULL &&
	    bind_socket(s) && watch_fd(s, s->timer_fd) &&
	    watch_fd(s, fabric_socket_fd(s->socket))) {
		s->seen_us = clock_us();
		start_beats(s, FABRIC_BEAT_US);
		touched(s);
		return s;
	}
	if (strlen(options->path) < sizeof(s->path))
		error = errno;
	s->path[0] = '\0'; /* not ours to unlink */
	fabric_server_free(s);
	errno = error;
	return NULL;
}

void fabric_server_free(struct fabric_server *s)
{
	if (s == NULL)
		return;
	if (!s->draining && s->path[0] != '\0')
		unlink(s->path);
	if (s->socket != NULL) {
		fabric_socket_set(s->socket, ZMQ_LINGER, LINGER_MS); /* last replies */
		zmq_close(s->socket);
	}
	if (s->set >= 0)
		close(s->set);
	if (s->timer_fd >= 0)
		close(s->timer_fd);
	free(s->clients);
	free(s);
}

int fabric_server_fd(const struct fabric_server *s)
{
	return s->set;
}

static bool beat_is_due(struct fabric_server *s, int64_t now)
{
	uint64_t fired;

	if (now < s->beat_us || read(s->timer_fd, &fired, sizeof(fired)) <= 0)
		return false;
	s->beat_us += (int64_t)fired * FABRIC_BEAT_US;
	return true;
}

void fabric_server_turn(struct fabric_server *s)
{
	int64_t now = clock_us();

	look_behind(s, now);
	receive(s);
	/* no beat while old requests may come: nothing new is sent here, to be refused */
	if (beat_is_due(s, now) && s->behind_us <= FABRIC_DEAD_US)
		beat(s);
	for (unsigned i = 0; s->gone_count > 0 && i < CLIENTS_MAX; i++) {
		if (!s->clients[i].gone)
			continue;
		client_gone(s, &s->clients[i]);
	}
}

void fabric_server_drain(struct fabric_server *s)
{
	if (s->draining)
		return;
	s->draining = true;
	s->drain_us = clock_us();
	unlink(s->path);
	start_beats(s, 1); /* which now say DRAIN, the first at once */
}

bool fabric_server_drained(const struct fabric_server *s)
{
	int64_t since = clock_us() - s->drain_us;

	if (!s->draining || s->inflight > 0 || since < DRAIN_GRACE_US)
		return false;
	if (since > DRAIN_SILENT_US)
		return true;
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		if (s->clients[i].address_size > 0 && !s->clients[i].drained)
			return false;
	return true;
}

unsigned fabric_server_inflight(const struct fabric_server *s)
{
	return s->inflight;
}

unsigned fabric_server_window(const struct fabric_server *s)
{
	return s->options.window;
}
