/* access_log.c -- see access_log.h. Two buffers: workers fill one under a mutex while the
 * writer empties the other. It waits a few milliseconds after the first line of a burst,
 * so that a busy front pays one wake-up and one write for hundreds of lines. */
#include "webd/access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "common/stat.h"
#include "webd/access_line.h"

enum { RING = 1 << 20, GATHER_NS = 5000000 };

struct access_log {
	char *path;
	int fd; /* the writer's; -1: could not be opened again */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t filled;
	char *fill, *empty;
	size_t used;
	bool stopping, reopen;
	struct log_gate gate;
};

void access_log_write(struct access_log *log, const struct access_line *line,
		      enum access_format format)
{
	char text[ACCESS_LINE_SIZE];
	size_t n = access_line_format(line, format, text);
	bool fits, was_empty;

	if (n == 0)
		return;
	pthread_mutex_lock(&log->lock);
	fits = log->used + n <= RING;
	was_empty = log->used == 0;
	if (fits) {
		memcpy(log->fill + log->used, text, n);
		log->used += n;
	}
	if (was_empty)
		pthread_cond_signal(&log->filled);
	pthread_mutex_unlock(&log->lock);
	if (!fits)
		stat_one(STAT_WEBD_LOG_DROPPED);
}

/* ---- the writer ---- */

static int open_file(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

static void complain(struct access_log *log, const char *what)
{
	unsigned held;

	if (log_gate_open(&log->gate, &held))
		log_error("access_log_%s path=%s why=\"%s\" held=%u", what, log->path,
			  strerror(errno), held);
}

static void write_out(struct access_log *log, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(log->fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			complain(log, "not_written");
			stat_one(STAT_WEBD_LOG_DROPPED);
			return;
		}
		p += done;
		n -= (size_t)done;
	}
}

static void reopen(struct access_log *log)
{
	int fd = open_file(log->path);

	if (fd < 0) {
		complain(log, "not_reopened"); /* on with the old one */
		return;
	}
	close(log->fd);
	log->fd = fd;
}

/* Lock held; true if the thread should go on. */
static bool wait_for_work(struct access_log *log)
{
	const struct timespec gather = { .tv_nsec = GATHER_NS };

	while (log->used == 0 && !log->stopping && !log->reopen)
		pthread_cond_wait(&log->filled, &log->lock);
	if (log->stopping)
		return log->used > 0;
	if (log->used > 0) {
		pthread_mutex_unlock(&log->lock);
		nanosleep(&gather, NULL);
		pthread_mutex_lock(&log->lock);
	}
	return true;
}

static void *run(void *ctx)
{
	struct access_log *log = ctx;

	pthread_mutex_lock(&log->lock);
	while (wait_for_work(log)) {
		char *full = log->fill;
		size_t n = log->used;
		bool again = log->reopen;

		log->fill = log->empty;
		log->empty = full;
		log->used = 0;
		log->reopen = false;
		pthread_mutex_unlock(&log->lock);
		/* what was logged before the move belongs to the moved file */
		write_out(log, full, n);
		if (again)
			reopen(log);
		pthread_mutex_lock(&log->lock);
	}
	pthread_mutex_unlock(&log->lock);
	return NULL;
}

static void release(struct access_log *log)
{
	if (log->fd >= 0)
		close(log->fd);
	free(log->path);
	free(log->fill);
	free(log->empty);
	free(log);
}

struct access_log *access_log_open(const char *state_dir)
{
	struct access_log *log = calloc(1, sizeof(*log));

	if (log == NULL)
		return NULL;
	log->fd = -1;
	pthread_mutex_init(&log->lock, NULL);
	pthread_cond_init(&log->filled, NULL);
	log->fill = malloc(RING);
	log->empty = malloc(RING);
	if (log->fill != NULL && log->empty != NULL &&
	    asprintf(&log->path, "%s/log/access.log", state_dir) > 0 &&
	    (log->fd = open_file(log->path)) >= 0 &&
	    pthread_create(&log->thread, NULL, run, log) == 0)
		return log;
	release(log);
	return NULL;
}

void access_log_close(struct access_log *log)
{
	if (log == NULL)
		return;
	pthread_mutex_lock(&log->lock);
	log->stopping = true;
	pthread_cond_signal(&log->filled);
	pthread_mutex_unlock(&log->lock);
	pthread_join(log->thread, NULL);
	release(log);
}

void access_log_reopen(struct access_log *log)
{
	pthread_mutex_lock(&log->lock);
	log->reopen = true;
	pthread_cond_signal(&log->filled);
	pthread_mutex_unlock(&log->lock);
}
