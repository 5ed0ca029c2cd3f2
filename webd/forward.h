/* forward.h -- a request becomes one fabric call to appd, and its reply the answer. */
#ifndef WEBD_FORWARD_H
#define WEBD_FORWARD_H

#include "webd/exchange.h"

/* Always true: answers later, or refuses now. */
bool forward_request(struct exchange *e);

#endif
