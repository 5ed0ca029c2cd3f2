/* session.c -- see session.h. */
#include "dbproxy/session.h"

#include <signal.h>
#include <stdarg.h>

#include "common/clock.h"

enum { LOOK_US = 50000, SQL_MAX = 64 << 10, ROWS_MAX = 4 << 20 };

static void failed(struct session *s, unsigned code, const char *message)
{
	s->code = code;
	str_copy(s->message, sizeof(s->message), str_of(message));
}

static void on_done(void *ctx, const struct db_result *r)
{
	struct session *s = ctx;

	failed(s, r->code, r->message);
	s->row_count = r->rows;
	s->column_count = r->columns;
	s->ended = true;
	loop_stop(s->loop);
}

static void on_lost(void *ctx)
{
	(void)ctx; /* the next call finds out */
}

static bool asked_to_end(const struct session *s)
{
	sigset_t pending;

	if (s->stop != NULL)
		return atomic_load(s->stop);
	return sigpending(&pending) == 0 && (sigismember(&pending, SIGTERM) == 1 ||
					     sigismember(&pending, SIGINT) == 1);
}

struct look {
	struct session *s;
	struct timer timer;
	int64_t deadline_us;
};

static void on_look(void *ctx)
{
	struct look *l = ctx;

	if (asked_to_end(l->s))
		failed(l->s, SESSION_INTERRUPTED, "asked to end");
	else if (clock_us() >= l->deadline_us)
		failed(l->s, SESSION_TIMEOUT, "no answer in time");
	else {
		loop_timer_in(l->s->loop, &l->timer, LOOK_US);
		return;
	}
	loop_stop(l->s->loop);
}

/* After an operation was begun. One that did not end leaves the session unusable: what
 * is asked after it would get its answer. */
static bool wait(struct session *s)
{
	struct look look = { .s = s, .deadline_us = s->deadline.due_us };

	look.timer = (struct timer){ .run = on_look, .ctx = &look };
	loop_timer_in(s->loop, &look.timer, LOOK_US);
	loop_run(s->loop);
	loop_timer_stop(s->loop, &look.timer);
	return s->ended && s->code == 0;
}

bool session_open(struct session *s, const struct db_server *server, int64_t deadline_us,
		  const atomic_bool *stop)
{
	*s = (struct session){ .deadline.due_us = deadline_us, .stop = stop };
	buf_init(&s->sql, SQL_MAX);
	buf_init(&s->rows, ROWS_MAX);
	buf_init(&s->names, ROWS_MAX);
	s->loop = loop_new();
	if (s->loop != NULL)
		s->db = db_new(s->loop, 1, on_lost, s);
	if (s->db == NULL) {
		failed(s, 2008, "out of memory");
		return false;
	}
	s->ended = false;
	db_connect(s->db, server, on_done, s);
	return wait(s);
}

void session_until(struct session *s, int64_t deadline_us)
{
	s->deadline.due_us = deadline_us;
}

void session_close(struct session *s)
{
	db_free(s->db);
	loop_free(s->loop);
	buf_fini(&s->sql);
	buf_fini(&s->rows);
	buf_fini(&s->names);
	*s = (struct session){ 0 };
}

static bool __attribute__((format(printf, 2, 0)))
begin(struct session *s, const char *fmt, va_list ap)
{
	char *room;
	int n;

	if (!s->ended)
		return false; /* s says still why the one before did not end */
	buf_reset(&s->sql);
	buf_reset(&s->rows);
	buf_reset(&s->names);
	room = buf_room(&s->sql, SQL_MAX);
	n = room != NULL ? vsnprintf(room, SQL_MAX, fmt, ap) : -1;
	if (n < 0 || n >= SQL_MAX) {
		failed(s, 2008, "the statement is too long");
		return false;
	}
	s->ended = false;
	db_name_columns(s->db, &s->names);
	db_query(s->db, (struct str){ room, (size_t)n }, &s->rows, on_done, s);
	return true;
}

bool session_begin(struct session *s, const char *fmt, ...)
{
	va_list ap;
	bool ok;

	va_start(ap, fmt);
	ok = begin(s, fmt, ap);
	va_end(ap);
	return ok;
}

bool session_end(struct session *s)
{
	return wait(s);
}

bool session_query(struct session *s, const char *fmt, ...)
{
	va_list ap;
	bool ok;

	va_start(ap, fmt);
	ok = begin(s, fmt, ap) && wait(s);
	va_end(ap);
	return ok;
}

bool session_prepare(struct session *s, const struct db_statement *statement)
{
	struct db_statement own = *statement;

	if (!s->ended)
		return false;
	own.id = 0; /* there is room for one, each takes the place of the one before */
	db_forget(s->db, 0);
	s->ended = false;
	db_prepare(s->db, &own, on_done, s);
	return wait(s);
}

void session_cell(const struct session *s, unsigned n, char *ret, size_t size)
{
	struct wire w = wire_of(buf_get(&s->rows));

	for (; n > 0; n--)
		wire_skip(&w);
	ret[0] = '\0';
	if (wire_peek(&w) == 's')
		(void)str_copy(ret, size, wire_bytes(&w));
}

void session_named(const struct session *s, const char *name, char *ret, size_t size)
{
	struct wire w = wire_of(buf_get(&s->names));

	ret[0] = '\0';
	for (unsigned i = 0; i < s->column_count && !w.bad; i++)
		if (str_eq(wire_bytes(&w), str_of(name))) {
			session_cell(s, i, ret, size);
			return;
		}
}
