/* log.c -- see log.h. The ring is bytes under a mutex; the writer takes all there is at
 * once. It waits a few milliseconds after the first line of a burst, so that a busy
 * daemon pays one wake-up and one write for hundreds of lines. */
#include "common/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log_text.h"

enum { LINE_MAX_BYTES = 4096, RING = 256 << 10, GATHER_NS = 5000000 };

static const char *const level_words[] = { "error", "warn", "info", "debug" };
static const int syslog_priority[] = { 3, 4, 6, 7 };

static struct {
	const char *name;
	int slot;
	int pid; /* 0 until log_start */
	atomic_int level;
	bool journal;
	pthread_mutex_t lock;
	pthread_cond_t filled;
	pthread_t thread;
	bool running, stopping;
	char *ring;
	size_t used;
	uint64_t dropped, dropped_said;
} log_state = {
	.name = "onebox",
	.level = LOG_INFO,
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.filled = PTHREAD_COND_INITIALIZER,
};

void log_name(const char *name, int slot)
{
	log_state.name = name;
	log_state.slot = slot;
	log_state.journal = getenv("JOURNAL_STREAM") != NULL;
}

void log_set_level(enum log_level level)
{
	atomic_store_explicit(&log_state.level, level, memory_order_relaxed);
}

enum log_level log_get_level(void)
{
	return (enum log_level)atomic_load_explicit(&log_state.level,
						    memory_order_relaxed);
}

bool log_level_parse(struct str word, enum log_level *ret)
{
	for (int i = LOG_ERROR; i <= LOG_DEBUG; i++) {
		if (str_eq(word, str_of(level_words[i]))) {
			*ret = (enum log_level)i;
			return true;
		}
	}
	return false;
}

uint64_t log_dropped(void)
{
	uint64_t n;

	pthread_mutex_lock(&log_state.lock);
	n = log_state.dropped;
	pthread_mutex_unlock(&log_state.lock);
	return n;
}

static void write_all(const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(STDERR_FILENO, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return; /* nowhere left to complain */
		p += done;
		n -= (size_t)done;
	}
}

static size_t put_prefix(char *line, size_t size, enum log_level level)
{
	char stamp[CLOCK_STAMP_SIZE], slot[16] = "";
	int n;

	if (log_state.slot > 0)
		snprintf(slot, sizeof(slot), ".%d", log_state.slot);
	if (log_state.journal)
		n = snprintf(line, size, "<%d>%s%s %s ", syslog_priority[level],
			     log_state.name, slot, level_words[level]);
	else
		n = snprintf(line, size, "%s %s%s[%d] %s ",
			     clock_stamp(clock_wall_us(), stamp), log_state.name, slot,
			     log_state.pid != 0 ? log_state.pid : (int)getpid(),
			     level_words[level]);
	return (size_t)n;
}

__attribute__((format(printf, 3, 0))) static size_t put_text(char *line, size_t n,
							     const char *fmt, va_list ap)
{
	size_t end = n + log_text(line + n, LINE_MAX_BYTES - 2 - n, fmt, ap);

	line[end++] = '\n';
	return end;
}

/* Lock held. False if it does not fit. */
static bool ring_put(const char *line, size_t n)
{
	if (log_state.used + n > RING)
		return false;
	memcpy(log_state.ring + log_state.used, line, n);
	log_state.used += n;
	return true;
}

static void say_dropped(void)
{
	char line[128];
	size_t n;
	uint64_t more = log_state.dropped - log_state.dropped_said;

	if (more == 0)
		return;
	n = put_prefix(line, sizeof(line), LOG_WARN);
	n += (size_t)snprintf(line + n, sizeof(line) - n, "log_dropped lines=%llu\n",
			      (unsigned long long)more);
	if (ring_put(line, n))
		log_state.dropped_said = log_state.dropped;
}

__attribute__((format(printf, 2, 0))) static void log_valine(enum log_level level,
							     const char *fmt, va_list ap)
{
	char line[LINE_MAX_BYTES];
	size_t n = put_text(line, put_prefix(line, sizeof(line), level), fmt, ap);

	pthread_mutex_lock(&log_state.lock);
	if (!log_state.running) {
		write_all(line, n);
	} else {
		bool was_empty = log_state.used == 0;

		say_dropped();
		if (!ring_put(line, n))
			log_state.dropped++;
		if (was_empty)
			pthread_cond_signal(&log_state.filled);
	}
	pthread_mutex_unlock(&log_state.lock);
}

void log_line(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	if (level > log_get_level())
		return;
	va_start(ap, fmt);
	log_valine(level, fmt, ap);
	va_end(ap);
}

static void *writer(void *spare)
{
	char *other = spare;

	pthread_mutex_lock(&log_state.lock);
	for (;;) {
		const struct timespec gather = { .tv_nsec = GATHER_NS };
		char *full;
		size_t n;

		while (log_state.used == 0 && !log_state.stopping)
			pthread_cond_wait(&log_state.filled, &log_state.lock);
		if (log_state.used == 0)
			break;
		if (!log_state.stopping) {
			pthread_mutex_unlock(&log_state.lock);
			nanosleep(&gather, NULL);
			pthread_mutex_lock(&log_state.lock);
		}
		full = log_state.ring;
		n = log_state.used;
		log_state.ring = other;
		log_state.used = 0;
		other = full;
		pthread_mutex_unlock(&log_state.lock);
		write_all(full, n);
		pthread_mutex_lock(&log_state.lock);
	}
	pthread_mutex_unlock(&log_state.lock);
	free(other);
	return NULL;
}

bool log_start(void)
{
	char *spare = malloc(RING);

	log_state.ring = malloc(RING);
	log_state.stopping = false;
	if (spare == NULL || log_state.ring == NULL ||
	    pthread_create(&log_state.thread, NULL, writer, spare) != 0) {
		free(spare);
		free(log_state.ring);
		log_state.ring = NULL;
		return false;
	}
	log_state.pid = (int)getpid();
	log_state.running = true;
	return true;
}

void log_stop(void)
{
	if (!log_state.running)
		return;
	pthread_mutex_lock(&log_state.lock);
	log_state.stopping = true;
	pthread_cond_signal(&log_state.filled);
	pthread_mutex_unlock(&log_state.lock);
	pthread_join(log_state.thread, NULL);
	/* other threads may still log: what came since goes out here, the rest directly
	 */
	pthread_mutex_lock(&log_state.lock);
	log_state.running = false;
	write_all(log_state.ring, log_state.used);
	log_state.used = 0;
	free(log_state.ring);
	log_state.ring = NULL;
	pthread_mutex_unlock(&log_state.lock);
}

bool log_gate_open(struct log_gate *gate, unsigned *ret_held)
{
	int64_t now = clock_us();

	if (now < gate->next_us) {
		gate->held++;
		return false;
	}
	*ret_held = gate->held;
	gate->held = 0;
	gate->next_us = now + 1000000;
	return true;
}

void fatal(int exit_code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_valine(LOG_ERROR, fmt, ap);
	va_end(ap);
	log_stop();
	exit(exit_code);
}
