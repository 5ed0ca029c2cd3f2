/* conn.c -- see conn.h. */
#include "webd/conn.h"

#include "common/clock.h"
#include "common/stat.h"
#include "webd/worker.h"

static void on_close(void *ctx)
{
	struct conn *c = ctx;

	worker_lost_conn(c->worker, c);
	free(c);
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
	c->active_us = clock_us();
	h2o_socket_getpeername(sock, (struct sockaddr *)&peer);
	address_of((const struct sockaddr *)&peer, &c->peer);
	address_text(&c->peer, c->peer_text);
	c->trusted = address_list_has(&w->webd->settings.trusted, &c->peer);
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

void conn_shutdown(struct conn *c)
{
	if (c->guard.ended)
		return;
	c->guard.ended = true;
	shutdown(h2o_socket_get_fd(c->sock), SHUT_RDWR);
}

bool conn_is_idle(const struct conn *c)
{
	return c->exchanges == 0 && c->sock->input->size == 0;
}
