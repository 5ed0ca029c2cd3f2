/* topology.c -- see topology.h. */
#include "dbproxy/topology.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/wire.h"
#include "dbproxy/record.h"

enum {
	ASK_US = 100000,
	SEARCH_US = 20000,   /* as often while there is nobody to write to */
	ANSWER_US = 1000000, /* no answer for so long: it hangs */
	MARK_US = 1000000,   /* how often the primary's position is noted, */
	STALE_US = 10000000, /* and how long ago a replica may have been there */
	ROWS_MAX = 4096,
};

/* STRAY: open for writes, but not the one that is to be written to. */
enum role { ROLE_UNKNOWN, ROLE_PRIMARY, ROLE_REPLICA, ROLE_STRAY, ROLE_DOWN };

static const char *const role_words[] = { "unknown", "primary", "replica", "stray",
					  "down" };

/* MySQL has no gtid_current_pos and no wsrep_on, and is asked without. A Galera node is
 * to answer at once, whatever it has yet to apply. */
static const char ask_mariadb[] =
    "SET STATEMENT wsrep_sync_wait = 0 FOR SELECT @@global.read_only, "
    "@@global.gtid_current_pos, @@global.wsrep_on";
static const char ask_plain[] = "SELECT @@global.read_only, '', 0";
static const char ask_galera[] =
    "SET STATEMENT wsrep_sync_wait = 0 FOR "
    "SELECT GROUP_CONCAT(variable_value ORDER BY variable_name) "
    "FROM information_schema.global_status "
    "WHERE variable_name IN ('wsrep_cluster_status', 'wsrep_ready')";

struct server {
	struct topology *t;
	const struct server_conf *conf;
	struct pool *pool;
	enum role role;
	char position[POSITION_SIZE];
	int64_t fresh_us; /* when it had last come to the primary's mark */
	bool plain, galera, asked;
	bool writable; /* when it was last asked */
	bool cut;      /* what ran there has been ended */
	int64_t asked_us;
	struct buf rows;
};

struct topology {
	struct topology_options options;
	struct timer ask;
	struct record record; /* of a managed one */
	struct log_gate gate;
	char mark[POSITION_SIZE]; /* where the primary was at mark_us */
	int64_t mark_us;
	unsigned count;
	struct server servers[];
};

static void set_role(struct server *s, enum role role)
{
	enum role was = s->role;

	if (was == role)
		return;
	log_info("server_role server=%s role=%s was=%s position=%s", s->conf->name,
		 role_words[role], role_words[was], s->position);
	s->role = role;
	s->t->options.changed(s->t->options.ctx);
}

/* Of a primary with replicas: which of those open for writes is it? */
static bool is_primary(const struct server *s)
{
	const struct topology *t = s->t;

	if (t->record.primary[0] != '\0')
		return strcmp(t->record.primary, s->conf->name) == 0;
	for (unsigned i = 0; i < t->count; i++)
		if (&t->servers[i] != s && t->servers[i].writable)
			return false;
	return true;
}

static void judge(struct topology *t)
{
	unsigned held;

	for (unsigned i = 0; i < t->count; i++) {
		struct server *s = &t->servers[i];

		if (!s->writable)
			continue;
		if (is_primary(s)) {
			set_role(s, ROLE_PRIMARY);
			continue;
		}
		set_role(s, ROLE_STRAY);
		if (log_gate_open(&t->gate, &held))
			log_warn("server_stray server=%s primary=%s remedy=\"it is open "
				 "for writes and not the primary: set it read_only\"",
				 s->conf->name, t->record.primary);
	}
}

/* Another has its place: what still runs there may not be taken for done, and is done
 * again at the other. One that was closed in good order finishes what it has. What a
 * Galera node did commit the others have, and find by its key. */
static void cut(struct server *s)
{
	if (!s->cut && (s->role == ROLE_DOWN || s->role == ROLE_STRAY)) {
		pool_cut(s->pool);
		s->cut = true;
	} else if (s->role == ROLE_REPLICA || s->role == ROLE_PRIMARY) {
		s->cut = false;
	}
}

/* Whoever was the primary until now has first to say what it is. */
static void read_record(struct topology *t)
{
	struct record now = record_read(t->options.run_dir);

	for (unsigned i = 0; i < t->count; i++) {
		struct server *s = &t->servers[i];
		bool named = strcmp(now.primary, s->conf->name) == 0;

		if (s->role == ROLE_PRIMARY && now.primary[0] != '\0' && !named) {
			s->writable = false;
			set_role(s, ROLE_UNKNOWN);
		}
		if (now.primary[0] != '\0' && !named)
			cut(s);
	}
	t->record = now;
}

static void set_down(struct server *s)
{
	s->writable = false;
	set_role(s, ROLE_DOWN);
}

/* ---- asking ---- */

static void next_cell(struct wire *w, char *ret, size_t size)
{
	ret[0] = '\0';
	if (!wire_null(w))
		(void)str_copy(ret, size, wire_bytes(w));
}

/* Only one Galera node writes, the first, so that two never meet at one row. */
static enum role galera_role(const struct server *s)
{
	for (unsigned i = 0; &s->t->servers[i] != s; i++)
		if (s->t->servers[i].galera && s->t->servers[i].role == ROLE_PRIMARY)
			return ROLE_REPLICA;
	return ROLE_PRIMARY;
}

static void on_galera(void *ctx, const struct db_result *r)
{
	struct server *s = ctx;
	struct wire w = wire_of(buf_get(&s->rows));
	char words[64];

	s->asked = false;
	next_cell(&w, words, sizeof(words));
	if (r->code != 0 || strcmp(words, "Primary,ON") != 0)
		set_role(s, ROLE_DOWN);
	else
		set_role(s, galera_role(s));
}

static void ask(struct server *s, const char *sql, db_done_fn done)
{
	buf_reset(&s->rows);
	s->asked = pool_ask(s->pool, str_of(sql), &s->rows, done, s);
	if (s->asked)
		s->asked_us = clock_us();
}

static void note_primary(struct topology *t, const struct server *s)
{
	int64_t now = clock_us();

	if (now - t->mark_us < MARK_US)
		return;
	t->mark_us = now;
	(void)str_copy(t->mark, sizeof(t->mark), str_of(s->position));
}

static void on_asked(void *ctx, const struct db_result *r)
{
	struct server *s = ctx;
	struct topology *t = s->t;
	struct wire w = wire_of(buf_get(&s->rows));
	char read_only[8], wsrep[8];

	s->asked = false;
	if (r->code == 1193) { /* unknown variable */
		s->plain = true;
		return;
	}
	if (r->code != 0) {
		set_down(s);
		return;
	}
	next_cell(&w, read_only, sizeof(read_only));
	next_cell(&w, s->position, sizeof(s->position));
	next_cell(&w, wsrep, sizeof(wsrep));
	s->galera = strcmp(wsrep, "1") == 0;
	if (s->galera) {
		ask(s, ask_galera, on_galera);
		return;
	}
	s->writable = strcmp(read_only, "0") == 0;
	if (!s->writable)
		set_role(s, ROLE_REPLICA);
	judge(t);
	if (s->role == ROLE_PRIMARY)
		note_primary(t, s);
	if (position_covers(str_of(s->position), str_of(t->mark)))
		s->fresh_us = t->mark_us;
	t->options.changed(t->options.ctx); /* somebody may wait for this position */
}

static void ask_all(void *ctx)
{
	struct topology *t = ctx;
	int64_t now = clock_us();

	if (servers_managed(t->options.servers)) {
		read_record(t);
		judge(t);
	}
	for (unsigned i = 0; i < t->count; i++) {
		struct server *s = &t->servers[i];

		if (s->galera && topology_has_primary(t))
			cut(s);
		if (s->asked && now - s->asked_us > ANSWER_US) {
			pool_ask_abandon(s->pool);
			s->asked = false;
			set_down(s);
		} else if (!s->asked && !pool_can_ask(s->pool)) {
			set_down(s);
		} else if (!s->asked) {
			ask(s, s->plain ? ask_plain : ask_mariadb, on_asked);
		}
	}
	loop_timer_in(t->options.loop, &t->ask,
		      topology_has_primary(t) ? ASK_US : SEARCH_US);
}

/* ---- choosing ---- */

struct conn *topology_take_primary(struct topology *t)
{
	for (unsigned i = 0; i < t->count; i++)
		if (t->servers[i].role == ROLE_PRIMARY) {
			struct conn *c = pool_take(t->servers[i].pool);

			if (c != NULL)
				return c;
		}
	return NULL;
}

static bool qualifies(const struct server *s, struct str position)
{
	if (s->role != ROLE_REPLICA)
		return false;
	if (s->galera) /* waits by itself until it has come as far (mysql.c) */
		return true;
	return clock_us() - s->fresh_us < STALE_US &&
	       position_covers(str_of(s->position), position);
}

struct conn *topology_take_replica(struct topology *t, struct str position,
				   bool *ret_wait)
{
	struct server *best = NULL;

	*ret_wait = false;
	for (unsigned i = 0; i < t->count; i++) {
		struct server *s = &t->servers[i];

		if (!qualifies(s, position) || pool_connected(s->pool) == 0)
			continue;
		*ret_wait = true;
		if (best == NULL || pool_idle(s->pool) > pool_idle(best->pool))
			best = s;
	}
	return best != NULL ? pool_take(best->pool) : NULL;
}

bool topology_has_primary(const struct topology *t)
{
	for (unsigned i = 0; i < t->count; i++)
		if (t->servers[i].role == ROLE_PRIMARY &&
		    pool_connected(t->servers[i].pool) > 0)
			return true;
	return false;
}

void topology_suspect(struct topology *t, const struct conn *c)
{
	for (unsigned i = 0; t->count > 1 && i < t->count; i++)
		if (t->servers[i].pool == conn_pool(c) &&
		    t->servers[i].role == ROLE_PRIMARY) {
			t->servers[i].writable = false;
			set_role(&t->servers[i], ROLE_UNKNOWN);
		}
}

static void print_place(const struct server *s, struct buf *b)
{
	const struct db_server *db = &s->conf->db;

	if (db->socket != NULL)
		buf_text(b, db->socket);
	else
		buf_fmt(b, "%s:%u", db->host, db->port);
	if (pool_connected(s->pool) == 0)
		buf_fmt(b, ", no connection: %s",
			pool_trouble(s->pool)[0] != '\0' ? pool_trouble(s->pool)
							 : "none has been made yet");
}

void topology_table(const struct topology *t, struct buf *b)
{
	buf_fmt(b, "%-12s %-8s %-20s %s\n", "server", "role", "position", "at");
	for (unsigned i = 0; i < t->count; i++) {
		const struct server *s = &t->servers[i];
		/* a single one is never asked what it is */
		bool down = t->count == 1 && pool_connected(s->pool) == 0;

		buf_fmt(b, "%-12s %-8s %-20s ", s->conf->name,
			role_words[down ? ROLE_DOWN : s->role],
			s->position[0] != '\0' ? s->position : "-");
		print_place(s, b);
		buf_text(b, "\n");
	}
}

void topology_connections(const struct topology *t, struct buf *b)
{
	for (unsigned i = 0; i < t->count; i++)
		buf_fmt(b, "%s%s %u of %u", i > 0 ? ", " : "", t->servers[i].conf->name,
			pool_connected(t->servers[i].pool), t->options.connections);
}

void topology_print(const struct topology *t, struct buf *b)
{
	buf_text(b, "# HELP dbproxy_connections connections to the database servers\n"
		    "# TYPE dbproxy_connections gauge\n");
	for (unsigned i = 0; i < t->count; i++) {
		const struct server *s = &t->servers[i];

		buf_fmt(b,
			"dbproxy_connections{server=\"%s\",role=\"%s\",state=\"idle\"} "
			"%u\n"
			"dbproxy_connections{server=\"%s\",role=\"%s\",state=\"taken\"} "
			"%u\n",
			s->conf->name, role_words[s->role], pool_idle(s->pool),
			s->conf->name, role_words[s->role],
			pool_connected(s->pool) - pool_idle(s->pool));
	}
}

/* ---- life ---- */

static bool add(struct topology *t, const struct server_conf *conf)
{
	struct server *s = &t->servers[t->count];
	const struct pool_options options = {
		.loop = t->options.loop,
		.server = &conf->db,
		.connections = t->options.connections,
		.statements_max = t->options.statements_max,
		.idle = t->options.changed,
		.ctx = t->options.ctx,
	};

	*s = (struct server){ .t = t, .conf = conf };
	buf_init(&s->rows, ROWS_MAX);
	if (t->options.servers->count == 1)
		s->role = ROLE_PRIMARY;
	s->pool = pool_new(&options);
	t->count++;
	return s->pool != NULL;
}

struct topology *topology_new(const struct topology_options *options)
{
	unsigned count = options->servers->count;
	struct topology *t = calloc(1, sizeof(*t) + count * sizeof(t->servers[0]));
	bool ok = true;

	if (t == NULL)
		return NULL;
	t->options = *options;
	t->ask = (struct timer){ .run = ask_all, .ctx = t };
	for (unsigned i = 0; ok && i < count; i++)
		ok = add(t, &options->servers->list[i]);
	if (ok && count > 1)
		loop_timer_in(options->loop, &t->ask, 0);
	if (ok)
		return t;
	topology_free(t);
	return NULL;
}

void topology_free(struct topology *t)
{
	if (t == NULL)
		return;
	loop_timer_stop(t->options.loop, &t->ask);
	for (unsigned i = 0; i < t->count; i++) {
		pool_free(t->servers[i].pool);
		buf_fini(&t->servers[i].rows);
	}
	free(t);
}
