/* fuzz_webd_connection.c -- any bytes as all that a client sends, through libh2o with the
 * guard over a socketpair. The first byte: HTTP/1, HTTP/1 with the server answering late,
 * or HTTP/2 (whose preface and settings are then sent before). */
#include <sys/socket.h>
#include <unistd.h>

#include "webd/guard.h"
#include "webd/h2o.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static h2o_globalconf_t conf;
static h2o_context_t ctx;
static h2o_accept_ctx_t how;
static bool closed;

static int on_request(h2o_handler_t *self, h2o_req_t *req)
{
	static const char text[] = "answer";

	(void)self;
	(void)guard_refused();
	req->res.status = 200;
	req->res.content_length = sizeof(text) - 1;
	h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL,
		       H2O_STRLIT("text/plain"));
	h2o_send_inline(req, text, sizeof(text) - 1);
	return 0;
}

static void set_up(void)
{
	h2o_hostconf_t *host;

	guard_hpack_prepare();
	if (guard_test() != NULL)
		abort(); /* else this were a test of bare libh2o */
	h2o_config_init(&conf);
	conf.http1.upgrade_to_http2 = 1;
	conf.max_request_entity_size = 4096;
	host = h2o_config_register_host(&conf, h2o_iovec_init(H2O_STRLIT("fuzz")), 65535);
	h2o_create_handler(h2o_config_register_path(host, "/", 0), sizeof(h2o_handler_t))
	    ->on_req = on_request;
	h2o_context_init(&ctx, h2o_evloop_create(), &conf);
	how = (h2o_accept_ctx_t){ .ctx = &ctx, .hosts = conf.hosts };
}

static void on_close(void *unused)
{
	guard_forget();
	(void)unused;
	closed = true;
}

/* Until it is closed; a few turns without anything to do are the end as well. Who waits
 * for memory goes on at the next turn. */
static void serve(h2o_socket_t *sock, const struct guard_conn *g, int client)
{
	char answer[65536];

	for (int idle = 0; idle < 3 && !closed;) {
		h2o_evloop_run(ctx.loop, 0);
		if (!closed && g->held != NULL)
			guard_go_on(sock, g->waits);
		idle =
		    recv(client, answer, sizeof(answer), MSG_DONTWAIT) > 0 ? 0 : idle + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const char preface[] = GUARD_PREFACE;
	struct guard_conn guard = { 0 };
	struct timeval now = { .tv_sec = 1 };
	h2o_socket_t *sock;
	bool http2;
	int pair[2];

	if (conf.hosts == NULL)
		set_up();
	if (n < 2 || n > 60000 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return 0;
	http2 = bytes[0] % 2 == 1;
	closed = false;
	guard_brake(bytes[0] & 4);
	sock = h2o_evloop_socket_create(ctx.loop, pair[0], 0);
	sock->on_close.cb = on_close;
	sock->on_close.data = &guard;
	if (http2)
		h2o_http2_accept(&how, sock, now);
	else
		h2o_http1_accept(&how, sock, now);
	if (http2)
		(void)!send(pair[1], preface, sizeof(preface) - 1, MSG_NOSIGNAL);
	(void)!send(pair[1], bytes + 1, n - 1, MSG_NOSIGNAL);
	serve(sock, &guard, pair[1]);
	guard_brake(false);
	if (!closed && guard.held != NULL)
		guard_go_on(sock, guard.waits);
	close(pair[1]);
	for (int i = 0; i < 50 && !closed; i++)
		h2o_evloop_run(ctx.loop, 1);
	if (!closed)
		abort(); /* its memory would be anybody's */
	return 0;
}
