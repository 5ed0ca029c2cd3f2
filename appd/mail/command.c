/* command.c -- mail by a sendmail-compatible command: a program of its own, no shell. Its
 * arguments are the configuration's, divided by blanks; nothing that people chose is
 * among them. The mail goes to its standard input, which takes it as a whole. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "appd/mail/mail.h"
#include "appd/request.h"
#include "common/clock.h"

enum { ARGUMENTS_MAX = 16, PIPE_BYTES = 60 << 10 };

static bool split(struct request *q, const char *command, char *ret[ARGUMENTS_MAX + 1])
{
	struct str rest = str_of(command);
	size_t n = 0;

	while (rest.p != NULL && n < ARGUMENTS_MAX) {
		struct str word = str_cut(&rest, ' ');

		if (word.n > 0)
			ret[n++] = arena_text(&q->arena, word);
	}
	ret[n] = NULL;
	return n > 0 && ret[0][0] == '/' && rest.p == NULL;
}

/* A new program with this input, and nothing else of ours. 0 or an error number. */
static int spawn(char **arguments, int input, pid_t *ret)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static char *const environment[] = { path, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int error;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, input, 0);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&files, 3);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setflags(&attributes,
				 POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	error =
	    posix_spawn(ret, arguments[0], &files, &attributes, arguments, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

/* The pipe holds the whole mail before anybody reads. */
static int filled_pipe(struct str text)
{
	int ends[2];

	if (text.n > PIPE_BYTES || pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return -1;
	if (write(ends[1], text.p, text.n) != (ssize_t)text.n ||
	    fcntl(ends[0], F_SETFL, 0) != 0) {
		close(ends[0]);
		ends[0] = -1;
	}
	close(ends[1]);
	return ends[0];
}

static bool await(struct request *q, struct mail_hold *h, char why[MAIL_WHY_SIZE])
{
	int status = 0;

	h->fd = pidfd_open(h->child, 0);
	if (h->fd < 0 || !mail_wait(q, h, EPOLLIN)) {
		snprintf(why, MAIL_WHY_SIZE, "the command did not end in time");
		mail_release(h);
		return false;
	}
	waitpid(h->child, &status, 0);
	h->child = 0;
	mail_release(h);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	snprintf(why, MAIL_WHY_SIZE, "the command ended with %d",
		 WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
	return false;
}

bool mail_by_command(struct request *q, const char *command, const struct mail *m,
		     char why[MAIL_WHY_SIZE])
{
	struct mail_hold h = { .fd = -1, .deadline_us = clock_us() + MAIL_TIME_US };
	struct buf *text = request_scratch(q, 64 << 10);
	char *arguments[ARGUMENTS_MAX + 1];
	int input, error;

	if (!split(q, command, arguments) || !mail_compose(text, m, "\n")) {
		snprintf(why, MAIL_WHY_SIZE, "%s",
			 "the command has no absolute path, or an address is odd");
		return false;
	}
	input = filled_pipe(buf_get(text));
	error = input < 0 ? EMFILE : spawn(arguments, input, &h.child);
	if (input >= 0)
		close(input);
	if (error != 0) {
		h.child = 0;
		snprintf(why, MAIL_WHY_SIZE, "%.100s: %s", arguments[0], strerror(error));
		return false;
	}
	return await(q, &h, why);
}
