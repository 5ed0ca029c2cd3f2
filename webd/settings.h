/* settings.h -- the options that workers read, copied out of the configuration: a reload
 * frees the strings of the one before, and workers borrow across threads. */
#ifndef WEBD_SETTINGS_H
#define WEBD_SETTINGS_H

#include "common/conf.h"
#include "webd/address.h"
#include "webd/deadlines.h"
#include "webd/guard.h"
#include "webd/limits.h"

enum canonical { CANONICAL_AS_ASKED, CANONICAL_WWW, CANONICAL_APEX };
enum access_format { ACCESS_COMBINED, ACCESS_JSON, ACCESS_NONE };

struct settings {
	int64_t deadline_us, grace_us;
	struct deadlines deadlines;
	size_t max_body;
	unsigned inflight, queue, max_connections, max_per_address;
	int64_t max_excess_us; /* see overload.h */
	int64_t request_us, handshake_us, idle_us, write_timeout_us;
	int64_t min_rate, min_rate_after_us; /* bytes a second */
	size_t max_buffered, receive_buffer, static_memory;
	char static_cache[48];
	struct limits_rate rate, key_rate;
	struct guard_limits guard;
	bool echo, doh;
	struct address_list trusted;
	char domain[256], www[260];
	enum canonical canonical;
	enum access_format access_format;
	bool to_https, security_headers;
	char hsts[40], csp[1001]; /* "": left out */
};

/* False, with a sentence, if an option makes no sense. */
bool settings_take(const struct conf *c, struct settings *ret, struct buf *why)
    __attribute__((warn_unused_result));

#endif
