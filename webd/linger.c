/* linger.c -- see linger.h. */
#include "webd/linger.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"

enum { LINGER_US = 2000000, READS = 64 };

void linger_add(struct linger_list *l, int fd)
{
	if (l->count == LINGER_MAX || shutdown(fd, SHUT_WR) != 0) {
		close(fd);
		return;
	}
	l->at[l->count++] = (struct lingering){ fd, clock_us() + LINGER_US };
}

/* True when the client has understood, or is not going to. */
static bool is_over(const struct lingering *g)
{
	char waste[16384];

	for (int i = 0; i < READS; i++) {
		ssize_t n = recv(g->fd, waste, sizeof(waste), MSG_DONTWAIT);

		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return true;
		if (n < 0)
			break;
	}
	return clock_us() >= g->until_us;
}

void linger_run(struct linger_list *l)
{
	for (size_t i = 0; i < l->count;) {
		if (is_over(&l->at[i])) {
			close(l->at[i].fd);
			l->at[i] = l->at[--l->count];
		} else {
			i++;
		}
	}
}

void linger_end(struct linger_list *l)
{
	while (l->count > 0)
		close(l->at[--l->count].fd);
}
