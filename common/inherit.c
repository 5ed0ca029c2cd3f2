/* inherit.c -- see inherit.h. */
#include "common/inherit.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST_FD = 3 };

static bool for_us(void)
{
	const char *pid = getenv("LISTEN_PID");
	uint64_t n;

	return pid != NULL && str_to_u64(str_of(pid), &n) && n == (uint64_t)getpid();
}

void inherit_take(struct inherit *ret)
{
	const char *fds = getenv("LISTEN_FDS"), *names = getenv("LISTEN_FDNAMES");
	struct str rest = str_of(names);
	uint64_t count = 0;

	*ret = (struct inherit){ 0 };
	if (for_us() && fds != NULL && str_to_u64(str_of(fds), &count)) {
		for (uint64_t i = 0; i < count && i < INHERIT_MAX; i++) {
			struct inherit_socket *s = &ret->sockets[ret->count++];
			struct str name = str_cut(&rest, ':');

			s->fd = FIRST_FD + (int)i;
			if (name.p != NULL)
				str_copy(s->name, sizeof(s->name), name);
			fcntl(s->fd, F_SETFD, FD_CLOEXEC);
			fcntl(s->fd, F_SETFL, fcntl(s->fd, F_GETFL) | O_NONBLOCK);
		}
	}
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDNAMES");
}

void inherit_notify(const char *fmt, ...)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char text[1024];
	va_list ap;
	int fd, n;

	if (path == NULL || !str_copy(to.sun_path, sizeof(to.sun_path), str_of(path)))
		return;
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if (n >= (int)sizeof(text))
		n = sizeof(text) - 1;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	if (sendto(fd, text, (size_t)n, 0, (struct sockaddr *)&to,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path))) <
	    0) {
		/* the listener is gone or full; it will see us by other means */
	}
	close(fd);
}

int64_t inherit_watchdog_us(void)
{
	const char *every = getenv("WATCHDOG_USEC");
	int64_t us;

	return every != NULL && str_to_i64(str_of(every), &us) && us > 0 ? us : 0;
}
