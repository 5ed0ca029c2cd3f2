/* fabric_caller.c -- the asking side of the fabric: peers found in the run directory,
 * calls given to the least loaded, taken back when a peer dies, ended when their time is
 * up.
 *
 * A call is in exactly one place: the free list, the waiting queue, or its peer's list.
 * call_* functions move it; every end goes through call_end. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fabric.h"
#include "common/fabric_frame.h"
#include "common/list.h"
#include "common/timers.h"

enum {
	ATTEMPTS_MAX = 8,
	CHECK_US = 50000, /* how often peers are looked at for silence */
	BURST = 256,      /* messages read from one peer before the others have a turn */
};

/* Which descriptor of the set woke us: a peer's own, its monitor, or one of these. */
enum watch_kind { WATCH_PEER, WATCH_MONITOR, WATCH_TIMER, WATCH_FOLDER };

struct watch {
	enum watch_kind kind;
	struct peer *peer;
};

struct peer {
	struct list link;
	struct fabric_caller *caller;
	char name[NAME_MAX + 1]; /* of the socket file */
	char label[32];          /* "appd.1", for people */
	void *socket, *monitor;
	struct watch watch, monitor_watch;
	struct list calls; /* under way here */
	unsigned inflight;
	uint32_t credit;
	uint64_t turn; /* when it was last given a call */
	int64_t heard_us;
	uint8_t version;
	bool ready;   /* may be asked */
	bool leaving; /* said DRAIN: ready no more, but finishing what it has */
	bool absent;  /* its file is gone */
	bool dirty;   /* was written to: ZeroMQ may have swallowed a read signal */
	bool primed;  /* its monitor was looked at once, as edges demand */
};

struct call {
	struct list link;
	struct fabric_caller *caller;
	struct peer *peer; /* NULL: waiting, or free */
	uint64_t id;       /* 0: free */
	struct fabric_header header;
	zmq_msg_t body, attachment;
	bool has_attachment;
	int64_t deadline_us;
	unsigned attempts;
	struct timer timer;
	void (*done)(void *ctx, const struct fabric_answer *answer);
	void *ctx;
};

struct fabric_caller {
	struct fabric *fabric;
	struct fabric_caller_options options;
	int set, timer_fd, folder_fd; /* set: the epoll that holds all the others */
	struct watch timer_watch, folder_watch;
	struct timers timers;
	int64_t armed_us; /* when timer_fd fires; INT64_MAX: never */
	struct timer check;
	int64_t checked_us;
	struct list peers;
	unsigned ready, monitors;
	struct call *calls;
	struct list free, waiting;
	unsigned waiting_count, underway;
	uint32_t generation;
	uint64_t turns;
};

struct fabric_held {
	zmq_msg_t body, attachment;
};

/* What fabric_hold may take over; the answer handed to `done` is the first member. */
struct answer_frames {
	struct fabric_answer answer;
	struct fabric_frames *frames;
};

static void pump(struct fabric_caller *c);

/* ---- waking ---- */

static void want_turn(struct fabric_caller *c)
{
	c->options.wake(c->options.ctx);
}

static bool watch_fd(struct fabric_caller *c, int fd, struct watch *w)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = w };

	return epoll_ctl(c->set, EPOLL_CTL_ADD, fd, &e) == 0;
}

/* Arms the descriptor for the next deadline. Only ever moved earlier; when it fires too
 * soon it is set anew, so that a stream of equal budgets costs no system call per call.
 */
static void arm(struct fabric_caller *c)
{
	int64_t next = timers_next(&c->timers), in;
	struct itimerspec spec = { 0 };

	if (next >= c->armed_us)
		return;
	in = next - clock_us();
	if (in < 1)
		in = 1;
	spec.it_value.tv_sec = in / 1000000;
	spec.it_value.tv_nsec = in % 1000000 * 1000;
	timerfd_settime(c->timer_fd, 0, &spec, NULL);
	c->armed_us = next;
}

/* ---- calls ---- */

static void call_forget(struct call *call)
{
	struct fabric_caller *c = call->caller;

	if (call->peer != NULL)
		call->peer->inflight--;
	else
		c->waiting_count--;
	list_remove(&call->link);
	timers_stop(&c->timers, &call->timer);
	zmq_msg_close(&call->body);
	if (call->has_attachment)
		zmq_msg_close(&call->attachment);
	call->id = 0;
	call->peer = NULL;
	c->underway--;
	list_push(&c->free, &call->link);
}

static void call_end(struct call *call, struct answer_frames *a)
{
	void (*done)(void *, const struct fabric_answer *) = call->done;
	void *ctx = call->ctx;

	a->answer.attempts = call->attempts;
	call_forget(call);
	done(ctx, &a->answer);
}

static void call_end_bare(struct call *call, enum msg_status status)
{
	struct answer_frames a = { .answer = {
				       .status = status,
				       .peer = call->peer ? call->peer->label : "",
				   } };

	call_end(call, &a);
}

static void call_wait(struct call *call, bool first)
{
	struct fabric_caller *c = call->caller;

	call->peer = NULL;
	c->waiting_count++;
	if (first)
		list_push(&c->waiting, &call->link);
	else
		list_append(&c->waiting, &call->link);
}

/* Its peer did not do it (executed: or may have done it); on with another, or the end. */
static void call_again(struct call *call, bool executed)
{
	if (executed && !(call->header.flags & FLAG_AGAIN)) {
		fabric_count(COUNT_LOST);
		call_end_bare(call, STATUS_LOST);
	} else if (call->attempts >= ATTEMPTS_MAX) {
		call_end_bare(call, STATUS_AGAIN);
	} else {
		fabric_count(COUNT_RESENT);
		list_remove(&call->link);
		call->peer->inflight--;
		call_wait(call, true);
	}
}

static bool peer_send(struct peer *p, struct fabric_header *h, zmq_msg_t *body,
		      zmq_msg_t *attachment)
{
	h->version = p->version;
	if (!p->dirty) {
		p->dirty = true;
		want_turn(p->caller);
	}
	return fabric_send(p->socket, h, body, attachment);
}

static bool call_send(struct call *call, struct peer *p)
{
	zmq_msg_t body, attachment;
	int64_t left = call->deadline_us - clock_us();

	call->header.budget_us = left < 1            ? 1
				 : left > UINT32_MAX ? UINT32_MAX
						     : (uint32_t)left;
	call->header.attempt = (uint8_t)call->attempts;
	/* counted references: the originals stay for another attempt */
	zmq_msg_init(&body);
	zmq_msg_copy(&body, &call->body);
	if (call->has_attachment) {
		zmq_msg_init(&attachment);
		zmq_msg_copy(&attachment, &call->attachment);
	}
	return peer_send(p, &call->header, &body,
			 call->has_attachment ? &attachment : NULL);
}

static void call_late(void *ctx)
{
	struct call *call = ctx;
	struct fabric_header cancel = { .kind = KIND_CANCEL, .id = call->id };

	if (call->peer != NULL)
		peer_send(call->peer, &cancel, NULL, NULL);
	fabric_count(COUNT_LATE);
	call_end_bare(call, STATUS_LATE);
}

/* ---- giving calls to peers ---- */

static bool less_loaded(const struct peer *a, const struct peer *b)
{
	uint64_t load_a = (uint64_t)a->inflight * b->credit;
	uint64_t load_b = (uint64_t)b->inflight * a->credit;

	return load_a != load_b ? load_a < load_b
				: a->turn < b->turn; /* equals take turns */
}

static struct peer *least_loaded(struct fabric_caller *c)
{
	struct peer *best = NULL;

	LIST_EACH(link, &c->peers)
	{
		struct peer *p = LIST_OF(link, struct peer, link);

		if (!p->ready || p->inflight >= p->credit)
			continue;
		if (best == NULL || less_loaded(p, best))
			best = p;
	}
	if (best != NULL)
		best->turn = ++c->turns;
	return best;
}

static void set_ready(struct peer *p, bool ready)
{
	struct fabric_caller *c = p->caller;

	if (p->ready == ready)
		return;
	p->ready = ready;
	c->ready += ready ? 1 : -1;
	if (c->options.peers_changed != NULL)
		c->options.peers_changed(c->options.ctx, c->ready);
}

static void pump(struct fabric_caller *c)
{
	struct list *link;

	while ((link = list_first(&c->waiting)) != NULL) {
		struct call *call = LIST_OF(link, struct call, link);
		struct peer *p;

		if (call->deadline_us <= clock_us())
			return; /* its timer ends it; not from here, see fabric.h */
		p = least_loaded(c);
		if (p == NULL)
			return;
		if (!call_send(call, p)) {
			set_ready(p, false);
			continue;
		}
		list_remove(&call->link);
		c->waiting_count--;
		list_append(&p->calls, &call->link);
		call->peer = p;
		call->attempts++;
		p->inflight++;
	}
}

uint64_t fabric_call(struct fabric_caller *c, const struct fabric_request *r)
{
	struct list *link = list_first(&c->free);
	bool full = link == NULL || c->waiting_count >= c->options.queue_max;
	struct call *call;

	if (full ||
	    zmq_msg_init_size(&LIST_OF(link, struct call, link)->body, r->body.n) != 0) {
		fabric_count(COUNT_FULL);
		if (r->attachment.p != NULL && r->attachment.free_fn != NULL)
			r->attachment.free_fn(r->attachment.p, r->attachment.hint);
		return 0;
	}
	call = LIST_OF(link, struct call, link);
	if (r->body.n > 0)
		memcpy(zmq_msg_data(&call->body), r->body.p, r->body.n);
	call->has_attachment = r->attachment.p != NULL;
	if (call->has_attachment &&
	    !fabric_attachment_message(&r->attachment, &call->attachment)) {
		zmq_msg_close(&call->body);
		fabric_count(COUNT_FULL);
		return 0;
	}
	list_remove(&call->link);
	if (++c->generation == 0)
		c->generation = 1;
	call->id = (uint64_t)c->generation << 32 | (uint32_t)(call - c->calls);
	call->header = (struct fabric_header){
		.kind = KIND_REQUEST,
		.flags = r->again ? FLAG_AGAIN : 0,
		.id = call->id,
		.span = r->context.span,
		.type = (uint16_t)r->type,
	};
	memcpy(call->header.trace, r->context.trace, FABRIC_TRACE_SIZE);
	memcpy(call->header.key, r->context.key, FABRIC_KEY_SIZE);
	call->attempts = 0;
	call->done = r->done;
	call->ctx = r->ctx;
	call->deadline_us = clock_us() + r->budget_us;
	timers_set(&c->timers, &call->timer, call->deadline_us);
	arm(c);
	c->underway++;
	call_wait(call, false);
	pump(c);
	return call->id;
}

static struct call *call_find(struct fabric_caller *c, uint64_t id)
{
	uint32_t at = (uint32_t)id;

	if (id == 0 || at >= c->options.calls_max || c->calls[at].id != id)
		return NULL;
	return &c->calls[at];
}

void fabric_cancel(struct fabric_caller *c, uint64_t id)
{
	struct call *call = call_find(c, id);
	struct fabric_header h = { .kind = KIND_CANCEL, .id = id };

	if (call == NULL)
		return;
	if (call->peer != NULL)
		peer_send(call->peer, &h, NULL, NULL);
	call_forget(call);
}

/* ---- peers ---- */

static void peer_close(struct peer *p)
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
static void peer_down(struct peer *p)
{
	if (p->ready || p->inflight > 0)
		fabric_count(COUNT_DIED_PEER);
	set_ready(p, false);
	/* not LIST_EACH: an end may cancel any other call */
	for (struct list *link; (link = list_first(&p->calls)) != NULL;)
		call_again(LIST_OF(link, struct call, link), true);
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
	       watch_fd(c, fabric_socket_fd(p->socket), &p->watch) &&
	       watch_fd(c, fabric_socket_fd(p->monitor), &p->monitor_watch);
}

static struct peer *peer_find(struct fabric_caller *c, const char *name)
{
	LIST_EACH(link, &c->peers)
	{
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

static void peer_appeared(struct fabric_caller *c, const char *name)
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
	want_turn(c);
}

static void peer_vanished(struct fabric_caller *c, const char *name)
{
	struct peer *p = peer_find(c, name);

	if (p != NULL)
		p->absent = true; /* closed when it has nothing more of ours */
}

static void close_absent(struct fabric_caller *c)
{
	LIST_EACH(link, &c->peers)
	{
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
		call_again(call, false);
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
		set_ready(p, true);
		break;
	case KIND_BEAT:
		p->credit = h.credit;
		if (!p->leaving && h.credit > 0)
			set_ready(p, true); /* it hung and came back */
		break;
	case KIND_DRAIN:
		p->leaving = true;
		set_ready(p, false);
		peer_send(p, &(struct fabric_header){ .kind = KIND_DRAINED }, NULL, NULL);
		break;
	case KIND_REPLY:
		on_reply(p, &h, m);
		break;
	default:
		fabric_count(COUNT_UNKNOWN_KIND);
	}
}

static void peer_read(struct peer *p)
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
	want_turn(p->caller);
}

static void monitor_read(struct peer *p)
{
	struct fabric_frames m;
	bool down = false;

	while (fabric_receive(p->monitor, &m)) {
		down = true; /* DISCONNECTED is all we asked for */
		fabric_frames_close(&m);
	}
	if (!down)
		return;
	peer_read(p); /* what it answered before it went still counts */
	p->version = FABRIC_VERSION_MIN;
	peer_down(p);
}

/* A peer whose loop hangs keeps its connection: ZeroMQ's thread lives. Its beats stop. */
static void check_peers(void *ctx)
{
	struct fabric_caller *c = ctx;
	int64_t now = clock_us();
	bool we_slept = now - c->checked_us > 4 * CHECK_US;

	c->checked_us = now;
	LIST_EACH(link, &c->peers)
	{
		struct peer *p = LIST_OF(link, struct peer, link);

		if (we_slept)
			p->heard_us = now; /* it is we who were not listening */
		else if ((p->ready || p->inflight > 0) &&
			 now - p->heard_us > FABRIC_DEAD_US)
			peer_down(p);
	}
	timers_set(&c->timers, &c->check, now + CHECK_US);
}

/* ---- the folder ---- */

/* <service>.<slot>.<pid>.sock */
static bool is_ours(const struct fabric_caller *c, const char *name)
{
	size_t n = strlen(c->options.service);

	return strncmp(name, c->options.service, n) == 0 && name[n] == '.' &&
	       str_ends(str_of(name), STR(".sock"));
}

static void folder_scan(struct fabric_caller *c)
{
	DIR *dir = opendir(c->options.run_dir);

	if (dir == NULL)
		return;
	LIST_EACH(link, &c->peers)
	LIST_OF(link, struct peer, link)->absent = true;
	for (struct dirent *e; (e = readdir(dir)) != NULL;)
		if (is_ours(c, e->d_name))
			peer_appeared(c, e->d_name);
	closedir(dir);
}

static void folder_read(struct fabric_caller *c)
{
	_Alignas(struct inotify_event) char bytes[4096];
	ssize_t n;

	while ((n = read(c->folder_fd, bytes, sizeof(bytes))) > 0) {
		for (char *at = bytes; at < bytes + n;) {
			struct inotify_event *e = (struct inotify_event *)(void *)at;

			at += sizeof(*e) + e->len;
			if (e->mask & IN_Q_OVERFLOW)
				folder_scan(c);
			else if (e->len == 0 || !is_ours(c, e->name))
				continue;
			else if (e->mask & (IN_CREATE | IN_MOVED_TO))
				peer_appeared(c, e->name);
			else
				peer_vanished(c, e->name);
		}
	}
}

/* ---- life ---- */

static bool open_descriptors(struct fabric_caller *c)
{
	c->set = epoll_create1(EPOLL_CLOEXEC);
	c->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	c->folder_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	return c->set >= 0 && c->timer_fd >= 0 && c->folder_fd >= 0 &&
	       inotify_add_watch(c->folder_fd, c->options.run_dir,
				 IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM) >=
		   0 &&
	       watch_fd(c, c->timer_fd, &c->timer_watch) &&
	       watch_fd(c, c->folder_fd, &c->folder_watch);
}

struct fabric_caller *fabric_caller_new(struct fabric *f,
					const struct fabric_caller_options *options)
{
	struct fabric_caller *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->fabric = f;
	c->options = *options;
	c->set = c->timer_fd = c->folder_fd = -1;
	c->armed_us = INT64_MAX;
	c->timer_watch.kind = WATCH_TIMER;
	c->folder_watch.kind = WATCH_FOLDER;
	list_init(&c->peers);
	list_init(&c->free);
	list_init(&c->waiting);
	c->calls = calloc(options->calls_max, sizeof(*c->calls));
	if (c->calls == NULL || !open_descriptors(c)) {
		fabric_caller_free(c);
		return NULL;
	}
	for (unsigned i = 0; i < options->calls_max; i++) {
		struct call *call = &c->calls[i];

		call->caller = c;
		call->timer = (struct timer){ .run = call_late, .ctx = call };
		list_append(&c->free, &call->link);
	}
	c->check = (struct timer){ .run = check_peers, .ctx = c };
	c->checked_us = clock_us();
	timers_set(&c->timers, &c->check, c->checked_us + CHECK_US);
	arm(c);
	folder_scan(c);
	return c;
}

void fabric_caller_free(struct fabric_caller *c)
{
	if (c == NULL)
		return;
	for (unsigned i = 0; c->calls != NULL && i < c->options.calls_max; i++)
		if (c->calls[i].id != 0)
			call_forget(&c->calls[i]);
	LIST_EACH(link, &c->peers)
	peer_close(LIST_OF(link, struct peer, link));
	timers_fini(&c->timers);
	if (c->set >= 0)
		close(c->set);
	if (c->timer_fd >= 0)
		close(c->timer_fd);
	if (c->folder_fd >= 0)
		close(c->folder_fd);
	free(c->calls);
	free(c);
}

int fabric_caller_fd(const struct fabric_caller *c)
{
	return c->set;
}

static void run_watches(struct fabric_caller *c)
{
	struct epoll_event events[32];
	int n = epoll_wait(c->set, events, 32, 0);
	uint64_t fired;

	for (int i = 0; i < n; i++) {
		struct watch *w = events[i].data.ptr;

		switch (w->kind) {
		case WATCH_PEER:
			peer_read(w->peer);
			break;
		case WATCH_MONITOR:
			monitor_read(w->peer);
			break;
		case WATCH_FOLDER:
			folder_read(c);
			break;
		case WATCH_TIMER:
			if (read(c->timer_fd, &fired, sizeof(fired)) > 0)
				c->armed_us = INT64_MAX;
			break;
		}
	}
}

void fabric_caller_turn(struct fabric_caller *c)
{
	run_watches(c);
	LIST_EACH(link, &c->peers)
	{
		struct peer *p = LIST_OF(link, struct peer, link);

		if (p->dirty)
			peer_read(p);
		if (!p->primed) {
			p->primed = true;
			monitor_read(p);
		}
	}
	timers_run(&c->timers, clock_us());
	pump(c);
	close_absent(c); /* last: no event of this turn may find a freed peer */
	arm(c);
}

unsigned fabric_caller_ready(const struct fabric_caller *c)
{
	return c->ready;
}

unsigned fabric_caller_underway(const struct fabric_caller *c)
{
	return c->underway;
}

struct fabric_held *fabric_hold(const struct fabric_answer *answer)
{
	const struct answer_frames *a = LIST_OF(answer, struct answer_frames, answer);
	struct fabric_held *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	zmq_msg_init(&h->body);
	zmq_msg_init(&h->attachment);
	if (a->frames != NULL) {
		zmq_msg_move(&h->body, &a->frames->part[1]);
		zmq_msg_move(&h->attachment, &a->frames->part[2]);
	}
	return h;
}

struct str fabric_held_body(struct fabric_held *h)
{
	return (struct str){ zmq_msg_data(&h->body), zmq_msg_size(&h->body) };
}

struct str fabric_held_attachment(struct fabric_held *h)
{
	return (struct str){ zmq_msg_data(&h->attachment), zmq_msg_size(&h->attachment) };
}

void fabric_held_free(struct fabric_held *h)
{
	if (h == NULL)
		return;
	zmq_msg_close(&h->body);
	zmq_msg_close(&h->attachment);
	free(h);
}
