/* canonical.c -- see canonical.h. */
#include "webd/canonical.h"

#include <stdio.h>

#include "webd/answer.h"
#include "webd/conn.h"
#include "webd/worker.h"

/* "www.foobar.com:8080" without the port. */
static struct str host_of(const struct exchange *e, struct str *ret_port)
{
	struct str rest = str_of_iovec(e->req->input.authority);
	struct str host = str_cut(&rest, ':');

	*ret_port = rest;
	return host;
}

static bool is_under(struct str host, struct str domain)
{
	struct str end;

	if (host.n <= domain.n)
		return false;
	end = (struct str){ host.p + host.n - domain.n, domain.n };
	return host.p[host.n - domain.n - 1] == '.' && str_eq_nocase(end, domain);
}

bool canonical_is_ours(const struct exchange *e)
{
	struct str domain = str_of(e->worker->settings.domain), port;
	struct str host = host_of(e, &port);

	return str_eq_nocase(host, domain) || is_under(host, domain);
}

/* True if the host is the domain or its www, and then the name that it should have been
 * asked under. */
static bool right_name(const struct settings *s, struct str host, struct str *ret)
{
	struct str domain = str_of(s->domain), www = str_of(s->www);

	if (!str_eq_nocase(host, domain) && !str_eq_nocase(host, www))
		return false;
	*ret = s->canonical == CANONICAL_WWW    ? www
	       : s->canonical == CANONICAL_APEX ? domain
						: host;
	return true;
}

bool canonical_redirect(struct exchange *e)
{
	const struct settings *s = &e->worker->settings;
	bool secure = e->conn->sock->ssl != NULL;
	bool to_https = s->to_https && !secure && e->worker->webd->https_port != 0;
	struct str target = str_of_iovec(e->req->input.path), host, port, name;
	char port_text[8] = "", *location;
	size_t size;
	int n;

	host = host_of(e, &port);
	if (!right_name(s, host, &name) || (str_eq_nocase(name, host) && !to_https))
		return false;
	if (to_https && e->worker->webd->https_port != 443)
		snprintf(port_text, sizeof(port_text), ":%u",
			 e->worker->webd->https_port);
	else if (!to_https && port.p != NULL)
		snprintf(port_text, sizeof(port_text), ":%.*s", STR_ARG(port));
	size = name.n + target.n + 32;
	location = h2o_mem_alloc_pool(&e->req->pool, size);
	n = snprintf(location, size, "http%s://%.*s%s%.*s", secure || to_https ? "s" : "",
		     STR_ARG(name), port_text, STR_ARG(target));
	answer_header(e, STR("location"), (struct str){ location, (size_t)n });
	answer_header(e, STR("cache-control"), STR("max-age=3600"));
	answer_empty(e, 308);
	return true;
}
