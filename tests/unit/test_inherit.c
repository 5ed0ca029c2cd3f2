/* test_inherit.c -- common/inherit.h: systemd's protocol, the receiving end. */
#include "common/inherit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "tests/unit/check.h"

static void set_pid(const char *name, long pid)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", pid);
	setenv(name, text, 1);
}

/* Descriptors 3 and 4 belong to whoever runs us: in a child of our own they may change.
 */
static int in_child(int (*run)(void))
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		_exit(run());
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int take_two(void)
{
	struct inherit in;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return 10;
	fcntl(pair[0], F_DUPFD, 50);
	dup2(50, 3);
	dup2(50, 4);
	set_pid("LISTEN_PID", getpid());
	setenv("LISTEN_FDS", "2", 1);
	setenv("LISTEN_FDNAMES", "http:a-name-that-is-much-longer-than-the-array-for-it",
	       1);
	inherit_take(&in);
	if (in.count != 2 || in.sockets[0].fd != 3 || in.sockets[1].fd != 4)
		return 1;
	if (strcmp(in.sockets[0].name, "http") != 0 ||
	    strcmp(in.sockets[1].name, "a-name-that-is-much-longer-than") != 0)
		return 2;
	if ((fcntl(3, F_GETFD) & FD_CLOEXEC) == 0 ||
	    (fcntl(4, F_GETFL) & O_NONBLOCK) == 0)
		return 3;
	if (getenv("LISTEN_PID") || getenv("LISTEN_FDS") || getenv("LISTEN_FDNAMES"))
		return 4;
	inherit_take(&in);
	return in.count == 0 ? 0 : 5;
}

TEST(sockets_are_taken_with_their_names)
{
	CHECK_INT(in_child(take_two), 0);
}

static int take_nothing(void)
{
	struct inherit in;

	set_pid("LISTEN_PID", getpid() + 1);
	setenv("LISTEN_FDS", "2", 1);
	inherit_take(&in);
	if (in.count != 0)
		return 1;
	set_pid("LISTEN_PID", getpid());
	setenv("LISTEN_FDS", "x", 1);
	inherit_take(&in);
	if (in.count != 0)
		return 2;
	set_pid("LISTEN_PID", getpid());
	setenv("LISTEN_FDS", "-1", 1);
	inherit_take(&in);
	return in.count == 0 ? 0 : 3;
}

TEST(what_is_for_another_process_is_not_taken)
{
	CHECK_INT(in_child(take_nothing), 0);
}

static int take_too_many(void)
{
	struct inherit in;

	set_pid("LISTEN_PID", getpid());
	setenv("LISTEN_FDS", "18446744073709551615", 1);
	unsetenv("LISTEN_FDNAMES");
	inherit_take(&in);
	return in.count == INHERIT_MAX && in.sockets[INHERIT_MAX - 1].name[0] == '\0' ? 0
										      : 1;
}

TEST(a_number_beyond_reason_is_cut)
{
	CHECK_INT(in_child(take_too_many), 0);
}

static int listen_at(const char *path, size_t n)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(at.sun_path, path, n);
	CHECK(bind(fd, (struct sockaddr *)&at,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) == 0);
	return fd;
}

static void check_heard(int fd, const char *want)
{
	char text[4096];
	ssize_t n = recv(fd, text, sizeof(text), 0);

	CHECK_STR(((struct str){ text, n < 0 ? 0 : (size_t)n }), str_of(want));
}

TEST(notes_reach_a_path_and_an_abstract_name)
{
	char path[64], name[64];
	int fd;

	snprintf(path, sizeof(path), "/tmp/onebox-notify-%d", (int)getpid());
	unlink(path);
	fd = listen_at(path, strlen(path));
	setenv("NOTIFY_SOCKET", path, 1);
	inherit_notify("STATUS=%s", "well");
	check_heard(fd, "STATUS=well");
	close(fd);
	unlink(path);
	inherit_notify("READY=1"); /* nobody listens now: quietly nothing */

	snprintf(name, sizeof(name), "%conebox-notify-%d", '\0', (int)getpid());
	fd = listen_at(name, strlen(name + 1) + 1);
	name[0] = '@';
	setenv("NOTIFY_SOCKET", name, 1);
	inherit_notify("READY=1");
	check_heard(fd, "READY=1");
	close(fd);
	unsetenv("NOTIFY_SOCKET");
	inherit_notify("READY=1");
}

TEST(a_note_that_is_too_long_is_cut)
{
	char name[64], text[3000];
	ssize_t n;
	int fd;

	snprintf(name, sizeof(name), "%conebox-long-%d", '\0', (int)getpid());
	fd = listen_at(name, strlen(name + 1) + 1);
	name[0] = '@';
	setenv("NOTIFY_SOCKET", name, 1);
	inherit_notify("%*d", 2500, 7);
	n = recv(fd, text, sizeof(text), 0);
	CHECK(n > 0 && n < 1024);
	unsetenv("NOTIFY_SOCKET");
	close(fd);
}

TEST(the_watchdogs_interval)
{
	static const struct {
		const char *text;
		int64_t us;
	} rows[] = {
		{ "3000000", 3000000 }, { "0", 0 }, { "-5", 0 }, { "x", 0 }, { "", 0 }
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setenv("WATCHDOG_USEC", rows[i].text, 1);
		CHECK_INT(inherit_watchdog_us(), rows[i].us);
	}
	unsetenv("WATCHDOG_USEC");
	CHECK_INT(inherit_watchdog_us(), 0);
}
