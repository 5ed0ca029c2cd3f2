/* daemon.h -- what the four daemons have in common: command line, configuration, log,
 * loop, readiness, control requests, reload, drain.
 *
 * A daemon is a manifest: its name, what it can be asked over the fabric, and the
 * functions that start and end it. daemon_main does the rest:
 *
 *     arguments -> configuration -> signals -> log -> sockets -> loop -> start()
 *     ... daemon_ready(): bind on the fabric, tell the supervisor ...
 *     SIGHUP    reload(): check the new configuration, take it over or refuse it
 *     SIGUSR1   reopen(): log files of its own were moved away
 *     SIGTERM   unlink from the fabric, drain(), wait for drained(), stop(), exit 0
 *     SIGTERM again, or the drain's deadline: exit now */
#ifndef COMMON_DAEMON_H
#define COMMON_DAEMON_H

#include "common/conf.h"
#include "common/err.h"
#include "common/fabric.h"
#include "common/inherit.h"
#include "common/loop.h"

struct daemon;

/* One row for each message the daemon accepts; ends with a NULL run. The handler replies
 * with daemon_reply (or fabric_reply on d->server), now or later, exactly once. */
struct daemon_handler {
	enum msg_type type;
	void (*run)(struct daemon *d, const struct fabric_incoming *in);
};

struct daemon_manifest {
	const char *name, *summary;
	const struct daemon_handler *handlers; /* may be NULL */
	/* How many fabric requests it takes on at once; NULL: control only. */
	unsigned (*window)(const struct conf *c);
	int64_t (*drain_us)(const struct conf *c);

	/* May be NULL. With -t, when the configuration is right: is what it names right,
	 * too? 0, or an exit code after saying why on stderr. Nothing is started. */
	int (*check)(const struct daemon *d);
	/* 0, or an exit code after saying why with log_error. Calls daemon_ready when it
	 * can answer, at once or later from the loop. */
	int (*start)(struct daemon *d);
	/* May be NULL: options then need a restart. Refuses by false, with a sentence. */
	bool (*reload)(struct daemon *d, const struct conf *next, struct buf *why);
	/* "section.key" of what is settled at the start, NULL at the end: a reload says
	 * that such a change waits for a roll. May be NULL. */
	const char *const *settled;
	/* May be NULL: then there is nothing to reopen. */
	void (*reopen)(struct daemon *d);
	/* May be NULL. After drain, drained is asked until it says true. */
	void (*drain)(struct daemon *d);
	bool (*drained)(struct daemon *d);
	void (*stop)(struct daemon *d);
	/* Nobody waits for it any more (id 0: for anything of that client). May be NULL.
	 */
	void (*cancel)(struct daemon *d, const struct fabric_ticket *t);
	/* Further lines for the metrics page. May be NULL. */
	void (*stats)(struct daemon *d, struct buf *b);
	/* May be NULL. False: a thread of it hangs, so the watchdog is not fed. */
	bool (*alive)(struct daemon *d);
};

struct daemon {
	const struct daemon_manifest *manifest;
	const struct conf *conf;
	struct loop *loop;
	struct fabric *fabric;
	struct fabric_server *server; /* NULL until ready */
	const char *state_dir, *run_dir;
	int slot; /* from 1: its place, kept over restarts */
	struct inherit sockets;
	bool draining;
	void *self; /* the daemon's own struct, set by start */
	struct daemon_hidden *hidden;
};

int daemon_main(int argc, char **argv, const struct daemon_manifest *m);

/* It can answer: binds on the fabric and says READY. False: it could not bind (said so);
 * the daemon then ends by itself. */
bool daemon_ready(struct daemon *d);
/* What `onebox status` and systemctl show, in a few words. */
void daemon_status(struct daemon *d, const char *words);
void daemon_reply(struct daemon *d, const struct fabric_incoming *in,
		  enum msg_status status, struct str body);
/* Ends the process as SIGTERM would, with this code. For failures after start. */
void daemon_quit(struct daemon *d, int exit_code);

#endif
