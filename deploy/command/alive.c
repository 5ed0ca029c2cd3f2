/* alive.c -- see alive.h. */
#include "deploy/command/alive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/str.h"

enum { CMDLINE_MAX = 128 << 10 };

bool alive_locked(const char *state)
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

bool alive_signal(const char *state, int number)
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
			found = kill((pid_t)pid, number) == 0 || found;
	closedir(d);
	return found;
}
