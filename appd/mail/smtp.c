/* smtp.c -- mail by an SMTP relay near by (RFC 5321): in the clear and without a
 * password, as on this machine or in its own network. */
#include <arpa/inet.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "appd/mail/mail.h"
#include "appd/request.h"
#include "common/clock.h"

enum { REPLY_MAX = 4096 };

struct talk {
	struct request *q;
	struct mail_hold hold;
	char in[REPLY_MAX];
	size_t n;
	char *why;
};

/* An address, not a name: looking one up would block everybody. */
static bool read_relay(struct str relay, struct sockaddr_storage *ret,
		       socklen_t *ret_size)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;
	struct str host = relay;
	char text[INET6_ADDRSTRLEN];
	uint64_t port;
	size_t colon = relay.n;

	while (colon > 0 && relay.p[colon - 1] != ':')
		colon--;
	host.n = colon > 0 ? colon - 1 : 0;
	if (!str_to_u64((struct str){ relay.p + colon, relay.n - colon }, &port) ||
	    port == 0 || port > 65535)
		return false;
	if (host.n > 2 && host.p[0] == '[')
		host.p++, host.n -= 2;
	if (str_eq(host, STR("localhost")))
		host = STR("127.0.0.1");
	memset(ret, 0, sizeof(*ret));
	if (!str_copy(text, sizeof(text), host))
		return false;
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		*ret_size = sizeof(*v4);
		return true;
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) != 1)
		return false;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)port);
	*ret_size = sizeof(*v6);
	return true;
}

bool mail_relay_is_right(struct str relay)
{
	struct sockaddr_storage to;
	socklen_t size;

	return read_relay(relay, &to, &size);
}

static bool give_up(struct talk *t, const char *what)
{
	snprintf(t->why, MAIL_WHY_SIZE, "%s", what);
	mail_release(&t->hold);
	return false;
}

static bool dial(struct talk *t, const char *relay)
{
	struct sockaddr_storage to;
	socklen_t size, error_size = sizeof(int);
	int error = 0;

	if (!read_relay(str_of(relay), &to, &size))
		return give_up(t, "[mail] relay is no ADDRESS:PORT");
	t->hold.fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (t->hold.fd < 0)
		return give_up(t, strerror(errno));
	if (connect(t->hold.fd, (struct sockaddr *)&to, size) != 0 &&
	    errno != EINPROGRESS)
		return give_up(t, strerror(errno));
	if (!mail_wait(t->q, &t->hold, EPOLLOUT))
		return give_up(t, "the relay cannot be reached in time");
	if (getsockopt(t->hold.fd, SOL_SOCKET, SO_ERROR, &error, &error_size) != 0 ||
	    error != 0)
		return give_up(t, strerror(error));
	return true;
}

/* The last line of a reply, which has a blank behind its number; 0: not there yet. */
static int whole_reply(const struct talk *t)
{
	struct str rest = { t->in, t->n };

	if (t->n < 2 || t->in[t->n - 1] != '\n')
		return 0;
	while (rest.n > 0) {
		struct str line = str_trim(str_cut(&rest, '\n'));
		uint64_t code;

		if (line.n >= 3 && (line.n == 3 || line.p[3] == ' ') &&
		    str_to_u64((struct str){ line.p, 3 }, &code))
			return (int)code;
		if (rest.p == NULL)
			break;
	}
	return 0;
}

/* What the relay says must begin with this digit. */
static bool hear(struct talk *t, int digit)
{
	int code;

	t->n = 0;
	while ((code = whole_reply(t)) == 0) {
		ssize_t n = t->n == REPLY_MAX
				? 0
				: recv(t->hold.fd, t->in + t->n, REPLY_MAX - t->n, 0);

		if (n > 0)
			t->n += (size_t)n;
		else if (n == 0 || errno != EAGAIN)
			return give_up(t, "the relay closed the connection");
		else if (!mail_wait(t->q, &t->hold, EPOLLIN))
			return give_up(t, "the relay did not answer in time");
	}
	if (code / 100 == digit)
		return true;
	snprintf(t->why, MAIL_WHY_SIZE, "the relay said %d", code);
	mail_release(&t->hold);
	return false;
}

static bool say(struct talk *t, struct str text)
{
	while (text.n > 0) {
		ssize_t n = send(t->hold.fd, text.p, text.n, MSG_NOSIGNAL);

		if (n > 0)
			text.p += n, text.n -= (size_t)n;
		else if (n == 0 || errno != EAGAIN)
			return give_up(t, "the relay closed the connection");
		else if (!mail_wait(t->q, &t->hold, EPOLLOUT))
			return give_up(t, "the relay takes nothing in time");
	}
	return true;
}

/* No line of the mail begins with a dot: headers do not, and base64 has none. */
static bool converse(struct talk *t, const struct mail *m, struct str text)
{
	struct arena *a = &t->q->arena;
	struct str domain = m->from;

	str_cut(&domain, '@');
	return hear(t, 2) && say(t, arena_fmt(a, "EHLO %.*s\r\n", STR_ARG(domain))) &&
	       hear(t, 2) &&
	       say(t, arena_fmt(a, "MAIL FROM:<%.*s>\r\n", STR_ARG(m->from))) &&
	       hear(t, 2) && say(t, arena_fmt(a, "RCPT TO:<%.*s>\r\n", STR_ARG(m->to))) &&
	       hear(t, 2) && say(t, STR("DATA\r\n")) && hear(t, 3) && say(t, text) &&
	       say(t, STR(".\r\n")) && hear(t, 2);
}

bool mail_by_relay(struct request *q, const char *relay, const struct mail *m,
		   char why[MAIL_WHY_SIZE])
{
	struct talk *t = ARENA_NEW(&q->arena, struct talk);
	struct buf *text = request_scratch(q, 64 << 10);

	t->q = q;
	t->why = why;
	t->hold =
	    (struct mail_hold){ .fd = -1, .deadline_us = clock_us() + MAIL_TIME_US };
	if (!mail_compose(text, m, "\r\n"))
		return give_up(t, "an address is odd");
	if (!dial(t, relay) || !converse(t, m, buf_get(text)))
		return false;
	/* it is the relay's now; how it takes leave is its own affair */
	send(t->hold.fd, "QUIT\r\n", 6, MSG_NOSIGNAL);
	mail_release(&t->hold);
	return true;
}
