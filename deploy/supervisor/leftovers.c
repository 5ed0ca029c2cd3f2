/* leftovers.c -- see leftovers.h. */
#include "deploy/supervisor/leftovers.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/str.h"

enum {
	ENVIRONMENT_MAX = 64 << 10,
	FOUND_MAX = 256,
	PATIENCE_US = 3000000,
	LOOK_US = 5000
};

static bool is_ours(const char *pid, const char *mark)
{
	static char text[ENVIRONMENT_MAX];
	char path[64];
	size_t n = 0;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%.20s/environ", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while (n < sizeof(text) && (got = read(fd, text + n, sizeof(text) - n)) > 0)
		n += (size_t)got;
	close(fd);
	/* with its closing zero: /x is not /xy */
	return memmem(text, n, mark, strlen(mark) + 1) != NULL;
}

static int find(const char *mark, pid_t ret[FOUND_MAX])
{
	DIR *d = opendir("/proc");
	int count = 0;

	if (d == NULL)
		return 0;
	for (struct dirent *e; (e = readdir(d)) != NULL && count < FOUND_MAX;) {
		uint64_t pid;

		if (isdigit((unsigned char)e->d_name[0]) && is_ours(e->d_name, mark) &&
		    str_to_u64(str_of(e->d_name), &pid) && (pid_t)pid != getpid())
			ret[count++] = (pid_t)pid;
	}
	closedir(d);
	return count;
}

int leftovers_end(const char *state)
{
	char mark[PATH_MAX + 32];
	pid_t pids[FOUND_MAX];
	int64_t patient_until = clock_us() + PATIENCE_US;
	int first, count;

	snprintf(mark, sizeof(mark), LEFTOVERS_MARK "%s", state);
	first = count = find(mark, pids);
	for (int i = 0; i < count; i++)
		kill(pids[i], SIGTERM);
	while (count > 0) {
		usleep(LOOK_US);
		count = find(mark, pids);
		for (int i = 0; i < count && clock_us() > patient_until; i++)
			kill(pids[i], SIGKILL);
	}
	return first;
}
