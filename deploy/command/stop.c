/* stop.c -- onebox stop: what deploy/down does. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/clock.h"
#include "deploy/command/command.h"
#include "deploy/command/link.h"

enum { WAIT_US = 60000000, LOOK_US = 5000 };

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

/* The lock is free when the supervisor's process is gone. One that was just starting may
 * not have heard us yet: it is asked again. */
static bool wait_for_end(const char *state, bool heard)
{
	int64_t end = clock_us() + WAIT_US;

	while (is_locked(state)) {
		if (clock_us() > end)
			return false;
		if (!heard)
			heard = link_ask(state, "stop", NULL, NULL) == EXIT_OK;
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
