/* worker.h -- one thread: an event loop of libh2o's, every listening socket, connections
 * to appd of its own. Nothing is shared with other workers but what webd.h says.
 *
 * All but worker_start, _drain, _stop and the atomics belong to its thread. */
#ifndef WEBD_WORKER_H
#define WEBD_WORKER_H

#include <pthread.h>
#include <stdatomic.h>

#include "common/fabric.h"
#include "common/list.h"
#include "webd/h2o.h"
#include "webd/linger.h"
#include "webd/overload.h"
#include "webd/tie.h"
#include "webd/webd.h"

struct conn;

struct listener {
	struct worker *worker;
	h2o_socket_t *sock;
	h2o_accept_ctx_t *how;
};

struct worker {
	struct webd *webd;
	struct settings
	    settings; /* its own copy: a reload changes it between callbacks */
	pthread_t thread;
	h2o_globalconf_t conf; /* of libh2o; its own copy for the same reason */
	h2o_context_t ctx;
	h2o_accept_ctx_t plain, tls;
	struct listener listeners[INHERIT_MAX];
	size_t listener_count;
	bool listening;

	struct tie appd, dnsd; /* dnsd: only with [webd] doh */
	h2o_socket_t *wake_sock;
	struct overload overload;
	struct buf scratch; /* for the message being built */

	struct linger_list linger;
	struct list conns;
	unsigned conn_count;
	struct list asking; /* exchanges that wait for an answer */
	h2o_timeout_t scan_every;
	h2o_timeout_entry_t scan, tick;
	bool draining;
	int64_t drain_since_us, patrol_us;

	/* memory.c's */
	int64_t memory_us;  /* of the next look */
	unsigned held_back; /* connections that are not read from */
	bool pressed;       /* half of the room is taken */

	/* other threads read or write these */
	int wake_fd;
	atomic_bool up, failed, want_drain, want_stop, drained;
	_Atomic(SSL_CTX *) next_tls; /* to be used from now on; a reference */
	_Atomic(struct settings *) next_settings; /* the same; malloc'd */
	atomic_llong alive_us;
};

/* NULL with errno. The thread then sets up, or sets failed. */
struct worker *worker_start(struct webd *webd);
void worker_drain(struct worker *w);
/* New connections use it; takes a reference of its own. */
void worker_set_tls(struct worker *w, SSL_CTX *ctx);
/* From now on these hold; copied. False: no memory. */
bool worker_set_settings(struct worker *w, const struct settings *s)
    __attribute__((warn_unused_result));
/* Waits for its end and frees it. */
void worker_stop(struct worker *w);

/* Takes the descriptor of a connection whose client is still sending: see linger.h. */
void worker_linger(struct worker *w, int fd);
void worker_new_conn(struct worker *w, struct conn *c);
void worker_lost_conn(struct worker *w, struct conn *c);
/* Whether it accepts. */
void worker_listen(struct worker *w, bool on);
/* The list of asking exchanges is no longer empty. */
void worker_watch_clients(struct worker *w);

static inline struct worker *worker_of(const h2o_req_t *req)
{
	return H2O_STRUCT_FROM_MEMBER(struct worker, ctx, req->conn->ctx);
}

#endif
