/* access.h -- who may have a zone, and who is told of it: addresses, networks and keys,
 * from lists such as "192.0.2.0/24, 2001:db8::1, key transfer". */
#ifndef DNSD_ACCESS_H
#define DNSD_ACCESS_H

#include <sys/socket.h>

#include "dnsd/tsig.h"

enum { ACCESS_MAX = 32 };

struct access_item {
	const struct tsig_key *key; /* NULL: the network */
	uint8_t address[16];
	uint8_t len, prefix; /* len 4 or 16 octets; prefix in bits */
};

struct access_list {
	struct access_item items[ACCESS_MAX];
	size_t count;
};

/* A place to ask or tell: address, port, and perhaps a key to sign with. */
struct peer {
	struct sockaddr_storage address;
	socklen_t address_len;
	const struct tsig_key *key;
};

struct peer_list {
	struct peer items[ACCESS_MAX];
	size_t count;
};

/* False: it said in *why what is wrong with the text of that option. */
bool access_read(struct str text, const struct tsig_keys *keys, struct access_list *ret,
		 struct buf *why) __attribute__((warn_unused_result));
bool access_has(const struct access_item *i, const uint8_t *address, size_t len);
bool access_allows(const struct access_list *list, const uint8_t *address, size_t len,
		   const struct tsig_key *key);
/* Is it, or one of them, at this address, whatever its port? */
bool peer_has(const struct peer *p, const uint8_t *address, size_t len);
bool peers_have(const struct peer_list *list, const uint8_t *address, size_t len);
/* Which of them are: a bit for each. */
uint32_t peers_at(const struct peer_list *list, struct str address);
/* The same address and port? */
bool peers_equal(const struct peer *a, const struct peer *b);

/* "192.0.2.1, [2001:db8::1]:5353, 192.0.2.2 key transfer" */
struct peers_text {
	struct str list;
	const struct tsig_keys *keys; /* NULL: there are none */
	uint16_t port;                /* unless said */
};
bool peers_read(const struct peers_text *text, struct peer_list *ret, struct buf *why)
    __attribute__((warn_unused_result));

#endif
