/* facts.h -- what the server knows of itself, from the configuration. */
#ifndef DNSD_FACTS_H
#define DNSD_FACTS_H

#include "common/conf.h"
#include "dnsd/snapshot.h"

/* False: it said why in *why. The secret of cookies, if none is configured, is kept in
 * state_dir, so that all instances and the next ones have the same. */
bool facts_read(const struct conf *c, const char *state_dir, struct server_facts *ret,
		struct buf *why) __attribute__((warn_unused_result));

#endif
