/* password.c -- see password.h. A job is in the waiting list, with a thread, or in the
 * done list; `lock` guards all three. A request that goes away leaves its job behind:
 * waiting ones are dropped, the one being worked on is freed when it is done. */
#include "appd/password.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "appd/appd.h"
#include "appd/request.h"
#include "common/clock.h"

enum { THREADS = 2, QUEUE_MAX = 64, OPS = 2, MEMORY = 19456 * 1024 };

_Static_assert(PASSWORD_HASH_SIZE >= crypto_pwhash_STRBYTES, "a hash fits");

enum job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE };

struct job {
	struct list link;
	enum job_state state;
	struct passwords *pool;
	struct request *q; /* NULL: gone */
	bool check;        /* else make a hash */
	bool ok, weak;
	char hash[PASSWORD_HASH_SIZE];
	size_t n;
	char plain[]; /* n bytes */
};

struct passwords {
	struct loop *loop;
	struct loop_fd done_watch;
	int done_fd;
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct list waiting, done;
	unsigned waiting_count;
	bool stopping;
	pthread_t threads[THREADS];
	unsigned thread_count;
};

static void job_free(struct job *j)
{
	sodium_memzero(j->plain, j->n);
	free(j);
}

/* ---- the threads ---- */

static void work(struct job *j)
{
	if (!j->check) {
		j->ok = crypto_pwhash_str(j->hash, j->plain, j->n, OPS, MEMORY) == 0;
		return;
	}
	j->ok = crypto_pwhash_str_verify(j->hash, j->plain, j->n) == 0;
	j->weak = j->ok && crypto_pwhash_str_needs_rehash(j->hash, OPS, MEMORY) != 0;
}

static void tell_loop(struct passwords *p)
{
	const uint64_t one = 1;

	/* it fails only when it is signalled already */
	if (write(p->done_fd, &one, sizeof(one)) < 0)
		return;
}

static void *thread_main(void *ctx)
{
	struct passwords *p = ctx;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		struct job *j;

		while (list_empty(&p->waiting) && !p->stopping)
			pthread_cond_wait(&p->filled, &p->lock);
		if (p->stopping)
			break;
		j = LIST_OF(list_first(&p->waiting), struct job, link);
		list_remove(&j->link);
		p->waiting_count--;
		j->state = JOB_RUNNING;
		pthread_mutex_unlock(&p->lock);
		work(j);
		pthread_mutex_lock(&p->lock);
		j->state = JOB_DONE;
		list_append(&p->done, &j->link);
		tell_loop(p);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* ---- the loop ---- */

static struct job *next_done(struct passwords *p)
{
	struct list *link;

	pthread_mutex_lock(&p->lock);
	link = list_first(&p->done);
	if (link != NULL)
		list_remove(link);
	pthread_mutex_unlock(&p->lock);
	return link == NULL ? NULL : LIST_OF(link, struct job, link);
}

static void on_done(void *ctx, uint32_t events)
{
	struct passwords *p = ctx;
	uint64_t count;

	(void)events;
	if (read(p->done_fd, &count, sizeof(count)) < 0)
		return;
	for (struct job *j; (j = next_done(p)) != NULL;) {
		if (j->q != NULL)
			request_wake(j->q); /* which frees it */
		else
			job_free(j);
	}
}

static void abandon(void *ctx)
{
	struct job *j = ctx;
	struct passwords *p = j->pool;
	bool mine;

	pthread_mutex_lock(&p->lock);
	mine = j->state == JOB_WAITING;
	if (mine) {
		list_remove(&j->link);
		p->waiting_count--;
	}
	j->q = NULL; /* else on_done frees it; only the loop's thread reads this */
	pthread_mutex_unlock(&p->lock);
	if (mine)
		job_free(j);
}

/* Hands the job to a thread and parks until it is done. */
static void do_job(struct request *q, struct job *j)
{
	struct passwords *p = q->appd->passwords;
	bool full;

	j->pool = p;
	j->q = q;
	list_init(&j->link);
	pthread_mutex_lock(&p->lock);
	full = p->waiting_count >= QUEUE_MAX;
	if (!full) {
		list_append(&p->waiting, &j->link);
		p->waiting_count++;
		pthread_cond_signal(&p->filled);
	}
	pthread_mutex_unlock(&p->lock);
	if (full) {
		job_free(j);
		fail(q, 503, "busy",
		     "Too many people sign in at once. Please try again.");
	}
	request_wait(q, abandon, j);
}

static struct job *job_new(struct request *q, struct str plain)
{
	struct job *j = calloc(1, sizeof(*j) + plain.n);

	if (j != NULL) {
		j->n = plain.n;
		memcpy(j->plain, plain.p, plain.n);
		return j;
	}
	fail(q, 503, "memory", "There is no memory for that now.");
}

void password_hash(struct request *q, struct str plain, char ret[PASSWORD_HASH_SIZE])
{
	struct job *j = job_new(q, plain);
	bool ok;

	do_job(q, j);
	ok = j->ok;
	memcpy(ret, j->hash, PASSWORD_HASH_SIZE);
	job_free(j);
	if (!ok)
		fail(q, 503, "memory", "There is no memory for that now.");
}

bool password_is_right(struct request *q, struct str plain, struct str stored,
		       bool *ret_weak)
{
	struct job *j = job_new(q, plain);
	bool ok;

	j->check = true;
	str_copy(j->hash, sizeof(j->hash), stored);
	do_job(q, j);
	ok = j->ok;
	*ret_weak = j->weak;
	job_free(j);
	return ok;
}

void password_waste(struct request *q, struct str plain)
{
	char hash[PASSWORD_HASH_SIZE];

	password_hash(q, plain, hash);
}

/* ---- life ---- */

static bool start_threads(struct passwords *p)
{
	for (; p->thread_count < THREADS; p->thread_count++)
		if (pthread_create(&p->threads[p->thread_count], NULL, thread_main, p) !=
		    0)
			return false;
	return true;
}

struct passwords *passwords_new(struct loop *l)
{
	struct passwords *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->loop = l;
	p->done_watch = (struct loop_fd){ .fd = -1, .run = on_done, .ctx = p };
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->filled, NULL);
	list_init(&p->waiting);
	list_init(&p->done);
	p->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p->done_fd >= 0 && loop_fd_add(l, &p->done_watch, p->done_fd, EPOLLIN) &&
	    start_threads(p))
		return p;
	passwords_free(p);
	return NULL;
}

void passwords_free(struct passwords *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_cond_broadcast(&p->filled);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->thread_count; i++)
		pthread_join(p->threads[i], NULL);
	loop_fd_remove(p->loop, &p->done_watch);
	for (struct job *j; (j = next_done(p)) != NULL;)
		job_free(j);
	if (p->done_fd >= 0)
		close(p->done_fd);
	pthread_cond_destroy(&p->filled);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
