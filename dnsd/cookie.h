/* cookie.h -- DNS cookies (RFC 7873) in the form that servers can share (RFC 9018): a
 * client that shows one is known to own its address. Pure. */
#ifndef DNSD_COOKIE_H
#define DNSD_COOKIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { COOKIE_CLIENT = 8, COOKIE_SERVER = 16, COOKIE_SECRET = 16, COOKIE_SECRETS = 2 };

/* The first makes cookies; those made with the second, the one before it, are still good.
 */
struct cookie_secrets {
	uint8_t bytes[COOKIE_SECRETS][COOKIE_SECRET];
	unsigned count; /* 0: no cookies */
};

struct cookie_holder {
	const uint8_t *client;  /* COOKIE_CLIENT octets */
	const uint8_t *address; /* 4 or 16 octets */
	size_t address_len;
	uint32_t now_s; /* since 1970 */
};

void cookie_make(const struct cookie_secrets *s, const struct cookie_holder *h,
		 uint8_t ret[COOKIE_SERVER]);
/* Ours, for this client, and not from another hour (RFC 9018 4.3)? */
bool cookie_is_good(const struct cookie_secrets *s, const struct cookie_holder *h,
		    const uint8_t *server, size_t n);

/* SipHash-2-4 with a 64-bit result. */
uint64_t siphash(const uint8_t key[COOKIE_SECRET], const uint8_t *p, size_t n);

#endif
