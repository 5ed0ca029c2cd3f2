/* instance.h -- one place of a service, and the process that fills it.
 *
 * States and what moves between them:
 *
 *     WAITING --due--> STARTING --READY=1--> READY --stop--> LEAVING --exit--> (gone)
 *        ^                |                    |
 *        +----- died -----+--------------------+        STARTING --refused--> GIVEN_UP
 *                                                               <--much later--
 */
#ifndef DEPLOY_SUPERVISOR_INSTANCE_H
#define DEPLOY_SUPERVISOR_INSTANCE_H

#include "deploy/supervisor/logpipe.h"
#include "deploy/supervisor/starved.h"
#include "deploy/supervisor/super.h"

enum instance_state {
	INSTANCE_WAITING, /* no process; the timer starts one */
	INSTANCE_STARTING,
	INSTANCE_READY,
	INSTANCE_LEAVING,  /* was asked to end */
	INSTANCE_GIVEN_UP, /* its last words were final: wrong configuration or data;
			    * tried again, but rarely */
};

struct instance {
	struct super *super;
	struct crew *crew;
	int slot;
	enum instance_state state;
	pid_t pid; /* 0: none */
	int pidfd;
	struct loop_fd exit_watch;
	struct logpipe log;
	struct timer timer;    /* of the state: start, give up waiting, kill */
	struct timer obituary; /* not our child: how it ended, the guard will say */
	int64_t started_us, ready_us, leave_due_us;
	unsigned restarts, fails; /* fails: in a row */
	unsigned given_up;        /* how often in a row */
	bool successor; /* of a roll: it proves itself before it takes the place */
	bool stays;     /* relieved, but serving until those who ask it are new too */
	struct instance *replaces; /* then, whom it relieves; NULL: gone meanwhile */
	char release[PLACE_MAX];   /* the build it runs */
	bool installing; /* the process makes the database, and the server comes next */
	char words[64];  /* STATUS= */
	unsigned inflight, credit;
	bool has_load, too_slow, hung;
	int64_t watch_us; /* the span its watchdog was started with; 0: it has none */
	int64_t fed_us;   /* the last beat */
	struct starved_look look; /* since it misses beats */
	bool starved;             /* and that was said */
	int64_t stopped_us; /* a database: since when it is seen stopped; 0: it runs */
	struct list link;
};

/* A new place, starting at once. NULL: out of memory. */
struct instance *instance_new(struct super *s, struct crew *c, int slot);
/* One that is to relieve another, running that build. */
struct instance *instance_new_successor(struct instance *old, const char *release);
/* What passes from one supervisor to the next about a running one. */
struct instance_facts {
	struct crew *crew;
	int slot;
	pid_t pid;
	enum instance_state state;
	int64_t started_us, ready_us;
	unsigned restarts, fails;
	bool installing, successor;
	int log_fd; /* taken */
	struct str release;
};
void instance_resume(struct super *s, const struct instance_facts *f);
/* Ends it in order: SIGTERM, a deadline, SIGKILL. */
void instance_leave(struct instance *i);
void instance_signal(const struct instance *i, int signal);
/* If it was given up: there is reason to hope again. */
void instance_try_again(struct instance *i);
/* What it says of itself. */
void instance_became_ready(struct instance *i);
void instance_needs_longer(struct instance *i, int64_t us);
/* Its process has ended and was reaped. status as of waitpid; -1: not known. */
void instance_ended(struct instance *i, int status);

/* Whom that slot belongs to; those that leave or want to take over do not count. */
struct instance *instance_in_slot(struct super *s, const struct crew *c, int slot);
/* The last part of its release's path: what `status` calls its version. */
const char *instance_build(const struct instance *i);
struct instance *instance_by_pid(struct super *s, pid_t pid);
const char *instance_state_word(const struct instance *i);

#endif
