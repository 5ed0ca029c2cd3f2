/* guard_write.c -- the beginning of an answer, sent before there is one.
 *
 * A client that closed and one that has only finished speaking look alike: both sent FIN.
 * Only a byte tells them apart, for which the kernel of the one that closed has a reset.
 * Every answer of HTTP/1 begins with the same nine bytes, so these can be sent at any
 * time (exchange.c does), and are left out of the answer when it comes. */
#include <sys/socket.h>

#include "common/stat.h"
#include "webd/guard.h"
#include "webd/h2o.h"

#define BEGINNING "HTTP/1.1 "

void h2o_socket_write(h2o_socket_t *sock, h2o_iovec_t *bufs, size_t count,
		      h2o_socket_cb done) GUARD_EXPORT;

bool guard_say_beginning(h2o_socket_t *sock)
{
	struct guard_conn *g = sock->on_close.data;
	size_t n = sizeof(BEGINNING) - 1;

	if (g->said_beginning || sock->ssl != NULL || sock->_cb.write != NULL)
		return false;
	if (send(h2o_socket_get_fd(sock), BEGINNING, n, MSG_DONTWAIT | MSG_NOSIGNAL) !=
	    (ssize_t)n)
		return false;
	g->said_beginning = true;
	return true;
}

void h2o_socket_write(h2o_socket_t *sock, h2o_iovec_t *bufs, size_t count,
		      h2o_socket_cb done)
{
	static _Thread_local typeof(h2o_socket_write) *real;
	struct guard_conn *g = sock->on_close.data;
	size_t n = sizeof(BEGINNING) - 1;

	if (real == NULL)
		real = (typeof(real))guard_real("h2o_socket_write");
	stat_one(STAT_WEBD_WRITES);
	if (g != NULL && g->said_beginning && count > 0 && bufs[0].len >= n &&
	    memcmp(bufs[0].base, BEGINNING, n) == 0) {
		bufs[0].base += n;
		bufs[0].len -= n;
		g->said_beginning = false;
	}
	real(sock, bufs, count, done);
}

const struct guard_probe guard_write_probe = {
	.function = "h2o_socket_write",
	.sent = STR("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
	.counted = STAT_WEBD_WRITES,
};
