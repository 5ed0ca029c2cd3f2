/* watchdog.c -- see watchdog.h. */
#include "deploy/supervisor/watchdog.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "deploy/supervisor/notify.h"

enum {
	LAST_WORDS_US = 3000000,
	THREADS_MAX = 16,
	BEATS = 3,     /* it says so many in its span (common/daemon.c) */
	PATIENCE = 10, /* who is starved gets so many spans */
};

int64_t watchdog_us(const struct super *s, const struct crew *c)
{
	return c->service->database ? 0 : s->conf->watchdog_us;
}

/* When two of its beats are missing it is looked at for the first time, and when the span
 * is over again: what it did in between says why it is silent. */
void watchdog_fed(struct instance *i)
{
	if (i->state != INSTANCE_READY || i->hung || i->watch_us == 0)
		return;
	i->fed_us = clock_us();
	i->look.at_us = 0;
	if (i->starved)
		log_info("fed_again daemon=%s slot=%d pid=%d", i->crew->service->name,
			 i->slot, (int)i->pid);
	i->starved = false;
	loop_timer_in(i->super->loop, &i->timer, i->watch_us - i->watch_us / BEATS);
}

/* One line of /proc, without its end; "?" when it cannot be read. */
static void read_line(int task, const char *thread, const char *file, char *ret,
		      size_t size)
{
	char path[300];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "%.200s/%s", thread, file);
	fd = openat(task, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, ret, size - 1);
		close(fd);
	}
	str_copy(ret, size, n > 0 ? str_trim((struct str){ ret, (size_t)n }) : STR("?"));
}

static void describe_thread(const struct instance *i, int task, const char *thread)
{
	char name[32], stat[512], where[64], call[160];
	const char *state;

	read_line(task, thread, "comm", name, sizeof(name));
	read_line(task, thread, "stat", stat, sizeof(stat));
	read_line(task, thread, "wchan", where, sizeof(where));
	read_line(task, thread, "syscall", call, sizeof(call));
	state = strrchr(stat, ')');
	log_warn("hung_thread daemon=%s slot=%d thread=%.20s name=%s state=%c in=%s "
		 "call=\"%s\"",
		 i->crew->service->name, i->slot, thread, name,
		 state != NULL && state[1] != '\0' ? state[2] : '?', where, call);
}

static void describe(const struct instance *i)
{
	char path[64];
	int count = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)i->pid);
	d = opendir(path);
	if (d == NULL)
		return;
	for (struct dirent *e; (e = readdir(d)) != NULL && count < THREADS_MAX;) {
		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		describe_thread(i, dirfd(d), e->d_name);
		count++;
	}
	closedir(d);
}

static bool is_stopped(pid_t pid)
{
	char path[64], stat[512];
	const char *end;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	read_line(AT_FDCWD, path, "stat", stat, sizeof(stat));
	end = strrchr(stat, ')');
	return end != NULL && end[1] == ' ' && end[2] == 'T';
}

void watchdog_look_at_database(struct instance *i)
{
	int64_t now = clock_us(), limit = i->super->conf->watchdog_us;

	if (!i->crew->service->database || i->pid <= 0 || limit == 0)
		return;
	if (!is_stopped(i->pid)) {
		i->stopped_us = 0;
	} else if (i->stopped_us == 0) {
		i->stopped_us = now;
	} else if (now - i->stopped_us >= limit) {
		log_error("stopped daemon=%s pid=%d for_ms=%d continued=yes",
			  i->crew->service->name, (int)i->pid,
			  (int)((now - i->stopped_us) / 1000));
		instance_signal(i, SIGCONT);
		i->stopped_us = 0;
	}
}

/* Its beats may lie in the socket: we may have been the ones who were late. Or they find
 * no way to us, because somebody removed the run folder. */
static bool is_excused(struct instance *i)
{
	int64_t before = i->fed_us;

	notify_take(i->super->notify);
	if (access(notify_path(i->super->notify), F_OK) < 0)
		watchdog_fed(i);
	return i->fed_us != before || i->state != INSTANCE_READY;
}

static void bite(struct instance *i, int64_t silent_us)
{
	i->hung = true;
	log_error("hung daemon=%s slot=%d pid=%d silent_ms=%d", i->crew->service->name,
		  i->slot, (int)i->pid, (int)(silent_us / 1000));
	describe(i);
	instance_signal(i, SIGABRT);
	instance_signal(i, SIGCONT); /* one that is stopped cannot write its stack */
	loop_timer_in(i->super->loop, &i->timer, LAST_WORDS_US);
}

/* Keeps the look for the next time. */
static void look_again_in(struct instance *i, const struct starved_look *now, int64_t us)
{
	i->look = *now;
	loop_timer_in(i->super->loop, &i->timer, us);
}

static void be_patient(struct instance *i, const struct starved_look *now,
		       int64_t silent_us)
{
	if (!i->starved)
		log_warn("starved daemon=%s slot=%d pid=%d silent_ms=%d ran_ms=%d "
			 "ended_after_ms=%lld",
			 i->crew->service->name, i->slot, (int)i->pid,
			 (int)(silent_us / 1000),
			 (int)(starved_ran_us(&i->look, now) / 1000),
			 (long long)(i->watch_us * PATIENCE / 1000));
	i->starved = true;
	look_again_in(i, now, i->watch_us / BEATS);
}

void watchdog_due(struct instance *i)
{
	static struct starved_look now;
	int64_t silent_us;

	if (i->hung) {
		instance_signal(i, SIGKILL);
		return;
	}
	if (is_excused(i))
		return;
	starved_look(i->pid, &now);
	silent_us = now.at_us - i->fed_us;
	if (i->look.at_us == 0)
		look_again_in(i, &now, i->watch_us / BEATS);
	else if (silent_us < i->watch_us * PATIENCE && starved_between(&i->look, &now))
		be_patient(i, &now, silent_us);
	else
		bite(i, silent_us);
}
