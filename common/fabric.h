/* fabric.h -- how the daemons talk: requests and replies over ZeroMQ, without a broker.
 *
 * A server binds run/<service>.<slot>.<pid>.sock. A caller watches that folder and holds
 * one connection per instance, so it always knows who has which request: it gives each to
 * the least loaded, never more than the credit an instance granted, keeps the rest in a
 * bounded queue, and when an instance dies or hangs it gives what may be done twice to
 * another and says LOST of what may not.
 *
 * A caller or a server belongs to one thread. It has one descriptor to watch (readable:
 * call its turn function) and asks through `wake` for a turn soon, which it needs after
 * it sent something; both are tied to a struct loop by fabric_loop.h, or to another loop
 * by hand. Nothing is ever called back from inside fabric_call or fabric_reply. */
#ifndef COMMON_FABRIC_H
#define COMMON_FABRIC_H

#include "common/msg.h"
#include "common/str.h"

struct fabric; /* the process's ZeroMQ context */

/* Block signals first: ZeroMQ's own thread inherits the mask. NULL with errno. */
struct fabric *fabric_new(void);
void fabric_free(struct fabric *f); /* after all its callers and servers */

/* The version of the header that this build speaks; the one before is understood. */
#ifndef FABRIC_VERSION
#define FABRIC_VERSION 1
#endif
#define FABRIC_VERSION_MIN (FABRIC_VERSION > 1 ? FABRIC_VERSION - 1 : 1)

enum {
	FABRIC_BEAT_US = 100000, /* a server says this often that its loop turns */
	FABRIC_DEAD_US = 450000, /* silent for so long: taken for hung */
	FABRIC_MESSAGE_MAX = 16 << 20,
	FABRIC_INLINE_MAX = 4096, /* a body above this travels as an attachment */
	FABRIC_KEY_SIZE = 16,
	FABRIC_TRACE_SIZE = 16,
};

/* What travels with a request from the first daemon to the last. */
struct fabric_context {
	uint8_t trace[FABRIC_TRACE_SIZE];
	uint64_t span;
	uint8_t key[FABRIC_KEY_SIZE]; /* of a write; zero: none */
};

/* Bytes handed over without copying; free_fn(p, hint) runs when they are no longer
 * needed, possibly on another thread. p == NULL: none. */
struct fabric_attachment {
	void *p;
	size_t n;
	void (*free_fn)(void *p, void *hint);
	void *hint;
};

/* ---- caller ---- */

struct fabric_caller;

struct fabric_caller_options {
	const char *run_dir; /* borrowed */
	const char *service; /* "appd"; borrowed */
	unsigned calls_max;  /* under way and queued together */
	unsigned queue_max;  /* of those, waiting for credit; at least 1 */
	void (*wake)(void *ctx);
	/* may be NULL: how many instances can be asked; not to call the fabric from */
	void (*peers_changed)(void *ctx, unsigned ready);
	void *ctx; /* of both */
};

struct fabric_answer {
	enum msg_status status;
	struct str body,
	    attachment;      /* borrowed until `done` returns, or see fabric_hold */
	uint32_t service_us; /* as the server measured it */
	unsigned attempts;
	const char *peer; /* "appd.1", "" if none had it; borrowed until `done` returns */
};

struct fabric_request {
	enum msg_type type;
	bool again; /* may be executed twice: a read, or a write with a key */
	int64_t budget_us;
	struct fabric_context context;
	struct str body; /* copied */
	struct fabric_attachment attachment;
	/* called exactly once, from a turn, unless cancelled */
	void (*done)(void *ctx, const struct fabric_answer *answer);
	void *ctx;
};

struct fabric_caller *fabric_caller_new(struct fabric *f,
					const struct fabric_caller_options *options);
void fabric_caller_free(struct fabric_caller *c); /* calls under way end without `done` */
int fabric_caller_fd(const struct fabric_caller *c);
void fabric_caller_turn(struct fabric_caller *c);

/* The call's id, or 0: refused at once, no room. The attachment is taken in either case.
 */
uint64_t fabric_call(struct fabric_caller *c, const struct fabric_request *r)
    __attribute__((warn_unused_result));
/* The answer is no longer wanted; `done` will not run. An id that has ended: fine. */
void fabric_cancel(struct fabric_caller *c, uint64_t id);

unsigned fabric_caller_ready(const struct fabric_caller *c);    /* instances to ask */
unsigned fabric_caller_underway(const struct fabric_caller *c); /* queued ones included */

/* Keeps the bytes of an answer beyond `done`; only inside `done`, once. Use the held ones
 * from then on: short messages move. NULL: out of memory. */
struct fabric_held *fabric_hold(const struct fabric_answer *answer);
struct str fabric_held_body(struct fabric_held *h);
struct str fabric_held_attachment(struct fabric_held *h);
void fabric_held_free(struct fabric_held *h);

/* ---- server ---- */

struct fabric_server;

/* All that a reply needs; copied freely. */
struct fabric_ticket {
	uint32_t client, generation;
	uint64_t id;
	int64_t start_us;
	uint8_t version;
};

struct fabric_incoming {
	struct fabric_ticket ticket;
	enum msg_type type;
	bool again;
	unsigned attempt; /* 0: the first */
	int64_t deadline_us;
	struct fabric_context context;
	struct str body, attachment; /* borrowed until the callback returns */
};

struct fabric_server_options {
	const char *path; /* of the socket */
	unsigned window;  /* requests taken on at once, shared out as credit */
	void (*wake)(void *ctx);
	void (*request)(void *ctx, const struct fabric_incoming *in);
	/* NULL, or: nobody waits for this one any more. Answer it all the same (the reply
	 * is dropped), so that it is counted out. */
	void (*cancel)(void *ctx, const struct fabric_ticket *ticket);
	void *ctx;
};

/* Binds: from here on callers find it. NULL with errno. */
struct fabric_server *fabric_server_new(struct fabric *f,
					const struct fabric_server_options *options);
void fabric_server_free(struct fabric_server *s);
int fabric_server_fd(const struct fabric_server *s);
void fabric_server_turn(struct fabric_server *s);

/* Exactly once for each request. The attachment (may be NULL) is taken. */
void fabric_reply(struct fabric_server *s, const struct fabric_ticket *t,
		  enum msg_status status, struct str body,
		  const struct fabric_attachment *attachment);

/* Unlinks the socket and asks every caller to stop sending. */
void fabric_server_drain(struct fabric_server *s);
/* Drain was asked for, every caller has understood, and nothing is in flight. */
bool fabric_server_drained(const struct fabric_server *s);
unsigned fabric_server_inflight(const struct fabric_server *s);
unsigned fabric_server_window(const struct fabric_server *s);

/* ---- what went wrong from outside, since the start; all threads together ---- */

struct fabric_counters {
	uint64_t bad_frames, unknown_kinds, stale_replies, lost_replies, refused_clients,
	    died_peers, resent, full, late, lost;
};
void fabric_counters_read(struct fabric_counters *ret);

#endif
