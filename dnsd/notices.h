/* notices.h -- how an answering thread tells the main loop that a primary said NOTIFY. A
 * short list under a lock; when it is full, the zone's own refresh will do. */
#ifndef DNSD_NOTICES_H
#define DNSD_NOTICES_H

#include "dnsd/name.h"

struct notices;

struct notices *notices_new(void); /* NULL: out of memory, or no descriptor */
void notices_free(struct notices *n);
void notices_put(struct notices *n, const uint8_t *zone);
/* The main loop: a descriptor that becomes readable, then one zone after the other. */
int notices_fd(const struct notices *n);
bool notices_take(struct notices *n, uint8_t ret[NAME_WIRE]);

#endif
