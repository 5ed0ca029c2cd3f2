/* respond.h -- answer() for whole messages as they arrive: those signed with TSIG are
 * checked first and their answers signed. Unsigned ones cost nothing extra; signed ones
 * allocate (OpenSSL does). */
#ifndef DNSD_RESPOND_H
#define DNSD_RESPOND_H

#include "dnsd/answer.h"
#include "dnsd/tsig.h"

/* As answer(); the message of a signed question is changed in place. */
size_t respond(const struct asked *a, uint8_t *question, size_t n, uint8_t *out);

/* The header and, if it can be read, the question, with this rcode; for refusing. */
size_t respond_refusal(const uint8_t *question, size_t n, enum rcode rcode, uint8_t *out);

#endif
