/* fabric_world.h -- for tests of the fabric: a run directory, servers in processes of
 * their own (fabric_peer.c), a caller on a loop, and asking that waits for the answer. */
#ifndef TESTS_UNIT_FABRIC_WORLD_H
#define TESTS_UNIT_FABRIC_WORLD_H

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "common/clock.h"
#include "common/fabric_loop.h"
#include "tests/unit/check.h"

enum { SECOND = 1000000, MS = 1000 };

struct answer {
	bool done;
	unsigned times; /* that `done` ran: once */
	enum msg_status status;
	char body[256];
	size_t attachment_n;
	char attachment_last;
	unsigned attempts;
	char peer[32];
	int64_t began_us, took_us;
};

static struct {
	char run[64], bin[PATH_MAX];
	struct loop *loop;
	struct fabric *fabric;
	struct fabric_caller *caller;
	struct fabric_tie tie;
	struct timer limit;
	bool limit_met;
	unsigned ready; /* as peers_changed told */
	struct fabric_counters before;
} w;

/* ---- the loop ---- */

static void world_limit(void *ctx)
{
	(void)ctx;
	w.limit_met = true;
	loop_stop(w.loop);
}

/* Turns the loop until the number at *at is `wanted` at least, 10 s at most. */
#define RUN_UNTIL(cond)                                                                  \
	do {                                                                             \
		int64_t end_ = clock_us() + 10 * SECOND;                                 \
		while (!(cond) && clock_us() < end_)                                     \
			world_run_for(2 * MS);                                           \
		CHECK(cond);                                                             \
	} while (0)

__attribute__((unused)) static void world_run_for(int64_t us)
{
	w.limit_met = false;
	loop_timer_in(w.loop, &w.limit, us);
	while (!w.limit_met)
		loop_run(w.loop);
}

/* ---- servers ---- */

/* "fabric_peer", or the one built to speak another version. */
__attribute__((unused)) static pid_t server_start_as(const char *program, int slot,
						     int window)
{
	char path[PATH_MAX], link[160], socket[160], slot_text[16], window_text[16];
	char *argv[] = { path, socket, slot_text, window_text, NULL };
	pid_t pid = -1;

	extern char **environ;
	snprintf(path, sizeof(path), "%.4000s/%s", w.bin, program);
	snprintf(slot_text, sizeof(slot_text), "%d", slot);
	snprintf(window_text, sizeof(window_text), "%d", window);
	/* its pid is not known before it runs, so the name has ours and a number */
	static int number;
	snprintf(socket, sizeof(socket), "%s/echo.%d.%d.sock", w.run, slot,
		 (int)getpid() + 100000 * ++number);
	CHECK_INT(posix_spawn(&pid, path, NULL, NULL, argv, environ), 0);
	/* where to unlink when it is killed, as the supervisor does */
	snprintf(link, sizeof(link), "%s/.of.%d", w.run, (int)pid);
	CHECK(symlink(socket, link) == 0);
	return pid;
}

__attribute__((unused)) static pid_t server_start(int slot, int window)
{
	return server_start_as("fabric_peer", slot, window);
}

__attribute__((unused)) static bool server_has_file(pid_t pid)
{
	char link[160];
	struct stat st;

	snprintf(link, sizeof(link), "%s/.of.%d", w.run, (int)pid);
	return stat(link, &st) == 0;
}

__attribute__((unused)) static int server_reap(pid_t pid)
{
	char link[160], socket[160] = "";
	int status = -1;

	/* the caller goes on meanwhile: a drain waits for what it says */
	while (waitpid(pid, &status, WNOHANG) == 0)
		world_run_for(MS);
	snprintf(link, sizeof(link), "%s/.of.%d", w.run, (int)pid);
	if (readlink(link, socket, sizeof(socket) - 1) > 0)
		unlink(socket);
	unlink(link);
	return status;
}

__attribute__((unused)) static void server_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	CHECK(WIFSIGNALED(server_reap(pid)));
}

/* As the supervisor stops one: drained, exit code 0. */
__attribute__((unused)) static void server_stop(pid_t pid)
{
	kill(pid, SIGTERM);
	CHECK_INT(server_reap(pid), 0);
}

static void world_peers(void *ctx, unsigned ready)
{
	(void)ctx;
	w.ready = ready;
}

static void world_wake(void *ctx)
{
	(void)ctx;
	fabric_tie_wake(&w.tie);
}

__attribute__((unused)) static void world_begin_with(unsigned calls, unsigned queue)
{
	struct fabric_caller_options options = {
		.run_dir = w.run,
		.service = "echo",
		.calls_max = calls,
		.queue_max = queue,
		.wake = world_wake,
		.peers_changed = world_peers,
	};
	ssize_t n;

	memset(&w, 0, sizeof(w));
	signal(SIGPIPE, SIG_IGN);
	n = readlink("/proc/self/exe", w.bin, sizeof(w.bin) - 1);
	w.bin[n > 0 ? n : 0] = '\0';
	*strrchr(w.bin, '/') = '\0';
	snprintf(w.run, sizeof(w.run), "/tmp/onebox-fabric-XXXXXX");
	CHECK(mkdtemp(w.run) != NULL);
	w.loop = loop_new();
	w.limit = (struct timer){ .run = world_limit };
	w.fabric = fabric_new();
	fabric_tie_init(&w.tie, w.loop);
	w.caller = fabric_caller_new(w.fabric, &options);
	CHECK(w.caller != NULL && fabric_tie_caller(&w.tie, w.caller));
	fabric_counters_read(&w.before);
}

__attribute__((unused)) static void world_begin(void)
{
	world_begin_with(256, 128);
}

__attribute__((unused)) static struct fabric_counters world_counted(void)
{
	struct fabric_counters now;

	fabric_counters_read(&now);
#define MINUS(field) now.field -= w.before.field
	MINUS(bad_frames);
	MINUS(unknown_kinds);
	MINUS(stale_replies);
	MINUS(lost_replies);
	MINUS(refused_clients);
	MINUS(died_peers);
	MINUS(resent);
	MINUS(full);
	MINUS(late);
	MINUS(lost);
#undef MINUS
	return now;
}

/* Nothing of ours may be left in the folder except what the test left on purpose. */
__attribute__((unused)) static void world_end(void)
{
	DIR *dir;

	fabric_tie_fini(&w.tie);
	fabric_caller_free(w.caller);
	fabric_free(w.fabric);
	loop_free(w.loop);
	dir = opendir(w.run);
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		if (e->d_name[0] == '.')
			continue;
		if (strcmp(e->d_name, "ledger") != 0)
			CHECK_FAIL("%s is left", e->d_name);
		unlinkat(dirfd(dir), e->d_name, 0);
	}
	closedir(dir);
	CHECK(rmdir(w.run) == 0);
}

/* A bound on time that holds on a machine of its own (STORM_SECONDS says that it is one),
 * and ten times it elsewhere: an ordinary run must not depend on what else there is. */
__attribute__((unused)) static int64_t at_rest(int64_t us)
{
	return getenv("STORM_SECONDS") != NULL ? us : 10 * us;
}

/* ---- asking ---- */

static void answer_done(void *ctx, const struct fabric_answer *from)
{
	struct answer *a = ctx;

	a->times++;
	a->done = true;
	a->status = from->status;
	str_copy(a->body, sizeof(a->body), from->body);
	a->attachment_n = from->attachment.n;
	if (from->attachment.n > 0)
		a->attachment_last = from->attachment.p[from->attachment.n - 1];
	a->attempts = from->attempts;
	str_copy(a->peer, sizeof(a->peer), str_of(from->peer));
	a->took_us = clock_us() - a->began_us;
}

/* Once, without waiting; the call's id. */
__attribute__((unused)) static uint64_t ask_begin(struct answer *a, const char *body,
						  bool again, int64_t budget_us)
{
	struct fabric_request r = {
		.type = MSG_PING,
		.again = again,
		.budget_us = budget_us,
		.body = str_of(body),
		.done = answer_done,
		.ctx = a,
	};

	memset(a, 0, sizeof(*a));
	a->began_us = clock_us();
	return fabric_call(w.caller, &r);
}

/* With a budget of 5 s, and waits. */
__attribute__((unused)) static struct answer ask(const char *body, bool again)
{
	static struct answer a;

	CHECK(ask_begin(&a, body, again, 5 * SECOND) != 0);
	RUN_UNTIL(a.done);
	CHECK_INT(a.times, 1);
	return a;
}

/* How many calls the server was told to forget; 0 while it refuses to say. */
__attribute__((unused)) static unsigned long long cancelled_count(void)
{
	unsigned long long requests, peak, cancelled = 0;
	struct answer a = ask("counts", true);

	if (a.status == STATUS_OK)
		CHECK_INT(sscanf(a.body, "%llu %llu %llu", &requests, &peak, &cancelled),
			  3);
	return cancelled;
}

/* Lines in the ledger that are exactly this. */
__attribute__((unused)) static unsigned ledger_count(const char *line)
{
	char path[128], text[200];
	unsigned n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/ledger", w.run);
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	while (fgets(text, sizeof(text), f) != NULL) {
		text[strcspn(text, "\n")] = '\0';
		n += strcmp(text, line) == 0;
	}
	fclose(f);
	return n;
}

#endif
