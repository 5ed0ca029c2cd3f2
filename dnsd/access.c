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

/* A list in a text: what is between commas, one by one, into `list`. */
struct reading {
	const struct tsig_keys *keys;
	struct buf *why;
	uint16_t port; /* of a peer, unless said */
	bool (*read_one)(const struct reading *r, struct str text, void *list, size_t at);
};

static bool read_list(const struct reading *r, struct str text, void *list,
		      size_t *ret_count)
{
	*ret_count = 0;
	while (text.p != NULL) {
		struct str one = str_trim(str_cut(&text, ','));

		if (one.n == 0)
			continue;
		if (*ret_count == ACCESS_MAX) {
			buf_fmt(r->why, "more than %d entries\n", ACCESS_MAX);
			return false;
		}
		if (!r->read_one(r, one, list, (*ret_count)++))
			return false;
	}
	return true;
}

static bool read_item(const struct reading *r, struct str text, void *list, size_t at)
{
	struct access_item *ret = &((struct access_list *)list)->items[at];
	struct str prefix = text, address = str_cut(&prefix, '/');
	uint64_t bits;

	*ret = (struct access_item){ 0 };
	if (str_starts(text, STR("key "))) {
		text.p += 4;
		text.n -= 4;
		ret->key = read_key(text, r->keys);
		if (ret->key == NULL)
			buf_fmt(r->why, "there is no [key %.*s]\n", STR_ARG(text));
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
	buf_fmt(r->why, "'%.*s' is no address, no network and no 'key NAME'\n",
		STR_ARG(text));
	return false;
}

bool access_read(struct str text, const struct tsig_keys *keys, struct access_list *ret,
		 struct buf *why)
{
	const struct reading r = { keys, why, 0, read_item };

	return read_list(&r, text, ret, &ret->count);
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
static bool read_peer_address(struct str text, uint64_t number, struct peer *ret)
{
	struct str port = text, host;

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

static bool read_peer(const struct reading *r, struct str text, void *list, size_t at)
{
	struct peer *ret = &((struct peer_list *)list)->items[at];
	struct str key = text, address = str_cut(&key, ' ');

	*ret = (struct peer){ 0 };
	key = str_trim(key);
	if (!read_peer_address(address, r->port, ret)) {
		buf_fmt(r->why, "'%.*s' is no ADDRESS or ADDRESS:PORT\n",
			STR_ARG(address));
		return false;
	}
	if (key.n == 0)
		return true;
	if (str_starts(key, STR("key ")))
		ret->key = read_key((struct str){ key.p + 4, key.n - 4 }, r->keys);
	if (ret->key == NULL)
		buf_fmt(r->why, "'%.*s' is no 'key NAME' of a [key NAME]\n",
			STR_ARG(key));
	return ret->key != NULL;
}

bool peers_read(const struct peers_text *text, struct peer_list *ret, struct buf *why)
{
	const struct reading r = { text->keys, why, text->port, read_peer };

	return read_list(&r, text->list, ret, &ret->count);
}

bool peer_has(const struct peer *p, const uint8_t *address, size_t len)
{
	const struct sockaddr_in *v4 = (const void *)&p->address;
	const struct sockaddr_in6 *v6 = (const void *)&p->address;

	if (p->address.ss_family == AF_INET)
		return len == 4 && memcmp(&v4->sin_addr, address, 4) == 0;
	return len == 16 && memcmp(&v6->sin6_addr, address, 16) == 0;
}

bool peers_equal(const struct peer *a, const struct peer *b)
{
	return a->address_len == b->address_len &&
	       memcmp(&a->address, &b->address, a->address_len) == 0;
}

bool peers_have(const struct peer_list *list, const uint8_t *address, size_t len)
{
	for (size_t i = 0; i < list->count; i++)
		if (peer_has(&list->items[i], address, len))
			return true;
	return false;
}

uint32_t peers_at(const struct peer_list *list, struct str address)
{
	uint8_t bytes[16], len = read_address(address, bytes);
	uint32_t ret = 0;

	for (size_t i = 0; i < list->count; i++)
		if (len > 0 && peer_has(&list->items[i], bytes, len))
			ret |= 1u << i;
	return ret;
}
