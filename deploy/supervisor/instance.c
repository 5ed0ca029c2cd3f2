/* instance.c -- see instance.h. */
#include "deploy/supervisor/instance.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/trace.h"
#include "common/version.h"
#include "deploy/supervisor/launch.h"
#include "deploy/supervisor/notify.h"
#include "deploy/supervisor/roll.h"
#include "deploy/supervisor/say.h"
#include "deploy/supervisor/watchdog.h"

enum {
	STEADY_US = 1000000, /* ready for so long: the next death counts as the first */
	BACKOFF_US = 25000,
	BACKOFF_MAX_US = 10000000,
	START_FAILS_MAX = 4, /* at the very first start: then the whole start failed */
	KILL_GRACE_US = 500000,
	OBITUARY_US = 100000,
	AGAIN_MAX = 10, /* given up: tried as rarely as that many times the first pause */
};

const char *instance_state_word(const struct instance *i)
{
	static const char *const words[] = {
		[INSTANCE_WAITING] = "waiting", [INSTANCE_STARTING] = "starting",
		[INSTANCE_READY] = "ready",     [INSTANCE_LEAVING] = "leaving",
		[INSTANCE_GIVEN_UP] = "failed",
	};
	return i->installing ? "installing" : words[i->state];
}

static const char *name_of(const struct instance *i)
{
	return i->crew->service->name;
}

struct instance *instance_by_pid(struct super *s, pid_t pid)
{
	LIST_EACH(at, &s->instances) {
		struct instance *i = LIST_OF(at, struct instance, link);

		if (i->pid == pid)
			return i;
	}
	return NULL;
}

struct instance *instance_in_slot(struct super *s, const struct crew *c, int slot)
{
	LIST_EACH(at, &s->instances) {
		struct instance *i = LIST_OF(at, struct instance, link);

		if (i->crew == c && i->slot == slot && !i->successor && !i->stays &&
		    i->state != INSTANCE_LEAVING)
			return i;
	}
	return NULL;
}

const char *instance_build(const struct instance *i)
{
	const char *slash = strrchr(i->release, '/');

	if (i->crew->service->database)
		return "mariadb";
	return strstr(i->release, "/releases/") != NULL && slash != NULL ? slash + 1
									 : ONEBOX_VERSION;
}

void instance_signal(const struct instance *i, int signal)
{
	if (i->pid > 0)
		child_signal(i->pidfd, signal);
}

static void forget_process(struct instance *i)
{
	loop_fd_remove(i->super->loop, &i->exit_watch);
	loop_timer_stop(i->super->loop, &i->obituary);
	if (i->pidfd >= 0)
		close(i->pidfd);
	logpipe_close(&i->log);
	i->pidfd = -1;
	i->pid = 0;
	i->has_load = false;
	i->words[0] = '\0';
}

/* Nobody may go on pointing at it. */
static void instance_free(struct instance *i)
{
	LIST_EACH(at, &i->super->instances) {
		struct instance *other = LIST_OF(at, struct instance, link);

		if (other->replaces == i)
			other->replaces = NULL;
	}
	roll_forget(i->super, i);
	loop_timer_stop(i->super->loop, &i->timer);
	list_remove(&i->link);
	free(i);
}

/* ---- starting ---- */

static void wait_before_start(struct instance *i, int64_t us)
{
	i->state = INSTANCE_WAITING;
	loop_timer_in(i->super->loop, &i->timer, us);
}

/* At once after the first death, then twice as long each time, with jitter so that
 * instances that fall together do not rise together. */
static int64_t backoff_us(const struct instance *i)
{
	int64_t us;

	if (i->fails <= 1)
		return 0;
	us = BACKOFF_US << (i->fails - 2 < 10 ? i->fails - 2 : 10);
	if (us > BACKOFF_MAX_US)
		us = BACKOFF_MAX_US;
	return us + (int64_t)(trace_random() % (uint64_t)(us / 4 + 1));
}

static void on_no_obituary(void *ctx)
{
	instance_ended(ctx, -1);
}

static void on_exit_seen(void *ctx, uint32_t events)
{
	struct instance *i = ctx;
	pid_t pid = i->pid;
	int status;

	siginfo_t info = { 0 };

	(void)events;
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    info.si_pid == pid) {
		/* and what it started: while it is not reaped, the group is surely its
		 * own
		 */
		kill(-pid, SIGKILL);
		notify_take(i->super->notify);
		if (waitpid(pid, &status, 0) == pid)
			instance_ended(i, status);
		return;
	}
	/* a child of a supervisor before us: the guard reaps it, and tells us how it was
	 */
	loop_fd_remove(i->super->loop, &i->exit_watch);
	loop_timer_in(i->super->loop, &i->obituary, OBITUARY_US);
}

static void start(struct instance *i)
{
	struct super *s = i->super;

	i->started_us = clock_us();
	i->too_slow = i->hung = i->starved = false;
	i->watch_us = watchdog_us(s, i->crew);
	if (!launch(i)) {
		log_error("cannot_start daemon=%s slot=%d why=\"%s\"", name_of(i),
			  i->slot, strerror(errno));
		i->fails++;
		wait_before_start(i, backoff_us(i) + BACKOFF_US);
		return;
	}
	if (!loop_fd_add(s->loop, &i->exit_watch, i->pidfd, EPOLLIN))
		log_warn("no_exit_watch daemon=%s why=\"%s\"", name_of(i),
			 strerror(errno));
	i->state = INSTANCE_STARTING;
	loop_timer_in(s->loop, &i->timer, i->crew->service->start_us);
	log_info("started daemon=%s slot=%d pid=%d%s", name_of(i), i->slot, (int)i->pid,
		 i->installing ? " installing=yes" : "");
}

void instance_try_again(struct instance *i)
{
	if (i->state != INSTANCE_GIVEN_UP)
		return;
	log_info("trying_again daemon=%s slot=%d", name_of(i), i->slot);
	start(i);
}

/* What was wrong may have been put right, and nobody need say so: a try costs little. */
static void give_up(struct instance *i, const char *how)
{
	int64_t pause = i->super->conf->retry_us;
	unsigned times = i->given_up < AGAIN_MAX ? ++i->given_up : AGAIN_MAX;

	i->state = INSTANCE_GIVEN_UP;
	log_error(
	    "given_up daemon=%s slot=%d again_in_s=%d why=\"%s %s at its start: %s\"",
	    name_of(i), i->slot, (int)(pause * times / 1000000), name_of(i), how,
	    i->log.last);
	if (pause > 0)
		loop_timer_in(i->super->loop, &i->timer, pause * times);
}

/* A database that is just starting loses a SIGTERM; it gets another. Daemons of ours do
 * not: to them the second says "at once". */
static bool remind(struct instance *i)
{
	if (!i->crew->service->database || clock_us() >= i->leave_due_us)
		return false;
	instance_signal(i, SIGTERM);
	loop_timer_in(i->super->loop, &i->timer, KILL_GRACE_US);
	return true;
}

static void on_timer(void *ctx)
{
	struct instance *i = ctx;

	switch (i->state) {
	case INSTANCE_WAITING:
		start(i);
		break;
	case INSTANCE_STARTING:
		log_error("not_ready_in_time daemon=%s slot=%d pid=%d", name_of(i),
			  i->slot, (int)i->pid);
		i->too_slow = true;
		instance_signal(i, SIGKILL);
		break;
	case INSTANCE_LEAVING:
		if (remind(i))
			break;
		log_warn("not_gone_in_time daemon=%s slot=%d pid=%d", name_of(i), i->slot,
			 (int)i->pid);
		instance_signal(i, SIGKILL);
		loop_timer_in(i->super->loop, &i->timer, KILL_GRACE_US);
		break;
	case INSTANCE_READY:
		watchdog_due(i);
		break;
	case INSTANCE_GIVEN_UP:
		instance_try_again(i);
		break;
	}
}

static struct instance *add(struct super *s, struct crew *c, int slot,
			    const char *release)
{
	struct instance *i = calloc(1, sizeof(*i));

	if (i == NULL)
		return NULL;
	str_copy(i->release, sizeof(i->release), str_of(release));
	i->super = s;
	i->crew = c;
	i->slot = slot;
	i->pidfd = -1;
	i->log.watch.fd = -1;
	i->exit_watch = (struct loop_fd){ .fd = -1, .run = on_exit_seen, .ctx = i };
	i->timer = (struct timer){ .run = on_timer, .ctx = i };
	i->obituary = (struct timer){ .run = on_no_obituary, .ctx = i };
	list_append(&s->instances, &i->link);
	return i;
}

struct instance *instance_new(struct super *s, struct crew *c, int slot)
{
	struct instance *i = add(s, c, slot, c->release);

	if (i != NULL)
		start(i);
	return i;
}

struct instance *instance_new_successor(struct instance *old, const char *release)
{
	struct instance *i = add(old->super, old->crew, old->slot, release);

	if (i == NULL)
		return NULL;
	i->successor = true;
	i->replaces = old;
	i->restarts = old->restarts;
	start(i);
	return i;
}

/* One whose successor was under way when our predecessor went: it was not proven, and
 * leaves again. */
void instance_resume(struct super *s, const struct instance_facts *f)
{
	char release[PLACE_MAX];
	struct instance *i;

	str_copy(release, sizeof(release), f->release);
	i = add(s, f->crew, f->slot, release);
	if (i == NULL)
		return;
	i->pid = f->pid;
	i->state = f->state;
	i->started_us = f->started_us;
	i->ready_us = f->ready_us;
	i->restarts = f->restarts;
	i->fails = f->fails;
	i->installing = f->installing;
	i->watch_us = watchdog_us(s, i->crew);
	i->pidfd = child_pidfd(i->pid);
	if (!logpipe_resume(&i->log, s->loop, &f->crew->log, f->log_fd) || i->pidfd < 0 ||
	    !loop_fd_add(s->loop, &i->exit_watch, i->pidfd, EPOLLIN))
		loop_timer_in(s->loop, &i->obituary, OBITUARY_US);
	if (f->successor || i->state == INSTANCE_LEAVING) {
		i->state = INSTANCE_READY;
		instance_leave(i);
	} else if (i->state == INSTANCE_STARTING) {
		loop_timer_in(s->loop, &i->timer, i->crew->service->start_us);
	} else {
		watchdog_fed(i);
	}
}

/* ---- what it says ---- */

void instance_became_ready(struct instance *i)
{
	if (i->state != INSTANCE_STARTING || i->installing)
		return;
	i->state = INSTANCE_READY;
	i->ready_us = clock_us();
	i->given_up = 0;
	i->log.telling = false; /* what it complained of until here did not end it */
	loop_timer_stop(i->super->loop, &i->timer);
	watchdog_fed(i);
	log_info("ready daemon=%s slot=%d pid=%d ms=%d", name_of(i), i->slot, (int)i->pid,
		 (int)((i->ready_us - i->started_us) / 1000));
	if (i->started_us < i->super->reloaded_us && !i->crew->service->database)
		instance_signal(i, SIGHUP); /* it may have read the one before */
	if (i->successor) {
		struct instance *old = i->replaces;

		i->successor = false;
		i->replaces = NULL;
		if (old != NULL && roll_keeps(i->super, old))
			old->stays = true;
		else if (old != NULL)
			instance_leave(old);
		roll_step(i->super);
	}
	super_plan(i->super);
}

void instance_needs_longer(struct instance *i, int64_t us)
{
	int64_t due = clock_us() + us;

	if (i->state == INSTANCE_STARTING && us > 0 && us < 600000000 &&
	    due > i->timer.due_us)
		loop_timer_at(i->super->loop, &i->timer, due);
}

/* ---- the end ---- */

void instance_leave(struct instance *i)
{
	struct super *s = i->super;

	if (i->state == INSTANCE_LEAVING)
		return;
	if (i->pid == 0) {
		instance_free(i);
		super_plan(s);
		return;
	}
	i->state = INSTANCE_LEAVING;
	i->leave_due_us =
	    clock_us() + i->crew->service->drain_us(s->conf) + KILL_GRACE_US;
	loop_timer_at(s->loop, &i->timer,
		      i->crew->service->database ? clock_us() + KILL_GRACE_US
						 : i->leave_due_us);
	instance_signal(i, SIGTERM);
	log_info("leaving daemon=%s slot=%d pid=%d", name_of(i), i->slot, (int)i->pid);
}

static void describe(int status, char *ret, size_t size)
{
	if (status == -1)
		snprintf(ret, size, "ended");
	else if (WIFSIGNALED(status))
		snprintf(ret, size, "was ended by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(ret, size, "exited with %d", WEXITSTATUS(status));
}

/* Codes with which a program says that trying again will not help. */
static bool is_final(int status)
{
	int code = status != -1 && WIFEXITED(status) ? WEXITSTATUS(status) : 0;

	return code == EXIT_USAGE || code == EXIT_DATA || code == EXIT_CONFIG;
}

/* What the last line says, without what stands before it in every line. */
static struct str last_words(const struct instance *i)
{
	struct str line = str_of(i->log.last);
	const char *why = strstr(i->log.last, "why=\""),
		   *level = strstr(i->log.last, "] error "),
		   *of_database = strstr(i->log.last, "[ERROR] ");

	if (why != NULL && line.p[line.n - 1] == '"')
		return (struct str){ why + 5, line.n - (size_t)(why + 5 - line.p) - 1 };
	return level != NULL         ? str_of(level + 8)
	       : of_database != NULL ? str_of(of_database + 8)
				     : line;
}

/* During the first start somebody waits for it: then failing is an end, not a pause. */
static void fail_first_start(struct instance *i, int status, const char *how)
{
	struct super *s = i->super;
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SYSTEM;

	if (code < EXIT_USAGE || code > EXIT_CONFIG)
		code = i->crew->service->database ? EXIT_DEPENDENCY : EXIT_SYSTEM;
	if (place_free_bytes(&s->place) < 1 << 20) {
		code = EXIT_WRITE;
		say("the disk with %s is full; make room there or choose another --state",
		    s->place.state);
	}
	say("%s %s at its start%s%.*s (see %s)", name_of(i), how,
	    *i->log.last == '\0' ? "" : ": ", STR_ARG(last_words(i)), i->crew->log.path);
	super_stop(s, code);
}

/* A successor that could not prove itself: the one before serves on. */
static void failed_to_succeed(struct instance *i, const char *how)
{
	struct super *s = i->super;

	roll_fail(s, "%s.%d of the new build %s before it was ready: %.*s", name_of(i),
		  i->slot, how, STR_ARG(last_words(i)));
	instance_free(i);
	super_plan(s);
}

static void died(struct instance *i, int status, const char *how)
{
	struct super *s = i->super;
	bool starting = i->state == INSTANCE_STARTING;

	if (i->successor) {
		failed_to_succeed(i, how);
		return;
	}
	if (!starting && clock_us() - i->ready_us >= STEADY_US)
		i->fails = 0;
	i->fails++;
	i->restarts++;
	i->installing = false;
	if (!s->announced && !s->stopping && starting &&
	    (i->too_slow || is_final(status) || i->fails >= START_FAILS_MAX)) {
		fail_first_start(i, status, how);
		instance_free(i);
	} else if (s->stopping) {
		instance_free(i);
	} else if (starting && is_final(status)) {
		give_up(i, how);
	} else {
		int64_t us = backoff_us(i);

		log_warn("restart daemon=%s slot=%d in_ms=%d", name_of(i), i->slot,
			 (int)(us / 1000));
		if (us == 0)
			start(i);
		else
			wait_before_start(i, us);
	}
	super_plan(s);
}

void instance_ended(struct instance *i, int status)
{
	bool clean = status != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	pid_t pid = i->pid;
	char how[80];

	if (i->hung)
		snprintf(how, sizeof(how), "hung and was ended");
	else if (i->too_slow)
		snprintf(how, sizeof(how), "was not ready within %d s",
			 (int)(i->crew->service->start_us / 1000000));
	else
		describe(status, how, sizeof(how));
	launch_clean_after(i);
	forget_process(i);
	loop_timer_stop(i->super->loop, &i->timer);
	if (i->installing && clean && launch_installed(i)) {
		start(i);
		return;
	}
	if (i->state == INSTANCE_LEAVING || i->stays) {
		struct super *s = i->super;

		log_info("gone daemon=%s slot=%d pid=%d how=\"%s\"", name_of(i), i->slot,
			 (int)pid, how);
		instance_free(i);
		super_plan(s);
		return;
	}
	/* killed from outside is news; ending by itself is a fault */
	log_line(status != -1 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL
		     ? LOG_WARN
		     : LOG_ERROR,
		 "died daemon=%s slot=%d pid=%d how=\"%s\" last=\"%s\"", name_of(i),
		 i->slot, (int)pid, how, i->log.last);
	died(i, status, how);
}
