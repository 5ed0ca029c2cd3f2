/* fleet_change.c -- see fleet.h: the primary's place goes to another.
 *
 * Acknowledged means: a replica has received it (semi-sync). So the replica that has
 * received most has everything that was acknowledged, if every server that might have
 * received something is here to be compared; and once it has applied all of it, it may
 * throw away its relay log, which is what becoming a primary does. The record is written
 * before the server is opened: whoever sees it open knows that it is the one. */
#include "dbproxy/fleet.h"

#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "dbproxy/fleet_change.h"

enum {
	APPLY_S = 5, /* for what is received */
	/* all of a planned change takes less than onebox waits for its answer */
	CATCH_UP_S = 10,      /* before it begins, */
	CATCH_UP_AGAIN_S = 5, /* when the others follow the one to be, */
	LAST_STEP_S = 2,      /* and while nobody can write */
	NEAR_US = 20000,      /* so far behind is hardly behind */
	ACKNOWLEDGER_US = 1000000,
	ACKNOWLEDGER_LOOK_US = 2000,
};

/* ---- following ---- */

static bool leave_out(struct member *m, const struct member *p, struct buf *why)
{
	snprintf(m->left_out, sizeof(m->left_out),
		 "has %s, which %s never had (written, but acknowledged to nobody); make "
		 "its data anew from a copy of %s",
		 m->position, p->conf->name, p->conf->name);
	buf_text(why, m->left_out);
	return false;
}

/* Closed, standing still, and nowhere where the other has not been. */
static bool may_follow(struct member *m, struct member *p, struct buf *why)
{
	if (!member_run(m, why, "SET GLOBAL read_only = 1") ||
	    !member_run(m, why, "STOP SLAVE"))
		return false;
	member_look(m);
	/* it may be ahead of one that is still a replica itself */
	if (p->follows && !member_wait(p, m->position, LAST_STEP_S)) {
		buf_fmt(why, "%s is behind %s", p->conf->name, m->conf->name);
		return false;
	}
	member_look(p);
	if (!m->up || !p->up) {
		buf_text(why, "a server has just gone away");
		return false;
	}
	return position_in_history(str_of(m->position), str_of(p->history)) ||
	       leave_out(m, p, why);
}

bool fleet_follow(struct fleet *f, struct member *m, struct member *p, struct buf *why)
{
	const struct server_login *login = &f->servers->replication;

	m->joined_us = clock_us();
	m->left_out[0] = '\0';
	m->told = NULL;
	if (!(may_follow(m, p, why) &&
	      member_run(m, why, "SET GLOBAL rpl_semi_sync_master_enabled = 0") &&
	      member_run(m, why, "SET GLOBAL rpl_semi_sync_slave_enabled = 1") &&
	      member_run(m, why,
			 "CHANGE MASTER TO master_host = '%s', master_port = %u, "
			 "master_user = '%s', master_password = '%s', master_ssl = %d, "
			 "master_use_gtid = slave_pos, master_connect_retry = 1, "
			 "master_heartbeat_period = 1%s",
			 p->conf->replicate.host, p->conf->replicate.port, login->user,
			 login->password, p->conf->db.tls,
			 /* what it wrote itself when it was the primary counts, too */
			 m->history[0] != '\0' ? ", master_demote_to_slave = 1" : "") &&
	      member_run(m, why, "START SLAVE")))
		return false;
	m->told = p;
	return true;
}

bool fleet_resume(struct member *m, struct buf *why)
{
	m->joined_us = clock_us();
	return member_run(m, why, "SET GLOBAL rpl_semi_sync_slave_enabled = 1") &&
	       (!m->receiving || member_run(m, why, "STOP SLAVE IO_THREAD")) &&
	       member_run(m, why, "START SLAVE IO_THREAD");
}

/* All but this one and `not_yet`. */
static void follow_all(struct fleet *f, struct member *p, const struct member *not_yet)
{
	for (unsigned i = 0; i < f->count; i++) {
		struct member *m = &f->members[i];
		struct buf why;

		if (m == p || m == not_yet || !m->up)
			continue;
		buf_init(&why, 1024);
		if (!fleet_follow(f, m, p, &why))
			log_warn("database_left_out server=%s why=\"%.*s\"",
				 m->conf->name, STR_ARG(buf_get(&why)));
		buf_fini(&why);
	}
}

bool fleet_unfollow(struct member *m, struct buf *why)
{
	return member_run(m, why, "STOP SLAVE") && member_run(m, why, "RESET SLAVE ALL");
}

/* Those who were told to follow may still be on their way. The first write would wait for
 * one of them anyway; and where a server runs its connections in a pool of threads, the
 * writes that wait take all of them, and nobody lets the replica in until they give up,
 * which is after ten seconds. */
static void await_acknowledger(struct fleet *f, struct member *m)
{
	int64_t give_up = clock_us() + ACKNOWLEDGER_US;
	bool expected = false;

	for (unsigned i = 0; i < f->count; i++)
		expected = expected || f->members[i].told == m;
	while (expected && m->open && member_count_acknowledgers(m) == 0 &&
	       clock_us() < give_up)
		usleep(ACKNOWLEDGER_LOOK_US);
}

/* It is the primary from here on. What is not urgent comes after it is open. */
static bool open_up(struct fleet *f, struct member *m, struct buf *why)
{
	struct record r = { .is_protected = true };

	if (!m->open) {
		buf_fmt(why, "%s does not answer", m->conf->name);
		return false;
	}
	(void)str_copy(r.primary, sizeof(r.primary), str_of(m->conf->name));
	if (!record_write(f->run_dir, &r)) {
		buf_fmt(why, "%s/database.primary cannot be written", f->run_dir);
		return false;
	}
	f->record = r;
	f->exposed = false;
	if (!member_run(m, why, "SET GLOBAL rpl_semi_sync_master_enabled = 1"))
		return false;
	await_acknowledger(f, m);
	if (!member_run(m, why, "SET GLOBAL read_only = 0"))
		return false;
	record_settle(f->run_dir);
	return true;
}

/* ---- failover ---- */

/* One whose applier stands would throw away what it has received when it is started
 * again; so it is not stopped. */
static bool is_stoppable(const struct member *m)
{
	return m->candidate && m->follows && m->applying;
}

/* Those that may have what the lost one acknowledged, and receive nothing more. */
static bool freeze(struct fleet *f, struct member *lost, struct buf *why)
{
	unsigned found = 0;

	for (unsigned i = 0; i < f->count; i++) {
		struct member *m = &f->members[i];

		m->candidate = m->up && m->read_only &&
			       (lost == NULL || m == lost || member_follows(m, lost));
		/* no semi-sync: or it would try for seconds to take leave of one that
		 * hangs */
		if (is_stoppable(m))
			m->candidate =
			    member_run(m, why,
				       "SET GLOBAL rpl_semi_sync_slave_enabled = 0") &&
			    member_begin_stop(m, "STOP SLAVE IO_THREAD");
	}
	for (unsigned i = 0; i < f->count; i++) {
		struct member *m = &f->members[i];

		if (is_stoppable(m)) {
			m->candidate = member_end_stop(m, why);
			member_look(m);
		}
		m->candidate = m->candidate && m->up;
		found += m->candidate;
	}
	if (found == 0)
		buf_text(why, "no replica of it answers");
	return found > 0;
}

static void unfreeze(struct fleet *f)
{
	struct buf why;

	buf_init(&why, 1024);
	for (unsigned i = 0; i < f->count; i++) {
		struct member *m = &f->members[i];

		if (m->candidate && m->follows && m->applying && !fleet_resume(m, &why))
			log_warn("replica_stands server=%s why=\"%.*s\"", m->conf->name,
				 STR_ARG(buf_get(&why)));
	}
	buf_fini(&why);
}

/* May a server that was away have acknowledged what this one has not? */
static bool doubts(const struct member *o, struct str has, struct buf *why)
{
	if (!o->doubtful ||
	    (o->excused[0] != '\0' && position_covers(has, str_of(o->excused))))
		return false;
	buf_fmt(why, "%s %s, and may have acknowledged what is nowhere else",
		o->conf->name,
		o->up ? "was away together with the primary" : "does not answer");
	return true;
}

/* Has it everything that any other server may have? */
static bool has_most(struct fleet *f, const struct member *lost, const struct member *m,
		     struct buf *why)
{
	struct str has = str_of(member_has(m));

	for (unsigned i = 0; i < f->count; i++) {
		const struct member *o = &f->members[i];

		if (o == lost)
			continue;
		if (doubts(o, has, why))
			return false;
		if (o != m && o->candidate &&
		    !position_covers(has, str_of(member_has(o)))) {
			buf_fmt(why, "%s has %s, and %s has %s", m->conf->name,
				member_has(m), o->conf->name, member_has(o));
			return false;
		}
	}
	return true;
}

static bool has_applied(struct member *m, struct buf *why)
{
	if (!m->follows || m->received[0] == '\0' ||
	    position_covers(str_of(m->position), str_of(m->received)))
		return true;
	if (m->applying && member_wait(m, m->received, APPLY_S))
		return true;
	buf_fmt(why, "%s has received %s and applied %s only%s%s", m->conf->name,
		m->received, m->position,
		m->applying ? "" : ", and its applier stands still",
		m->trouble[0] != '\0' ? ": " : "");
	buf_text(why, m->trouble);
	return false;
}

static bool fits(struct fleet *f, const struct member *lost, struct member *m, bool force,
		 struct buf *why)
{
	buf_reset(why);
	if (!m->candidate) {
		buf_fmt(why, "%s is not a replica of %s, or does not answer",
			m->conf->name, lost != NULL ? lost->conf->name : "the primary");
		return false;
	}
	return (force || has_most(f, lost, m, why)) && (has_applied(m, why) || force);
}

/* The one that was it before has the preference, then they come in their order. */
static struct member *choose(struct fleet *f, struct member *lost, struct buf *why)
{
	if (lost != NULL && lost->candidate && fits(f, lost, lost, false, why))
		return lost;
	for (unsigned i = 0; i < f->count; i++)
		if (f->members[i].candidate && &f->members[i] != lost &&
		    fits(f, lost, &f->members[i], false, why))
			return &f->members[i];
	return NULL;
}

static bool may_fail_over(struct fleet *f, const struct member *lost, bool force,
			  struct buf *why)
{
	if (lost != NULL && lost->up && !lost->read_only)
		buf_fmt(why, "%s is there and open for writes; use switchover",
			lost->conf->name);
	else if (lost != NULL && !fleet_is_protected(f) && !force)
		buf_fmt(why,
			"%s has acknowledged writes that no replica need have: semi-sync "
			"was off",
			lost->conf->name);
	else
		return true;
	return false;
}

bool fleet_failover(struct fleet *f, struct member *wanted, bool force, struct buf *why)
{
	struct member *lost = fleet_primary(f), *next = wanted;
	int64_t began = clock_us();

	if (!may_fail_over(f, lost, force, why))
		return false;
	if (!freeze(f, lost, why)) {
		unfreeze(f);
		return false;
	}
	if (next == NULL)
		next = choose(f, lost, why);
	else if (!fits(f, lost, next, force, why))
		next = NULL;
	if (next == NULL) {
		unfreeze(f);
		return false;
	}
	buf_reset(why);
	/* first those who will acknowledge, or the first write would wait for them */
	follow_all(f, next, lost);
	if (!open_up(f, next, why))
		return false;
	log_info("database_promoted server=%s was=%s position=%s ms=%lld",
		 next->conf->name, lost != NULL ? lost->conf->name : "", next->position,
		 (long long)(clock_us() - began) / 1000);
	f->lost_us = 0;
	if (lost != NULL && lost != next && lost->up && !fleet_follow(f, lost, next, why))
		log_warn("database_left_out server=%s why=\"%.*s\"", lost->conf->name,
			 STR_ARG(buf_get(why)));
	buf_reset(why);
	return fleet_unfollow(next, why);
}

/* ---- switchover ---- */

/* Nobody writes from here until the other is open, or this one again. */
static bool swap(struct fleet *f, struct member *old, struct member *next,
		 struct buf *why)
{
	int64_t began = clock_us();

	if (!member_run(old, why,
			"SET STATEMENT lock_wait_timeout = 1 FOR "
			"SET GLOBAL read_only = 1"))
		return false;
	member_look(old);
	if (old->up && member_wait(next, old->position, LAST_STEP_S)) {
		if (!open_up(f, next, why))
			return false;
		log_info("database_switched server=%s was=%s position=%s ms=%lld",
			 next->conf->name, old->conf->name, old->position,
			 (long long)(clock_us() - began) / 1000);
		return true;
	}
	if (member_run(old, why, "SET GLOBAL read_only = 0"))
		buf_fmt(why, "%s did not catch up with %s; nothing was changed",
			next->conf->name, old->conf->name);
	return false;
}

/* Begun, it is brought to its end: whoever asks us to stop waits those few seconds. */
static bool hand_over(struct fleet *f, struct member *old, struct member *next,
		      struct buf *why)
{
	static const atomic_bool never;
	const atomic_bool *stop = old->stop;
	bool ok;

	member_heed(old, &never);
	member_heed(next, &never);
	ok = swap(f, old, next, why);
	if (ok)
		ok = fleet_unfollow(next, why) && fleet_follow(f, old, next, why);
	else
		follow_all(f, old, next);
	member_heed(old, stop);
	member_heed(next, stop);
	return ok;
}

/* Until it is hardly behind, or it shows in those seconds that it never will be. */
static bool catch_up(struct member *old, struct member *next, unsigned seconds,
		     struct buf *why)
{
	int64_t give_up = clock_us() + (int64_t)seconds * 1000000, began, now;

	do {
		began = clock_us();
		member_look(old);
		if (!member_wait(next, old->position,
				 1 + (unsigned)((give_up - began) / 1000000))) {
			buf_fmt(why, "%s is behind %s and did not catch up within %u s",
				next->conf->name, old->conf->name, seconds);
			return false;
		}
		now = clock_us();
	} while (now - began > NEAR_US && now < give_up);
	return true;
}

static bool may_switch(const struct member *old, const struct member *next,
		       struct buf *why)
{
	if (!old->up || old->read_only)
		buf_fmt(why, "%s is not there to hand over; use promote",
			old->conf->name);
	else if (old == next)
		buf_fmt(why, "%s is the primary already", next->conf->name);
	else if (!next->up || !member_follows(next, old) || !next->applying)
		buf_fmt(why, "%s is no running replica of %s", next->conf->name,
			old->conf->name);
	else
		return true;
	return false;
}

bool fleet_switchover(struct fleet *f, struct member *next, struct buf *why)
{
	struct member *old = fleet_primary(f);

	if (old == NULL) {
		buf_text(why, "nobody is the primary yet; use promote");
		return false;
	}
	if (!may_switch(old, next, why) || !catch_up(old, next, CATCH_UP_S, why))
		return false;
	/* as a replica of a replica they are there when it opens, to acknowledge */
	follow_all(f, next, old);
	if (!catch_up(old, next, CATCH_UP_AGAIN_S, why)) {
		follow_all(f, old, next);
		return false;
	}
	return hand_over(f, old, next, why);
}
