/* address.h -- addresses of clients, IPv4 as ::ffff:a.b.c.d, and lists of networks. */
#ifndef WEBD_ADDRESS_H
#define WEBD_ADDRESS_H

#include "common/str.h"

struct sockaddr;

enum { ADDRESS_LIST_MAX = 64, ADDRESS_TEXT_SIZE = 46 };

struct address {
	uint8_t bytes[16];
};

struct address_list {
	struct address_net {
		struct address net;
		unsigned bits;
	} at[ADDRESS_LIST_MAX];
	size_t count;
};

/* Anything but IPv4 and IPv6 gives ::, which is in no sensible list. */
void address_of(const struct sockaddr *sa, struct address *ret);
/* As people write it, an IPv4 address with dots; returns ret. */
char *address_text(const struct address *a, char ret[ADDRESS_TEXT_SIZE]);
bool address_is_loopback(const struct address *a);
/* Only the first bits kept. */
struct address address_masked(const struct address *a, unsigned bits);
bool address_is_ipv4(const struct address *a);

/* "10.0.0.0/8, ::1"; false with the part that is wrong. */
bool address_list_parse(struct str text, struct address_list *ret, struct str *ret_bad)
    __attribute__((warn_unused_result));
bool address_list_has(const struct address_list *l, const struct address *a);

#endif
