/* patrol.c -- see patrol.h. */
#include "webd/patrol.h"

#include "common/clock.h"
#include "common/stat.h"
#include "webd/conn.h"
#include "webd/tcp_info.h"
#include "webd/worker.h"

/* Neither a request nor an answer for too long. Uploads count as idleness: a request that
 * is not complete after so long will not be waited for. */
static bool is_forgotten(const struct conn *c, int64_t now)
{
	return c->exchanges == 0 && now - c->active_us > c->worker->settings.idle_us;
}

/* An answer is on its way, and fewer bytes than min_rate arrive for min_rate_after. */
static bool is_slow(struct conn *c, int64_t now)
{
	const struct settings *s = &c->worker->settings;
	int64_t acked;

	if (s->min_rate == 0 ||
	    (c->answering == 0 && tcp_unacked(h2o_socket_get_fd(c->sock)) == 0)) {
		c->rate_since_us = 0;
		return false;
	}
	acked = tcp_acked(h2o_socket_get_fd(c->sock));
	if (c->rate_since_us == 0 || acked < 0 ||
	    (acked - c->acked) * 1000000 >= s->min_rate * (now - c->rate_since_us)) {
		c->rate_since_us = now; /* fast enough: count from here */
		c->acked = acked;
		return false;
	}
	return now - c->rate_since_us > s->min_rate_after_us;
}

void patrol_run(struct worker *w)
{
	int64_t now = clock_us();

	LIST_EACH(link, &w->conns) {
		struct conn *c = LIST_OF(link, struct conn, link);

		if (c->guard.ended)
			continue;
		if (is_forgotten(c, now)) {
			stat_one(STAT_WEBD_ENDED_IDLE);
			conn_shutdown(c);
		} else if (is_slow(c, now)) {
			stat_one(STAT_WEBD_ENDED_SLOW);
			conn_abort(c);
		}
	}
}
