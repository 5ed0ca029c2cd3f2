/* renew.c -- see renew.h. */
#include "deploy/supervisor/renew.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"
#include "deploy/supervisor/child.h"
#include "deploy/supervisor/keep.h"

enum { TRY_MS = 3000 };

/* Does it understand what we would hand it? It says so by its exit code. */
static bool try_program(struct super *s, const char *program)
{
	struct hand *h = s->handed;
	struct pollfd end = { .events = POLLIN };
	int status = -1;
	pid_t child;

	if (!keep_changing(s, h))
		return false;
	child = fork();
	if (child == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		hand_exec(h, -1, program, guard_argv(s->argv, "--try", h));
		_exit(EXIT_DEPENDENCY);
	}
	close(h->changing[0]);
	if (child < 0)
		return false;
	end.fd = child_pidfd(child);
	if (end.fd < 0 || poll(&end, 1, TRY_MS) != 1)
		kill(child, SIGKILL);
	waitpid(child, &status, 0);
	if (end.fd >= 0)
		close(end.fd);
	return status == 0;
}

void renew_start(struct super *s, struct visitor *v, const char *release)
{
	char program[PLACE_MAX + 32];
	const char *refused = NULL;

	snprintf(program, sizeof(program), "%s/bin/supervisor", release);
	if (s->guard_fd < 0)
		refused =
		    "there is no guard above this supervisor; stop and start instead";
	else if (s->roll != NULL || s->stopping || !s->announced)
		refused = "something else is under way; wait for it";
	else if (!try_program(s, program))
		refused =
		    "given up, and the old supervisor goes on: the new one could not "
		    "take over; onebox.log may say why";
	if (refused != NULL) {
		visitor_say(v, "%s", refused);
		visitor_end(v, EXIT_DEPENDENCY);
		return;
	}
	log_info("renewing program=%s", program);
	s->renew_visitor = v;
	keep_send(s);
	keep_say(s, GUARD_RENEW, program);
	_exit(EXIT_OK);
}
