/* guard_test.c -- the proof that libh2o calls our functions and not its own: with a
 * library built otherwise (-Bsymbolic, static) they would be dead code. The probes stand
 * beside the functions that they are for. */
#include <unistd.h>

#include "webd/guard.h"
#include "webd/h2o.h"

enum { TURNS_MAX = 200 };

static const struct guard_probe *const probes[] = {
	&guard_request_probe, &guard_chunked_probe,  &guard_hpack_probe,
	&guard_frame_probe,   &guard_reset_probe,    &guard_error_probe,
	&guard_ping_probe,    &guard_settings_probe, &guard_rst_probe,
	&guard_consume_probe, &guard_stream_probe,   &guard_write_probe,
	&guard_body_probe,
};

static int on_request(h2o_handler_t *self, h2o_req_t *req)
{
	(void)self;
	(void)guard_refused();
	if (req->version >= 0x200)
		return 0; /* left open, to be reset */
	req->res.status = 200;
	req->res.content_length = 0;
	h2o_send_inline(req, "", 0);
	return 0;
}

struct bench {
	h2o_globalconf_t conf;
	h2o_context_t ctx;
	h2o_accept_ctx_t accept;
	struct guard_conn guard;
	bool closed;
};

static void on_close(void *ctx)
{
	struct bench *b = H2O_STRUCT_FROM_MEMBER(struct bench, guard, ctx);

	guard_forget();
	b->closed = true;
}

static void bench_open(struct bench *b)
{
	h2o_hostconf_t *host;

	h2o_config_init(&b->conf);
	host =
	    h2o_config_register_host(&b->conf, h2o_iovec_init(H2O_STRLIT("self")), 65535);
	h2o_create_handler(h2o_config_register_path(host, "/", 0), sizeof(h2o_handler_t))
	    ->on_req = on_request;
	h2o_context_init(&b->ctx, h2o_evloop_create(), &b->conf);
	b->accept = (h2o_accept_ctx_t){ .ctx = &b->ctx, .hosts = b->conf.hosts };
}

static void bench_close(struct bench *b)
{
	h2o_multithread_queue_t *queue;

	h2o_evloop_run(b->ctx.loop, 0); /* frees the sockets that were closed */
	queue = b->ctx.queue;
	h2o_context_dispose(&b->ctx);
	free(queue); /* libh2o forgets it */
	h2o_evloop_destroy(b->ctx.loop);
	h2o_config_dispose(&b->conf);
}

/* Serves the connection until the function has counted, or is not going to. */
static bool serve(struct bench *b, const struct guard_probe *p, uint64_t before)
{
	for (int i = 0; i < TURNS_MAX && !b->closed; i++) {
		h2o_evloop_run(b->ctx.loop, 1);
		if (stat_read(p->counted) > before)
			return true;
	}
	return false;
}

static bool run_probe(struct bench *b, const struct guard_probe *p)
{
	struct timeval now = { .tv_sec = 1 };
	uint64_t before = stat_read(p->counted);
	h2o_socket_t *sock;
	int pair[2];
	bool ok;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	b->guard = (struct guard_conn){ 0 };
	b->closed = false;
	sock = h2o_evloop_socket_create(b->ctx.loop, pair[0], 0);
	sock->on_close.cb = on_close;
	sock->on_close.data = &b->guard;
	if (p->http2)
		h2o_http2_accept(&b->accept, sock, now);
	else
		h2o_http1_accept(&b->accept, sock, now);
	ok = send(pair[1], p->sent.p, p->sent.n, MSG_NOSIGNAL) == (ssize_t)p->sent.n &&
	     serve(b, p, before);
	close(pair[1]);
	for (int i = 0; i < TURNS_MAX && !b->closed; i++)
		h2o_evloop_run(b->ctx.loop, 1);
	return ok;
}

const char *guard_test(void)
{
	struct bench b = { .closed = false };
	const char *failed = NULL;

	bench_open(&b);
	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]) && failed == NULL; i++)
		if (!run_probe(&b, probes[i]))
			failed = probes[i]->function;
	bench_close(&b);
	return failed;
}
