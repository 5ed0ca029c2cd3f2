/* guard.c -- see guard.h. */
#include "deploy/supervisor/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/err.h"
#include "deploy/supervisor/signals.h"

enum {
	ARGS_MAX = 900,
	MESSAGE_MAX = 4096,
	STEADY_US = 10000000, /* alive for so long: its death is the first again */
	PAUSE_MS = 50,
	PAUSE_MAX_MS = 5000,
};

#define OURSELVES "/proc/self/exe"

struct guard {
	struct hand *hand;
	char *const *argv;
	size_t starters;
	int signal_fd, link; /* link: our end */
	pid_t child;
	bool greeted, bye, greeted_once;
	int pending; /* a signal for a child that is not there yet */
	char renew[MESSAGE_MAX];
};

char **guard_argv(char *const *argv, const char *word, const struct hand *h)
{
	static char *next[ARGS_MAX + 3];
	static char counts[40];
	size_t n = 0;

	for (; n < ARGS_MAX && argv[n] != NULL; n++)
		next[n] = argv[n];
	snprintf(counts, sizeof(counts), "%zu,%zu", h->fixed_count, h->changing_count);
	next[n++] = (char *)(uintptr_t)word;
	next[n++] = counts;
	next[n] = NULL;
	return next;
}

static void start_child(struct guard *g)
{
	int ends[2];

	g->greeted = g->bye = false;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return;
	g->child = fork();
	if (g->child == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		hand_exec(g->hand, ends[1], OURSELVES,
			  guard_argv(g->argv, "--serve", g->hand));
		_exit(EXIT_SYSTEM);
	}
	close(ends[1]);
	g->link = ends[0];
	if (g->child > 0 && g->pending != 0)
		kill(g->child, g->pending);
	g->pending = 0;
}

/* ---- what it says ---- */

static size_t take_fds(struct msghdr *m, int ret[HAND_CHANGING_MAX])
{
	size_t n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(ret, CMSG_DATA(c), n * sizeof(int));
	}
	return n;
}

static void take_changed(struct hand *h, const int *fds, size_t n)
{
	for (size_t i = 0; i < h->changing_count; i++)
		close(h->changing[i]);
	memcpy(h->changing, fds, n * sizeof(*fds));
	h->changing_count = n;
}

/* The terminal of whoever started us is theirs again. */
static void let_go(struct guard *g)
{
	int nothing;

	while (g->starters > 0) {
		close(g->hand->fixed[--g->hand->fixed_count]);
		g->starters--;
	}
	nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; nothing >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(nothing, fd);
	if (nothing > STDERR_FILENO)
		close(nothing);
}

static bool take_message(struct guard *g)
{
	char text[MESSAGE_MAX];
	union {
		char room[CMSG_SPACE(sizeof(int) * HAND_CHANGING_MAX)];
		struct cmsghdr align;
	} control;
	struct iovec part = { text, sizeof(text) - 1 };
	struct msghdr m = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = control.room,
			    .msg_controllen = sizeof(control.room) };
	ssize_t n = recvmsg(g->link, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int fds[HAND_CHANGING_MAX];
	size_t count;

	if (n <= 0)
		return false;
	text[n] = '\0';
	count = take_fds(&m, fds);
	if (text[0] == GUARD_CHANGED && count > 0)
		take_changed(g->hand, fds, count);
	else if (text[0] == GUARD_HELLO)
		g->greeted = g->greeted_once = true;
	else if (text[0] == GUARD_READY)
		let_go(g);
	else if (text[0] == GUARD_BYE)
		g->bye = true;
	else if (text[0] == GUARD_RENEW)
		str_copy(g->renew, sizeof(g->renew), str_of(text + 1));
	return true;
}

/* ---- what happens ---- */

/* Those that it did not start, and those it left behind, end as our children. */
static void reap_adopted(struct guard *g)
{
	siginfo_t info = { 0 };

	while (g->greeted && waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid > 0 && info.si_pid != g->child) {
		struct guard_death death = { .pid = info.si_pid };

		if (waitpid(info.si_pid, &death.status, 0) > 0 &&
		    send(g->link, &death, sizeof(death), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			g->greeted = false; /* it is dying itself */
		info.si_pid = 0;
	}
}

static void pass_on_signals(struct guard *g)
{
	struct signalfd_siginfo info;

	while (read(g->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		if (g->child > 0)
			kill(g->child, (int)info.ssi_signo);
		else if (g->pending != SIGTERM)
			g->pending = (int)info.ssi_signo;
	}
}

/* Until the child has ended; its status. */
static int watch(struct guard *g)
{
	struct pollfd fds[] = { { g->signal_fd, POLLIN, 0 }, { g->link, POLLIN, 0 } };
	int status;

	for (;;) {
		poll(fds, 2, -1);
		pass_on_signals(g);
		while (take_message(g))
			;
		if (fds[1].revents & POLLHUP)
			fds[1].fd = -1;
		if (waitpid(g->child, &status, WNOHANG) == g->child) {
			while (take_message(g)) /* its last words */
				;
			return status;
		}
		reap_adopted(g);
	}
}

static void open_signals(struct guard *g)
{
	g->signal_fd = signals_open();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* As another program, in the same process: its children stay its children. */
static void renew(struct guard *g)
{
	char **argv = guard_argv(g->argv, "--guard", g->hand);

	hand_exec(g->hand, -1, g->renew, argv);
	g->renew[0] = '\0';
}

static void pause_before(struct guard *g, unsigned fails)
{
	struct pollfd fds = { g->signal_fd, POLLIN, 0 };
	int ms = PAUSE_MS << (fails < 7 ? fails : 7);

	if (fails > 1)
		poll(&fds, 1, ms > PAUSE_MAX_MS ? PAUSE_MAX_MS : ms);
	pass_on_signals(g);
}

int guard_run(struct hand *h, char *const *argv, size_t starters)
{
	struct guard g = { .hand = h, .argv = argv, .starters = starters };

	open_signals(&g);
	for (unsigned fails = 0;;) {
		int64_t began = clock_us();
		int status;

		g.child = 0;
		start_child(&g);
		status = g.child > 0 ? watch(&g) : -1;
		g.child = 0;
		close(g.link);
		if (g.renew[0] != '\0') {
			renew(&g);
			continue;
		}
		if (WIFEXITED(status) && status != -1 && (g.bye || !g.greeted_once))
			return WEXITSTATUS(status);
		fails = clock_us() - began > STEADY_US ? 1 : fails + 1;
		pause_before(&g, fails);
	}
}
