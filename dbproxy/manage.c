/* manage.c -- see manage.h. */
#include "dbproxy/manage.h"

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "dbproxy/fleet.h"

enum {
	LOOK_US = 100000,
	REFUSED_PAUSE_US = 500000, /* until a refused promotion is tried again */
	WORDS_MAX = 64 << 10,
};

struct manage {
	struct manage_options options;
	struct loop_fd wake;
	pthread_t thread;
	atomic_bool stop, elected;

	pthread_mutex_t lock; /* for these */
	pthread_cond_t came;
	bool ordered, done, ok;
	struct order order;
	struct buf words;

	/* of the thread */
	struct fleet fleet;
	int election; /* the lock's descriptor, or -1 */
	int64_t try_us;
	char refused[512]; /* what was last said of a promotion that may not be */
};

/* ---- by itself ---- */

static void promote_now(struct manage *m)
{
	struct fleet *f = &m->fleet;
	char said[sizeof(m->refused)];
	struct buf why;

	buf_init(&why, WORDS_MAX);
	if (fleet_failover(f, NULL, false, &why)) {
		m->refused[0] = '\0';
	} else {
		str_copy(said, sizeof(said), buf_get(&why));
		if (strcmp(said, m->refused) != 0)
			log_warn("promotion_refused primary=%s why=\"%s\" remedy=\"mend "
				 "that, or onebox db promote SERVER --force, which "
				 "loses what only others have\"",
				 f->record.primary, said);
		memcpy(m->refused, said, sizeof(said));
		m->try_us = clock_us() + REFUSED_PAUSE_US;
	}
	buf_fini(&why);
}

static void watch(struct manage *m)
{
	struct fleet *f = &m->fleet;
	const struct servers *s = m->options.servers;
	int64_t was_lost_us = f->lost_us, now;

	fleet_look(f, m->election >= 0);
	now = clock_us();
	if (f->lost_us != 0 && was_lost_us == 0 && m->election >= 0)
		log_warn("database_lost server=%s why=\"%s\"", f->record.primary,
			 fleet_primary(f)->trouble);
	if (m->election < 0 || !s->manage)
		return;
	if (f->lost_us == 0)
		fleet_tend(f);
	else if (now - f->lost_us >= s->manage_after_us && now >= m->try_us)
		promote_now(m);
}

/* ---- by order ---- */

static bool obey(struct manage *m, const struct order *o, struct buf *words)
{
	struct fleet *f = &m->fleet;
	struct member *wanted = fleet_find(f, o->server);
	bool ok;

	fleet_look(f, true);
	if (o->kind == ORDER_STATUS) {
		fleet_print(f, words);
		return true;
	}
	if (wanted == NULL) {
		buf_fmt(words, "there is no [server %s] in the configuration", o->server);
		return false;
	}
	ok = o->kind == ORDER_PROMOTE ? fleet_failover(f, wanted, o->force, words)
				      : fleet_switchover(f, wanted, words);
	if (ok)
		buf_fmt(words, "%s is the primary now", o->server);
	return ok;
}

static void finish(struct manage *m, bool ok, struct buf *words)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&m->lock);
	m->ordered = false;
	m->done = true;
	m->ok = ok;
	m->words = *words;
	pthread_mutex_unlock(&m->lock);
	if (write(m->wake.fd, &one, sizeof(one)) != sizeof(one))
		log_warn("manager_cannot_answer");
}

static void take_order(struct manage *m)
{
	struct order o;
	struct buf words;
	bool ordered;

	pthread_mutex_lock(&m->lock);
	ordered = m->ordered;
	o = m->order;
	pthread_mutex_unlock(&m->lock);
	if (!ordered)
		return;
	buf_init(&words, WORDS_MAX);
	if (m->election >= 0) {
		finish(m, obey(m, &o, &words), &words);
	} else {
		buf_text(&words, "another dbproxy is the elected one; ask again");
		finish(m, false, &words);
	}
}

/* ---- the thread ---- */

static void stand_for_election(struct manage *m)
{
	if (m->election >= 0)
		return;
	m->election = record_lock(m->options.run_dir);
	if (m->election < 0)
		return;
	log_info("database_elected manage=%d", m->options.servers->manage);
	atomic_store(&m->elected, true);
}

static void sleep_until_order(struct manage *m)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += LOOK_US * 1000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_mutex_lock(&m->lock);
	while (!m->ordered && !atomic_load(&m->stop) &&
	       pthread_cond_timedwait(&m->came, &m->lock, &until) == 0)
		continue;
	pthread_mutex_unlock(&m->lock);
}

static void *run(void *ctx)
{
	struct manage *m = ctx;

	while (!atomic_load(&m->stop)) {
		stand_for_election(m);
		watch(m); /* the others, too: the next elected must know what was */
		take_order(m);
		sleep_until_order(m);
	}
	fleet_fini(&m->fleet);
	if (m->election >= 0)
		close(m->election);
	return NULL;
}

/* ---- from the loop ---- */

static void answer(struct manage *m)
{
	struct order o;
	struct buf words;
	bool done, ok;

	pthread_mutex_lock(&m->lock);
	done = m->done;
	ok = m->ok;
	o = m->order;
	words = m->words;
	m->done = false;
	m->words = (struct buf){ 0 };
	pthread_mutex_unlock(&m->lock);
	if (done)
		m->options.done(m->options.ctx, &o, ok, buf_get(&words));
	buf_fini(&words);
}

static void on_wake(void *ctx, uint32_t events)
{
	struct manage *m = ctx;
	uint64_t n;

	(void)events;
	if (read(m->wake.fd, &n, sizeof(n)) > 0)
		answer(m);
}

bool manage_order(struct manage *m, const struct order *o)
{
	bool taken;

	pthread_mutex_lock(&m->lock);
	taken = !m->ordered && !m->done;
	if (taken) {
		m->order = *o;
		m->ordered = true;
		pthread_cond_signal(&m->came);
	}
	pthread_mutex_unlock(&m->lock);
	return taken;
}

bool manage_elected(struct manage *m)
{
	return atomic_load(&m->elected);
}

/* ---- life ---- */

static bool start_thread(struct manage *m)
{
	sigset_t all, before;
	bool ok;

	/* signals are the main thread's */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ok = pthread_create(&m->thread, NULL, run, m) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ok;
}

struct manage *manage_new(const struct manage_options *options)
{
	struct manage *m = calloc(1, sizeof(*m));
	pthread_condattr_t monotonic;

	if (m == NULL)
		return NULL;
	m->options = *options;
	m->election = -1;
	m->wake = (struct loop_fd){ .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
				    .run = on_wake,
				    .ctx = m };
	pthread_mutex_init(&m->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&m->came, &monotonic);
	pthread_condattr_destroy(&monotonic);
	fleet_init(&m->fleet, options->servers, options->run_dir, &m->stop);
	if (m->wake.fd >= 0 &&
	    loop_fd_add(options->loop, &m->wake, m->wake.fd, EPOLLIN)) {
		if (start_thread(m))
			return m;
		loop_fd_remove(options->loop, &m->wake);
	}
	if (m->wake.fd >= 0)
		close(m->wake.fd);
	free(m);
	return NULL;
}

void manage_free(struct manage *m)
{
	if (m == NULL)
		return;
	atomic_store(&m->stop, true);
	pthread_mutex_lock(&m->lock);
	pthread_cond_signal(&m->came);
	pthread_mutex_unlock(&m->lock);
	pthread_join(m->thread, NULL);
	answer(m); /* whoever ordered something waits for it */
	if (m->ordered)
		m->options.done(m->options.ctx, &m->order, false,
				STR("this dbproxy has just been told to end; ask again"));
	loop_fd_remove(m->options.loop, &m->wake);
	close(m->wake.fd);
	pthread_cond_destroy(&m->came);
	pthread_mutex_destroy(&m->lock);
	free(m);
}
