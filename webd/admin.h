/* admin.h -- /-/live, /-/ready, /-/metrics: webd's own pages. */
#ifndef WEBD_ADMIN_H
#define WEBD_ADMIN_H

#include "webd/exchange.h"

/* False: not one of them. */
bool admin_serve(struct exchange *e);

#endif
