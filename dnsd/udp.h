/* udp.h -- questions over UDP, in batches. */
#ifndef DNSD_UDP_H
#define DNSD_UDP_H

#include "dnsd/worker.h"

struct udp_batch *udp_batch_new(void); /* NULL: out of memory */
void udp_batch_free(struct udp_batch *b);

/* Makes the socket say to which address a question came, if it is bound to all. */
void udp_prepare(struct socket_source *s);
/* Answers one batch: how many questions there were. */
unsigned udp_answer(struct worker *w, struct socket_source *s);
void udp_run(struct worker *w, struct source *s, uint32_t events);

#endif
