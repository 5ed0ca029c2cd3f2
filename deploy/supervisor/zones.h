/* zones.h -- the zone that came with Onebox, put into STATE/zones with our own domain and
 * address in it, unless somebody has made it theirs. */
#ifndef DEPLOY_SUPERVISOR_ZONES_H
#define DEPLOY_SUPERVISOR_ZONES_H

#include "deploy/supervisor/super.h"

/* False, with a sentence in why. Nothing to do when the configuration names another
 * folder of zones. */
bool zones_seed(const struct super *s, const struct conf *c, struct buf *why);
/* The text with every "A 8.8.8.8" and "foobar.com" replaced. False: out of room. */
bool zones_fill_in(struct str pattern, const char *domain, const char *address,
		   struct buf *ret);

#endif
