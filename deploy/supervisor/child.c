/* child.c -- see child.h. We have one thread, so that between fork and exec everything is
 * allowed. */
#include "deploy/supervisor/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/err.h"
#include "common/inherit.h"

enum { FIRST_FD = 3, ABOVE_ALL = FIRST_FD + INHERIT_MAX };

void child_arg(struct child *c, const char *arg)
{
	if (c->argc < CHILD_ARGS_MAX)
		c->argv[c->argc++] = arg;
}

void child_env(struct child *c, const char *assignment)
{
	if (c->env_count < CHILD_ENV_MAX)
		c->env[c->env_count++] = assignment;
}

static _Noreturn void die(const char *what)
{
	dprintf(STDERR_FILENO, "onebox: cannot %s: %s\n", what, strerror(errno));
	_exit(EXIT_SYSTEM);
}

/* Descriptors may lie where others must go: first all out of the way, then into place. */
static void place_fds(const struct child *c)
{
	int high[INHERIT_MAX];
	int nothing = open("/dev/null", O_RDONLY);

	dup2(c->stderr_fd, STDERR_FILENO);
	dup2(c->stderr_fd, STDOUT_FILENO);
	dup2(nothing, STDIN_FILENO);
	for (size_t i = 0; i < c->fd_count; i++)
		if ((high[i] = fcntl(c->fds[i], F_DUPFD, ABOVE_ALL)) < 0)
			die("hand over a socket");
	for (size_t i = 0; i < c->fd_count; i++)
		dup2(high[i], FIRST_FD + (int)i);
	close_range(FIRST_FD + (unsigned)c->fd_count, ~0U, 0);
}

static void set_environment(const struct child *c)
{
	char pid[40], count[40];

	for (size_t i = 0; i < c->env_count; i++)
		putenv((char *)(uintptr_t)c->env[i]);
	if (c->fd_count > 0) {
		snprintf(pid, sizeof(pid), "%d", (int)getpid());
		snprintf(count, sizeof(count), "%zu", c->fd_count);
		setenv("LISTEN_PID", pid, 1);
		setenv("LISTEN_FDS", count, 1);
	}
}

static void limit(__rlimit_resource_t what, int64_t n)
{
	struct rlimit r;

	if (n <= 0 || getrlimit(what, &r) < 0)
		return;
	if (r.rlim_max == RLIM_INFINITY || r.rlim_max > (rlim_t)n)
		r.rlim_max = (rlim_t)n;
	r.rlim_cur = r.rlim_max;
	setrlimit(what, &r);
}

void child_become(const struct child *c)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	place_fds(c);
	set_environment(c);
	if (chdir(c->folder != NULL ? c->folder : "/") < 0)
		die("enter the state folder");
	umask(027);
	limit(RLIMIT_DATA, c->memory_wall);
	limit(RLIMIT_NOFILE, c->descriptors);
	if (!account_become(c->account))
		die("become the daemons' user");
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	execv(c->argv[0], (char *const *)(uintptr_t)c->argv);
	dprintf(STDERR_FILENO, "onebox: cannot run %s: %s\n", c->argv[0],
		strerror(errno));
	_exit(errno == ENOENT ? EXIT_DEPENDENCY : EXIT_SYSTEM);
}

int child_pidfd(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

pid_t child_start(const struct child *c, int *ret_pidfd)
{
	pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0); /* so that Ctrl-C at our terminal is for us alone */
		child_become(c);
	}
	if (pid > 0) {
		*ret_pidfd = child_pidfd(pid);
		if (*ret_pidfd < 0) {
			int saved = errno;

			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
			errno = saved;
			return -1;
		}
	}
	return pid;
}

void child_signal(int pidfd, int signal)
{
	syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}
