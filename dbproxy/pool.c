/* pool.c -- see pool.h. */
#include "dbproxy/pool.h"

#include "common/clock.h"
#include "common/list.h"
#include "common/log.h"
#include "common/trace.h"

enum state {
	CONN_DOWN, /* waits for its time to connect */
	CONN_CONNECTING,
	CONN_IDLE, /* in pool->idle, unless held */
	CONN_TAKEN,
	CONN_CLEANING, /* a transaction was left open: rolling it back */
};

enum {
	RETRY_FIRST_US = 20000,
	RETRY_MAX_US = 1000000,
	TURN_US = 2000,
	STUCK_US = 1000000, /* a KILL that has not helped by then never will */
};

struct conn {
	struct pool *pool;
	struct db *db; /* NULL when down */
	enum state state;
	struct list link; /* in pool->idle */
	struct timer retry, stuck_timer;
	int64_t retry_us;
	void *user;
	void (*stuck)(void *user);
	unsigned long thread;
	struct list victim;        /* in pool->victims, or on its own */
	unsigned long kill_thread; /* thread, when KILL was asked for */
	bool held;                 /* its KILL has not been answered */
};

struct pool {
	struct pool_options options;
	struct list idle, victims;
	unsigned idle_count, connected, connecting;
	char trouble[256];
	struct log_gate gate;
	struct conn *killing; /* the one that the KILL under way is for */
	char kill_sql[48];
	db_done_fn asked; /* of the question under way */
	void *asked_ctx;
	struct conn killer; /* its state is IDLE when it may kill or ask */
	struct conn conns[];
};

static void settle(struct conn *c);
static void kill_next(struct pool *p);
static void forget_victims(struct pool *p);

/* ---- up and down ---- */

static void leave_idle(struct conn *c)
{
	if (list_empty(&c->link))
		return;
	list_remove(&c->link);
	c->pool->idle_count--;
}

static bool is_killer(const struct conn *c)
{
	return c == &c->pool->killer;
}

static void down(struct conn *c)
{
	struct pool *p = c->pool;

	leave_idle(c);
	if (c->state == CONN_CONNECTING)
		p->connecting--;
	if (c->state != CONN_DOWN && c->state != CONN_CONNECTING && !is_killer(c))
		p->connected--;
	loop_timer_stop(p->options.loop, &c->stuck_timer);
	db_free(c->db);
	c->db = NULL;
	c->state = CONN_DOWN;
	if (is_killer(c))
		forget_victims(p);
	/* jittered, so that all connections of all instances do not come at once */
	if (c->retry_us < RETRY_FIRST_US)
		c->retry_us = RETRY_FIRST_US;
	loop_timer_in(p->options.loop, &c->retry,
		      c->retry_us / 2 +
			  (int64_t)(trace_random() % (uint64_t)c->retry_us));
	c->retry_us = c->retry_us * 2 > RETRY_MAX_US ? RETRY_MAX_US : c->retry_us * 2;
}

static void on_lost(void *ctx)
{
	struct conn *c = ctx;

	log_debug("connection_closed_by_server");
	c->retry_us = 0;
	down(c);
}

static void on_connected(void *ctx, const struct db_result *r)
{
	struct conn *c = ctx;
	struct pool *p = c->pool;
	unsigned held;

	if (r->code != 0) {
		str_copy(p->trouble, sizeof(p->trouble), str_of(r->message));
		if (log_gate_open(&p->gate, &held))
			log_warn("cannot_connect code=%u why=\"%s\" more=%u", r->code,
				 r->message, held);
		down(c);
		return;
	}
	p->connecting--;
	p->trouble[0] = '\0';
	c->retry_us = 0;
	c->thread = db_thread(c->db);
	if (!is_killer(c))
		p->connected++;
	c->state = CONN_TAKEN;
	settle(c);
}

static void connect_now(void *ctx)
{
	struct conn *c = ctx;
	struct pool *p = c->pool;

	/* the library does not give up the thread in a TLS handshake: one at a time, so
	 * that the loop turns in between */
	if (p->options.server->tls && p->connecting > 0) {
		loop_timer_in(p->options.loop, &c->retry, TURN_US);
		return;
	}
	c->db = db_new(p->options.loop, p->options.statements_max, on_lost, c);
	if (c->db == NULL) {
		down(c);
		return;
	}
	c->state = CONN_CONNECTING;
	p->connecting++;
	db_connect(c->db, p->options.server, on_connected, c);
}

/* ---- taking and giving back ---- */

/* It has nothing more to do: idle, if nothing holds it back. */
static void settle(struct conn *c)
{
	struct pool *p = c->pool;

	c->state = CONN_IDLE;
	if (is_killer(c)) {
		kill_next(p);
	} else if (!c->held && list_empty(&c->link)) {
		list_push(&p->idle, &c->link); /* the warmest first */
		p->idle_count++;
		p->options.idle(p->options.ctx);
	}
}

static void on_cleaned(void *ctx, const struct db_result *r)
{
	struct conn *c = ctx;

	if (r->code != 0)
		down(c);
	else
		settle(c);
}

void conn_release(struct conn *c)
{
	loop_timer_stop(c->pool->options.loop, &c->stuck_timer);
	c->user = NULL;
	if (!db_in_transaction(c->db)) {
		settle(c);
		return;
	}
	c->state = CONN_CLEANING;
	db_query(c->db, STR("ROLLBACK"), NULL, on_cleaned, c);
}

void conn_broken(struct conn *c)
{
	c->user = NULL;
	down(c);
}

struct conn *pool_take(struct pool *p)
{
	struct list *first = list_first(&p->idle);
	struct conn *c;

	if (first == NULL)
		return NULL;
	c = LIST_OF(first, struct conn, link);
	leave_idle(c);
	c->state = CONN_TAKEN;
	return c;
}

/* ---- killing ---- */

static void let_go(struct conn *victim)
{
	victim->held = false;
	list_remove(&victim->victim);
	if (victim->state == CONN_IDLE)
		settle(victim);
}

/* The server may be another by the time we are back, and its threads others with the same
 * numbers: what was to be killed is forgotten, and `stuck` sees to what still runs. */
static void forget_victims(struct pool *p)
{
	struct list *first;

	while ((first = list_first(&p->victims)) != NULL)
		let_go(LIST_OF(first, struct conn, victim));
}

static void on_killed(void *ctx, const struct db_result *r)
{
	struct conn *c = ctx;
	struct pool *p = c->pool;
	struct conn *victim = p->killing;

	p->killing = NULL;
	let_go(victim); /* also after 1094, no such thread: it has ended by itself */
	if (r->code >= 2000 && r->code < 3000)
		down(c);
	else
		settle(c);
}

static void kill_next(struct pool *p)
{
	struct list *first = list_first(&p->victims);
	struct conn *victim;

	if (first == NULL || p->killer.state != CONN_IDLE || p->killing != NULL)
		return;
	victim = LIST_OF(first, struct conn, victim);
	list_remove(first);
	p->killing = victim;
	p->killer.state = CONN_TAKEN;
	snprintf(p->kill_sql, sizeof(p->kill_sql), "KILL QUERY %lu", victim->kill_thread);
	db_query(p->killer.db, str_of(p->kill_sql), NULL, on_killed, &p->killer);
}

static void on_stuck(void *ctx)
{
	struct conn *c = ctx;

	log_warn("kill_did_not_help thread=%lu", c->thread);
	if (c->user != NULL)
		c->stuck(c->user);
}

void conn_kill(struct conn *c, void (*stuck)(void *user))
{
	struct pool *p = c->pool;

	if (c->held)
		return;
	c->held = true;
	c->kill_thread = c->thread;
	c->stuck = stuck;
	list_append(&p->victims, &c->victim);
	loop_timer_in(p->options.loop, &c->stuck_timer, STUCK_US);
	kill_next(p);
}

/* ---- asking ---- */

static void on_asked(void *ctx, const struct db_result *r)
{
	struct conn *c = ctx;
	struct pool *p = c->pool;
	bool lost = r->code >= 2000 && r->code < 3000;

	if (!lost)
		settle(c); /* `asked` may have another question */
	p->asked(p->asked_ctx, r);
	if (lost)
		down(c);
}

bool pool_can_ask(const struct pool *p)
{
	return p->killer.state == CONN_IDLE || p->killer.state == CONN_TAKEN;
}

bool pool_ask(struct pool *p, struct str sql, struct buf *rows, db_done_fn done,
	      void *ctx)
{
	if (p->killer.state != CONN_IDLE)
		return false;
	p->asked = done;
	p->asked_ctx = ctx;
	p->killer.state = CONN_TAKEN;
	db_query(p->killer.db, sql, rows, on_asked, &p->killer);
	return true;
}

void pool_ask_abandon(struct pool *p)
{
	if (p->killer.state == CONN_TAKEN && p->killing == NULL)
		down(&p->killer);
}

/* ---- the rest ---- */

void pool_cut(struct pool *p)
{
	for (unsigned i = 0; i < p->options.connections; i++)
		if (p->conns[i].state == CONN_TAKEN)
			db_cut(p->conns[i].db);
}

struct pool *conn_pool(const struct conn *c)
{
	return c->pool;
}

struct db *conn_db(struct conn *c)
{
	return c->db;
}

unsigned long conn_thread(const struct conn *c)
{
	return c->thread;
}

void conn_set_user(struct conn *c, void *user)
{
	c->user = user;
}

unsigned pool_idle(const struct pool *p)
{
	return p->idle_count;
}

unsigned pool_connected(const struct pool *p)
{
	return p->connected;
}

const char *pool_trouble(const struct pool *p)
{
	return p->trouble;
}

static void conn_init(struct conn *c, struct pool *p)
{
	*c = (struct conn){
		.pool = p,
		.retry = { .run = connect_now, .ctx = c },
		.stuck_timer = { .run = on_stuck, .ctx = c },
	};
	list_init(&c->link);
	list_init(&c->victim);
	loop_timer_in(p->options.loop, &c->retry, 0);
}

static void conn_fini(struct conn *c)
{
	loop_timer_stop(c->pool->options.loop, &c->retry);
	loop_timer_stop(c->pool->options.loop, &c->stuck_timer);
	db_free(c->db);
}

struct pool *pool_new(const struct pool_options *options)
{
	struct pool *p =
	    calloc(1, sizeof(*p) + options->connections * sizeof(p->conns[0]));

	if (p == NULL)
		return NULL;
	p->options = *options;
	list_init(&p->idle);
	list_init(&p->victims);
	for (unsigned i = 0; i < options->connections; i++)
		conn_init(&p->conns[i], p);
	conn_init(&p->killer, p);
	return p;
}

void pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	for (unsigned i = 0; i < p->options.connections; i++)
		conn_fini(&p->conns[i]);
	conn_fini(&p->killer);
	free(p);
}
