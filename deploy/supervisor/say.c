/* say.c -- see say.h. */
#include "deploy/supervisor/say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"

static int terminal = STDERR_FILENO; /* -1: nobody there any more */
static int waiting_fd = -1;          /* who waits for us reads at its other end */

int say_terminal_fd(void)
{
	return terminal;
}

int say_starter_fd(void)
{
	return waiting_fd;
}

void say_to_terminal(int fd)
{
	terminal = fd;
}

void say_to_starter(int fd)
{
	waiting_fd = fd;
}

__attribute__((format(printf, 2, 0))) static void put(enum log_level level,
						      const char *fmt, va_list ap)
{
	char text[1200];

	vsnprintf(text, sizeof(text), fmt, ap);
	if (terminal >= 0)
		dprintf(terminal, "onebox: %s\n", text);
	if (terminal != STDERR_FILENO)
		log_line(level, "%s", text);
}

void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(LOG_WARN, fmt, ap);
	va_end(ap);
}

void refuse(enum exit_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(LOG_ERROR, fmt, ap);
	va_end(ap);
	exit(code);
}

static _Noreturn void wait_for(pid_t child, int fd)
{
	char ready;
	int status;

	if (read(fd, &ready, 1) == 1)
		_exit(EXIT_OK);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status)) {
		dprintf(STDERR_FILENO, "onebox: the supervisor died of signal %d\n",
			WTERMSIG(status));
		_exit(EXIT_SYSTEM);
	}
	_exit(WEXITSTATUS(status));
}

void say_from_background(void)
{
	int fds[2];
	pid_t child;

	if (pipe2(fds, O_CLOEXEC) < 0 || (child = fork()) < 0)
		refuse(EXIT_SYSTEM, "cannot start another process: %s", strerror(errno));
	if (child > 0) {
		close(fds[1]);
		wait_for(child, fds[0]);
	}
	close(fds[0]);
	waiting_fd = fds[1];
	setsid();
}

void say_log_to(int fd)
{
	dup2(fd, STDERR_FILENO);
}

void say_done(void)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (terminal > STDERR_FILENO)
		close(terminal);
	terminal = -1;
	if (nothing >= 0) {
		dup2(nothing, STDIN_FILENO);
		dup2(nothing, STDOUT_FILENO);
		close(nothing);
	}
	if (waiting_fd >= 0) {
		if (write(waiting_fd, "r", 1) < 0)
			log_warn("starter_gone");
		close(waiting_fd);
		waiting_fd = -1;
	}
}
