/* settings.c -- see settings.h. */
#include "webd/settings.h"

#include <stdio.h>

/* One of a few words; -1, with a sentence, if it is none of them. */
static int take_word(const char *value, const char *key, const char *const *words,
		     struct buf *why)
{
	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], value) == 0)
			return i;
	buf_fmt(why, "[webd] %s is '%s'; it may be", key, value);
	for (int i = 0; words[i] != NULL; i++)
		buf_fmt(why, "%s %s",
			i == 0                 ? ""
			: words[i + 1] == NULL ? " or"
					       : ",",
			words[i]);
	buf_text(why, "\n");
	return -1;
}

static bool take_words(const struct conf *c, struct settings *s, struct buf *why)
{
	static const char *const names[] = { "as-asked", "www", "apex", NULL };
	static const char *const formats[] = { "combined", "json", "none", NULL };
	int canonical = take_word(c->webd_canonical, "canonical", names, why);
	int format = take_word(c->webd_access_log, "access_log", formats, why);

	if (canonical < 0 || format < 0)
		return false;
	s->canonical = (enum canonical)canonical;
	s->access_format = (enum access_format)format;
	return true;
}

static void take_site(const struct conf *c, struct settings *s)
{
	str_copy(s->domain, sizeof(s->domain), str_of(c->domain));
	snprintf(s->www, sizeof(s->www), "www.%s", s->domain);
	s->to_https = c->webd_to_https;
	s->security_headers = c->webd_security_headers;
	str_copy(s->csp, sizeof(s->csp), str_of(c->webd_csp));
	if (c->webd_hsts_us > 0)
		snprintf(s->hsts, sizeof(s->hsts), "max-age=%lld",
			 (long long)(c->webd_hsts_us / 1000000));
	snprintf(s->static_cache, sizeof(s->static_cache), "max-age=%lld",
		 (long long)(c->webd_static_max_age_us / 1000000));
}

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
		.max_excess_us = c->webd_max_excess_us,
		.request_us = c->webd_request_timeout_us,
		.handshake_us = c->webd_handshake_timeout_us,
		.idle_us = c->webd_idle_timeout_us,
		.write_timeout_us = c->webd_write_timeout_us,
		.min_rate = c->webd_min_rate,
		.min_rate_after_us = c->webd_min_rate_after_us,
		.max_buffered = (size_t)c->webd_max_buffered,
		.receive_buffer = (size_t)c->webd_receive_buffer,
		.static_memory = (size_t)c->webd_static_memory,
		.rate = { (unsigned)c->webd_rate, (unsigned)c->webd_burst },
		.key_rate = { (unsigned)c->webd_key_rate, (unsigned)c->webd_key_burst },
		.guard = { .head = (size_t)c->webd_max_head,
			   .target = (size_t)c->webd_max_target,
			   .body = (size_t)c->webd_max_body,
			   .fields = (unsigned)c->webd_max_headers,
			   .resets = (unsigned)c->webd_resets },
		.echo = c->webd_echo,
		.doh = c->webd_doh,
	};
	struct str bad;

	if (!address_list_parse(str_of(c->webd_trusted), &s.trusted, &bad)) {
		buf_fmt(why,
			"[webd] trusted: '%.*s' is no address and no address/bits, or "
			"there are more than %d\n",
			STR_ARG(bad), ADDRESS_LIST_MAX);
		return false;
	}
	if (!deadlines_parse(str_of(c->webd_deadlines), &s.deadlines, &bad)) {
		buf_fmt(why,
			"[webd] deadlines: '%.*s' is not like '/path 1s' or 'POST /path "
			"10s', or there are more than %d\n",
			STR_ARG(bad), DEADLINES_MAX);
		return false;
	}
	take_site(c, &s);
	if (!take_words(c, &s, why))
		return false;
	*ret = s;
	return true;
}
