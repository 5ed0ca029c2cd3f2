/* super.h -- the supervisor's one struct, and what its files ask of each other.
 *
 * One thread, one event loop. It holds every listening socket, starts the services in the
 * order of their needs, keeps each instance alive in its slot, writes their logs, and
 * answers on the control socket. It speaks systemd's protocol to its children and knows
 * nothing of what they do. */
#ifndef DEPLOY_SUPERVISOR_SUPER_H
#define DEPLOY_SUPERVISOR_SUPER_H

#include <sys/types.h>

#include "common/conf.h"
#include "common/err.h"
#include "common/loop.h"
#include "deploy/supervisor/account.h"
#include "deploy/supervisor/logfile.h"
#include "deploy/supervisor/place.h"
#include "deploy/supervisor/service.h"
#include "deploy/supervisor/sockets.h"

struct control;
struct notify;
struct roll;
struct visitor;
struct hand;

/* A service at work: how many instances it should have, and what they share. */
struct crew {
	const struct service *service;
	unsigned wanted;
	bool begun; /* what it needs was ready once; from then on nothing holds it back */
	char release[PLACE_MAX]; /* the build that new instances run */
	struct logfile log;
};

struct super {
	struct conf_source source;       /* strings borrowed from argv */
	struct conf *conf, *conf_before; /* before: somebody may still hold its strings */
	struct place place;
	struct account account; /* whom the children run as */
	struct sockets sockets;
	struct loop *loop;
	struct crew crews[SERVICES_MAX];
	size_t crew_count;
	struct logfile own_log, access_log, slow_log;
	struct list instances;
	struct notify *notify;
	struct control *control;
	struct roll *roll;             /* under way, or NULL */
	struct visitor *scale_visitor; /* waits for scale_crew to settle, or NULL */
	struct crew *scale_crew;
	struct timer scale_limit;
	struct visitor *renew_visitor; /* waits for our successor, or NULL */
	int notify_fd, control_fd;
	int guard_fd; /* -1: none above us */
	struct loop_fd guard_watch;
	struct hand *handed;
	size_t starters;   /* of those, the last: let go of when all is ready */
	char *const *argv; /* as the next image is to be started */
	int signal_fd;
	struct loop_fd signals;
	struct loop_later plan;
	struct timer janitor, start_limit;
	int64_t started_us, reloaded_us;
	bool announced; /* everything was ready once */
	bool stopping;
	bool run_missed; /* the run folder is gone, and that was said */
	int exit_code;
};

/* Looks at what is and what should be, and starts or stops what differs; soon. Called
 * after every change. */
void super_plan(struct super *s);
/* Begins the orderly end; the loop stops when the last instance has. */
void super_stop(struct super *s, int exit_code);
/* Every wanted instance is ready. */
bool super_ready(const struct super *s);
struct crew *super_crew(struct super *s, struct str name); /* NULL: no such */

#endif
