/* once.h -- the keys under which a request's writes happen exactly once.
 *
 * webd gives every write a key: a hash of the client's Idempotency-Key, or a random one
 * that covers its own retries. Here it becomes the request's: together with who asks, the
 * method and the path, so that two people who chose the same key do not meet. */
#ifndef APPD_ONCE_H
#define APPD_ONCE_H

#include "common/fabric.h"

struct request;

/* Of the n-th message of this request to the database; zero if it has none. */
void once_key(const struct request *q, unsigned n, uint8_t ret[FABRIC_KEY_SIZE]);
/* A key that the client chose stands for one request: with another body it is refused. */
void once_claim(struct request *q);

#endif
