/* security.c -- see security.h. Pages get them all; everything else only the one that
 * keeps it from being taken for a page. */
#include "webd/security.h"

#include "webd/answer.h"
#include "webd/canonical.h"
#include "webd/conn.h"
#include "webd/worker.h"

static struct str answered(const struct exchange *e, struct str name)
{
	ssize_t at = h2o_find_header_by_str(&e->req->res.headers, name.p, name.n, -1);

	if (at == -1)
		return (struct str){ NULL, 0 };
	return str_of_iovec(e->req->res.headers.entries[at].value);
}

static void add(struct exchange *e, struct str name, struct str value)
{
	if (value.n > 0 && answered(e, name).p == NULL)
		answer_header(e, name, value);
}

static void for_pages(struct exchange *e, const struct settings *s)
{
	add(e, STR("content-security-policy"), str_of(s->csp));
	add(e, STR("referrer-policy"), STR("strict-origin-when-cross-origin"));
	add(e, STR("x-frame-options"), STR("SAMEORIGIN"));
	add(e, STR("cross-origin-opener-policy"), STR("same-origin"));
	add(e, STR("permissions-policy"),
	    STR("camera=(), geolocation=(), microphone=()"));
}

void security_headers(struct exchange *e)
{
	const struct settings *s = &e->worker->settings;

	if (!s->security_headers)
		return;
	add(e, STR("x-content-type-options"), STR("nosniff"));
	/* a browser holds a host to this for a year: only over TLS, only our own name */
	if (*s->hsts != '\0' && e->conn->sock->ssl != NULL && canonical_is_ours(e))
		add(e, STR("strict-transport-security"), str_of(s->hsts));
	if (str_starts(answered(e, STR("content-type")), STR("text/html")))
		for_pages(e, s);
}
