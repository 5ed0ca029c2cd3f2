/* topology.h -- the servers and what each is at the moment: who may write, who is near
 * enough to read from.
 *
 * One server is always taken for the primary. Of several each is asked ten times a second
 * over its pool's spare connection: the primary is the one that is not read-only, and
 * when they are managed the one that the record names, too; a replica may be read from
 * while it is fresh; of Galera nodes with a quorum the first writes and the others read.
 */
#ifndef DBPROXY_TOPOLOGY_H
#define DBPROXY_TOPOLOGY_H

#include "dbproxy/pool.h"
#include "dbproxy/position.h"
#include "dbproxy/servers.h"

struct topology;

struct topology_options {
	struct loop *loop;
	const struct servers *servers; /* borrowed */
	const char *run_dir;           /* borrowed: where the record is */
	unsigned connections;          /* to each */
	unsigned statements_max;
	/* From the loop: a connection is idle, or roles or positions have changed. */
	void (*changed)(void *ctx);
	void *ctx;
};

struct topology *topology_new(const struct topology_options *options);
void topology_free(struct topology *t);

/* An idle connection to where writes go. NULL: none now. */
struct conn *topology_take_primary(struct topology *t);
/* One to a replica that has come as far as `position`; the least busy. NULL: none now,
 * and *ret_wait says whether one that qualifies is only busy. */
struct conn *topology_take_replica(struct topology *t, struct str position,
				   bool *ret_wait);

bool topology_has_primary(const struct topology *t); /* and is connected to it */
/* A statement on this connection was told that the server does not write: it is not
 * taken for the primary again until it has been asked. */
void topology_suspect(struct topology *t, const struct conn *c);
/* A table for people, and the connections to each in one line. */
void topology_table(const struct topology *t, struct buf *b);
void topology_connections(const struct topology *t, struct buf *b);
/* As metrics: one line for each server. */
void topology_print(const struct topology *t, struct buf *b);

#endif
