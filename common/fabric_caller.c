/* fabric_caller.c -- the asking side of the fabric, put together: one descriptor that
 * stands for all it waits for, the folder where peers appear, and the turn. See
 * fabric_caller.h for the other parts. */
#include "common/fabric_caller.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/clock.h"

struct fabric_held {
	zmq_msg_t body, attachment;
};

/* ---- waking ---- */

void caller_want_turn(struct fabric_caller *c)
{
	c->options.wake(c->options.ctx);
}

bool caller_watch(struct fabric_caller *c, int fd, struct watch *w)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = w };

	return epoll_ctl(c->set, EPOLL_CTL_ADD, fd, &e) == 0;
}

/* Arms the descriptor for the next deadline. Only ever moved earlier; when it fires too
 * soon it is set anew, so that a stream of equal budgets costs no system call per call.
 */
void caller_arm(struct fabric_caller *c)
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
	       caller_watch(c, c->timer_fd, &c->timer_watch) &&
	       caller_watch(c, c->folder_fd, &c->folder_watch);
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
	c->check = (struct timer){ .run = peers_check, .ctx = c };
	c->checked_us = clock_us();
	timers_set(&c->timers, &c->check, c->checked_us);
	caller_arm(c);
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
			peer_monitor_read(w->peer);
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
	LIST_EACH(link, &c->peers) {
		struct peer *p = LIST_OF(link, struct peer, link);

		if (p->dirty)
			peer_read(p);
		if (!p->primed) {
			p->primed = true;
			peer_monitor_read(p);
		}
	}
	timers_run(&c->timers, clock_us());
	calls_pump(c);
	if (c->ready != c->ready_said) {
		c->ready_said = c->ready;
		if (c->options.peers_changed != NULL)
			c->options.peers_changed(c->options.ctx, c->ready);
	}
	peers_close_absent(c); /* last: no event of this turn may find a freed peer */
	caller_arm(c);
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
