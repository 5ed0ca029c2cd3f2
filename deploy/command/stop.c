/* stop.c -- onebox stop: what deploy/down does. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/str.h"
#include "deploy/command/command.h"
#include "deploy/command/link.h"

enum { WAIT_US = 60000000, LOOK_US = 5000, DEAF_US = 1000000, CMDLINE_MAX = 128 << 10 };

static bool is_locked(const char *state)
{
	char path[PATH_MAX];
	int fd;
	bool locked;

	snprintf(path, sizeof(path), "%.4000s/lock", state);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == EACCES; /* another user's */
	locked = flock(fd, LOCK_SH | LOCK_NB) < 0;
	close(fd);
	return locked;
}

/* "supervisor ... --state STATE ... --serve N,M" */
static bool is_supervisor_of(const char *pid, const char *state)
{
	static char text[CMDLINE_MAX + 1];
	char path[64], wanted[PATH_MAX + 16];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%.20s/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, CMDLINE_MAX);
	close(fd);
	memcpy(wanted, "--state", 8);
	str_copy(wanted + 8, PATH_MAX, str_of(state));
	return n > 0 && str_ends(str_of(text), STR("supervisor")) &&
	       memmem(text, (size_t)n, "--serve", 8) != NULL &&
	       memmem(text, (size_t)n, wanted, 8 + strlen(state) + 1) != NULL;
}

/* Somebody removed its socket: a signal says the same. */
static bool stop_by_signal(const char *state)
{
	char real[PATH_MAX];
	DIR *d = realpath(state, real) != NULL ? opendir("/proc") : NULL;
	bool found = false;
	uint64_t pid;

	if (d == NULL)
		return false;
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (str_to_u64(str_of(e->d_name), &pid) &&
		    is_supervisor_of(e->d_name, real))
			found = kill((pid_t)pid, SIGTERM) == 0 || found;
	closedir(d);
	return found;
}

/* The lock is free when the supervisor's process is gone. One that was just starting may
 * not have heard us yet: it is asked again. */
static bool wait_for_end(const char *state, bool heard)
{
	int64_t end = clock_us() + WAIT_US;

	while (is_locked(state)) {
		if (clock_us() > end)
			return false;
		if (!heard)
			heard = link_ask(state, "stop", NULL, NULL) == EXIT_OK ||
				(clock_us() > end - WAIT_US + DEAF_US &&
				 stop_by_signal(state));
		usleep(LOOK_US);
	}
	return true;
}

int command_stop(const char *state, int argc, char **argv)
{
	int code;

	(void)argv;
	if (argc > 1)
		return complain(EXIT_USAGE, "usage: onebox stop [--state DIR]");
	code = link_ask(state, "stop", NULL, NULL);
	if (code == LINK_DOWN && !is_locked(state)) {
		printf("No Onebox runs with %s.\n", state);
		return EXIT_OK;
	}
	if (code == LINK_REFUSED)
		return link_explain(state, code);
	if (!wait_for_end(state, code == EXIT_OK))
		return complain(EXIT_SYSTEM, "the supervisor has not ended after %d s",
				WAIT_US / 1000000);
	printf("Onebox is stopped; its data stays in %s.\n", state);
	return EXIT_OK;
}
