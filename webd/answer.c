/* answer.c -- see answer.h. */
#include "webd/answer.h"

#include <stdio.h>

#include "common/clock.h"
#include "common/fabric.h"
#include "webd/conn.h"
#include "webd/security.h"

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 206, "Partial Content" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" },
	{ 421, "Misdirected Request" },
	{ 422, "Unprocessable Content" },
	{ 428, "Precondition Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 499, "Client Closed Request" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
	{ 507, "Insufficient Storage" },
};

const char *answer_reason(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return status < 400 ? "OK" : "Error";
}

void answer_header(struct exchange *e, struct str name, struct str value)
{
	h2o_add_header_by_str(&e->req->pool, &e->req->res.headers, name.p, name.n, 1,
			      NULL, value.p, value.n);
}

void answer_header_copy(struct exchange *e, struct str name, struct str value)
{
	h2o_iovec_t v = h2o_strdup(&e->req->pool, value.p, value.n);

	answer_header(e, name, str_of_iovec(v));
}

void answer_send(struct exchange *e, int status, struct str body)
{
	h2o_req_t *req = e->req;
	h2o_iovec_t v = h2o_iovec_init(body.p, body.n);
	bool no_body = status == 204 || status == 304 || exchange_is_head(e);

	req->res.status = status;
	req->res.reason = answer_reason(status);
	if (status == 204 || status == 304)
		req->res.content_length = SIZE_MAX;
	else if (req->res.content_length == SIZE_MAX) /* else set for a HEAD by hand */
		req->res.content_length = body.n;
	e->answering = true;
	e->conn->answering++;
	h2o_start_response(req, &e->generator);
	h2o_send(req, &v, no_body || body.n == 0 ? 0 : 1, H2O_SEND_STATE_FINAL);
}

void answer_text(struct exchange *e, int status, struct str type, struct str body)
{
	h2o_iovec_t v = h2o_strdup(&e->req->pool, body.p, body.n);

	exchange_holds(e, body.n);
	answer_header(e, STR("content-type"), type);
	answer_send(e, status, str_of_iovec(v));
}

void answer_empty(struct exchange *e, int status)
{
	answer_send(e, status, STR(""));
}

void answer_common_headers(struct exchange *e)
{
	struct str upstream = str_of(e->upstream), service = str_cut(&upstream, '.');
	char timing[80];
	int64_t total_us = clock_us() - e->start_us;
	int n;

	security_headers(e);
	answer_header(e, STR("x-request-id"), (struct str){ e->trace, 32 });
	n = e->upstream[0] == '\0'
		? snprintf(timing, sizeof(timing), "webd;dur=%.3f",
			   (double)total_us / 1000)
		: snprintf(timing, sizeof(timing), "webd;dur=%.3f, %.*s;dur=%.3f",
			   (double)total_us / 1000, STR_ARG(service),
			   (double)e->service_us / 1000);
	answer_header_copy(e, STR("server-timing"), (struct str){ timing, (size_t)n });
}
