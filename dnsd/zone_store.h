/* zone_store.h -- a zone that came from a primary, kept on disk as it came: its records
 * in wire form. Written whole or not at all. The file's time of change is when the
 * primary was last heard, which is what a zone's expiry counts from. */
#ifndef DNSD_ZONE_STORE_H
#define DNSD_ZONE_STORE_H

#include "common/buf.h"
#include "dnsd/records.h"

/* False: it said why in *why. */
bool zone_store_write(const char *path, const struct records *r, struct buf *why)
    __attribute__((warn_unused_result));
bool zone_store_read(const char *path, struct records *ret, struct buf *why)
    __attribute__((warn_unused_result));
/* Now it was heard. */
void zone_store_touch(const char *path);

#endif
