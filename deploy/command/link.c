/* link.c -- see link.h. */
#include "deploy/command/link.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/buf.h"
#include "deploy/command/alive.h"
#include "deploy/command/command.h"

enum { ANSWER_MAX = 4 << 20 };

/* By way of a descriptor of the folder, so that its path may be of any length. */
static int open_link(const char *state)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int folder = open(state, O_PATH | O_DIRECTORY | O_CLOEXEC), fd, saved;

	if (folder < 0)
		return -1;
	snprintf(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/run/control.sock",
		 folder);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
		saved = errno;
		close(fd);
		errno = saved;
		fd = -1;
	}
	saved = errno;
	close(folder);
	errno = saved;
	return fd;
}

static bool send_line(int fd, const char *line)
{
	char text[1024];
	int n = snprintf(text, sizeof(text), "%s\n", line);

	return n > 0 && n < (int)sizeof(text) &&
	       send(fd, text, (size_t)n, MSG_NOSIGNAL) == n;
}

/* True: that was the last line. */
static bool take_line(struct str line, link_line_fn each, void *ctx, int *ret)
{
	int64_t code;

	if (str_starts(line, STR("exit ")) &&
	    str_to_i64((struct str){ line.p + 5, line.n - 5 }, &code)) {
		*ret = (int)code;
		return true;
	}
	if (each != NULL)
		each(ctx, line);
	return false;
}

static int read_answer(int fd, link_line_fn each, void *ctx)
{
	struct buf b;
	int code = LINK_BROKEN;
	bool last = false;

	buf_init(&b, ANSWER_MAX);
	while (!last) {
		char *room = buf_room(&b, 4096), *end;
		ssize_t n = room == NULL ? -1 : read(fd, room, 4096);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		buf_took(&b, (size_t)n);
		while (!last && (end = memchr(b.p, '\n', b.n)) != NULL) {
			size_t used = (size_t)(end - b.p) + 1;

			last = take_line((struct str){ b.p, used - 1 }, each, ctx, &code);
			memmove(b.p, b.p + used, b.n - used);
			b.n -= used;
		}
	}
	buf_fini(&b);
	return code;
}

int link_ask(const char *state, const char *line, link_line_fn each, void *ctx)
{
	int fd = open_link(state), code;

	if (fd < 0)
		return errno == EACCES || errno == EPERM ? LINK_REFUSED : LINK_DOWN;
	code = send_line(fd, line) ? read_answer(fd, each, ctx) : LINK_BROKEN;
	close(fd);
	return code;
}

int link_explain(const char *state, int failed)
{
	if (failed == LINK_DOWN && alive_locked(state))
		return complain(EXIT_DEPENDENCY,
				"Onebox runs with %s but cannot be asked: it is just "
				"starting or stopping, or %s/run was removed, which "
				"deploy/down and then deploy/up mend",
				state, state);
	if (failed == LINK_DOWN)
		return complain(EXIT_DEPENDENCY,
				"no Onebox runs with %s; start it with deploy/up", state);
	if (failed == LINK_REFUSED)
		return complain(EXIT_PERMISSION,
				"%s belongs to another user; ask as that user or as root",
				state);
	return complain(EXIT_SYSTEM, "the supervisor ended before it had answered");
}
