/* fleet.c -- see fleet.h: looking, tending, printing. */
#include "dbproxy/fleet.h"

#include <errno.h>

#include "common/clock.h"
#include "common/log.h"
#include "dbproxy/fleet_change.h"

enum { JOIN_PAUSE_US = 2000000 };

void fleet_init(struct fleet *f, const struct servers *servers, const char *run_dir,
		const atomic_bool *stop)
{
	*f = (struct fleet){ .servers = servers,
			     .run_dir = run_dir,
			     .count = servers->count };
	for (unsigned i = 0; i < f->count; i++)
		member_init(&f->members[i], servers, i, stop);
}

void fleet_fini(struct fleet *f)
{
	for (unsigned i = 0; i < f->count; i++)
		member_fini(&f->members[i]);
	f->count = 0;
}

struct member *fleet_find(struct fleet *f, const char *name)
{
	for (unsigned i = 0; i < f->count; i++)
		if (strcmp(f->members[i].conf->name, name) == 0)
			return &f->members[i];
	return NULL;
}

struct member *fleet_primary(struct fleet *f)
{
	return fleet_find(f, f->record.primary);
}

bool fleet_is_protected(const struct fleet *f)
{
	return f->record.is_protected && !f->exposed;
}

/* ---- looking ---- */

static struct member *only_writable(struct fleet *f)
{
	struct member *found = NULL;

	for (unsigned i = 0; i < f->count; i++) {
		struct member *m = &f->members[i];

		if (!m->up || m->read_only)
			continue;
		if (found != NULL)
			return NULL;
		found = m;
	}
	return found;
}

static void write_record(struct fleet *f, const struct member *primary, bool waits)
{
	struct record r = { .is_protected = waits };
	unsigned held;

	(void)str_copy(r.primary, sizeof(r.primary), str_of(primary->conf->name));
	if (strcmp(r.primary, f->record.primary) == 0 &&
	    r.is_protected == f->record.is_protected)
		return;
	if (!record_write(f->run_dir, &r)) {
		if (log_gate_open(&f->gate, &held))
			log_error("record_not_written file=%s/database.primary "
				  "server=%s protected=%d why=\"%s\" held=%u "
				  "remedy=\"make room there; until then the other "
				  "dbproxies believe what it said before\"",
				  f->run_dir, r.primary, r.is_protected, strerror(errno),
				  held);
		return;
	}
	log_info("database_primary server=%s was=%s protected=%d", r.primary,
		 f->record.primary, r.is_protected);
	record_settle(f->run_dir);
	f->record = r;
}

/* Nobody is recorded yet, or somebody changed the roles without us: the recorded one
 * follows the one that is open for writes. */
static void adopt(struct fleet *f)
{
	struct member *p = fleet_primary(f), *open = only_writable(f);

	if (open == NULL || open == p)
		return;
	if (p == NULL || (p->up && p->read_only && member_follows(p, open)))
		write_record(f, open, open->waits);
}

/* Who was known to be away before the primary was asked where it is, and who has it all
 * again. */
static void resolve_doubts(struct fleet *f, const struct member *p, int64_t began_us)
{
	for (unsigned i = 0; i < f->count; i++) {
		struct member *m = &f->members[i];

		if (!m->doubtful)
			continue;
		if (m->excused[0] == '\0' && m->lost_us < began_us)
			(void)str_copy(m->excused, sizeof(m->excused),
				       str_of(p->position));
		if (m == p ||
		    (m->up && m->excused[0] != '\0' && m->follows &&
		     position_covers(str_of(member_has(m)), str_of(m->excused))))
			m->doubtful = false;
	}
}

static void read_record(struct fleet *f)
{
	struct record now = record_read(f->run_dir);

	if (strcmp(now.primary, f->record.primary) != 0)
		f->exposed = false; /* that was another one */
	f->record = now;
}

void fleet_look(struct fleet *f, bool elected)
{
	int64_t began = clock_us();
	struct member *p;

	read_record(f);
	for (unsigned i = 0; i < f->count; i++)
		member_look(&f->members[i]);
	if (elected)
		adopt(f);
	p = fleet_primary(f);
	if (p != NULL && (!p->up || p->read_only)) {
		if (f->lost_us == 0)
			f->lost_us = began;
		return;
	}
	f->lost_us = 0;
	if (p != NULL) {
		f->exposed = !p->waits;
		if (elected)
			write_record(f, p, p->waits);
		resolve_doubts(f, p, began);
	}
}

/* ---- tending ---- */

static void tend_primary(struct member *p)
{
	struct buf why;

	buf_init(&why, 1024);
	if ((!p->semi_sync &&
	     !member_run(p, &why, "SET GLOBAL rpl_semi_sync_master_enabled = 1")) ||
	    (p->follows && !fleet_unfollow(p, &why)))
		log_warn("primary_not_in_order server=%s why=\"%.*s\"", p->conf->name,
			 STR_ARG(buf_get(&why)));
	buf_fini(&why);
}

/* A failover that ended in its middle left it standing: only that takes the flag away.
 * Somebody who stops a replica by hand leaves it, and is not meddled with. */
static bool is_frozen(const struct member *m, const struct member *p)
{
	return m->up && m->read_only && member_follows(m, p) && m->applying &&
	       !m->acknowledges && clock_us() - m->joined_us >= JOIN_PAUSE_US;
}

static void thaw(struct member *m)
{
	struct buf why;

	buf_init(&why, 1024);
	if (fleet_resume(m, &why))
		log_info("database_resumed server=%s", m->conf->name);
	else
		log_warn("replica_stands server=%s why=\"%.*s\"", m->conf->name,
			 STR_ARG(buf_get(&why)));
	buf_fini(&why);
}

static void tend_replica(struct fleet *f, struct member *m, struct member *p)
{
	struct buf why;

	if (is_frozen(m, p))
		thaw(m);
	if (!m->up || (m->read_only && member_follows(m, p)) ||
	    (m->read_only && m->left_out[0] != '\0') ||
	    clock_us() - m->joined_us < JOIN_PAUSE_US)
		return;
	buf_init(&why, 1024);
	if (fleet_follow(f, m, p, &why))
		log_info("database_joined server=%s primary=%s position=%s",
			 m->conf->name, p->conf->name, m->position);
	else
		log_warn("database_left_out server=%s why=\"%.*s\"", m->conf->name,
			 STR_ARG(buf_get(&why)));
	buf_fini(&why);
}

void fleet_tend(struct fleet *f)
{
	struct member *p = fleet_primary(f);

	if (p == NULL || !p->up || p->read_only)
		return;
	tend_primary(p);
	for (unsigned i = 0; i < f->count; i++)
		if (&f->members[i] != p)
			tend_replica(f, &f->members[i], p);
}

/* ---- for people ---- */

static const char *role_of(struct fleet *f, const struct member *m)
{
	const struct member *p = fleet_primary(f);

	if (!m->up)
		return m == p ? "lost" : "down";
	if (m == p)
		return m->read_only ? "closed" : "primary";
	return m->follows ? "replica" : "apart";
}

static void print_note(struct fleet *f, const struct member *m, struct buf *b)
{
	if (m->left_out[0] != '\0')
		buf_text(b, m->left_out);
	else if (!m->up)
		buf_text(b, m->trouble);
	else if (m == fleet_primary(f))
		buf_fmt(b, "%u semi-sync replicas%s", m->acknowledgers,
			m->waits ? "" : ", unprotected");
	else if (m->follows)
		buf_fmt(b, "of %s%s%s%s%s", m->master,
			m->receiving ? "" : ", receives nothing",
			m->applying ? "" : ", applies nothing",
			m->trouble[0] != '\0' ? ": " : "", m->trouble);
}

void fleet_print(struct fleet *f, struct buf *b)
{
	buf_fmt(b, "%-12s %-8s %-9s %-20s %-6s %s\n", "server", "role", "writable",
		"position", "lag", "");
	for (unsigned i = 0; i < f->count; i++) {
		const struct member *m = &f->members[i];

		buf_fmt(b, "%-12s %-8s %-9s %-20s ", m->conf->name, role_of(f, m),
			!m->up         ? "-"
			: m->read_only ? "no"
				       : "yes",
			m->up && m->position[0] != '\0' ? m->position : "-");
		buf_fmt(b, "%-6s ", m->follows && m->lag[0] != '\0' ? m->lag : "-");
		print_note(f, m, b);
		buf_text(b, "\n");
	}
}
