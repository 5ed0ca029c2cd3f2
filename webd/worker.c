/* worker.c -- see worker.h: set-up, the loop, listening, and the end. What is done with a
 * request is site.c's. */
#include "webd/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/stat.h"
#include "webd/conn.h"
#include "webd/exchange.h"
#include "webd/memory.h"
#include "webd/patrol.h"
#include "webd/site.h"

enum {
	ACCEPT_BURST = 8, /* small, so that the cores share a burst */
	SCAN_MS = 25,
	HELD_MS = 5, /* the next look at the memory, when somebody waits for it */
	SCRATCH_LIMIT = 1 << 20,
	PATROL_US = 900000, /* the tick comes once a second, or more often */
};

static void tick_again(struct worker *w);

/* ---- listening ---- */

static void on_connection(h2o_socket_t *sock, const char *err)
{
	struct listener *l = sock->data;
	struct worker *w = l->worker;

	if (err != NULL)
		return;
	for (int i = 0; i < ACCEPT_BURST && w->listening; i++) {
		h2o_socket_t *conn = h2o_evloop_socket_accept(sock);

		if (conn != NULL) {
			conn_accept(w, l->how, conn);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
			worker_listen(w, false); /* the tick tries again */
		return;
	}
}

void worker_listen(struct worker *w, bool on)
{
	if (w->listening == on)
		return;
	w->listening = on;
	for (size_t i = 0; i < w->listener_count; i++) {
		if (on)
			h2o_socket_read_start(w->listeners[i].sock, on_connection);
		else
			h2o_socket_read_stop(w->listeners[i].sock);
	}
}

void worker_linger(struct worker *w, int fd)
{
	linger_add(&w->linger, fd);
	tick_again(w);
}

static bool has_room(const struct worker *w)
{
	return atomic_load(&w->webd->connections) < w->settings.max_connections;
}

void worker_new_conn(struct worker *w, struct conn *c)
{
	list_append(&w->conns, &c->link);
	w->conn_count++;
	stat_set(STAT_WEBD_CONNECTIONS, atomic_fetch_add(&w->webd->connections, 1) + 1);
	if (!has_room(w)) {
		stat_one(STAT_WEBD_FULL);
		worker_listen(w, false);
	}
}

void worker_lost_conn(struct worker *w, struct conn *c)
{
	list_remove(&c->link);
	w->conn_count--;
	stat_set(STAT_WEBD_CONNECTIONS, atomic_fetch_sub(&w->webd->connections, 1) - 1);
}

/* NULL: not for HTTP, or HTTPS without a certificate. */
static h2o_accept_ctx_t *how_of(struct worker *w, const char *name)
{
	if (strcmp(name, "http") == 0)
		return &w->plain;
	return strcmp(name, "https") == 0 && w->tls.ssl_ctx != NULL ? &w->tls : NULL;
}

static void take_tls(struct worker *w)
{
	SSL_CTX *next = atomic_exchange(&w->next_tls, NULL);

	if (next == NULL)
		return;
	SSL_CTX_free(w->tls.ssl_ctx);
	w->tls.ssl_ctx = next;
}

/* Connections under way keep their receive buffers and libh2o's clocks that run. */
static void take_settings(struct worker *w)
{
	struct settings *next = atomic_exchange(&w->next_settings, NULL);

	if (next == NULL)
		return;
	w->settings = *next;
	free(next);
	guard_set_limits(&w->settings.guard);
	site_set(&w->conf, &w->settings);
	w->ctx.handshake_timeout.timeout = (uint64_t)w->settings.handshake_us / 1000;
	w->ctx.http1.req_timeout.timeout = (uint64_t)w->settings.request_us / 1000;
	w->ctx.http2.idle_timeout.timeout = (uint64_t)w->settings.idle_us / 1000;
	overload_set_target(&w->overload, w->settings.max_excess_us);
}

static bool open_listeners(struct worker *w)
{
	const struct inherit *sockets = &w->webd->daemon->sockets;

	w->plain.ctx = w->tls.ctx = &w->ctx;
	w->plain.hosts = w->tls.hosts = w->conf.hosts;
	for (size_t i = 0; i < sockets->count; i++) {
		struct listener *l = &w->listeners[w->listener_count];
		h2o_accept_ctx_t *how = how_of(w, sockets->sockets[i].name);
		int fd;

		if (how == NULL)
			continue;
		fd = fcntl(sockets->sockets[i].fd, F_DUPFD_CLOEXEC, 3);
		if (fd < 0)
			return false;
		l->worker = w;
		l->how = how;
		l->sock =
		    h2o_evloop_socket_create(w->ctx.loop, fd, H2O_SOCKET_FLAG_DONT_READ);
		l->sock->data = l;
		w->listener_count++;
	}
	worker_listen(w, true);
	return true;
}

/* ---- time ---- */

/* HTTP/1: libh2o does not read while a request is served, so a client that left is seen
 * here only. */
static void on_scan(h2o_timeout_entry_t *entry)
{
	struct worker *w = H2O_STRUCT_FROM_MEMBER(struct worker, scan, entry);

	exchange_look_for_gone_clients(w);
	if (!list_empty(&w->asking))
		worker_watch_clients(w);
}

void worker_watch_clients(struct worker *w)
{
	if (!h2o_timeout_is_linked(&w->scan))
		h2o_timeout_link(w->ctx.loop, &w->scan_every, &w->scan);
}

/* Idle HTTP/1 connections are told nothing by libh2o when the process leaves: they are
 * given a while to ask (and are answered "Connection: close"), then closed. */
static void close_idle(struct worker *w)
{
	if (clock_us() - w->drain_since_us < w->settings.grace_us)
		return;
	LIST_EACH(link, &w->conns) {
		struct conn *c = LIST_OF(link, struct conn, link);

		if (conn_is_idle(c))
			conn_shutdown(c);
	}
}

/* Once a second, or soon when something is waited for. */
static void tick_again(struct worker *w)
{
	bool soon = w->draining || !w->listening || w->linger.count > 0;

	h2o_timeout_unlink(&w->tick);
	h2o_timeout_link(w->ctx.loop,
			 soon ? &w->ctx.hundred_ms_timeout : &w->ctx.one_sec_timeout,
			 &w->tick);
}

static void on_tick(h2o_timeout_entry_t *entry)
{
	struct worker *w = H2O_STRUCT_FROM_MEMBER(struct worker, tick, entry);

	atomic_store(&w->alive_us, clock_us());
	linger_run(&w->linger);
	if (clock_us() >= w->patrol_us) {
		w->patrol_us = clock_us() + PATROL_US;
		patrol_run(w);
	}
	if (w->draining)
		close_idle(w);
	else if (!w->listening && has_room(w))
		worker_listen(w, true);
	tick_again(w);
}

static void begin_drain(struct worker *w)
{
	w->draining = true;
	w->drain_since_us = clock_us();
	worker_listen(w, false);
	for (size_t i = 0; i < w->listener_count; i++)
		h2o_socket_close(w->listeners[i].sock);
	w->listener_count = 0;
	h2o_context_request_shutdown(&w->ctx);
	tick_again(w);
}

/* ---- the thread ---- */

static void on_woken(h2o_socket_t *sock, const char *err)
{
	struct worker *w = sock->data;

	(void)err;
	h2o_buffer_consume(&sock->input, sock->input->size);
	take_tls(w);
	take_settings(w);
	if (atomic_load(&w->want_drain) && !w->draining)
		begin_drain(w);
}

static bool set_up(struct worker *w)
{
	guard_set_limits(&w->settings.guard);
	w->conf = *site_h2o(w->webd->site);
	h2o_context_init(&w->ctx, h2o_evloop_create(), &w->conf);
	h2o_timeout_init(w->ctx.loop, &w->scan_every, SCAN_MS);
	w->scan.cb = on_scan;
	w->tick.cb = on_tick;
	tick_again(w);
	w->wake_sock = h2o_evloop_socket_create(w->ctx.loop,
						fcntl(w->wake_fd, F_DUPFD_CLOEXEC, 3), 0);
	w->wake_sock->data = w;
	h2o_socket_read_start(w->wake_sock, on_woken);
	take_tls(w);
	return tie_open(&w->appd, w, "appd") &&
	       (!w->settings.doh || tie_open(&w->dnsd, w, "dnsd")) && open_listeners(w);
}

static void tear_down(struct worker *w)
{
	h2o_multithread_queue_t *queue;

	h2o_socket_close(w->wake_sock);
	for (size_t i = 0; i < w->listener_count; i++)
		h2o_socket_close(w->listeners[i].sock);
	linger_end(&w->linger);
	/* its exchanges are still libh2o's, so their calls end here without an answer */
	tie_close(&w->appd);
	tie_close(&w->dnsd);
	buf_fini(&w->scratch);
	take_tls(w);
	SSL_CTX_free(w->tls.ssl_ctx);
	h2o_timeout_unlink(&w->tick);
	h2o_timeout_unlink(&w->scan);
	h2o_timeout_unlink(&w->ctx.http2._graceful_shutdown_timeout);
	/* connections cut short at the drain's deadline are libh2o's, and stay its */
	if (w->conn_count > 0)
		return;
	h2o_timeout_dispose(w->ctx.loop, &w->scan_every);
	queue = w->ctx.queue;
	h2o_context_dispose(&w->ctx);
	free(queue); /* libh2o forgets it */
	h2o_evloop_destroy(w->ctx.loop);
}

static void *run(void *ctx)
{
	struct worker *w = ctx;

	if (!set_up(w)) {
		log_error("worker_failed why=\"%s\"", strerror(errno));
		atomic_store(&w->failed, true);
	}
	atomic_store(&w->up, true);
	while (!atomic_load(&w->want_stop)) {
		h2o_evloop_run(w->ctx.loop, w->held_back > 0 ? HELD_MS : 1000);
		tie_go_on(&w->appd);
		tie_go_on(&w->dnsd);
		memory_look(w);
		atomic_store(&w->drained,
			     w->draining && w->conn_count == 0 && w->linger.count == 0);
	}
	tear_down(w);
	return NULL;
}

struct worker *worker_start(struct webd *webd)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->webd = webd;
	w->settings = webd->settings;
	list_init(&w->conns);
	list_init(&w->asking);
	buf_init(&w->scratch, SCRATCH_LIMIT);
	overload_init(&w->overload, webd->settings.inflight,
		      webd->settings.max_excess_us);
	w->alive_us = clock_us();
	if (webd->tls != NULL && SSL_CTX_up_ref(webd->tls) == 1)
		w->next_tls = webd->tls;
	w->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->wake_fd < 0 || pthread_create(&w->thread, NULL, run, w) != 0) {
		if (w->wake_fd >= 0)
			close(w->wake_fd);
		SSL_CTX_free(w->next_tls);
		free(w);
		return NULL;
	}
	return w;
}

static void wake(struct worker *w)
{
	uint64_t one = 1;

	if (write(w->wake_fd, &one, sizeof(one)) < 0) {
		/* full: it is awake */
	}
}

void worker_drain(struct worker *w)
{
	atomic_store(&w->want_drain, true);
	wake(w);
}

void worker_set_tls(struct worker *w, SSL_CTX *ctx)
{
	if (SSL_CTX_up_ref(ctx) != 1)
		return;
	SSL_CTX_free(atomic_exchange(&w->next_tls, ctx));
	wake(w);
}

bool worker_set_settings(struct worker *w, const struct settings *s)
{
	struct settings *copy = malloc(sizeof(*copy));

	if (copy == NULL)
		return false;
	*copy = *s;
	free(atomic_exchange(&w->next_settings, copy));
	wake(w);
	return true;
}

void worker_stop(struct worker *w)
{
	if (w == NULL)
		return;
	atomic_store(&w->want_stop, true);
	wake(w);
	pthread_join(w->thread, NULL);
	free(atomic_exchange(&w->next_settings, NULL));
	close(w->wake_fd);
	if (w->conn_count == 0) /* see tear_down */
		free(w);
}
