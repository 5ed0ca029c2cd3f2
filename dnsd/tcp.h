/* tcp.h -- questions over TCP: many on one connection, each message after its length. */
#ifndef DNSD_TCP_H
#define DNSD_TCP_H

#include "dnsd/worker.h"

void tcp_accept(struct worker *w, struct source *s, uint32_t events);
/* Closes those that were idle for too long; the microseconds until the next may be, -1
 * without any. */
int64_t tcp_expire(struct worker *w);
void tcp_close_all(struct worker *w);
/* Frees what was closed in this turn. */
void tcp_bury(struct worker *w);

#endif
