/* test_webd_forward.c -- the hop to appd: a worker of webd's on a real socket, and an
 * appd that does as each test says, on this thread. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "common/http_msg.h"
#include "tests/unit/check.h"
#include "webd/access_log.h"
#include "webd/site.h"
#include "webd/static_files.h"
#include "webd/worker.h"

enum { BIG = 300000 };

static struct {
	struct webd webd;
	struct daemon daemon;
	char state[40], run[64], path[128];
	uint16_t port;
	struct fabric_server *appd;
	struct fabric_ticket ticket; /* of the last request */
	struct http_request request; /* it, its strings in `kept` */
	struct fabric_context context;
	char kept[BIG + 8192];
	unsigned requests, cancels;
	int64_t cancelled_us;
} t;

/* ---- appd ---- */

static void wake_nothing(void *ctx)
{
	(void)ctx;
}

static void on_request(void *ctx, const struct fabric_incoming *in)
{
	struct str values = { t.kept, in->body.n };
	struct str attachment = { t.kept + in->body.n, in->attachment.n };

	(void)ctx;
	t.requests++;
	t.ticket = in->ticket;
	t.context = in->context;
	memcpy(t.kept, in->body.p, in->body.n);
	if (in->attachment.n > 0)
		memcpy(t.kept + in->body.n, in->attachment.p, in->attachment.n);
	CHECK(http_request_get(values, attachment, &t.request));
}

static void on_cancel(void *ctx, const struct fabric_ticket *ticket)
{
	(void)ctx;
	t.cancels++;
	t.cancelled_us = clock_us();
	if (ticket->id != 0)
		fabric_reply(t.appd, ticket, STATUS_FAIL, STR(""), NULL);
}

static void appd_open(unsigned window)
{
	const struct fabric_server_options options = {
		.path = t.path,
		.window = window,
		.wake = wake_nothing,
		.request = on_request,
		.cancel = on_cancel,
	};

	snprintf(t.path, sizeof(t.path), "%s/appd.1.%d.sock", t.run, (int)getpid());
	t.appd = fabric_server_new(t.daemon.fabric, &options);
	if (t.appd == NULL)
		abort();
}

static void appd_close(void)
{
	unlink(t.path);
	fabric_server_free(t.appd);
	t.appd = NULL;
}

static bool wait_for(bool (*is)(void))
{
	int64_t end = clock_us() + 10000000;

	while (!is()) {
		if (clock_us() > end)
			return CHECK_FAIL("waited in vain");
		if (t.appd != NULL)
			fabric_server_turn(t.appd);
		poll(NULL, 0, 1);
	}
	return true;
}

static bool has_peer(void)
{
	return atomic_load(&t.webd.workers[0]->appd.peers) > 0;
}

static bool has_no_peer(void)
{
	return atomic_load(&t.webd.workers[0]->appd.peers) == 0;
}

static unsigned wanted;
static bool has_requests(void)
{
	return t.requests >= wanted;
}

static bool has_cancel(void)
{
	return t.cancels > 0;
}

static bool wait_requests(unsigned n)
{
	wanted = n;
	return wait_for(has_requests);
}

static void reply(int status, const char *header, struct str body)
{
	static struct http_response r;
	struct fabric_attachment a = { 0 };
	struct buf b;

	r = (struct http_response){ .status = status, .body = body };
	(void)!http_header_add(&r.headers, STR("content-type"), STR("text/plain"));
	if (header != NULL)
		(void)!http_header_add(&r.headers, str_of(header), STR("value"));
	buf_init(&b, BIG + 8192);
	http_response_put(&b, &r);
	if (!http_body_is_inline(body))
		a = (struct fabric_attachment){ .p = (void *)body.p, .n = body.n };
	fabric_reply(t.appd, &t.ticket, STATUS_OK, buf_get(&b), &a);
	fabric_server_turn(t.appd);
	buf_fini(&b);
}

/* ---- webd ---- */

static void listen_somewhere(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) != 0 || listen(fd, 64) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) != 0)
		abort();
	t.port = ntohs(a.sin_port);
	t.daemon.sockets.count = 1;
	t.daemon.sockets.sockets[0] = (struct inherit_socket){ .fd = fd, .name = "http" };
}

static bool is_up(void)
{
	return atomic_load(&t.webd.workers[0]->up);
}

static struct conf *conf;

static void open_world(const char *set)
{
	const char *sets[] = { "webd.echo=no", set };
	const struct conf_source from = { .sets = sets,
					  .set_count = set != NULL ? 2 : 1 };
	char log[80];
	struct buf why;

	memset(&t, 0, sizeof(t));
	signal(SIGPIPE, SIG_IGN); /* as every daemon does */
	str_copy(t.state, sizeof(t.state), STR("/tmp/onebox-forward-XXXXXX"));
	if (mkdtemp(t.state) == NULL)
		abort();
	snprintf(t.run, sizeof(t.run), "%s/run", t.state);
	snprintf(log, sizeof(log), "%s/log", t.state);
	mkdir(t.run, 0700);
	mkdir(log, 0700);
	buf_init(&why, 4096);
	conf = conf_load(&from, &why);
	if (conf == NULL || !settings_take(conf, &t.webd.settings, &why))
		abort();
	t.daemon.fabric = fabric_new();
	t.daemon.run_dir = t.run;
	t.webd.daemon = &t.daemon;
	t.webd.limits = limits_new();
	t.webd.files = static_files_read("/nowhere", 0, &why);
	t.webd.log = access_log_open(t.state);
	listen_somewhere();
	t.webd.site = site_new(&t.webd);
	t.webd.workers_wanted = 1;
	t.webd.workers = calloc(1, sizeof(*t.webd.workers));
	t.webd.worker_count = 1;
	t.webd.workers[0] = worker_start(&t.webd);
	buf_fini(&why);
	wait_for(is_up);
}

static void close_world(void)
{
	char path[128];

	if (t.appd != NULL)
		appd_close();
	worker_drain(t.webd.workers[0]);
	worker_stop(t.webd.workers[0]);
	free(t.webd.workers);
	access_log_close(t.webd.log);
	site_free(t.webd.site);
	limits_free(t.webd.limits);
	static_files_free(t.webd.files);
	fabric_free(t.daemon.fabric);
	close(t.daemon.sockets.sockets[0].fd);
	conf_free(conf);
	snprintf(path, sizeof(path), "%s/log/access.log", t.state);
	unlink(path);
	snprintf(path, sizeof(path), "%s/log", t.state);
	rmdir(path);
	rmdir(t.run);
	rmdir(t.state);
}

/* ---- a client ---- */

static int client(struct str request)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				 .sin_port = htons(t.port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    send(fd, request.p, request.n, MSG_NOSIGNAL) != (ssize_t)request.n)
		abort();
	return fd;
}

#define GET "GET /a?b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

/* All until the server closes; closes it too. Borrowed until the next call. */
static struct str answer(int fd)
{
	static char bytes[BIG + 8192];
	size_t n = 0;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t more;

		if (t.appd != NULL)
			fabric_server_turn(t.appd);
		if (poll(&p, 1, 5) == 0)
			continue;
		more = recv(fd, bytes + n, sizeof(bytes) - n, 0);
		if (more <= 0)
			break;
		n += (size_t)more;
	}
	close(fd);
	return (struct str){ bytes, n };
}

static bool is_status(struct str a, const char *status)
{
	struct str line = a;

	line = str_cut(&line, '\r');
	return CHECK_HAS(line, status);
}

/* ---- tests ---- */

TEST(a_request_arrives_as_it_was_and_its_answer_too)
{
	struct str a;
	int fd;

	open_world(NULL);
	appd_open(10);
	wait_for(has_peer);
	fd = client(
	    STR("POST /a?b HTTP/1.1\r\nHost: h:1\r\nX-Y: z\r\nConnection: close, x-z\r\n"
		"X-Z: hop\r\nTE: trailers\r\nIdempotency-Key: k\r\nContent-Length: "
		"2\r\n\r\nhi"));
	if (wait_requests(1)) {
		static const uint8_t none[FABRIC_KEY_SIZE] = { 0 };

		CHECK_STR(t.request.method, STR("POST"));
		CHECK_STR(t.request.target, STR("/a?b"));
		CHECK_STR(t.request.authority, STR("h:1"));
		CHECK_STR(t.request.scheme, STR("http"));
		CHECK_STR(t.request.client, STR("127.0.0.1"));
		CHECK_STR(t.request.body, STR("hi"));
		CHECK_STR(http_header_find(&t.request.headers, STR("x-y")), STR("z"));
		CHECK_INT(t.request.headers.count, 2); /* and the key */
		CHECK(memcmp(t.context.key, none, sizeof(none)) != 0);
		reply(201, "x-answer", STR("done"));
	}
	a = answer(fd);
	is_status(a, "201 Created");
	CHECK_HAS(a, "x-answer: value\r\n");
	CHECK_HAS(a, "\r\n\r\ndone");
	CHECK_HAS(a, "appd;dur=");
	close_world();
}

TEST(headers_that_are_not_appds_to_set_are_dropped)
{
	static const char *const names[] = { "connection", "transfer-encoding",
					     "bad name", "x\r\ny" };
	struct str a;

	open_world(NULL);
	appd_open(10);
	wait_for(has_peer);
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int fd = client(STR(GET));

		if (wait_requests(i + 1))
			reply(200, names[i], STR("x"));
		a = answer(fd);
		is_status(a, "200");
		if (memmem(a.p, a.n, ": value", 7) != NULL)
			CHECK_FAIL("%s was passed on", names[i]);
	}
	close_world();
}

TEST(long_bodies_travel_both_ways)
{
	static char big[BIG], request[BIG + 200];
	size_t n;
	struct str a;
	int fd;

	open_world(NULL);
	appd_open(10);
	wait_for(has_peer);
	memset(big, 'b', sizeof(big));
	n = (size_t)snprintf(request, sizeof(request),
			     "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
			     "Content-Length: %d\r\n\r\n",
			     BIG);
	memcpy(request + n, big, BIG);
	fd = client((struct str){ request, n + BIG });
	if (wait_requests(1)) {
		CHECK_STR(t.request.body, ((struct str){ big, BIG }));
		reply(200, NULL, (struct str){ big, BIG });
	}
	a = answer(fd);
	is_status(a, "200");
	CHECK(a.n > BIG && memcmp(a.p + a.n - BIG, big, BIG) == 0);
	close_world();
}

TEST(a_client_that_leaves_is_cancelled_within_100_ms)
{
	int64_t left_us;
	int fd;

	open_world(NULL);
	appd_open(10);
	wait_for(has_peer);
	fd = client(STR(GET));
	if (wait_requests(1)) {
		left_us = clock_us();
		close(fd);
		if (wait_for(has_cancel) && t.cancelled_us - left_us > 100000)
			CHECK_FAIL("after %lld us",
				   (long long)(t.cancelled_us - left_us));
	}
	close_world();
}

/* One that has said all it wants to say waits for its answer, however long. */
TEST(a_half_closed_client_is_answered)
{
	int64_t until_us;
	struct str a;
	int fd;

	open_world(NULL);
	appd_open(10);
	wait_for(has_peer);
	fd = client(STR("GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
			"GET /b HTTP/1.1\r\nHost: h\r\n\r\n"));
	shutdown(fd, SHUT_WR);
	for (unsigned i = 1; i <= 2 && wait_requests(i); i++) {
		for (until_us = clock_us() + 200000; clock_us() < until_us;) {
			fabric_server_turn(t.appd);
			poll(NULL, 0, 5);
		}
		reply(200, "x-answer", i == 1 ? STR("one") : STR("two"));
	}
	a = answer(fd);
	is_status(a, "HTTP/1.1 200 OK");
	CHECK_INT(t.cancels, 0);
	CHECK_HAS(a, "\r\n\r\noneHTTP/1.1 200 OK\r\n");
	CHECK_HAS(a, "\r\n\r\ntwo");
	close_world();
}

TEST(a_half_closed_client_that_then_leaves_is_cancelled)
{
	int fd;

	open_world(NULL);
	appd_open(10);
	wait_for(has_peer);
	fd = client(STR(GET));
	shutdown(fd, SHUT_WR);
	if (wait_requests(1)) {
		for (int i = 0; i < 40; i++) {
			fabric_server_turn(t.appd);
			poll(NULL, 0, 5);
		}
		CHECK_INT(t.cancels, 0);
		close(fd);
		wait_for(has_cancel);
	}
	close_world();
}

TEST(an_appd_that_says_nothing_is_504_and_cancelled)
{
	int fd;

	open_world("webd.deadline=50ms");
	appd_open(10);
	wait_for(has_peer);
	fd = client(STR(GET));
	if (wait_requests(1)) {
		is_status(answer(fd), "504");
		wait_for(has_cancel);
	}
	close_world();
}

TEST(a_route_has_its_own_deadline)
{
	int fd;

	open_world("webd.deadlines=/a 50ms, /b 9s");
	appd_open(10);
	wait_for(has_peer);
	fd = client(STR(GET));
	if (wait_requests(1))
		is_status(answer(fd), "504");
	close_world();
}

TEST(without_room_the_answer_is_503_at_once)
{
	int fds[3];
	struct str a;
	int64_t began;

	open_world("webd.queue=1");
	appd_open(1);
	wait_for(has_peer);
	fds[0] = client(STR(GET)); /* with appd */
	wait_requests(1);
	fds[1] = client(STR(GET)); /* in the queue */
	poll(NULL, 0, 20);
	began = clock_us();
	fds[2] = client(STR(GET));
	a = answer(fds[2]);
	is_status(a, "503");
	CHECK_HAS(a, "retry-after: 1\r\n");
	CHECK(clock_us() - began < 2500000); /* [webd] wait is 3 s */
	reply(200, NULL, STR("one"));
	is_status(answer(fds[0]), "200");
	if (wait_requests(2))
		reply(200, NULL, STR("two"));
	is_status(answer(fds[1]), "200");
	close_world();
}

TEST(a_request_survives_the_appd_that_had_it)
{
	int fd;

	open_world(NULL);
	appd_open(10);
	wait_for(has_peer);
	fd = client(STR(GET));
	if (wait_requests(1)) {
		appd_close();
		wait_for(has_no_peer);
		appd_open(10);
		if (wait_requests(2))
			reply(200, NULL, STR("again"));
		CHECK_HAS(answer(fd), "again");
	}
	close_world();
}

TEST(without_any_appd_for_long_nobody_waits)
{
	int64_t began;

	open_world(NULL);
	appd_open(10);
	wait_for(has_peer);
	appd_close();
	wait_for(has_no_peer);
	poll(NULL, 0, 1100);
	began = clock_us();
	is_status(answer(client(STR(GET))), "503");
	CHECK(clock_us() - began < 2500000); /* [webd] wait is 3 s */
	close_world();
}

TEST(readiness_is_the_databases_too)
{
	static const int statuses[] = { 200, 500 };
	int fd;

	open_world(NULL);
	appd_open(10);
	wait_for(has_peer);
	for (unsigned i = 0; i < 2; i++) {
		fd = client(STR("GET /-/ready HTTP/1.0\r\n\r\n"));
		if (wait_requests(i + 1)) {
			CHECK_STR(t.request.target, STR("/-/ready"));
			reply(statuses[i], NULL, STR("x"));
		}
		is_status(answer(fd), statuses[i] == 200 ? "200" : "503");
	}
	close_world();
}

TEST(an_answer_that_is_none_is_502)
{
	int fd;

	open_world(NULL);
	appd_open(10);
	wait_for(has_peer);
	fd = client(STR(GET));
	if (wait_requests(1))
		fabric_reply(t.appd, &t.ticket, STATUS_OK, STR("nonsense"), NULL);
	is_status(answer(fd), "502");
	fd = client(STR(GET));
	if (wait_requests(2))
		fabric_reply(t.appd, &t.ticket, STATUS_FAIL, STR(""), NULL);
	is_status(answer(fd), "502");
	close_world();
}

TEST(head_has_the_length_and_no_body)
{
	struct str a;
	int fd;

	open_world(NULL);
	appd_open(10);
	wait_for(has_peer);
	fd = client(STR("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
	if (wait_requests(1))
		reply(200, NULL, STR("twelve bytes"));
	a = answer(fd);
	CHECK_HAS(a, "Content-Length: 12\r\n");
	CHECK(str_ends(a, STR("\r\n\r\n")));
	close_world();
}
