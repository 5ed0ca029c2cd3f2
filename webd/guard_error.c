/* guard_error.c -- libh2o's own refusals (a body too large, a broken chunk) come here
 * instead of going out as bare text without an id. */
#include "common/stat.h"
#include "webd/answer.h"
#include "webd/conn.h"
#include "webd/site.h"

void h2o_send_error_generic(h2o_req_t *req, int status, const char *reason,
			    const char *body, int flags) GUARD_EXPORT;

/* They are sent before a handler was chosen: what libh2o would have filled in. */
static void bind_request(h2o_req_t *req)
{
	h2o_hostconf_t *host = req->conn->hosts[0];

	h2o_get_timestamp(req->conn->ctx, &req->pool, &req->processed_at);
	req->scheme = req->input.scheme;
	req->method = req->input.method;
	req->path = req->input.path;
	if (req->input.authority.base == NULL)
		req->input.authority = host->authority.hostport;
	req->authority = req->input.authority;
	h2o_req_bind_conf(req, host, &host->paths.entries[0]);
}

void h2o_send_error_generic(h2o_req_t *req, int status, const char *reason,
			    const char *body, int flags)
{
	struct exchange *e;

	stat_one(STAT_WEBD_LIBRARY_ERRORS);
	if (!site_owns(req->conn->ctx->globalconf)) { /* the self-test's */
		typeof(h2o_send_error_generic) *real =
		    (typeof(real))guard_real("h2o_send_error_generic");

		real(req, status, reason, body, flags);
		return;
	}
	if (req->pathconf == NULL)
		bind_request(req);
	if (flags & H2O_SEND_ERROR_HTTP1_CLOSE_CONNECTION)
		req->http1_is_persistent = 0;
	e = exchange_of(req);
	if (e == NULL)
		e = exchange_begin(req);
	if (req->version < 0x200 && !req->http1_is_persistent)
		conn_linger(e->conn);
	answer_error(e, status,
		     status == 413   ? "The body is larger than this site accepts."
		     : status == 404 ? "There is nothing here."
				     : "The request is malformed.");
}

const struct guard_probe guard_error_probe = {
	.function = "h2o_send_error_generic",
	.sent = STR("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n"),
	.counted = STAT_WEBD_LIBRARY_ERRORS,
};
