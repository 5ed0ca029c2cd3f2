/* child.h -- makes a process: sockets from descriptor 3 on, environment in systemd's
 * words, stderr into a pipe, another user if need be. */
#ifndef DEPLOY_SUPERVISOR_CHILD_H
#define DEPLOY_SUPERVISOR_CHILD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "deploy/supervisor/account.h"

enum { CHILD_ARGS_MAX = 600, CHILD_ENV_MAX = 32 };

struct child {
	const char *argv[CHILD_ARGS_MAX + 1];
	size_t argc;
	const char *env[CHILD_ENV_MAX]; /* further variables, "NAME=value" */
	size_t env_count;
	const char *folder; /* it starts in; NULL: / */
	const int *fds;     /* handed over as 3, 4, ... */
	size_t fd_count;
	int stderr_fd;
	int64_t memory_wall, descriptors; /* limits; 0: as ours */
	const struct account *account;
};

void child_arg(struct child *c, const char *arg);
void child_env(struct child *c, const char *assignment);
/* Without a new process: does not return. */
_Noreturn void child_become(const struct child *c);
/* -1 with errno. *ret_pidfd refers to it without the danger of a reused pid. */
pid_t child_start(const struct child *c, int *ret_pidfd);
int child_pidfd(pid_t pid); /* -1 with errno */
void child_signal(int pidfd, int signal);

#endif
