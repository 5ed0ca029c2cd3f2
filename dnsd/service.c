/* service.c -- see service.h.
 *
 * How a snapshot is given up without locks: publishing sets `current`, then counts
 * `epoch` up to e. A worker notes the epoch, then loads `current`; all of it sequentially
 * consistent. So a worker that noted e or more has the new snapshot, and one that noted
 * less, and is not away, may still hold the old one. When all have noted e or are away,
 * the old one is free. */
#include "dnsd/service.h"

#include <stdlib.h>

#include "common/log.h"

enum { RETIRED_MAX = 16 };

struct retired {
	struct snapshot *snapshot;
	uint64_t epoch;
};

struct service {
	struct snapshot *mine;
	const struct snapshot *_Atomic current;
	atomic_ullong epoch;
	struct retired retired[RETIRED_MAX];
	size_t retired_count;
	struct ratelimit *ratelimit;
	struct notices *notices;
	struct worker **workers;
	unsigned worker_count;
};

static bool start_worker(struct service *s, const struct worker_options *options,
			 const struct inherit *sockets)
{
	struct worker *w = calloc(1, sizeof(*w));
	int failed;

	if (w == NULL)
		return false;
	w->options = *options;
	w->current = &s->current;
	w->epoch = &s->epoch;
	w->ratelimit = s->ratelimit;
	w->notices = s->notices;
	failed = worker_start(w, sockets);
	if (failed != 0) {
		log_error("no_answering_thread why=\"%s\"", strerror(failed));
		return false;
	}
	s->workers[s->worker_count++] = w;
	return true;
}

struct service *service_new(struct snapshot *first, unsigned threads,
			    const struct worker_options *options,
			    const struct inherit *sockets)
{
	struct service *s = calloc(1, sizeof(*s));
	struct worker_options each = *options;

	if (s == NULL) {
		log_error("out_of_memory");
		snapshot_free(first);
		return NULL;
	}
	s->workers = calloc(threads, sizeof(struct worker *));
	s->ratelimit = ratelimit_new();
	s->notices = notices_new();
	s->mine = first;
	atomic_init(&s->current, first);
	atomic_init(&s->epoch, 1);
	if (s->workers == NULL || s->ratelimit == NULL || s->notices == NULL) {
		log_error("out_of_memory");
		service_free(s);
		return NULL;
	}
	each.tcp_clients = each.tcp_clients > threads ? each.tcp_clients / threads : 1;
	for (unsigned i = 0; i < threads; i++) {
		if (!start_worker(s, &each, sockets)) {
			service_free(s);
			return NULL;
		}
	}
	return s;
}

static void end_workers(struct service *s)
{
	for (unsigned i = 0; i < s->worker_count; i++) {
		atomic_store(&s->workers[i]->stopping, true);
		worker_wake(s->workers[i]);
	}
	for (unsigned i = 0; i < s->worker_count; i++) {
		worker_join(s->workers[i]);
		free(s->workers[i]);
	}
}

void service_free(struct service *s)
{
	if (s == NULL)
		return;
	if (s->workers != NULL)
		end_workers(s);
	for (size_t i = 0; i < s->retired_count; i++)
		snapshot_free(s->retired[i].snapshot);
	snapshot_free(s->mine);
	ratelimit_free(s->ratelimit);
	notices_free(s->notices);
	free(s->workers);
	free(s);
}

static bool all_passed(const struct service *s, uint64_t epoch)
{
	for (unsigned i = 0; i < s->worker_count; i++)
		if (atomic_load(&s->workers[i]->passed) < epoch)
			return false;
	return true;
}

bool service_tidy(struct service *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->retired_count; i++) {
		if (all_passed(s, s->retired[i].epoch))
			snapshot_free(s->retired[i].snapshot);
		else
			s->retired[kept++] = s->retired[i];
	}
	s->retired_count = kept;
	return kept == 0;
}

void service_publish(struct service *s, struct snapshot *next)
{
	/* a turn of a worker is short: there is room unless one hangs, and then the
	 * watchdog ends us */
	while (s->retired_count == RETIRED_MAX)
		service_tidy(s);
	s->retired[s->retired_count].snapshot = s->mine;
	s->mine = next;
	atomic_store(&s->current, next);
	s->retired[s->retired_count++].epoch = atomic_fetch_add(&s->epoch, 1) + 1;
}

const struct snapshot *service_snapshot(const struct service *s)
{
	return s->mine;
}

struct notices *service_notices(struct service *s)
{
	return s->notices;
}

void service_drain(struct service *s)
{
	for (unsigned i = 0; i < s->worker_count; i++) {
		atomic_store(&s->workers[i]->draining, true);
		worker_wake(s->workers[i]);
	}
}

bool service_drained(struct service *s)
{
	for (unsigned i = 0; i < s->worker_count; i++)
		if (!atomic_load(&s->workers[i]->drained))
			return false;
	return true;
}
