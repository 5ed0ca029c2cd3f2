/* access.c -- see access.h. */
#include "dnsd/access.h"

#include <arpa/inet.h>

#include "dnsd/zone_load.h"

static const struct tsig_key *read_key(struct str name, const struct tsig_keys *keys)
{
	uint8_t wire[NAME_WIRE];
	size_t len;

	if (keys == NULL || !zone_name(str_trim(name), NULL, wire, &len))
		return NULL;
	name_lower(wire, wire, len);
	return tsig_find(keys, wire);
}

/* Octets of the address, 0 if it is none. */
static uint8_t read_address(struct str text, uint8_t ret[16])
{
	char z[INET6_ADDRSTRLEN + 1];

	if (!str_copy(z, sizeof(z), text))
		return 0;
	if (inet_pton(AF_INET, z, ret) == 1)
		return 4;
	return inet_pton(AF_INET6, z, ret) == 1 ? 16 : 0;
}

static bool read_item(struct str text, const struct tsig_keys *keys,
		      struct access_item *ret, struct buf *why)
{
	struct str prefix = text, address = str_cut(&prefix, '/');
	uint64_t bits;

	if (str_starts(text, STR("key "))) {
		text.p += 4;
		text.n -= 4;
		ret->key = read_key(text, keys);
		if (ret->key == NULL)
			buf_fmt(why, "there is no [key %.*s]\n", STR_ARG(text));
		return ret->key != NULL;
	}
	ret->len = read_address(address, ret->address);
	ret->prefix = (uint8_t)(ret->len * 8);
	if (ret->len > 0 && prefix.p == NULL)
		return true;
	if (ret->len > 0 && str_to_u64(prefix, &bits) && bits <= ret->prefix) {
		ret->prefix = (uint8_t)bits;
		return true;
	}
	buf_fmt(why, "'%.*s' is no address, no network and no 'key NAME'\n",
		STR_ARG(text));
	return false;
}

bool access_read(struct str text, const struct tsig_keys *keys, struct access_list *ret,
		 struct buf *why)
{
	ret->count = 0;
	while (text.p != NULL) {
		struct str one = str_trim(str_cut(&text, ','));

		if (one.n == 0)
			continue;
		if (ret->count == ACCESS_MAX) {
			buf_fmt(why, "more than %d entries\n", ACCESS_MAX);
			return false;
		}
		ret->items[ret->count] = (struct access_item){ 0 };
		if (!read_item(one, keys, &ret->items[ret->count++], why))
			return false;
	}
	return true;
}

bool access_has(const struct access_item *i, const uint8_t *address, size_t len)
{
	unsigned whole = i->prefix / 8, rest = i->prefix % 8;

	return i->len == len && memcmp(i->address, address, whole) == 0 &&
	       (rest == 0 || (i->address[whole] ^ address[whole]) >> (8 - rest) == 0);
}

bool access_allows(const struct access_list *list, const uint8_t *address, size_t len,
		   const struct tsig_key *key)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct access_item *item = &list->items[i];

		if (item->key != NULL ? item->key == key : access_has(item, address, len))
			return true;
	}
	return false;
}

/* ---- peers ---- */

static bool set_peer(struct peer *ret, struct str host, uint16_t port)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&ret->address;
	struct sockaddr_in *v4 = (struct sockaddr_in *)&ret->address;
	uint8_t bytes[16];
	uint8_t len = read_address(host, bytes);

	if (len == 4) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		memcpy(&v4->sin_addr, bytes, 4);
		ret->address_len = sizeof(*v4);
	} else if (len == 16) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		memcpy(&v6->sin6_addr, bytes, 16);
		ret->address_len = sizeof(*v6);
	}
	return len != 0;
}

/* "ADDRESS", "ADDRESS:PORT" (v4), "[ADDRESS]:PORT". */
static bool read_peer_address(struct str text, struct peer *ret)
{
	struct str port = text, host;
	uint64_t number = 53;

	if (text.n > 0 && text.p[0] == '[') {
		port = (struct str){ text.p + 1, text.n - 1 };
		host = str_cut(&port, ']');
		if (port.p == NULL || (port.n > 0 && port.p[0] != ':'))
			return false;
		port = port.n > 0 ? (struct str){ port.p + 1, port.n - 1 }
				  : (struct str){ NULL, 0 };
	} else {
		host = str_cut(&port, ':');
		if (port.p != NULL && memchr(port.p, ':', port.n) != NULL) {
			host = text; /* a bare IPv6 address */
			port = (struct str){ NULL, 0 };
		}
	}
	if (port.p != NULL &&
	    (!str_to_u64(port, &number) || number < 1 || number > 65535))
		return false;
	return set_peer(ret, host, (uint16_t)number);
}

static bool read_peer(struct str text, const struct tsig_keys *keys, struct peer *ret,
		      struct buf *why)
{
	struct str key = text, address = str_cut(&key, ' ');

	key = str_trim(key);
	if (!read_peer_address(address, ret)) {
		buf_fmt(why, "'%.*s' is no ADDRESS or ADDRESS:PORT\n", STR_ARG(address));
		return false;
	}
	if (key.n == 0)
		return true;
	if (str_starts(key, STR("key ")))
		ret->key = read_key((struct str){ key.p + 4, key.n - 4 }, keys);
	if (ret->key == NULL)
		buf_fmt(why, "'%.*s' is no 'key NAME' of a [key NAME]\n", STR_ARG(key));
	return ret->key != NULL;
}

bool peers_read(struct str text, const struct tsig_keys *keys, struct peer_list *ret,
		struct buf *why)
{
	ret->count = 0;
	while (text.p != NULL) {
		struct str one = str_trim(str_cut(&text, ','));

		if (one.n == 0)
			continue;
		if (ret->count == ACCESS_MAX) {
			buf_fmt(why, "more than %d entries\n", ACCESS_MAX);
			return false;
		}
		ret->items[ret->count] = (struct peer){ 0 };
		if (!read_peer(one, keys, &ret->items[ret->count++], why))
			return false;
	}
	return true;
}

bool peers_have(const struct peer_list *list, const uint8_t *address, size_t len)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct peer *p = &list->items[i];
		const struct sockaddr_in *v4 = (const void *)&p->address;
		const struct sockaddr_in6 *v6 = (const void *)&p->address;

		if (len == 4 && p->address.ss_family == AF_INET &&
		    memcmp(&v4->sin_addr, address, 4) == 0)
			return true;
		if (len == 16 && p->address.ss_family == AF_INET6 &&
		    memcmp(&v6->sin6_addr, address, 16) == 0)
			return true;
	}
	return false;
}
