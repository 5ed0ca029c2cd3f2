/* health.c -- see health.h. */
#include "dnsd/health.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/fabric_loop.h"
#include "common/log.h"

enum {
	LOOK_US = 250000,     /* from one look to the next */
	PATIENCE_US = 225000, /* for connection and answer together */
	FAILURES = 2,      /* in a row: it is dead (of webd the fabric is sure at once) */
	HOLD_US = 2000000, /* how long it must be well before it is back */
	HOLD_MAX_US = 60000000,
	CALM_US = 600000000, /* well for so long: its past is forgotten */
	STATUS_LINE = 12,    /* octets of "HTTP/1.1 200" */
};

static const char question[] = "HEAD /-/live HTTP/1.0\r\n"
			       "User-Agent: onebox-dnsd\r\n\r\n";

/* One address; reads and writes nothing while io.fd is -1. */
struct target {
	struct health *all;
	struct peer peer;
	bool is_own, is_dead;
	unsigned failures;
	int64_t well_since_us; /* 0: it is not */
	int64_t hold_us, began_us, left_us, back_us;
	struct loop_fd io;
	struct timer look, late;
	char in[STATUS_LINE];
	size_t in_n;
};

struct health {
	struct loop *loop;
	struct fabric *fabric;
	const char *run_dir;
	struct fabric_caller *webd; /* NULL: our own address is in no list */
	struct fabric_tie tie;
	unsigned webd_ready;
	bool webd_seen;
	struct snapshot *snapshot;
	struct target targets[ACCESS_MAX];
	size_t count;
};

static const char *text_of(const struct peer *p, char text[INET6_ADDRSTRLEN + 8])
{
	const struct sockaddr_in *v4 = (const void *)&p->address;
	const struct sockaddr_in6 *v6 = (const void *)&p->address;
	char bare[INET6_ADDRSTRLEN] = "";

	if (p->address.ss_family == AF_INET) {
		inet_ntop(AF_INET, &v4->sin_addr, bare, sizeof(bare));
		snprintf(text, INET6_ADDRSTRLEN + 8, "%s:%u", bare, ntohs(v4->sin_port));
	} else {
		inet_ntop(AF_INET6, &v6->sin6_addr, bare, sizeof(bare));
		snprintf(text, INET6_ADDRSTRLEN + 8, "[%s]:%u", bare,
			 ntohs(v6->sin6_port));
	}
	return text;
}

/* ---- judging ---- */

static void say(struct health *h)
{
	unsigned dead = 0;

	for (size_t i = 0; i < h->count; i++)
		dead |= h->targets[i].is_dead ? 1u << i : 0;
	if (h->snapshot != NULL)
		atomic_store(&h->snapshot->dead, dead);
}

static void leave(struct target *t, const char *why)
{
	int64_t now_us = loop_now_us(t->all->loop);
	bool again = t->back_us != 0 && now_us - t->back_us < CALM_US;
	char text[INET6_ADDRSTRLEN + 8];

	t->is_dead = true;
	t->left_us = now_us;
	t->hold_us = again ? t->hold_us * 2 : HOLD_US;
	if (t->hold_us > HOLD_MAX_US)
		t->hold_us = HOLD_MAX_US;
	log_warn("address_left address=%s why=\"%s\" hold_s=%lld",
		 text_of(&t->peer, text), why, (long long)t->hold_us / 1000000);
	say(t->all);
}

static void come_back(struct target *t)
{
	char text[INET6_ADDRSTRLEN + 8];

	t->is_dead = false;
	t->back_us = loop_now_us(t->all->loop);
	log_info("address_back address=%s away_s=%lld", text_of(&t->peer, text),
		 (long long)(t->back_us - t->left_us) / 1000000);
	say(t->all);
}

static void judge(struct target *t, const char *wrong)
{
	int64_t now_us = loop_now_us(t->all->loop);

	if (wrong != NULL) {
		t->well_since_us = 0;
		if (++t->failures >= (t->is_own ? 1 : FAILURES) && !t->is_dead)
			leave(t, wrong);
		return;
	}
	t->failures = 0;
	if (t->well_since_us == 0)
		t->well_since_us = now_us;
	if (t->is_dead && now_us - t->well_since_us >= t->hold_us)
		come_back(t);
}

/* ---- looking ---- */

static void end_look(struct target *t, const char *wrong)
{
	struct linger at_once = { 1, 0 };
	int fd = t->io.fd;

	loop_timer_stop(t->all->loop, &t->late);
	loop_fd_remove(t->all->loop, &t->io);
	t->io.fd = -1;
	if (fd >= 0) {
		/* or some thousand connections would lie in TIME_WAIT */
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		close(fd);
	}
	judge(t, wrong);
}

static void on_late(void *ctx)
{
	end_look(ctx, "no answer in time");
}

static void on_writable(struct target *t)
{
	ssize_t n = sizeof(question) - 1;
	int failed = 0;
	socklen_t size = sizeof(failed);

	getsockopt(t->io.fd, SOL_SOCKET, SO_ERROR, &failed, &size);
	if (failed == 0 && send(t->io.fd, question, (size_t)n, MSG_NOSIGNAL) != n)
		failed = errno;
	if (failed != 0)
		end_look(t, strerror(failed));
	else
		loop_fd_change(t->all->loop, &t->io, EPOLLIN);
}

static void on_readable(struct target *t)
{
	ssize_t n =
	    recv(t->io.fd, t->in + t->in_n, sizeof(t->in) - t->in_n, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		end_look(t, n < 0 ? strerror(errno) : "it closed the connection");
		return;
	}
	t->in_n += (size_t)n;
	if (t->in_n < sizeof(t->in))
		return;
	if (memcmp(t->in, "HTTP/1.", 7) == 0 && memcmp(t->in + 8, " 200", 4) == 0)
		end_look(t, NULL);
	else
		end_look(t, "its answer is not 200");
}

static void on_event(void *ctx, uint32_t events)
{
	struct target *t = ctx;

	if ((events & EPOLLOUT) != 0)
		on_writable(t);
	else
		on_readable(t);
}

static void begin_look(struct target *t)
{
	const struct peer *p = &t->peer;
	int fd =
	    socket(p->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return; /* our own trouble says nothing of it */
	if (t->io.fd >= 0)
		end_look(t, "no answer in time"); /* the loop was late */
	t->in_n = 0;
	if ((connect(fd, (const struct sockaddr *)&p->address, p->address_len) != 0 &&
	     errno != EINPROGRESS)) {
		const char *why = strerror(errno);

		close(fd);
		judge(t, why);
	} else if (!loop_fd_add(t->all->loop, &t->io, fd, EPOLLOUT)) {
		t->io.fd = -1;
		close(fd);
	} else {
		loop_timer_in(t->all->loop, &t->late, PATIENCE_US);
	}
}

static void on_look(void *ctx)
{
	struct target *t = ctx;
	const struct health *h = t->all;

	loop_timer_in(h->loop, &t->look, LOOK_US);
	if (!t->is_own)
		begin_look(t);
	else if (h->webd_seen)
		judge(t, h->webd_ready > 0 ? NULL : "no webd is there");
}

/* ---- which there are ---- */

static void on_webd(void *ctx, unsigned ready)
{
	struct health *h = ctx;

	h->webd_ready = ready;
	h->webd_seen = h->webd_seen || ready > 0;
}

static void wake(void *ctx)
{
	struct health *h = ctx;

	fabric_tie_wake(&h->tie);
}

/* Without it our own address counts as alive. */
static void watch_webd(struct health *h)
{
	const struct fabric_caller_options o = {
		.run_dir = h->run_dir,
		.service = "webd",
		.calls_max = 1,
		.queue_max = 1,
		.wake = wake,
		.peers_changed = on_webd,
		.ctx = h,
	};

	if (h->webd != NULL)
		return;
	fabric_tie_init(&h->tie, h->loop);
	h->webd = fabric_caller_new(h->fabric, &o);
	if (h->webd != NULL && fabric_tie_caller(&h->tie, h->webd))
		return;
	log_error("webd_not_watched why=\"%s\"", strerror(errno));
	fabric_caller_free(h->webd);
	h->webd = NULL;
}

static void forget(struct target *t)
{
	int fd = t->io.fd;

	loop_timer_stop(t->all->loop, &t->look);
	loop_timer_stop(t->all->loop, &t->late);
	loop_fd_remove(t->all->loop, &t->io);
	if (fd >= 0)
		close(fd);
}

/* As it was, with nothing under way. */
static void set_target(struct target *t, struct health *h, const struct peer *p)
{
	t->all = h;
	t->peer = *p;
	if (t->began_us == 0)
		t->began_us = loop_now_us(h->loop);
	t->io = (struct loop_fd){ .fd = -1, .run = on_event, .ctx = t };
	t->look = (struct timer){ .run = on_look, .ctx = t };
	t->late = (struct timer){ .run = on_late, .ctx = t };
	loop_timer_in(h->loop, &t->look, 0);
}

void health_update(struct health *h, struct snapshot *s)
{
	const struct peer_list *now = &s->facts.health;
	struct target before[ACCESS_MAX];
	size_t count = h->count;

	for (size_t i = 0; i < count; i++)
		forget(&h->targets[i]);
	memcpy(before, h->targets, sizeof(before));
	memset(h->targets, 0, sizeof(h->targets));
	for (size_t i = 0; i < now->count; i++) {
		for (size_t k = 0; k < count; k++)
			if (peers_equal(&before[k].peer, &now->items[i]))
				h->targets[i] = before[k];
		h->targets[i].is_own = (s->facts.health_own >> i & 1) != 0;
		set_target(&h->targets[i], h, &now->items[i]);
	}
	h->count = now->count;
	h->snapshot = s;
	if (s->facts.health_own != 0)
		watch_webd(h);
	say(h);
}

static int64_t so_since_us(const struct target *t)
{
	if (t->is_dead)
		return t->left_us;
	return t->back_us != 0 ? t->back_us : t->began_us;
}

void health_stats(const struct health *h, struct buf *b)
{
	int64_t now_us = loop_now_us(h->loop);
	char text[INET6_ADDRSTRLEN + 8];

	if (h->count > 0)
		buf_text(b, "# HELP onebox_dnsd_address_up does it answer (1), or is it "
			    "left out of answers (0)\n"
			    "# TYPE onebox_dnsd_address_up gauge\n");
	for (size_t i = 0; i < h->count; i++)
		buf_fmt(b, "onebox_dnsd_address_up{address=\"%s\"} %d\n",
			text_of(&h->targets[i].peer, text), !h->targets[i].is_dead);
	if (h->count > 0)
		buf_text(b, "# HELP onebox_dnsd_address_seconds for how long it has been "
			    "so\n# TYPE onebox_dnsd_address_seconds gauge\n");
	for (size_t i = 0; i < h->count; i++)
		buf_fmt(b, "onebox_dnsd_address_seconds{address=\"%s\"} %lld\n",
			text_of(&h->targets[i].peer, text),
			(long long)(now_us - so_since_us(&h->targets[i])) / 1000000);
}

struct health *health_new(struct loop *l, struct fabric *f, const char *run_dir)
{
	struct health *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->loop = l;
	h->fabric = f;
	h->run_dir = run_dir;
	return h;
}

void health_free(struct health *h)
{
	if (h == NULL)
		return;
	for (size_t i = 0; i < h->count; i++)
		forget(&h->targets[i]);
	if (h->webd != NULL) {
		fabric_tie_fini(&h->tie);
		fabric_caller_free(h->webd);
	}
	free(h);
}
