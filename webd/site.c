/* site.c -- see site.h. Every request passes on_request, and every end of one on_logged:
 * count, time and log there, nowhere else. */
#include "webd/site.h"

#include "common/clock.h"
#include "common/stat.h"
#include "webd/access_line.h"
#include "webd/access_log.h"
#include "webd/admin.h"
#include "webd/answer.h"
#include "webd/canonical.h"
#include "webd/conn.h"
#include "webd/doh.h"
#include "webd/forward.h"
#include "webd/limits.h"
#include "webd/static_serve.h"
#include "webd/worker.h"

enum { H2_CONCURRENT = 32, BODY_SLACK = 64 << 10 };

struct site {
	h2o_globalconf_t h2o;
	struct webd *webd;
};

struct site_handler {
	h2o_handler_t handler;
	struct site *site;
};

struct site_logger {
	h2o_logger_t logger;
	struct site *site;
};

/* ---- the steps ---- */

static bool step_refused(struct exchange *e)
{
	if (e->refused == NULL)
		return false;
	e->req->http1_is_persistent = 0;
	conn_linger(e->conn);
	answer_error(e, e->refused->status, e->refused->why);
	return true;
}

/* HTTP/1 is refused by libh2o before it reads the body; HTTP/2 may send all of it, see
 * guard_body.c. */
static bool step_too_large(struct exchange *e)
{
	if (e->req->entity.len <= e->worker->settings.max_body)
		return false;
	answer_error(e, 413, "The body is larger than this site accepts.");
	return true;
}

/* Who asks too often is told when to come again. The key of an API client has a bucket of
 * its own, whatever its addresses. */
static bool step_rate(struct exchange *e)
{
	struct webd *w = e->worker->webd;
	const struct settings *s = &e->worker->settings;
	struct str key = exchange_header(e, STR("authorization"));
	unsigned wait_s = 1;
	char text[16];
	int n;

	if (e->conn->trusted)
		return false;
	if (limits_request(w->limits, &e->conn->peer, &s->rate, &wait_s) &&
	    (key.n == 0 || limits_request_by_key(w->limits, key, &s->key_rate, &wait_s)))
		return false;
	stat_one(STAT_WEBD_RATE_LIMITED);
	n = snprintf(text, sizeof(text), "%u", wait_s);
	answer_header_copy(e, STR("retry-after"), (struct str){ text, (size_t)n });
	answer_error(e, 429, "Too many requests came from you. Please wait a moment.");
	return true;
}

static bool step_options(struct exchange *e)
{
	struct str path = str_of_iovec(e->req->input.path);

	if (!str_eq(path, STR("*")))
		return false;
	answer_header(e, STR("allow"),
		      STR("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
	answer_empty(e, 204);
	return true;
}

/* For conformance suites: [webd] echo = yes. */
static bool step_echo(struct exchange *e)
{
	struct str path = str_of_iovec(e->req->path_normalized);
	struct str method = exchange_method(e);

	if (!e->worker->settings.echo || !str_eq(path, STR("/")))
		return false;
	if (str_eq(method, STR("POST"))) {
		answer_header(e, STR("content-type"), STR("application/octet-stream"));
		answer_send(e, 200, str_of_iovec(e->req->entity));
		return true;
	}
	if (str_eq(method, STR("GET")) || exchange_is_head(e)) {
		answer_text(e, 200, STR("text/plain; charset=utf-8"), STR("webd\n"));
		return true;
	}
	answer_header(e, STR("allow"), STR("GET, HEAD, POST, OPTIONS"));
	if (str_eq(method, STR("OPTIONS")))
		answer_empty(e, 204);
	else
		answer_error(e, 405, "The echo knows GET, HEAD and POST.");
	return true;
}

/* Offered in this order; the first that takes it answers, now or later. The last takes
 * whatever is left. */
static bool (*const steps[])(struct exchange *e) = {
	step_refused, step_rate,          step_too_large, step_options, admin_serve,
	doh_serve,    canonical_redirect, step_echo,      static_serve, forward_request,
};

/* RFC 9112 9.3: "close" wins wherever it stands, and any other word leaves the default
 * alone; libh2o reads one Connection header, and only "keep-alive" in it. */
static bool persists(const h2o_req_t *req)
{
	bool keeps = req->version >= 0x101;
	ssize_t at = -1;

	while ((at = h2o_find_header(&req->headers, H2O_TOKEN_CONNECTION, at)) != -1) {
		struct str list = str_of_iovec(req->headers.entries[at].value);

		while (list.p != NULL) {
			struct str word = str_trim(str_cut(&list, ','));

			if (str_eq_nocase(word, STR("close")))
				return false;
			if (str_eq_nocase(word, STR("keep-alive")))
				keeps = true;
		}
	}
	return keeps && !req->conn->ctx->shutdown_requested;
}

static int on_request(h2o_handler_t *self, h2o_req_t *req)
{
	struct exchange *e;

	(void)self;
	if (req->version < 0x200)
		req->http1_is_persistent = persists(req);
	e = exchange_begin(req);
	e->refused = guard_refused();
	stat_one(STAT_WEBD_REQUESTS);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i](e))
			break;
	return 0;
}

/* ---- the end of a request ---- */

static void count_status(int status)
{
	stat_one(status < 300   ? STAT_WEBD_ANSWERS_2XX
		 : status < 400 ? STAT_WEBD_ANSWERS_3XX
		 : status < 500 ? STAT_WEBD_ANSWERS_4XX
				: STAT_WEBD_ANSWERS_5XX);
}

static void on_logged(h2o_logger_t *self, h2o_req_t *req)
{
	struct site *site =
	    H2O_STRUCT_FROM_MEMBER(struct site_logger, logger, self)->site;
	struct exchange *e = exchange_of(req);
	struct access_line line;

	if (e == NULL)
		return;
	line = (struct access_line){
		.e = e,
		.status = req->res.status != 0 ? req->res.status : 499,
		.took_us = clock_us() - e->start_us,
	};
	if (req->timestamps.response_end_at.tv_sec != 0 || req->version < 0x200)
		e->conn->guard.finished++;
	count_status(line.status);
	stat_time(STAT_WEBD_TIMES, line.took_us);
	access_log_write(site->webd->log, &line, e->worker->settings.access_format);
}

/* ---- libh2o's configuration ---- */

bool site_owns(const h2o_globalconf_t *conf)
{
	h2o_pathconf_t *path = &conf->hosts[0]->paths.entries[0];

	return path->handlers.size > 0 && path->handlers.entries[0]->on_req == on_request;
}

void site_set(h2o_globalconf_t *conf, const struct settings *settings)
{
	conf->max_request_entity_size = settings->max_body + BODY_SLACK;
}

static void configure(struct site *s)
{
	const struct settings *settings = &s->webd->settings;
	h2o_globalconf_t *c = &s->h2o;

	h2o_config_init(c);
	c->server_name = h2o_iovec_init(H2O_STRLIT("onebox"));
	c->handshake_timeout = (uint64_t)settings->handshake_us / 1000;
	c->http1.req_timeout = (uint64_t)settings->request_us / 1000;
	c->http2.idle_timeout = (uint64_t)settings->idle_us / 1000;
	c->http1.upgrade_to_http2 = 1; /* by preface only; the guard drops Upgrade */
	c->http2.max_concurrent_requests_per_connection = H2_CONCURRENT;
	c->http2.graceful_shutdown_timeout = 0; /* webd ends what lasts too long */
	site_set(c, settings);
}

struct site *site_new(struct webd *webd)
{
	struct site *s = calloc(1, sizeof(*s));
	h2o_hostconf_t *host;
	h2o_pathconf_t *path;
	struct site_handler *handler;
	struct site_logger *logger;

	if (s == NULL)
		return NULL;
	s->webd = webd;
	configure(s);
	host = h2o_config_register_host(&s->h2o, h2o_iovec_init(H2O_STRLIT("default")),
					65535);
	path = h2o_config_register_path(host, "/", 0);
	handler = (void *)h2o_create_handler(path, sizeof(*handler));
	handler->handler.on_req = on_request;
	handler->site = s;
	logger = (void *)h2o_create_logger(path, sizeof(*logger));
	logger->logger.log_access = on_logged;
	logger->site = s;
	return s;
}

void site_free(struct site *s)
{
	if (s == NULL)
		return;
	h2o_config_dispose(&s->h2o);
	free(s);
}

const h2o_globalconf_t *site_h2o(const struct site *s)
{
	return &s->h2o;
}
