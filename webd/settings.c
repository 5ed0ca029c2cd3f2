/* settings.c -- see settings.h. */
#include "webd/settings.h"

#include <stdio.h>

bool settings_take(const struct conf *c, struct settings *ret, struct buf *why)
{
	struct settings s = {
		.deadline_us = c->webd_deadline_us,
		.grace_us = c->webd_grace_us,
		.max_body = (size_t)c->webd_max_body,
		.inflight = (unsigned)c->webd_inflight,
		.queue = (unsigned)c->webd_queue,
		.max_connections = (unsigned)c->webd_max_connections,
		.max_per_address = (unsigned)c->webd_max_per_address,
		.request_us = c->webd_request_timeout_us,
		.handshake_us = c->webd_handshake_timeout_us,
		.idle_us = c->webd_idle_timeout_us,
		.write_timeout_us = c->webd_write_timeout_us,
		.min_rate = c->webd_min_rate,
		.min_rate_after_us = c->webd_min_rate_after_us,
		.max_buffered = (size_t)c->webd_max_buffered,
		.static_memory = (size_t)c->webd_static_memory,
		.rate = { (unsigned)c->webd_rate, (unsigned)c->webd_burst },
		.key_rate = { (unsigned)c->webd_key_rate, (unsigned)c->webd_key_burst },
		.guard = { .head = (size_t)c->webd_max_head,
			   .target = (size_t)c->webd_max_target,
			   .fields = (unsigned)c->webd_max_headers,
			   .resets = (unsigned)c->webd_resets },
		.echo = c->webd_echo,
	};
	struct str bad;

	if (!address_list_parse(str_of(c->webd_trusted), &s.trusted, &bad)) {
		buf_fmt(why,
			"[webd] trusted: '%.*s' is no address and no address/bits, or "
			"there are more than %d\n",
			STR_ARG(bad), ADDRESS_LIST_MAX);
		return false;
	}
	snprintf(s.static_cache, sizeof(s.static_cache), "public, max-age=%lld",
		 (long long)(c->webd_static_max_age_us / 1000000));
	str_copy(s.domain, sizeof(s.domain), str_of(c->domain));
	*ret = s;
	return true;
}
