/* notices.c -- see notices.h. */
#include "dnsd/notices.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { WAITING_MAX = 256 };

struct notices {
	pthread_mutex_t lock;
	int fd;
	unsigned count;
	uint8_t zones[WAITING_MAX][NAME_WIRE];
};

struct notices *notices_new(void)
{
	struct notices *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return NULL;
	n->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (n->fd < 0) {
		free(n);
		return NULL;
	}
	pthread_mutex_init(&n->lock, NULL);
	return n;
}

void notices_free(struct notices *n)
{
	if (n == NULL)
		return;
	close(n->fd);
	pthread_mutex_destroy(&n->lock);
	free(n);
}

static bool is_waiting(const struct notices *n, const uint8_t *zone, size_t len)
{
	for (unsigned i = 0; i < n->count; i++)
		if (memcmp(n->zones[i], zone, len) == 0)
			return true;
	return false;
}

void notices_put(struct notices *n, const uint8_t *zone)
{
	size_t len = name_length(zone, NAME_WIRE);
	uint64_t one = 1;

	pthread_mutex_lock(&n->lock);
	if (n->count < WAITING_MAX && !is_waiting(n, zone, len))
		memcpy(n->zones[n->count++], zone, len);
	pthread_mutex_unlock(&n->lock);
	if (write(n->fd, &one, sizeof(one)) < 0) {
		/* it is awake already */
	}
}

int notices_fd(const struct notices *n)
{
	return n->fd;
}

bool notices_take(struct notices *n, uint8_t ret[NAME_WIRE])
{
	uint64_t ignored;
	bool any;

	pthread_mutex_lock(&n->lock);
	any = n->count > 0;
	if (any)
		memcpy(ret, n->zones[--n->count], NAME_WIRE);
	else if (read(n->fd, &ignored, sizeof(ignored)) < 0)
		any = false; /* nothing was there to read: as well */
	pthread_mutex_unlock(&n->lock);
	return any;
}
