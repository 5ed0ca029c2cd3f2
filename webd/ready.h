/* ready.h -- /-/ready: whether a request would be answered, all the way to the database.
 */
#ifndef WEBD_READY_H
#define WEBD_READY_H

#include "webd/exchange.h"

void ready_serve(struct exchange *e);

#endif
