/* holder.h -- who holds a port: for the sentence that refuses to start. */
#ifndef DEPLOY_SUPERVISOR_HOLDER_H
#define DEPLOY_SUPERVISOR_HOLDER_H

#include <stdbool.h>
#include <stddef.h>

/* "named (pid 812)", or what can be known without privilege. Always writes something. */
void holder_of(int port, bool udp, char *ret, size_t size);

#endif
