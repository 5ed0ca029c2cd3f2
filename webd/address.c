/* address.c -- see address.h. */
#include "webd/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static const uint8_t ipv4_prefix[12] = { [10] = 0xff, [11] = 0xff };

void address_of(const struct sockaddr *sa, struct address *ret)
{
	*ret = (struct address){ { 0 } };
	if (sa->sa_family == AF_INET) {
		memcpy(ret->bytes, ipv4_prefix, 12);
		memcpy(ret->bytes + 12,
		       &((const struct sockaddr_in *)(const void *)sa)->sin_addr, 4);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(ret->bytes,
		       &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, 16);
	}
}

bool address_is_ipv4(const struct address *a)
{
	return memcmp(a->bytes, ipv4_prefix, 12) == 0;
}

char *address_text(const struct address *a, char ret[ADDRESS_TEXT_SIZE])
{
	const char *done = address_is_ipv4(a)
			       ? inet_ntop(AF_INET, a->bytes + 12, ret, ADDRESS_TEXT_SIZE)
			       : inet_ntop(AF_INET6, a->bytes, ret, ADDRESS_TEXT_SIZE);

	return done != NULL ? ret : memcpy(ret, "-", 2);
}

bool address_is_loopback(const struct address *a)
{
	static const struct address one = { { [15] = 1 } };

	return memcmp(a, &one, sizeof(one)) == 0 ||
	       (address_is_ipv4(a) && a->bytes[12] == 127);
}

struct address address_masked(const struct address *a, unsigned bits)
{
	struct address m = *a;

	for (unsigned i = 0; i < 16; i++) {
		unsigned keep = bits > 8 * i ? bits - 8 * i : 0;

		if (keep < 8)
			m.bytes[i] &= (uint8_t)(0xff00 >> keep);
	}
	return m;
}

/* "10.0.0.0/8" */
static bool parse_one(struct str text, struct address_net *ret)
{
	struct str rest = text, host = str_cut(&rest, '/');
	char z[ADDRESS_TEXT_SIZE];
	uint64_t bits = 128;
	bool ipv4;

	if (!str_copy(z, sizeof(z), host))
		return false;
	ipv4 = inet_pton(AF_INET, z, ret->net.bytes + 12) == 1;
	if (ipv4)
		memcpy(ret->net.bytes, ipv4_prefix, 12);
	else if (inet_pton(AF_INET6, z, ret->net.bytes) != 1)
		return false;
	if (rest.p != NULL) {
		if (!str_to_u64(rest, &bits) || bits > (ipv4 ? 32 : 128))
			return false;
		bits += ipv4 ? 96 : 0;
	}
	ret->bits = (unsigned)bits;
	ret->net = address_masked(&ret->net, ret->bits);
	return true;
}

bool address_list_parse(struct str text, struct address_list *ret, struct str *ret_bad)
{
	struct address_list l = { .count = 0 };

	for (struct str rest = text; rest.p != NULL;) {
		struct str one = str_trim(str_cut(&rest, ','));

		if (one.n == 0)
			continue;
		if (l.count == ADDRESS_LIST_MAX || !parse_one(one, &l.at[l.count])) {
			*ret_bad = one;
			return false;
		}
		l.count++;
	}
	*ret = l;
	return true;
}

bool address_list_has(const struct address_list *l, const struct address *a)
{
	for (size_t i = 0; i < l->count; i++) {
		struct address m = address_masked(a, l->at[i].bits);

		if (memcmp(&m, &l->at[i].net, sizeof(m)) == 0)
			return true;
	}
	return false;
}
