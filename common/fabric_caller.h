/* fabric_caller.h -- private to the caller: its parts and what they ask of each other.
 *
 *     fabric_caller.c  the set of descriptors, the folder of sockets, the turn
 *     fabric_calls.c   calls: in exactly one place each (free, waiting, at a peer)
 *     fabric_peers.c   peers: connecting, what they say, seeing them die */
#ifndef COMMON_FABRIC_CALLER_H
#define COMMON_FABRIC_CALLER_H

#include <limits.h>

#include "common/fabric_frame.h"
#include "common/list.h"
#include "common/timers.h"

enum { ATTEMPTS_MAX = 8 };

/* Which descriptor of the set woke us: a peer's own, its monitor, or one of these. */
enum watch_kind { WATCH_PEER, WATCH_MONITOR, WATCH_TIMER, WATCH_FOLDER };

struct watch {
	enum watch_kind kind;
	struct peer *peer;
};

struct peer {
	struct list link;
	struct fabric_caller *caller;
	char name[NAME_MAX + 1]; /* of the socket file */
	char label[32];          /* "appd.1", for people */
	void *socket, *monitor;
	struct watch watch, monitor_watch;
	struct list calls; /* under way here */
	unsigned inflight;
	uint32_t credit;
	uint32_t serial;
	uint64_t turn; /* when it was last given a call */
	int64_t heard_us;
	uint8_t version;
	bool ready;   /* may be asked */
	bool leaving; /* said DRAIN: ready no more, but finishing what it has */
	bool absent;  /* its file is gone */
	bool dirty;   /* was written to: ZeroMQ may have swallowed a read signal */
	bool primed;  /* its monitor was looked at once, as edges demand */
};

struct call {
	struct list link;
	struct fabric_caller *caller;
	struct peer *peer; /* NULL: waiting, or free */
	uint64_t id;       /* 0: free */
	struct fabric_header header;
	zmq_msg_t body, attachment;
	bool has_attachment;
	int64_t deadline_us;
	unsigned attempts, refusals;
	uint32_t refused_by[ATTEMPTS_MAX]; /* serials of peers that said AGAIN */
	unsigned pauses;                   /* before it was asked again, by nobody else */
	int64_t again_us;                  /* when its refusals are forgotten; 0: not */
	bool maybe_done;                   /* an instance died or hung with it */
	struct timer timer;
	void (*done)(void *ctx, const struct fabric_answer *answer);
	void *ctx;
};

struct fabric_caller {
	struct fabric *fabric;
	struct fabric_caller_options options;
	int set, timer_fd, folder_fd; /* set: the epoll that holds all the others */
	struct watch timer_watch, folder_watch;
	struct timers timers;
	int64_t armed_us; /* when timer_fd fires; INT64_MAX: never */
	struct timer check;
	int64_t checked_us;
	struct list peers;
	unsigned ready, ready_said, monitors; /* said: to peers_changed */
	uint32_t serials;
	struct call *calls;
	struct list free, waiting;
	unsigned waiting_count, underway;
	uint32_t generation;
	uint64_t turns;
};

/* What fabric_hold may take over; the answer handed to `done` is the first member. */
struct answer_frames {
	struct fabric_answer answer;
	struct fabric_frames *frames;
};

/* fabric_caller.c */
void caller_want_turn(struct fabric_caller *c);
bool caller_watch(struct fabric_caller *c, int fd, struct watch *w);
void caller_arm(struct fabric_caller *c);

/* fabric_calls.c */
struct call *call_find(struct fabric_caller *c, uint64_t id);
void call_forget(struct call *call);
void call_end(struct call *call, struct answer_frames *a);
/* Its peer is gone and may have done it: on with another if it may be done twice. */
void call_orphaned(struct call *call);
/* Its peer did not do it (STATUS_AGAIN): on with one that has not refused it, now or when
 * it comes; the same one may be asked again after a pause. Or the end. */
void call_refused(struct call *call, struct answer_frames *a);
void call_late(void *call);
/* Those whose pause is over may be given to anybody again. */
void calls_try_again(struct fabric_caller *c, int64_t now_us);
/* Gives waiting calls to peers that have credit. */
void calls_pump(struct fabric_caller *c);

/* fabric_peers.c */
bool peer_send(struct peer *p, struct fabric_header *h, zmq_msg_t *body,
	       zmq_msg_t *attachment);
void peer_set_ready(struct peer *p, bool ready);
void peer_appeared(struct fabric_caller *c, const char *name);
void peer_vanished(struct fabric_caller *c, const char *name);
void peer_read(struct peer *p);
void peer_monitor_read(struct peer *p);
void peer_down(struct peer *p);
void peer_close(struct peer *p);
void peers_close_absent(struct fabric_caller *c);
void peers_check(void *caller);

#endif
