/* member.h -- one server of a primary with replicas, as the manager sees it: what it says
 * of itself, and orders to it. Every call waits, a second at most unless it says more;
 * the manager has a thread of its own. */
#ifndef DBPROXY_MEMBER_H
#define DBPROXY_MEMBER_H

#include <stdatomic.h>

#include "dbproxy/position.h"
#include "dbproxy/servers.h"
#include "dbproxy/session.h"

struct member {
	const struct server_conf *conf;
	struct db_server db; /* how it is reached, as the manager's user */
	const atomic_bool *stop;
	struct session session;
	bool open;
	int64_t retry_us;

	/* what it said when it was last looked at; the rest only if it is up */
	bool up, read_only;
	bool semi_sync, waits;  /* told to wait for a replica; and it does */
	unsigned acknowledgers; /* replicas that acknowledge to it */
	char position[POSITION_SIZE];
	char history[POSITION_SIZE]; /* the last of each server in its binary log */
	/* as a replica */
	bool follows, receiving, applying;
	bool acknowledges; /* is told to, when it receives */
	char master[80], received[POSITION_SIZE], lag[16], trouble[256];

	bool candidate; /* of the failover under way */
	/* It was away, and a server that restarts throws away what it had received and
	 * not applied: so what it says of itself is less than what it may have
	 * acknowledged, until it has again what the primary had when it was known to be
	 * away. */
	bool doubtful;
	int64_t lost_us;             /* when it went away last */
	char excused[POSITION_SIZE]; /* where the primary was then; "": not known */
	int64_t joined_us;           /* when it was last told whom to follow, */
	const struct member *told;   /* and whom, since it was last away; or NULL */
	char left_out[400];          /* why it cannot be a replica; "": it can */
};

void member_init(struct member *m, const struct servers *servers, unsigned i,
		 const atomic_bool *stop);
void member_fini(struct member *m);
/* What ends its waits from here on. */
void member_heed(struct member *m, const atomic_bool *stop);

void member_look(struct member *m);
/* One statement. False: *why has a sentence. */
bool member_run(struct member *m, struct buf *why, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), warn_unused_result));
/* A STOP SLAVE, which takes seconds if the primary hangs: begun here and waited for
 * there, so that several do it at the same time. */
bool member_begin_stop(struct member *m, const char *sql)
    __attribute__((warn_unused_result));
bool member_end_stop(struct member *m, struct buf *why)
    __attribute__((warn_unused_result));
/* Has it applied that position? Waits for it, so many seconds. */
bool member_wait(struct member *m, const char *position, unsigned seconds)
    __attribute__((warn_unused_result));

/* All that it has, applied or not. */
const char *member_has(const struct member *m);
/* How many acknowledge to it now; none if it does not say. */
unsigned member_count_acknowledgers(struct member *m);
/* It replicates from that one. */
bool member_follows(const struct member *m, const struct member *other);

#endif
