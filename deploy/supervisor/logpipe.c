/* logpipe.c -- see logpipe.h. */
#include "deploy/supervisor/logpipe.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* A database says what went wrong, and then other things, the last of which is
 * "Aborting". */
static bool is_telling(struct str line)
{
	return line.p != NULL && memmem(line.p, line.n, "[ERROR]", 7) != NULL &&
	       memmem(line.p, line.n, "[ERROR] Aborting", 16) == NULL;
}

static void keep_last(struct logpipe *p, struct str lines)
{
	for (struct str rest = str_trim(lines); rest.p != NULL;) {
		struct str line = str_cut(&rest, '\n');

		if (line.n == 0 || p->telling)
			continue;
		p->telling = is_telling(line);
		str_copy(p->last, sizeof(p->last), line);
	}
}

/* Passes on all whole lines; a line longer than the buffer is cut into several. */
static void pass_on(struct logpipe *p, bool all)
{
	const char *end = memrchr(p->buf, '\n', p->used);
	size_t n = end != NULL ? (size_t)(end - p->buf) + 1 : 0;

	if (n < p->used && (all || (n == 0 && p->used >= LOGPIPE_LINE - 1))) {
		p->buf[p->used] = '\n'; /* room was left for it */
		n = ++p->used;
	}
	if (n == 0)
		return;
	logfile_write(p->to, (struct str){ p->buf, n });
	keep_last(p, (struct str){ p->buf, n });
	p->used -= n;
	memmove(p->buf, p->buf + n, p->used);
}

/* False: nothing more to come, for now (errno is EAGAIN) or for ever. */
static bool take(struct logpipe *p)
{
	ssize_t n = read(p->watch.fd, p->buf + p->used, LOGPIPE_LINE - 1 - p->used);

	if (n == 0)
		errno = 0;
	if (n <= 0)
		return n < 0 && errno == EINTR;
	p->used += (size_t)n;
	pass_on(p, false);
	return true;
}

static void on_readable(void *ctx, uint32_t events)
{
	struct logpipe *p = ctx;
	int fd = p->watch.fd;

	(void)events;
	if (!take(p) && errno != EAGAIN) {
		loop_fd_remove(p->loop, &p->watch);
		close(fd);
		pass_on(p, true);
	}
}

bool logpipe_resume(struct logpipe *p, struct loop *l, struct logfile *to, int fd)
{
	p->loop = l;
	p->to = to;
	p->used = 0;
	p->last[0] = '\0';
	p->telling = false;
	p->watch = (struct loop_fd){ .fd = -1, .run = on_readable, .ctx = p };
	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (loop_fd_add(l, &p->watch, fd, EPOLLIN))
		return true;
	p->watch.fd = -1;
	close(fd);
	return false;
}

int logpipe_open(struct logpipe *p, struct loop *l, struct logfile *to)
{
	int fds[2];

	p->watch.fd = -1;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	if (logpipe_resume(p, l, to, fds[0]))
		return fds[1];
	close(fds[1]);
	return -1;
}

void logpipe_close(struct logpipe *p)
{
	int fd = p->watch.fd;

	if (fd < 0)
		return;
	while (take(p))
		;
	pass_on(p, true);
	loop_fd_remove(p->loop, &p->watch);
	close(fd);
}
