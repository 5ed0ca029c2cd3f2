/* sha1.h -- SHA-1 of a few octets, for NSEC3 (RFC 5155), which knows no other hash. Here
 * because OpenSSL's allocates, and answering must not. No secret depends on it. */
#ifndef DNSD_SHA1_H
#define DNSD_SHA1_H

#include <stddef.h>
#include <stdint.h>

enum { SHA1_SIZE = 20, SHA1_INPUT_MAX = 600 };

/* n at most SHA1_INPUT_MAX. ret may be within p. */
void sha1(const uint8_t *p, size_t n, uint8_t ret[SHA1_SIZE]);

#endif
