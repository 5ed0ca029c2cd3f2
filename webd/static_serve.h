/* static_serve.h -- answers requests for the site's files. */
#ifndef WEBD_STATIC_SERVE_H
#define WEBD_STATIC_SERVE_H

#include "webd/exchange.h"

/* False: there is no such file. */
bool static_serve(struct exchange *e);

#endif
