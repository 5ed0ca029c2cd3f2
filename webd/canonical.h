/* canonical.h -- one address for the site: the name with or without www, and HTTPS if it
 * is asked for. Concerns the configured domain only; localhost and addresses are served
 * as they come. */
#ifndef WEBD_CANONICAL_H
#define WEBD_CANONICAL_H

#include "webd/exchange.h"

/* False: it is at the right address. */
bool canonical_redirect(struct exchange *e);
/* The request names the domain or something under it. */
bool canonical_is_ours(const struct exchange *e);

#endif
