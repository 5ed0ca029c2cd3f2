/* limits.h -- what one address, or one key, may take of an instance: connections at once,
 * and requests over time. Shared by the workers, under one short lock.
 *
 * An IPv6 address counts with its /64. Trusted addresses are never asked about. Both
 * tables are bounded: connections by max_connections, buckets by LIMITS_BUCKETS; when a
 * row of buckets is full, the one unused for longest gives way. */
#ifndef WEBD_LIMITS_H
#define WEBD_LIMITS_H

#include "webd/address.h"

enum { LIMITS_BUCKETS = 16384 };

struct limits;

struct limits *limits_new(void); /* NULL: no memory */
void limits_free(struct limits *l);

/* One more connection of this address. False: it has `max` already. */
bool limits_connect(struct limits *l, const struct address *a, unsigned max)
    __attribute__((warn_unused_result));
void limits_disconnect(struct limits *l, const struct address *a);

struct limits_rate {
	unsigned per_second, burst; /* per_second 0: no limit */
};
/* One more request. False, and in how many seconds to come again. */
bool limits_request(struct limits *l, const struct address *a,
		    const struct limits_rate *rate, unsigned *ret_wait_s)
    __attribute__((warn_unused_result));
bool limits_request_by_key(struct limits *l, struct str key,
			   const struct limits_rate *rate, unsigned *ret_wait_s)
    __attribute__((warn_unused_result));

#endif
