/* pool.h -- the connections to one server: kept up, handed out one at a time, and one
 * more that only kills what ran over.
 *
 * A connection holds no session state, so any may serve any job. A taken one comes back
 * by conn_release, or is given up by conn_broken; both are fine while its KILL is still
 * on the way: until that has answered it is held back, so that no KILL ever meets the
 * next statement. */
#ifndef DBPROXY_POOL_H
#define DBPROXY_POOL_H

#include "dbproxy/db.h"

struct pool;
struct conn;

struct pool_options {
	struct loop *loop;
	const struct db_server *server; /* borrowed */
	unsigned connections;
	unsigned statements_max;
	/* From the loop: a connection is there to be taken. */
	void (*idle)(void *ctx);
	void *ctx;
};

struct pool *pool_new(const struct pool_options *options); /* NULL: out of memory */
void pool_free(struct pool *p);                            /* takes no notice of jobs */

struct conn *pool_take(struct pool *p); /* NULL: none is idle */
unsigned pool_idle(const struct pool *p);
unsigned pool_connected(const struct pool *p);  /* idle or taken */
const char *pool_trouble(const struct pool *p); /* why the last connect failed, or "" */

/* A query over the spare connection, between KILLs. False: it is down or busy. */
bool pool_ask(struct pool *p, struct str sql, struct buf *rows, db_done_fn done,
	      void *ctx) __attribute__((warn_unused_result));
bool pool_can_ask(const struct pool *p); /* it is up */
/* No answer came: the spare connection is made anew, and `done` never runs. */
void pool_ask_abandon(struct pool *p);

/* What runs on its taken connections ends as if the server had gone. */
void pool_cut(struct pool *p);

struct pool *conn_pool(const struct conn *c);
struct db *conn_db(struct conn *c);
unsigned long conn_thread(const struct conn *c); /* the server's number for it */
/* Borrowed by whoever took it, until it is given back. */
void conn_set_user(struct conn *c, void *user);
void conn_release(struct conn *c);
void conn_broken(struct conn *c);
/* KILL QUERY for what runs on it; whoever took it goes on and sees it end. If it has not
 * ended after a second, `stuck` runs, which must call conn_broken. */
void conn_kill(struct conn *c, void (*stuck)(void *user));

#endif
