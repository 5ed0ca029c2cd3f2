/* conn.c -- see conn.h. */
#include "webd/conn.h"

#include <fcntl.h>

#include "common/clock.h"
#include "common/stat.h"
#include "webd/limits.h"
#include "webd/tcp_info.h"
#include "webd/worker.h"

enum { UNSENT_MAX = 128 << 10 };

static void on_close(void *ctx)
{
	struct conn *c = ctx;

	guard_forget();
	if (c->counted)
		limits_disconnect(c->worker->webd->limits, &c->peer);
	if (c->linger_fd >= 0)
		worker_linger(c->worker, c->linger_fd);
	worker_lost_conn(c->worker, c);
	free(c);
}

/* False: its address has enough of them. */
static bool admit(struct conn *c)
{
	const struct settings *s = &c->worker->settings;

	if (c->trusted || s->max_per_address == 0)
		return true;
	c->counted =
	    limits_connect(c->worker->webd->limits, &c->peer, s->max_per_address);
	return c->counted;
}

void conn_accept(struct worker *w, h2o_accept_ctx_t *how, h2o_socket_t *sock)
{
	struct conn *c = calloc(1, sizeof(*c));
	struct sockaddr_storage peer = { .ss_family = AF_UNSPEC };

	if (c == NULL) {
		h2o_socket_close(sock);
		return;
	}
	c->worker = w;
	c->sock = sock;
	c->linger_fd = -1;
	c->active_us = clock_us();
	h2o_socket_getpeername(sock, (struct sockaddr *)&peer);
	address_of((const struct sockaddr *)&peer, &c->peer);
	address_text(&c->peer, c->peer_text);
	c->trusted = address_list_has(&w->settings.trusted, &c->peer);
	if (!admit(c)) {
		stat_one(STAT_WEBD_TURNED_AWAY);
		free(c);
		h2o_socket_close(sock);
		return;
	}
	if (w->settings.write_timeout_us > 0)
		tcp_set_user_timeout(h2o_socket_get_fd(sock),
				     w->settings.write_timeout_us);
	tcp_set_backlog(h2o_socket_get_fd(sock), UNSENT_MAX);
	tcp_set_receive_buffer(h2o_socket_get_fd(sock), (int)w->settings.receive_buffer);
	sock->on_close.cb = on_close;
	sock->on_close.data = c;
	stat_one(STAT_WEBD_ACCEPTED);
	worker_new_conn(w, c);
	h2o_accept(how, sock);
}

struct conn *conn_of(const h2o_req_t *req)
{
	return req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

/* libh2o closes its descriptor when the answer is out; ours keeps the connection. */
void conn_linger(struct conn *c)
{
	if (c->linger_fd < 0)
		c->linger_fd = fcntl(h2o_socket_get_fd(c->sock), F_DUPFD_CLOEXEC, 3);
}

void conn_shutdown(struct conn *c)
{
	if (c->guard.ended)
		return;
	c->guard.ended = true;
	shutdown(h2o_socket_get_fd(c->sock), SHUT_RDWR);
}

void conn_abort(struct conn *c)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(h2o_socket_get_fd(c->sock), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	conn_shutdown(c);
}

bool conn_is_idle(const struct conn *c)
{
	return c->exchanges == 0 && c->sock->input->size == 0;
}
