/* doh.c -- see doh.h. */
#include "webd/doh.h"

#include <stdio.h>

#include "common/wire.h"
#include "webd/answer.h"
#include "webd/conn.h"
#include "webd/worker.h"

enum { BUDGET_US = 2000000, IPV4_OFFSET = 12 };

static const struct str type_of_messages = { "application/dns-message", 23 };

/* RFC 4648 section 5; -1: none of them. */
static int sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* Without padding, as RFC 8484 wants it. */
static bool decode(struct str text, struct buf *ret)
{
	unsigned have = 0, bits = 0;

	if (text.n % 4 == 1)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		int v = sextet(text.p[i]);
		unsigned char c;

		if (v < 0)
			return false;
		have = have << 6 | (unsigned)v;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		c = (unsigned char)(have >> bits);
		buf_put(ret, &c, 1);
	}
	return (have & ((1u << bits) - 1)) == 0 && buf_ok(ret);
}

bool doh_question_of(struct str target, struct buf *ret)
{
	struct str rest = target;

	str_cut(&rest, '?');
	while (rest.p != NULL) {
		struct str value = str_cut(&rest, '&'), name = str_cut(&value, '=');

		if (str_eq(name, STR("dns")) && value.p != NULL)
			return decode(value, ret) && buf_get(ret).n >= DOH_MESSAGE_MIN &&
			       buf_get(ret).n <= DOH_MESSAGE_MAX;
	}
	return false;
}

/* ---- the answer ---- */

static void busy(struct exchange *e)
{
	answer_header(e, STR("retry-after"), STR("1"));
	answer_error(e, 503, "The name server does not answer at the moment.");
}

static void send_message(struct exchange *e, struct str body)
{
	struct wire w = wire_of(body);
	struct str message = wire_bytes(&w);
	int64_t seconds = wire_int(&w);
	char text[40];
	int n;

	if (!wire_end(&w)) {
		answer_error(e, 502, "The name server's answer could not be understood.");
		return;
	}
	n = snprintf(text, sizeof(text), "max-age=%lld", (long long)seconds);
	answer_header_copy(e, STR("cache-control"), (struct str){ text, (size_t)n });
	answer_text(e, 200, type_of_messages, message);
}

static void on_answer(void *ctx, const struct fabric_answer *a)
{
	struct exchange *e = ctx;

	exchange_call_ended(e);
	str_copy(e->upstream, sizeof(e->upstream), str_of(a->peer));
	e->service_us = a->service_us;
	switch (a->status) {
	case STATUS_OK:
		send_message(e, a->body);
		break;
	case STATUS_FAIL:
		answer_error(e, 400, "That is no question for a name server.");
		break;
	case STATUS_LATE:
		answer_error(e, 504, "The name server took too long.");
		break;
	default:
		busy(e);
	}
}

/* ---- the question ---- */

static void ask(struct exchange *e, struct str question)
{
	struct worker *w = e->worker;
	const struct address *from = &e->conn->peer;
	size_t skip = address_is_ipv4(from) ? IPV4_OFFSET : 0;
	struct fabric_request call = {
		.type = MSG_DNS,
		.again = true,
		.budget_us = BUDGET_US,
		.context = e->context,
		.done = on_answer,
		.ctx = e,
	};

	buf_reset(&w->scratch);
	wire_put_bytes(&w->scratch, (struct str){ (const char *)from->bytes + skip,
						  sizeof(from->bytes) - skip });
	wire_put_bytes(&w->scratch, question);
	call.body = buf_get(&w->scratch);
	if (tie_is_alone(&w->dnsd) || !buf_ok(&w->scratch) ||
	    !exchange_ask(e, &w->dnsd, &call))
		busy(e);
}

static void serve_get(struct exchange *e)
{
	struct str target = str_of_iovec(e->req->input.path);
	struct buf question;

	buf_init(&question, target.n + 1);
	if (doh_question_of(target, &question))
		ask(e, buf_get(&question));
	else
		answer_error(e, 400, "The question belongs into ?dns=, in base64url.");
	buf_fini(&question);
}

static void serve_post(struct exchange *e)
{
	struct str body = str_of_iovec(e->req->entity),
		   type = exchange_header(e, STR("content-type"));

	if (!str_eq_nocase(str_trim(str_cut(&type, ';')), type_of_messages))
		answer_error(e, 415, "A question has the type application/dns-message.");
	else if (body.n > DOH_MESSAGE_MAX)
		answer_error(e, 413, "A question has 65535 bytes at most.");
	else if (body.n < DOH_MESSAGE_MIN)
		answer_error(e, 400, "A question has 12 bytes at least.");
	else
		ask(e, body);
}

/* A proxy on this machine may have ended TLS. */
static bool is_private(const struct exchange *e)
{
	return e->conn->sock->ssl != NULL || address_is_loopback(&e->conn->peer);
}

bool doh_serve(struct exchange *e)
{
	struct str method = exchange_method(e);

	if (!e->worker->settings.doh ||
	    !str_eq(str_of_iovec(e->req->path_normalized), STR("/dns-query")))
		return false;
	if (!is_private(e)) {
		answer_error(e, 403, "Names are looked up over HTTPS only.");
	} else if (str_eq(method, STR("POST"))) {
		serve_post(e);
	} else if (str_eq(method, STR("GET")) || exchange_is_head(e)) {
		serve_get(e);
	} else {
		answer_header(e, STR("allow"), STR("GET, HEAD, POST"));
		answer_error(e, 405, "Questions come by GET or POST.");
	}
	return true;
}
