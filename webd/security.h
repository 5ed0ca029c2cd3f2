/* security.h -- headers that tell browsers what a page of this site may not do. */
#ifndef WEBD_SECURITY_H
#define WEBD_SECURITY_H

#include "webd/exchange.h"

/* Adds those that the answer does not have by itself. */
void security_headers(struct exchange *e);

#endif
