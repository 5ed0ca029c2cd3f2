/* stop.c -- onebox stop: what deploy/down does. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "common/clock.h"
#include "deploy/command/alive.h"
#include "deploy/command/command.h"
#include "deploy/command/link.h"

enum { WAIT_US = 60000000, LOOK_US = 5000, DEAF_US = 1000000 };

/* The lock is free when the supervisor's process is gone. One that was just starting may
 * not have heard us yet: it is asked again. */
static bool wait_for_end(const char *state, bool heard)
{
	int64_t end = clock_us() + WAIT_US;

	while (alive_locked(state)) {
		if (clock_us() > end)
			return false;
		if (!heard)
			heard = link_ask(state, "stop", NULL, NULL) == EXIT_OK ||
				(clock_us() > end - WAIT_US + DEAF_US &&
				 alive_signal(state, SIGTERM));
		usleep(LOOK_US);
	}
	return true;
}

int command_stop(const char *state, int argc, char **argv)
{
	int code;

	if (argc > 1)
		return misused(argc, argv);
	code = link_ask(state, "stop", NULL, NULL);
	if (code == LINK_DOWN && !alive_locked(state)) {
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
