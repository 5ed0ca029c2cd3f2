/* test_fabric_hostile.c -- the fabric among peers that break the protocol: malformed
 * frames, strangers, floods, replies that nobody asked for. Everybody lives, and a good
 * caller beside them is served. */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/fabric_frame.h"
#include "tests/unit/fabric_world.h"

static char server_path[160];

static pid_t begin_with_server(void)
{
	char link[160];
	pid_t pid;
	ssize_t n;

	world_begin();
	pid = server_start(1, 64);
	RUN_UNTIL(w.ready == 1);
	snprintf(link, sizeof(link), "%s/.of.%d", w.run, (int)pid);
	n = readlink(link, server_path, sizeof(server_path) - 1);
	server_path[n > 0 ? n : 0] = '\0';
	return pid;
}

static void end_with_server(pid_t pid)
{
	CHECK_TEXT(ask("echo alive", true).body, "alive");
	CHECK_INT(world_counted().died_peers, 0);
	server_stop(pid);
	world_end();
}

/* A raw DEALER at the server; it never says HELLO by itself. */
static void *stranger(void)
{
	void *s = fabric_socket(w.fabric, ZMQ_DEALER);
	char endpoint[200];

	snprintf(endpoint, sizeof(endpoint), "ipc://%s", server_path);
	CHECK(zmq_connect(s, endpoint) == 0);
	return s;
}

/* A message of parts, each given by its bytes. */
static void send_parts(void *s, const struct str *parts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		CHECK(zmq_send(s, parts[i].p, parts[i].n, i + 1 < n ? ZMQ_SNDMORE : 0) >=
		      0);
}

static struct str header_bytes(const struct fabric_header *h)
{
	return (struct str){ (const char *)h, sizeof(*h) };
}

/* The next message's header; false after 2 s. */
static bool next_header(void *s, struct fabric_header *ret)
{
	struct fabric_frames m;
	int64_t end = clock_us() + 2 * SECOND;

	while (clock_us() < end) {
		if (fabric_receive(s, &m)) {
			bool ok = fabric_header_read(&m, 0, ret);

			fabric_frames_close(&m);
			return ok;
		}
		world_run_for(MS);
	}
	return false;
}

static bool next_reply(void *s, struct fabric_header *ret)
{
	while (next_header(s, ret))
		if (ret->kind == KIND_REPLY)
			return true;
	return false;
}

TEST(malformed_messages_are_dropped)
{
	static const char long_frame[1000];
	struct fabric_header good = { .version = FABRIC_VERSION,
				      .kind = KIND_REQUEST,
				      .id = 5,
				      .budget_us = SECOND };
	struct fabric_header old = good, new = good, unknown = good, got;
	pid_t pid = begin_with_server();
	void *s = stranger();

	old.version = 0;
	new.version = FABRIC_VERSION + 1;
	unknown.kind = 99;
	for (size_t n = 1; n < 200; n += 13)
		send_parts(s, (struct str[]){ { long_frame, n } }, 1);
	send_parts(s, (struct str[]){ { long_frame, 0 }, { "x", 1 } }, 2);
	send_parts(
	    s, (struct str[]){ header_bytes(&good), STR(""), STR(""), STR(""), STR("") },
	    5);
	send_parts(s, (struct str[]){ header_bytes(&old), STR("echo") }, 2);
	send_parts(s, (struct str[]){ header_bytes(&new), STR("echo") }, 2);
	send_parts(s, (struct str[]){ header_bytes(&unknown), STR("echo") }, 2);
	/* and then one that is right, without ever a HELLO */
	send_parts(s, (struct str[]){ header_bytes(&good), STR("echo hi") }, 2);
	CHECK(next_reply(s, &got));
	CHECK_INT(got.id, 5);
	CHECK_INT(got.flags, STATUS_OK);
	zmq_close(s);
	end_with_server(pid);
}

TEST(a_message_of_very_many_parts_is_dropped)
{
	struct fabric_header good = { .version = FABRIC_VERSION,
				      .kind = KIND_REQUEST,
				      .id = 6,
				      .budget_us = SECOND };
	struct fabric_header got;
	pid_t pid = begin_with_server();
	void *s = stranger();

	for (int i = 0; i < 100000; i++)
		CHECK(zmq_send(s, "x", 1, ZMQ_SNDMORE) == 1);
	CHECK(zmq_send(s, "x", 1, 0) == 1);
	send_parts(s, (struct str[]){ header_bytes(&good), STR("echo hi") }, 2);
	CHECK(next_reply(s, &got));
	zmq_close(s);
	end_with_server(pid);
}

TEST(a_caller_that_ignores_its_credit_is_refused)
{
	struct fabric_header h = { .version = FABRIC_VERSION,
				   .kind = KIND_REQUEST,
				   .budget_us = 5 * SECOND };
	struct fabric_header got;
	pid_t pid = begin_with_server();
	void *s = stranger();
	unsigned refused = 0;

	for (int i = 0; i < 1000; i++) {
		h.id = (uint64_t)i + 1;
		send_parts(s, (struct str[]){ header_bytes(&h), STR("hold") }, 2);
	}
	while (refused < 1000 - 2 * 64 && next_reply(s, &got)) {
		CHECK_INT(got.flags, STATUS_AGAIN);
		refused++;
	}
	CHECK_INT(refused, 1000 - 2 * 64);
	zmq_close(s);
	/* what it holds is given back when the server sees that it went */
	RUN_UNTIL(cancelled_count() == 128);
	end_with_server(pid);
}

/* More than a server has places for; they say HELLO, as any DEALER does, and no more. */
TEST(strangers_who_fill_all_places_make_room_and_take_no_credit)
{
	enum { STRANGERS = 520 };
	static void *crowd[STRANGERS];
	struct fabric_header h = { .version = FABRIC_VERSION,
				   .kind = KIND_REQUEST,
				   .id = 1,
				   .budget_us = SECOND };
	struct fabric_header got = { .credit = 0 };
	pid_t pid = begin_with_server();
	struct answer a[32];
	void *late;

	for (int i = 0; i < STRANGERS; i++) {
		crowd[i] = stranger();
		CHECK(zmq_send(crowd[i], "", 0, 0) == 0);
	}
	for (int i = 0; i < STRANGERS; i++)
		CHECK(next_header(crowd[i], &got) && got.kind == KIND_READY);
	world_run_for(300 * MS); /* so that a beat has told of the credit */
	for (int i = 0; i < 32; i++)
		CHECK(ask_begin(&a[i], "wait 50 x", false, 5 * SECOND) != 0);
	for (int i = 0; i < 32; i++)
		RUN_UNTIL(a[i].done);
	CHECK(a[31].took_us < at_rest(150 * MS)); /* all at once, not one by one */
	late = stranger();
	send_parts(late, (struct str[]){ header_bytes(&h), STR("echo hi") }, 2);
	CHECK(next_reply(late, &got));
	CHECK_INT(got.flags, STATUS_OK);
	zmq_close(late);
	for (int i = 0; i < STRANGERS; i++)
		zmq_close(crowd[i]);
	end_with_server(pid);
}

TEST(cancels_of_what_is_not_there_are_ignored)
{
	struct fabric_header h = { .version = FABRIC_VERSION, .kind = KIND_CANCEL };
	pid_t pid = begin_with_server();
	void *s = stranger();
	struct answer a;

	CHECK(ask_begin(&a, "wait 50 mine", false, 5 * SECOND) != 0);
	for (uint64_t id = 0; id < 300; id++) { /* another caller's ids, too */
		h.id = id | 1ull << 32;
		send_parts(s, (struct str[]){ header_bytes(&h) }, 1);
		h.id = 0;
		send_parts(s, (struct str[]){ header_bytes(&h) }, 1);
	}
	RUN_UNTIL(a.done);
	CHECK_TEXT(a.body, "mine");
	zmq_close(s);
	end_with_server(pid);
}

static int raw_connect(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	str_copy(at.sun_path, sizeof(at.sun_path), str_of(server_path));
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* FLOOD=30000 makes more of it than an ordinary run has time for. */
static unsigned flood_size(void)
{
	const char *text = getenv("FLOOD");
	uint64_t n = 600;

	if (text != NULL && !str_to_u64(str_of(text), &n))
		CHECK_FAIL("FLOOD is a number");
	return (unsigned)n;
}

/* On a machine that does nothing else it is a few milliseconds; what is asserted holds on
 * a busy one too. */
static void check_worst(int64_t us)
{
	if (getenv("FLOOD") != NULL)
		printf("  worst answer beside the flood %.1f ms\n", (double)us / 1000);
	CHECK(us < SECOND);
}

TEST(connections_that_are_no_zeromq_are_dropped)
{
	char noise[600];
	pid_t pid = begin_with_server();
	struct answer a;
	unsigned r = 7, made = 0, flood = flood_size();
	int64_t worst_us = 0;

	for (unsigned i = 0; i < flood; i++) {
		int fd = raw_connect();

		if (fd < 0)
			continue;
		made++;
		for (size_t j = 0; j < sizeof(noise); j++) {
			r = r * 1103515245 + 12345;
			noise[j] = (char)(r >> 16);
		}
		if (i % 3 == 0) /* a greeting that begins well */
			memcpy(noise, "\xff\0\0\0\0\0\0\0\1\x7f\3\0NULL", 16);
		if (send(fd, noise, r % sizeof(noise), MSG_NOSIGNAL) < 0)
			CHECK(errno == EPIPE || errno == ECONNRESET);
		close(fd);
		if (i % 50 == 0) {
			a = ask("echo", true);
			CHECK_INT(a.status, STATUS_OK);
			if (a.took_us > worst_us)
				worst_us = a.took_us;
		}
	}
	CHECK(made > flood / 2);
	check_worst(worst_us);
	end_with_server(pid);
}

TEST(silent_connections_are_closed_after_a_second)
{
	pid_t pid = begin_with_server();
	int fds[100], open_ones = 0;
	char byte;
	int64_t end = clock_us() + 5 * SECOND;

	for (int i = 0; i < 100; i++) {
		fds[i] = raw_connect();
		CHECK(fds[i] >= 0);
		CHECK(fcntl(fds[i], F_SETFL, O_NONBLOCK) == 0);
	}
	CHECK(ask("echo", true).took_us < at_rest(100 * MS));
	do {
		world_run_for(20 * MS);
		open_ones = 0;
		for (int i = 0; i < 100; i++) {
			ssize_t n;

			/* it sends a greeting first */
			while ((n = recv(fds[i], &byte, 1, 0)) > 0)
				;
			open_ones += n < 0 && errno == EAGAIN;
		}
	} while (open_ones > 0 && clock_us() < end);
	CHECK_INT(open_ones, 0);
	for (int i = 0; i < 100; i++)
		close(fds[i]);
	end_with_server(pid);
}

TEST(connections_made_and_closed_at_once)
{
	pid_t pid = begin_with_server();
	struct answer a;
	int64_t worst_us = 0;

	for (unsigned i = 0; i < flood_size(); i++) {
		int fd = raw_connect();

		if (fd >= 0)
			close(fd);
		if (i % 50 != 0)
			continue;
		a = ask("echo", true);
		CHECK_INT(a.status, STATUS_OK);
		if (a.took_us > worst_us)
			worst_us = a.took_us;
	}
	check_worst(worst_us);
	end_with_server(pid);
}

/* Root may test it: the folder is 0700, the socket 0600. */
TEST(another_user_cannot_connect)
{
	pid_t pid = begin_with_server(), stranger_pid;
	int status = -1;

	stranger_pid = fork();
	if (stranger_pid == 0) {
		if (getuid() != 0)
			_exit(0);
		if (setgid(65534) != 0 || setuid(65534) != 0)
			_exit(2);
		_exit(raw_connect() < 0 && errno == EACCES ? 0 : 1);
	}
	waitpid(stranger_pid, &status, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	end_with_server(pid);
}

/* ---- a server that lies ---- */

static void *false_server(const char *name)
{
	void *s = fabric_socket(w.fabric, ZMQ_ROUTER);
	char endpoint[200];

	snprintf(endpoint, sizeof(endpoint), "ipc://%s/%s", w.run, name);
	fabric_socket_set(s, ZMQ_ROUTER_MANDATORY, 1);
	CHECK(zmq_bind(s, endpoint) == 0);
	return s;
}

static zmq_msg_t address;

static void say(void *s, struct fabric_header h, const char *body)
{
	zmq_msg_t to;

	h.version = h.version != 0 ? h.version : FABRIC_VERSION_MIN;
	zmq_msg_init(&to);
	zmq_msg_copy(&to, &address);
	CHECK(zmq_msg_send(&to, s, ZMQ_SNDMORE) >= 0);
	CHECK(zmq_send(s, &h, sizeof(h), body != NULL ? ZMQ_SNDMORE : 0) >= 0);
	if (body != NULL)
		CHECK(zmq_send(s, body, strlen(body), 0) >= 0);
}

/* The header of what the caller says next; keeps its address. */
static bool heard(void *s, struct fabric_header *ret)
{
	struct fabric_frames m;
	int64_t end = clock_us() + 2 * SECOND;
	bool ok = false;

	while (!ok && clock_us() < end) {
		if (fabric_receive(s, &m)) {
			ok = fabric_header_read(&m, 1, ret);
			zmq_msg_close(&address);
			zmq_msg_init(&address);
			zmq_msg_copy(&address, &m.part[0]);
			fabric_frames_close(&m);
		} else {
			world_run_for(MS);
		}
	}
	return ok;
}

TEST(a_server_may_say_anything)
{
	struct fabric_header h, request;
	struct answer a;
	void *s;

	world_begin();
	zmq_msg_init(&address);
	s = false_server("echo.7.1.sock");
	CHECK(heard(s, &h) && h.kind == KIND_HELLO);
	say(s, (struct fabric_header){ .kind = KIND_READY, .credit = 0, .speaks = 200 },
	    NULL);
	RUN_UNTIL(w.ready == 1);
	CHECK(ask_begin(&a, "echo", false, 5 * SECOND) != 0);
	say(s, (struct fabric_header){ .kind = 77 }, "what");
	say(s, (struct fabric_header){ .kind = KIND_REPLY, .id = 0 }, "x");
	say(s, (struct fabric_header){ .kind = KIND_REPLY, .id = UINT64_MAX }, "x");
	say(s, (struct fabric_header){ .kind = KIND_REPLY, .id = 1ull << 32 }, "x");
	say(s, (struct fabric_header){ .kind = KIND_BEAT, .credit = UINT32_MAX }, "x");
	CHECK(heard(s, &request) && request.kind == KIND_CANCEL && request.id == 0);
	CHECK(heard(s, &request) && request.kind == KIND_REQUEST);
	say(s,
	    (struct fabric_header){ .version = 99, .kind = KIND_REPLY, .id = request.id },
	    "x");
	world_run_for(20 * MS);
	CHECK(!a.done);
	CHECK_INT(world_counted().stale_replies, 3);
	CHECK_INT(world_counted().unknown_kinds, 1);
	CHECK_INT(world_counted().bad_frames, 1);
	/* a status that is in no table goes through; it answers twice; the second is
	 * stale */
	say(s,
	    (struct fabric_header){ .kind = KIND_REPLY, .flags = 200, .id = request.id },
	    "x");
	say(s, (struct fabric_header){ .kind = KIND_REPLY, .id = request.id }, "y");
	RUN_UNTIL(a.done && world_counted().stale_replies == 4);
	CHECK_INT(a.status, 200);
	CHECK_INT(a.times, 1);
	zmq_msg_close(&address);
	zmq_close(s);
	unlinkat(AT_FDCWD, w.run, 0);
	RUN_UNTIL(w.ready == 0);
	char path[128];

	snprintf(path, sizeof(path), "%s/echo.7.1.sock", w.run);
	unlink(path);
	world_run_for(20 * MS);
	world_end();
}

TEST(a_server_too_old_to_talk_to_is_never_ready)
{
	struct fabric_header h;
	char path[128];
	void *s;

	world_begin();
	zmq_msg_init(&address);
	s = false_server("echo.7.1.sock");
	CHECK(heard(s, &h));
	say(s, (struct fabric_header){ .kind = KIND_READY, .credit = 9, .speaks = 0 },
	    NULL);
	world_run_for(50 * MS);
	CHECK_INT(w.ready, 0);
	CHECK_INT(world_counted().bad_frames, 1);
	zmq_msg_close(&address);
	zmq_close(s);
	snprintf(path, sizeof(path), "%s/echo.7.1.sock", w.run);
	unlink(path);
	world_run_for(20 * MS);
	world_end();
}

TEST(files_that_are_no_servers_are_harmless)
{
	static const char *const names[] = { "echo.9.9.sock",   "echo",
					     "echo.",           "echo..sock",
					     "echo.sock",       "echoes.1.1.sock",
					     "notecho.1.1.sock" };
	char path[300];
	pid_t pid;

	world_begin();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", w.run, names[i]);
		close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	}
	snprintf(path, sizeof(path), "%s/echo.%0150d.sock", w.run,
		 1); /* too long to connect */
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	pid = server_start(1, 64);
	CHECK_TEXT(ask("echo x", true).body, "x");
	CHECK_INT(w.ready, 1);
	unlink(path);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", w.run, names[i]);
		unlink(path);
	}
	end_with_server(pid);
}
