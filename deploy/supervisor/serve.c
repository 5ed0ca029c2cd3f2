/* serve.c -- see serve.h. */
#include "deploy/supervisor/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"
#include "common/version.h"
#include "deploy/supervisor/control.h"
#include "deploy/supervisor/instance.h"
#include "deploy/supervisor/keep.h"
#include "deploy/supervisor/notify.h"
#include "deploy/supervisor/prepare.h"
#include "deploy/supervisor/reload.h"
#include "deploy/supervisor/resume.h"
#include "deploy/supervisor/say.h"
#include "deploy/supervisor/signals.h"
#include "deploy/supervisor/watchdog.h"

enum { JANITOR_US = 1000000, FIRST_START_US = 90000000 };

static void open_logs(struct super *s)
{
	char folder[PATH_MAX];

	place_path(&s->place, "log", folder);
	if (!logfile_open(&s->own_log, folder, "onebox", NULL) ||
	    !logfile_open(&s->access_log, folder, "access", &s->account) ||
	    !logfile_open(&s->slow_log, folder, "slow", &s->account))
		refuse(EXIT_WRITE, "cannot write a log in %s: %s", folder,
		       strerror(errno));
	for (size_t i = 0; i < s->crew_count; i++)
		if (!logfile_open(&s->crews[i].log, folder, s->crews[i].service->name,
				  NULL))
			refuse(EXIT_WRITE, "cannot write a log in %s: %s", folder,
			       strerror(errno));
	say_log_to(s->own_log.fd);
}

/* ---- signals, and the guard ---- */

static void reap(struct super *s)
{
	siginfo_t info = { 0 };
	int status;

	notify_take(s->notify);
	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid > 0) {
		struct instance *i = instance_by_pid(s, info.si_pid);

		/* and what it started: while it is not reaped, the group is surely its
		 * own */
		if (i != NULL)
			kill(-info.si_pid, SIGKILL);
		if (waitpid(info.si_pid, &status, 0) > 0 && i != NULL)
			instance_ended(i, status);
		info.si_pid = 0;
	}
}

static void reload_by_signal(struct super *s)
{
	struct buf errors;

	buf_init(&errors, 64 << 10);
	reload_run(s, true, &errors);
	buf_fini(&errors);
}

static void on_signal(void *ctx, uint32_t events)
{
	struct super *s = ctx;
	struct signalfd_siginfo info;

	(void)events;
	while (read(s->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGCHLD:
			reap(s);
			break;
		case SIGHUP:
			reload_by_signal(s);
			break;
		case SIGTERM:
		case SIGINT:
			super_stop(s, EXIT_OK);
			break;
		}
	}
}

static void on_guard(void *ctx, uint32_t events)
{
	struct super *s = ctx;
	struct guard_death death;
	ssize_t n = recv(s->guard_fd, &death, sizeof(death), MSG_DONTWAIT);

	(void)events;
	if (n == sizeof(death)) {
		struct instance *i = instance_by_pid(s, death.pid);

		notify_take(s->notify);
		if (i != NULL)
			instance_ended(i, death.status);
	} else if (n == 0 || (n < 0 && errno != EAGAIN)) {
		log_warn("guard_gone taking_its_place=yes");
		loop_fd_remove(s->loop, &s->guard_watch);
		close(s->guard_fd);
		s->guard_fd = -1;
		keep_become_guard(s);
	}
}

/* ---- once a second ---- */

static void tell_webd(struct super *s)
{
	LIST_EACH(at, &s->instances) {
		const struct instance *i = LIST_OF(at, struct instance, link);

		if (strcmp(i->crew->service->name, "webd") == 0)
			instance_signal(i, SIGUSR1);
	}
}

/* Without it, nobody new finds anybody. What runs goes on; a start anew mends it. */
static void look_at_run_folder(struct super *s)
{
	char path[PATH_MAX];
	bool there;

	snprintf(path, sizeof(path), "%s/control.sock", s->place.run);
	there = access(path, F_OK) == 0;
	if (!there && !s->run_missed)
		log_error(
		    "run_folder_gone path=%s remedy=\"deploy/down, then deploy/up\"",
		    s->place.run);
	s->run_missed = !there;
}

static void each_second(void *ctx)
{
	struct super *s = ctx;
	int64_t limit = s->conf->log_size, keep = s->conf->log_keep;

	for (size_t i = 0; i < s->crew_count; i++)
		logfile_rotate(&s->crews[i].log, limit, keep, NULL);
	if (logfile_rotate(&s->own_log, limit, keep, NULL))
		say_log_to(s->own_log.fd);
	if (logfile_rotate(&s->access_log, limit, keep, &s->account))
		tell_webd(s);
	logfile_rotate(&s->slow_log, limit, keep,
		       &s->account); /* dbproxy opens it anew */
	look_at_run_folder(s);
	LIST_EACH(at, &s->instances)
		watchdog_look_at_database(LIST_OF(at, struct instance, link));
	loop_timer_in(s->loop, &s->janitor, JANITOR_US);
}

static void on_start_limit(void *ctx)
{
	struct super *s = ctx;

	say("not everything was ready after %d s; see %s and the logs beside it",
	    FIRST_START_US / 1000000, s->own_log.path);
	super_stop(s, EXIT_DEPENDENCY);
}

/* ---- start and end ---- */

static void open_loop(struct super *s)
{
	prctl(PR_SET_CHILD_SUBREAPER, 0); /* the guard's business; it survives exec */
	s->signal_fd = signals_open();
	s->loop = loop_new();
	s->signals = (struct loop_fd){ .run = on_signal, .ctx = s };
	s->guard_watch = (struct loop_fd){ .run = on_guard, .ctx = s };
	s->janitor = (struct timer){ .run = each_second, .ctx = s };
	s->start_limit = (struct timer){ .run = on_start_limit, .ctx = s };
	if (s->signal_fd < 0 || s->loop == NULL ||
	    !loop_fd_add(s->loop, &s->signals, s->signal_fd, EPOLLIN) ||
	    !loop_fd_add(s->loop, &s->guard_watch, s->guard_fd, EPOLLIN))
		refuse(EXIT_SYSTEM, "cannot watch for events: %s", strerror(errno));
	s->notify = notify_new(s);
	s->control = control_new(s);
	if (s->notify == NULL || s->control == NULL)
		refuse(EXIT_SYSTEM, "cannot watch for events: %s", strerror(errno));
}

static void take_over(struct super *s, struct hand *h)
{
	bool first = h->changing_count == 0;

	if (!resume_changing(s, h))
		refuse(EXIT_SYSTEM, "what was handed over makes no sense");
	log_info("%s version=%s state=%s release=%s", first ? "start" : "resumed",
		 ONEBOX_VERSION, s->place.state, s->place.release);
	loop_timer_in(s->loop, &s->janitor, JANITOR_US);
	if (!s->announced)
		loop_timer_in(s->loop, &s->start_limit, FIRST_START_US);
	keep_say(s, GUARD_HELLO, "");
	if (s->renew_visitor != NULL) {
		visitor_say(s->renew_visitor, "supervisor: replaced by %s",
			    s->place.release);
		visitor_end(s->renew_visitor, EXIT_OK);
		s->renew_visitor = NULL;
	}
	super_plan(s);
}

static int finish(struct super *s)
{
	control_end_all(s->control, EXIT_OK);
	place_clean(&s->place);
	log_info("stopped");
	keep_say(s, GUARD_BYE, "");
	control_free(s->control);
	notify_free(s->notify);
	loop_free(s->loop);
	for (size_t i = 0; i < s->crew_count; i++)
		logfile_close(&s->crews[i].log);
	conf_free(s->conf);
	conf_free(s->conf_before);
	return s->exit_code;
}

static bool look_at(struct super *s, struct hand *h, const char *state)
{
	list_init(&s->instances);
	s->handed = h;
	s->guard_fd = HAND_FIRST + (int)(h->fixed_count + h->changing_count);
	if (!resume_fixed(s, h))
		return false;
	prepare_again(s, state);
	return true;
}

int serve(struct super *s, struct hand *h, const char *state)
{
	if (!look_at(s, h, state))
		refuse(EXIT_SYSTEM, "what was handed over makes no sense");
	if (fcntl(s->guard_fd, F_SETFD, FD_CLOEXEC) < 0)
		refuse(EXIT_SYSTEM, "the guard is missing");
	open_logs(s);
	open_loop(s);
	take_over(s, h);
	loop_run(s->loop);
	return finish(s);
}

int serve_try(struct super *s, struct hand *h, const char *state)
{
	return look_at(s, h, state) ? EXIT_OK : EXIT_SYSTEM;
}
