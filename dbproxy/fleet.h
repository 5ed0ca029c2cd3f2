/* fleet.h -- a primary and its replicas, as a whole: who is the primary, and how another
 * becomes it without losing what was acknowledged. Runs in the manager's thread and
 * waits.
 *
 *     fleet_look        asks every server
 *     fleet_failover    the primary is away: the replica that has most takes its place
 *     fleet_switchover  as planned, with both of them there
 *     fleet_tend        whoever should follow the primary and does not, does
 *
 * What may be lost is never decided here: then nothing is done, and *why says what is
 * missing. */
#ifndef DBPROXY_FLEET_H
#define DBPROXY_FLEET_H

#include "common/log.h"
#include "dbproxy/member.h"
#include "dbproxy/record.h"

struct fleet {
	const struct servers *servers; /* borrowed */
	const char *run_dir;           /* borrowed */
	struct record record;
	/* The primary was seen to wait for no replica. The record need not say so: the
	 * disk may be full, or its keeper gone before it was written. */
	bool exposed;
	struct log_gate gate; /* of a record that cannot be written */
	int64_t lost_us;      /* nobody to write to since; 0: there is, or no record */
	struct member members[SERVERS_MAX];
	unsigned count;
};

void fleet_init(struct fleet *f, const struct servers *servers, const char *run_dir,
		const atomic_bool *stop);
void fleet_fini(struct fleet *f);

/* elected: and keeps the record. */
void fleet_look(struct fleet *f, bool elected);
struct member *fleet_find(struct fleet *f, const char *name);
/* The recorded one; NULL: none. It need not be up, nor open for writes. */
struct member *fleet_primary(struct fleet *f);
/* A replica has all that the primary acknowledged. */
bool fleet_is_protected(const struct fleet *f);

/* wanted NULL: whoever is best. force: whatever only others have is lost. */
bool fleet_failover(struct fleet *f, struct member *wanted, bool force, struct buf *why)
    __attribute__((warn_unused_result));
bool fleet_switchover(struct fleet *f, struct member *wanted, struct buf *why)
    __attribute__((warn_unused_result));
void fleet_tend(struct fleet *f);

/* A table for people. */
void fleet_print(struct fleet *f, struct buf *b);

#endif
