/* site.h -- how a request is served: libh2o's configuration with our one handler, and the
 * steps that each request is offered to. */
#ifndef WEBD_SITE_H
#define WEBD_SITE_H

#include <stdbool.h>

#include "webd/h2o.h"

struct site;
struct settings;
struct webd;

struct site *site_new(struct webd *webd);
void site_free(struct site *s);
/* To be copied by each worker, which libh2o then looks at: what it points to is shared.
 */
const h2o_globalconf_t *site_h2o(const struct site *s);
/* After a reload, in the worker's own: what libh2o looks at itself. */
void site_set(h2o_globalconf_t *conf, const struct settings *settings);
/* Of a site, not of something else in this process that speaks HTTP. */
bool site_owns(const h2o_globalconf_t *conf);

#endif
