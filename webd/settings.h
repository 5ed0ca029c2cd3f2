/* settings.h -- the options that workers read, copied out of the configuration: a reload
 * frees the strings of the one before, and workers borrow across threads. */
#ifndef WEBD_SETTINGS_H
#define WEBD_SETTINGS_H

#include "common/conf.h"
#include "webd/address.h"

struct settings {
	int64_t deadline_us, grace_us;
	size_t max_body;
	unsigned inflight, queue, max_connections;
	bool echo;
	struct address_list trusted;
	char domain[256];
};

/* False, with a sentence, if an option makes no sense. */
bool settings_take(const struct conf *c, struct settings *ret, struct buf *why)
    __attribute__((warn_unused_result));

#endif
