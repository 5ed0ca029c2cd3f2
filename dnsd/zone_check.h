/* zone_check.h -- what must be true of a zone before it is served. */
#ifndef DNSD_ZONE_CHECK_H
#define DNSD_ZONE_CHECK_H

#include "dnsd/zone.h"

/* "file:line: OWNER TYPE what", or without file for a transfer. */
void zone_complain(struct buf *to, const struct record *at, const char *what, ...)
    __attribute__((format(printf, 3, 4)));

/* A zone whose nodes know what is above them. False: it said why in c->wrong. What is
 * only odd (the other servers serve such zones, too) goes into c->odd. */
bool zone_check(const struct zone *z, const struct records *r, struct complaints *c)
    __attribute__((warn_unused_result));

#endif
