/* work.c -- see work.h. */
#include "dbproxy/work.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/stat.h"
#include "common/trace.h"
#include "dbproxy/run.h"
#include "dbproxy/share.h"
#include "dbproxy/trim.h"

enum {
	CONFLICTS_MAX = 10,
	PREPARES_MAX = 2,
	CONFLICT_PAUSE_US = 1000, /* twice as long each time, */
	CONFLICT_DOUBLINGS = 6,   /* so often */
	OUTAGE_PAUSE_US = 20000,
	NAMES_SIZE = 200,
	USUAL_SHARE = 32,
};

/* A job on a connection; as many as connections. */
struct runner {
	struct work *work;
	struct job *job;
	struct conn *conn;
	struct run run;
	struct list link; /* in work->runners while it is free */
};

struct work {
	struct work_options options;
	struct topology *topology;
	struct list jobs, runners;
	struct share share;
	bool dispatching; /* a connection that becomes idle meanwhile is seen all the same
			   */
	/* By deadline; these timers never run. `primary` is for what only the primary may
	 * do, `any` for reads that a replica may. With one server `any` is empty. */
	struct timers primary, any;
	unsigned waiting, running;
	int64_t usual_us; /* a job on a connection; a mean that forgets */
	struct log_gate broken_gate;
	struct trim trim;
	struct runner all[];
};

/* How a job ended, for its caller. */
struct outcome {
	enum sql_class class;
	struct str detail;
};

/* ---- the end of a job ---- */

static void log_job(const struct job *j, const struct outcome *o)
{
	char hex[TRACE_HEX_SIZE], names[NAMES_SIZE];
	int64_t now = clock_us();
	int64_t queue = (j->started_us > 0 ? j->started_us : now) - j->received_us;
	int64_t ran = j->started_us > 0 ? now - j->started_us : 0;

	log_info("sql trace=%s statements=%s class=%s rows=%u queue_us=%lld run_us=%lld "
		 "tries=%u%s%.*s",
		 trace_hex(j->context.trace, hex), job_names(j, names, sizeof(names)),
		 class_word(o->class).p, j->rows, (long long)queue, (long long)ran,
		 j->tries, o->detail.n > 0 ? " detail=" : "", STR_ARG(o->detail));
}

/* Sends the answer, once; from has the rows. The job may still be running. */
static void answer(struct work *w, struct job *j, const struct job *from,
		   const struct outcome *o)
{
	struct buf b;

	if (j->answered)
		return;
	j->answered = true;
	loop_timer_stop(w->options.loop, &j->due);
	buf_init(&b, FABRIC_MESSAGE_MAX);
	job_answer(from, o->class, o->detail,
		   from->position[0] != '\0' ? str_of(from->position)
					     : (struct str){ NULL, 0 },
		   &b);
	log_job(j, o);
	metrics_job(w->options.metrics, j, o->class,
		    from->conn != NULL ? conn_thread(from->conn) : 0);
	w->options.reply(w->options.ctx, &j->ticket,
			 buf_ok(&b) ? class_status(o->class) : STATUS_FAIL, &b);
}

/* Of those who share it: while one of them may still be served, it is worth running. */
static int64_t last_deadline(const struct job *j)
{
	int64_t last = j->answered ? 0 : j->deadline_us;

	LIST_EACH(link, &j->sharers) {
		const struct job *other = LIST_OF(link, struct job, shared);

		if (other->deadline_us > last)
			last = other->deadline_us;
	}
	return last;
}

static void leave_queue(struct work *w, struct job *j)
{
	if (j->turn.place == 0)
		return;
	timers_stop(j->queue, &j->turn);
	j->queue = NULL;
	w->waiting--;
}

static void enter_queue(struct work *w, struct timers *queue, struct job *j)
{
	if (j->turn.place == 0)
		w->waiting++;
	j->queue = queue;
	timers_set(queue, &j->turn, last_deadline(j));
}

static void forget(struct work *w, struct job *j)
{
	leave_queue(w, j);
	loop_timer_stop(w->options.loop, &j->due);
	loop_timer_stop(w->options.loop, &j->delay);
	share_close(j);
	share_leave(j);
	list_remove(&j->link);
	job_free(j);
}

/* The job and those who share it have come to their end. */
static void end(struct work *w, struct job *j, const struct outcome *o)
{
	struct list *first;

	answer(w, j, j, o);
	while ((first = list_first(&j->sharers)) != NULL) {
		struct job *other = LIST_OF(first, struct job, shared);

		other->rows = j->rows;
		other->started_us = j->started_us;
		answer(w, other, j, o);
		forget(w, other);
	}
	forget(w, j);
}

/* ---- on to a connection ---- */

static void start(struct work *w, struct job *j, struct conn *c);

/* One that is past its deadline is answered by its timer in this turn. */
static void start_first(struct work *w, struct timers *queue, struct conn *c)
{
	struct job *j = queue->heap[1]->ctx;
	bool late = queue->heap[1]->due_us <= clock_us();

	leave_queue(w, j);
	share_close(j);
	if (late)
		conn_release(c);
	else
		start(w, j, c);
}

/* The first read goes to a replica, or to the queue for the primary if there is none that
 * is near enough. False: one is, and busy. */
static bool dispatch_any(struct work *w)
{
	struct job *j = w->any.heap[1]->ctx;
	bool wait;
	struct conn *c = topology_take_replica(w->topology, j->seen, &wait);

	if (c != NULL) {
		start_first(w, &w->any, c);
		return true;
	}
	if (wait)
		return false;
	leave_queue(w, j);
	enter_queue(w, &w->primary, j);
	return true;
}

static void dispatch(struct work *w)
{
	struct conn *c;

	if (w->dispatching)
		return;
	w->dispatching = true;
	while (w->any.count > 0 && dispatch_any(w))
		continue;
	while (w->primary.count > 0 && (c = topology_take_primary(w->topology)) != NULL)
		start_first(w, &w->primary, c);
	w->dispatching = false;
}

static void on_idle(void *ctx)
{
	dispatch(ctx);
}

/* An empty position says: whatever is newest, for I do not know what I have seen. */
static bool only_primary(const struct job *j)
{
	return j->seen.p != NULL && j->seen.n == 0;
}

static void enqueue(struct work *w, struct job *j)
{
	bool any = w->options.servers->count > 1 && !j->writes && !only_primary(j);

	enter_queue(w, any ? &w->any : &w->primary, j);
	share_open(&w->share, j);
	dispatch(w);
}

static void on_delay_over(void *ctx)
{
	struct job *j = ctx;

	enqueue(j->work, j);
}

/* Somewhat later, so that those who collided do not collide again. */
static void again(struct work *w, struct job *j, int64_t pause_us)
{
	loop_timer_in(w->options.loop, &j->delay,
		      pause_us / 2 + (int64_t)(trace_random() % (uint64_t)pause_us));
}

/* ---- what came of it ---- */

static void shout(struct work *w, const struct job *j, const struct run_result *r)
{
	char names[NAMES_SIZE];
	unsigned held;

	if (log_gate_open(&w->broken_gate, &held))
		log_error("statement_broken statements=%s code=%u why=\"%s\" more=%u",
			  job_names(j, names, sizeof(names)), r->code, r->message, held);
}

/* True: the job goes on; false: c is its end. */
static bool try_again(struct work *w, struct job *j, enum sql_class c, bool undone)
{
	switch (class_action(c)) {
	case ACTION_ANSWER:
		return false;
	case ACTION_WAIT:
		again(w, j, OUTAGE_PAUSE_US);
		return true;
	case ACTION_AGAIN:
		if (++j->conflicts > CONFLICTS_MAX)
			return false;
		again(w, j,
		      (int64_t)CONFLICT_PAUSE_US
			  << (j->conflicts < CONFLICT_DOUBLINGS ? j->conflicts
								: CONFLICT_DOUBLINGS));
		return true;
	case ACTION_UNKNOWN:
		if (j->writes && !j->keyed && !undone)
			return false;
		again(w, j, OUTAGE_PAUSE_US);
		return true;
	case ACTION_PREPARE:
		if (++j->prepares > PREPARES_MAX)
			return false;
		enqueue(w, j);
		return true;
	}
	return false;
}

static void on_run_done(void *ctx, const struct run_result *r)
{
	struct runner *runner = ctx;
	struct work *w = runner->work;
	struct job *j = runner->job;
	struct conn *conn = runner->conn; /* tried again at once, the job has another */
	enum sql_class c = class_of(r->code);
	const struct outcome o = {
		.class = c,
		.detail = r->code != 0 ? class_detail(c, r->message) : STR(""),
	};

	if (c == CLASS_BROKEN)
		shout(w, j, r);
	if (c == CLASS_UNAVAILABLE)
		topology_suspect(w->topology, conn);
	w->usual_us += (clock_us() - j->started_us - w->usual_us) / USUAL_SHARE;
	list_push(&w->runners, &runner->link);
	w->running--;
	j->runs = false;
	if (!job_is_wanted(j))
		forget(w, j);
	else if (!try_again(w, j, c, r->undone))
		end(w, j, &o);
	if (class_ends_connection(r->code))
		conn_broken(conn);
	else
		conn_release(conn);
}

/* Not even KILL helped: the connection goes, the job was answered at its deadline. */
static void on_stuck(void *user)
{
	struct runner *runner = user;
	struct work *w = runner->work;

	run_abandon(&runner->run);
	runner->job->runs = false;
	forget(w, runner->job);
	list_push(&w->runners, &runner->link);
	w->running--;
	conn_broken(runner->conn);
}

static void start(struct work *w, struct job *j, struct conn *c)
{
	struct list *free_one = list_first(&w->runners);
	struct runner *r = LIST_OF(free_one, struct runner, link);

	list_remove(free_one);
	w->running++;
	j->runs = true;
	j->at = 0;
	r->job = j;
	r->conn = c;
	j->conn = c;
	j->tries++;
	j->started_us = clock_us();
	conn_set_user(c, r);
	r->run.db = conn_db(c);
	r->run.job = j;
	r->run.once = w->options.once;
	r->run.plain = w->options.portable;
	r->run.value_max = w->options.value_max;
	r->run.piece = w->options.piece;
	r->run.done = on_run_done;
	r->run.ctx = r;
	run_start(&r->run);
}

/* ---- deadlines ---- */

/* The deadline has passed, or nobody waits any more. */
static void give_up(struct work *w, struct job *j)
{
	const struct outcome late = { .class = CLASS_LATE, .detail = STR("") };
	const struct outcome away = { .class = CLASS_UNAVAILABLE, .detail = STR("") };
	struct job *leader = j->leader, *heir;

	if (j->runs) {
		job_ran(j);
		answer(w, j, j, &late);
		if (!job_is_wanted(j))
			conn_kill(j->conn, on_stuck);
		return;
	}
	answer(w, j, j, !topology_has_primary(w->topology) ? &away : &late);
	heir = share_succeed(j);
	forget(w, j);
	if (heir != NULL)
		enqueue(w, heir);
	if (leader != NULL && leader->runs && !job_is_wanted(leader))
		conn_kill(leader->conn, on_stuck);
}

static void on_due(void *ctx)
{
	struct job *j = ctx;

	give_up(j->work, j);
}

void work_cancel(struct work *w, const struct fabric_ticket *t)
{
	LIST_EACH(link, &w->jobs) {
		struct job *j = LIST_OF(link, struct job, link);

		if (!j->answered && j->ticket.client == t->client &&
		    j->ticket.generation == t->generation &&
		    (t->id == 0 || j->ticket.id == t->id))
			give_up(w, j);
	}
}

/* ---- a request ---- */

static void refuse(struct work *w, const struct fabric_incoming *in, enum sql_class c,
		   struct str detail)
{
	char hex[TRACE_HEX_SIZE];
	struct buf b;

	stat_one(STAT_BAD_REQUESTS);
	log_info("sql trace=%s class=%s detail=\"%.*s\"",
		 trace_hex(in->context.trace, hex), class_word(c).p, STR_ARG(detail));
	buf_init(&b, 4096);
	job_answer(NULL, c, detail, (struct str){ NULL, 0 }, &b);
	w->options.reply(w->options.ctx, &in->ticket, class_status(c), &b);
}

/* What waits before it takes more than half of what it has. Half, because a queue as long
 * as the deadline makes everything in it just too late. */
static bool cannot_be_met(const struct work *w, const struct job *j)
{
	int64_t usual = metrics_usual_us(w->options.metrics, j);
	int64_t wait = w->usual_us * (int64_t)w->waiting / w->options.connections;

	return w->waiting > 0 && j->received_us + 2 * (wait + usual) > j->deadline_us;
}

void work_request(struct work *w, const struct fabric_incoming *in)
{
	static const struct outcome full = { .class = CLASS_FULL, .detail = { "", 0 } };
	struct job *j;
	struct str detail;
	char name[NAMES_SIZE];
	enum sql_class c = job_new(in, &j, &detail);

	if (c != CLASS_OK) {
		refuse(w, in, c, detail);
		return;
	}
	if (job_too_long(j, w->options.value_max, name, sizeof(name))) {
		refuse(w, in, CLASS_VALUE_TOO_LONG, str_of(name));
		job_free(j);
		return;
	}
	j->work = w;
	j->due = (struct timer){ .run = on_due, .ctx = j };
	j->turn = (struct timer){ .ctx = j };
	j->delay = (struct timer){ .run = on_delay_over, .ctx = j };
	list_append(&w->jobs, &j->link);
	loop_timer_at(w->options.loop, &j->due, j->deadline_us);
	if (share_join(&w->share, j))
		enter_queue(w, j->leader->queue, j->leader); /* with the later deadline */
	else if (cannot_be_met(w, j))
		end(w, j, &full);
	else
		enqueue(w, j);
}

/* ---- life ---- */

void work_retire(struct work *w)
{
	trim_stop(&w->trim);
}

bool work_is_idle(const struct work *w)
{
	return list_empty(&w->jobs) && !trim_runs(&w->trim);
}

unsigned work_waiting(const struct work *w)
{
	return w->waiting;
}

unsigned work_running(const struct work *w)
{
	return w->running;
}

const struct topology *work_topology(const struct work *w)
{
	return w->topology;
}

void work_print(const struct work *w, struct buf *b)
{
	topology_print(w->topology, b);
}

struct work *work_new(const struct work_options *options)
{
	unsigned runners = options->connections * options->servers->count;
	struct work *w = calloc(1, sizeof(*w) + runners * sizeof(w->all[0]));
	const struct topology_options topology = {
		.loop = options->loop,
		.servers = options->servers,
		.run_dir = options->run_dir,
		.connections = options->connections,
		.statements_max = once_ids(),
		.changed = on_idle,
		.ctx = w,
	};

	if (w == NULL)
		return NULL;
	w->options = *options;
	list_init(&w->jobs);
	list_init(&w->runners);
	share_init(&w->share);
	for (unsigned i = 0; i < runners; i++) {
		w->all[i].work = w;
		list_append(&w->runners, &w->all[i].link);
	}
	w->topology = topology_new(&topology);
	if (w->topology == NULL) {
		free(w);
		return NULL;
	}
	w->trim = (struct trim){ .loop = options->loop,
				 .topology = w->topology,
				 .once = options->once,
				 .keep_us = options->keep_keys_us };
	trim_start(&w->trim);
	return w;
}

void work_free(struct work *w)
{
	if (w == NULL)
		return;
	trim_stop(&w->trim);
	topology_free(w->topology);
	LIST_EACH(link, &w->jobs)
		job_free(LIST_OF(link, struct job, link));
	timers_fini(&w->primary);
	timers_fini(&w->any);
	free(w);
}
