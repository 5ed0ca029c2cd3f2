/* trim.c -- see trim.h. */
#include "dbproxy/trim.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/trace.h"
#include "dbproxy/class.h"

enum {
	BATCH = 1000,      /* as the statement says */
	SOON_US = 1000000, /* there is more, or the server was away */
	INTERVAL_US = 600000000,
};

static void sleep_for(struct trim *t, int64_t us)
{
	/* every instance does it, and not at the same time */
	loop_timer_in(t->loop, &t->timer,
		      us / 2 + (int64_t)(trace_random() % (uint64_t)us));
}

static void on_trimmed(void *ctx, const struct db_result *r)
{
	struct trim *t = ctx;
	struct conn *c = t->conn;

	t->conn = NULL;
	if (r->code == 0 && r->affected > 0)
		log_info("keys_trimmed count=%lld", (long long)r->affected);
	sleep_for(t, r->code != 0 || r->affected >= BATCH ? SOON_US : INTERVAL_US);
	if (class_ends_connection(r->code))
		conn_broken(c);
	else
		conn_release(c);
}

static void on_time(void *ctx)
{
	struct trim *t = ctx;
	struct conn *c = topology_take_primary(t->topology);
	const struct db_value until = { .type = TYPE_TIME,
					.i = clock_wall_us() - t->keep_us };
	const struct db_call call = { .statement = once_plain(t->once, ONCE_TRIM),
				      .values = &until,
				      .count = 1 };

	if (c == NULL) {
		sleep_for(t, SOON_US);
		return;
	}
	t->conn = c;
	db_execute(conn_db(c), &call, on_trimmed, t);
}

void trim_start(struct trim *t)
{
	t->timer = (struct timer){ .run = on_time, .ctx = t };
	t->conn = NULL;
	sleep_for(t, SOON_US);
}

void trim_stop(struct trim *t)
{
	loop_timer_stop(t->loop, &t->timer);
}

bool trim_runs(const struct trim *t)
{
	return t->conn != NULL;
}
