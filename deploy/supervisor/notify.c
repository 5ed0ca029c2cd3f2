/* notify.c -- see notify.h. Who speaks is told by the kernel (SCM_CREDENTIALS), never by
 * the message. */
#include "deploy/supervisor/notify.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "deploy/supervisor/instance.h"
#include "deploy/supervisor/watchdog.h"

enum { MESSAGE_MAX = 2048, EXTEND_MAX_US = 600000000 };

struct notify {
	struct super *super;
	struct loop_fd watch;
	struct sockaddr_un address;
};

static unsigned number(struct str value)
{
	uint64_t n;

	return str_to_u64(value, &n) && n <= 1000000 ? (unsigned)n : 0;
}

static int64_t microseconds(struct str value)
{
	uint64_t n;

	return str_to_u64(value, &n) && n <= EXTEND_MAX_US ? (int64_t)n : 0;
}

/* One "KEY=value". Keys that mean nothing to us are other supervisors' business. */
static void take_line(struct instance *i, struct str key, struct str value)
{
	if (str_eq(key, STR("READY")) && str_eq(value, STR("1")))
		instance_became_ready(i);
	else if (str_eq(key, STR("WATCHDOG")))
		watchdog_fed(i);
	else if (str_eq(key, STR("STATUS")))
		str_copy(i->words, sizeof(i->words), value);
	else if (str_eq(key, STR("EXTEND_TIMEOUT_USEC")))
		instance_needs_longer(i, microseconds(value));
	else if (str_eq(key, STR("X_INFLIGHT"))) {
		i->inflight = number(value);
		i->has_load = true;
	} else if (str_eq(key, STR("X_CREDIT")))
		i->credit = number(value);
}

static void take_message(struct super *s, pid_t pid, struct str text)
{
	struct instance *i = instance_by_pid(s, pid);

	if (i == NULL)
		return; /* a grandchild, or one that is gone */
	while (text.p != NULL) {
		struct str value = str_cut(&text, '\n');
		struct str key = str_cut(&value, '=');

		if (value.p != NULL)
			take_line(i, key, value);
	}
}

static pid_t sender_of(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		struct ucred who;

		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&who, CMSG_DATA(c), sizeof(who));
			return who.pid;
		}
	}
	return 0;
}

void notify_take(struct notify *n)
{
	char text[MESSAGE_MAX], control[CMSG_SPACE(sizeof(struct ucred))];
	struct iovec part = { text, sizeof(text) };

	for (;;) {
		struct msghdr m = { .msg_iov = &part,
				    .msg_iovlen = 1,
				    .msg_control = control,
				    .msg_controllen = sizeof(control) };
		ssize_t got = recvmsg(n->watch.fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

		if (got < 0)
			return;
		take_message(n->super, sender_of(&m), (struct str){ text, (size_t)got });
	}
}

static void on_readable(void *ctx, uint32_t events)
{
	(void)events;
	notify_take(ctx);
}

static void address_in(const struct place *p, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(ret->sun_path, sizeof(ret->sun_path), "%.90s/notify.sock", p->run);
}

int notify_bind(const struct place *p)
{
	struct sockaddr_un address;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;
	mode_t old = umask(0111); /* never chown a name in a folder that is not ours */

	address_in(p, &address);
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0 &&
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
		umask(old);
		return fd;
	}
	umask(old);
	if (fd >= 0)
		close(fd);
	return -1;
}

struct notify *notify_new(struct super *s)
{
	struct notify *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return NULL;
	n->super = s;
	n->watch = (struct loop_fd){ .fd = -1, .run = on_readable, .ctx = n };
	address_in(&s->place, &n->address);
	if (loop_fd_add(s->loop, &n->watch, s->notify_fd, EPOLLIN))
		return n;
	free(n);
	return NULL;
}

void notify_free(struct notify *n)
{
	int fd;

	if (n == NULL)
		return;
	fd = n->watch.fd;
	loop_fd_remove(n->super->loop, &n->watch);
	close(fd);
	free(n);
}

const char *notify_path(const struct notify *n)
{
	return n->address.sun_path;
}
