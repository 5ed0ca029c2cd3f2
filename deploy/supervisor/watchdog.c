/* watchdog.c -- see watchdog.h. */
#include "deploy/supervisor/watchdog.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"

enum { LAST_WORDS_US = 3000000, THREADS_MAX = 16 };

int64_t watchdog_us(const struct instance *i)
{
	return i->crew->service->database ? 0 : i->super->conf->watchdog_us;
}

void watchdog_fed(struct instance *i)
{
	if (i->state == INSTANCE_READY && !i->hung && watchdog_us(i) > 0)
		loop_timer_in(i->super->loop, &i->timer, watchdog_us(i));
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

void watchdog_bite(struct instance *i)
{
	if (i->hung) {
		instance_signal(i, SIGKILL);
		return;
	}
	i->hung = true;
	log_error("hung daemon=%s slot=%d pid=%d silent_ms=%d", i->crew->service->name,
		  i->slot, (int)i->pid, (int)(watchdog_us(i) / 1000));
	describe(i);
	instance_signal(i, SIGABRT);
	instance_signal(i, SIGCONT); /* one that is stopped cannot write its stack */
	loop_timer_in(i->super->loop, &i->timer, LAST_WORDS_US);
}
