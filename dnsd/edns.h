/* edns.h -- the OPT record of an answer (RFC 6891), with what was asked for: server
 * identity (5001), cookie (7873), TCP keepalive (7828), padding (7830, encrypted
 * transports only) and a reason for an error (8914). Pure. */
#ifndef DNSD_EDNS_H
#define DNSD_EDNS_H

#include "dnsd/answer.h"

enum edns_option {
	OPTION_NSID = 3,
	OPTION_COOKIE = 10,
	OPTION_KEEPALIVE = 11,
	OPTION_PADDING = 12,
	OPTION_EDE = 15,
};

/* RFC 8914 4. */
enum ede {
	EDE_NONE = -1,
	EDE_OTHER = 0,
	EDE_NOT_READY = 14,
	EDE_PROHIBITED = 18,
	EDE_NOT_AUTHORITATIVE = 20
};

struct edns {
	const struct server_facts *facts;
	const struct query *query;
	const struct client *client;
	enum rcode rcode;
	enum ede ede;
};

/* The most octets that edns_put will write for this question. */
size_t edns_room(const struct edns *e);
/* Octets written at p, which is `at` octets into the message; 0 without EDNS. */
size_t edns_put(const struct edns *e, uint8_t *p, size_t at);

/* Has the client shown a cookie that we gave to its address? */
bool edns_knows(const struct server_facts *facts, const struct query *q,
		const struct client *client);

#endif
