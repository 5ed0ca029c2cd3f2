/* svcb.c -- see svcb.h. Each parameter is written behind the others and then moved to
 * where it belongs, as keys ascend on the wire. An alias (priority 0) should have none,
 * but may (RFC 9460 2.4.2). */
#include "dnsd/svcb.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>

#include "dnsd/query.h"
#include "dnsd/zone_load.h"

enum {
	MANDATORY = 0,
	ALPN = 1,
	NO_DEFAULT_ALPN = 2,
	INVALID_KEY = 65535,
	HEAD = 4, /* of a parameter: its key and the length of its value */
	KEY_TEXT = 32,
	ITEM_TEXT = 64,
};

static bool refuse(struct svcb *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Always false, so that a check may end with it. */
static bool refuse(struct svcb *s, const char *fmt, ...)
{
	int n = 0;
	va_list ap;

	if (s->key.n > 0)
		n = snprintf(s->why, sizeof(s->why),
			     "%.*s: ", (int)(s->key.n < KEY_TEXT ? s->key.n : KEY_TEXT),
			     s->key.p);
	va_start(ap, fmt);
	vsnprintf(s->why + n, sizeof(s->why) - (size_t)n, fmt, ap);
	va_end(ap);
	return false;
}

static bool put(struct svcb *s, const void *octets, size_t n)
{
	if (n > SVCB_MAX - s->n)
		return refuse(s, "the record's data is over %d octets", SVCB_MAX);
	memcpy(s->rdata + s->n, octets, n);
	s->n += n;
	return true;
}

static bool put_number(struct svcb *s, unsigned v)
{
	uint8_t wire[2];

	put16(wire, v);
	return put(s, wire, sizeof(wire));
}

/* ---- values ---- */

static bool find_key(struct str text, uint16_t *ret);

/* Keys stand in order, whatever the text's. */
static bool take_key(struct svcb *s, struct str item, size_t from)
{
	size_t at = s->n;
	uint16_t key;

	if (!find_key(item, &key))
		return refuse(s, "'%.*s' is no key", STR_ARG(item));
	if (!put_number(s, key))
		return false;
	while (at > from && get16(s->rdata + at - 2) > key)
		at -= 2;
	if (at > from && get16(s->rdata + at - 2) == key)
		return refuse(s, "%.*s is there twice", STR_ARG(item));
	memmove(s->rdata + at + 2, s->rdata + at, s->n - 2 - at);
	put16(s->rdata + at, key);
	return true;
}

static bool take_number(struct svcb *s, struct str item, size_t from)
{
	uint64_t v;

	(void)from;
	if (!str_to_u64(item, &v) || v > UINT16_MAX)
		return refuse(s, "'%.*s' is no number up to 65535", STR_ARG(item));
	return put_number(s, (unsigned)v);
}

static bool take_group(struct svcb *s, struct str item, size_t from)
{
	size_t last = s->n;

	if (!take_number(s, item, from))
		return false;
	for (size_t at = from; at < last; at += 2)
		if (get16(s->rdata + at) == get16(s->rdata + last))
			return refuse(s, "%.*s is there twice", STR_ARG(item));
	return true;
}

static bool take_address(struct svcb *s, struct str item, int family, size_t size)
{
	char z[ITEM_TEXT];
	uint8_t wire[16];

	/* a zero octet would end the text before its end */
	if (!str_copy(z, sizeof(z), item) || strlen(z) != item.n ||
	    inet_pton(family, z, wire) != 1)
		return refuse(s, "'%.*s' is no IPv%d address", STR_ARG(item),
			      family == AF_INET ? 4 : 6);
	return put(s, wire, size);
}

static bool take_ipv4(struct svcb *s, struct str item, size_t from)
{
	(void)from;
	return take_address(s, item, AF_INET, 4);
}

static bool take_ipv6(struct svcb *s, struct str item, size_t from)
{
	(void)from;
	return take_address(s, item, AF_INET6, 16);
}

/* RFC 9460 A.1: these escapes are within those of the master file. */
static bool take_protocols(struct svcb *s, struct str text)
{
	size_t at = 0;

	do {
		size_t length = s->n;

		if (!put(s, "", 1))
			return false;
		for (; at < text.n && text.p[at] != ','; at++) {
			if (text.p[at] == '\\' && ++at == text.n)
				return refuse(s, "nothing follows the last backslash");
			if (!put(s, text.p + at, 1))
				return false;
		}
		if (s->n - length - 1 < 1 || s->n - length - 1 > UINT8_MAX)
			return refuse(s, "each has 1 to 255 octets, not %zu",
				      s->n - length - 1);
		s->rdata[length] = (uint8_t)(s->n - length - 1);
	} while (at++ < text.n);
	return true;
}

static bool take_base64(struct svcb *s, struct str text)
{
	size_t pad = 0, room = text.n / 4 * 3;
	int got = -1;

	while (pad < 2 && pad < text.n && text.p[text.n - 1 - pad] == '=')
		pad++;
	/* what it leaves out at the ends makes less, and a '=' within is taken for 0 */
	if (text.n % 4 == 0 && room <= SVCB_MAX - s->n &&
	    memchr(text.p, '=', text.n - pad) == NULL)
		got = EVP_DecodeBlock(s->rdata + s->n, (const uint8_t *)text.p,
				      (int)text.n);
	if (got != (int)room)
		return refuse(s, "it is not base64");
	s->n += room - pad;
	return true;
}

static bool take_octets(struct svcb *s, struct str text)
{
	return put(s, text.p, text.n);
}

/* ---- keys ---- */

/* What a key's value is: items with commas between them, or something as a whole. */
struct kind {
	const char *name;
	bool (*item)(struct svcb *s, struct str text, size_t from);
	bool (*whole)(struct svcb *s, struct str text);
	unsigned unit; /* its octets on the wire are a multiple of this; 0: has none */
	bool single;   /* and are this many */
};

/* By their numbers, as IANA gives them. */
static const struct kind kinds[] = {
	{ "mandatory", take_key, NULL, 2, false },
	{ "alpn", NULL, take_protocols, 1, false },
	{ "no-default-alpn", NULL, take_octets, 0, true },
	{ "port", take_number, NULL, 2, true },
	{ "ipv4hint", take_ipv4, NULL, 4, false },
	{ "ech", NULL, take_base64, 1, false },
	{ "ipv6hint", take_ipv6, NULL, 16, false },
	{ "dohpath", NULL, take_octets, 1, false }, /* RFC 9461 */
	{ "ohttp", NULL, take_octets, 0, true },    /* RFC 9540 */
	{ "tls-supported-groups", take_group, NULL, 2, false },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* "port", or "key3" without leading zeros. */
static bool find_key(struct str text, uint16_t *ret)
{
	struct str digits;
	uint64_t n;

	for (unsigned i = 0; i < KINDS; i++) {
		if (str_eq(text, str_of(kinds[i].name))) {
			*ret = (uint16_t)i;
			return true;
		}
	}
	if (text.n < 4 || !str_starts(text, STR("key")))
		return false;
	digits = (struct str){ text.p + 3, text.n - 3 };
	if ((digits.p[0] == '0' && digits.n > 1) || !str_to_u64(digits, &n) ||
	    n >= INVALID_KEY)
		return false;
	*ret = (uint16_t)n;
	return true;
}

static bool is_named(uint16_t key, struct str text)
{
	return key < KINDS && str_eq(text, str_of(kinds[key].name));
}

static bool take_items(struct svcb *s, struct str text, const struct kind *k)
{
	size_t from = s->n;

	while (text.p != NULL)
		if (!k->item(s, str_cut(&text, ','), from))
			return false;
	return true;
}

static bool lists_strings(const uint8_t *p, size_t n)
{
	size_t at = 0;

	while (at < n && p[at] > 0)
		at += 1u + p[at];
	return at == n;
}

static bool lists_keys(const uint8_t *p, size_t n)
{
	for (size_t at = 0; at < n; at += 2)
		if (get16(p + at) <= (at == 0 ? MANDATORY : get16(p + at - 2)))
			return false;
	return true;
}

/* Of a key that is known, by whichever name; key3="\000\053" says it in octets. */
static bool check_value(struct svcb *s, uint16_t key, const uint8_t *p, size_t n)
{
	const struct kind *k = &kinds[key];

	if (k->unit == 0)
		return n == 0 || refuse(s, "it takes no value");
	if (n == 0)
		return refuse(s, "it has no value");
	if (n % k->unit != 0 || (k->single && n != k->unit))
		return refuse(s, "its value is %zu octets, not %s%u", n,
			      k->single ? "" : "a multiple of ", k->unit);
	if (key == ALPN && !lists_strings(p, n))
		return refuse(s, "these octets are no list of protocols");
	if (key == MANDATORY && n >= 2 && get16(p) == MANDATORY)
		return refuse(s, "it does not name itself");
	if (key == MANDATORY && !lists_keys(p, n))
		return refuse(s, "these octets are no keys in ascending order");
	return true;
}

/* ---- parameters ---- */

static size_t param_size(const uint8_t *p)
{
	return HEAD + (size_t)get16(p + 2);
}

/* The first parameter whose key is this or higher. */
static size_t find_param(const struct svcb *s, size_t end, uint16_t key)
{
	size_t at = s->params;

	while (at < end && get16(s->rdata + at) < key)
		at += param_size(s->rdata + at);
	return at;
}

static bool has_param(const struct svcb *s, uint16_t key)
{
	size_t at = find_param(s, s->n, key);

	return at < s->n && get16(s->rdata + at) == key;
}

/* The last parameter, which begins at `from`, to its place. */
static bool place_param(struct svcb *s, size_t from)
{
	size_t size = s->n - from, at;
	uint16_t key = get16(s->rdata + from);

	at = find_param(s, from, key);
	if (at == from)
		return true;
	if (get16(s->rdata + at) == key)
		return refuse(s, "it is there twice");
	buf_reset(s->room);
	buf_put(s->room, s->rdata + from, size);
	if (!buf_ok(s->room))
		return refuse(s, "its value is too long");
	memmove(s->rdata + at + size, s->rdata + at, from - at);
	memcpy(s->rdata + at, s->room->p, size);
	return true;
}

static bool unescape(struct svcb *s, struct str text)
{
	size_t at = 0;
	uint8_t c;

	buf_reset(s->room);
	while (at < text.n) {
		if (!zone_octet(text, &at, &c))
			return refuse(s, "a backslash takes one octet or three digits "
					 "up to 255");
		buf_char(s->room, (char)c);
	}
	return buf_ok(s->room) || refuse(s, "its value is too long");
}

/* A named key's value has a form of its own, that of a keyNNNNN is octets. */
static bool take_value(struct svcb *s, uint16_t key, struct str octets)
{
	if (octets.n == 0)
		return true;
	if (!is_named(key, s->key))
		return take_octets(s, octets);
	if (kinds[key].item != NULL)
		return take_items(s, octets, &kinds[key]);
	return kinds[key].whole(s, octets);
}

static bool take_param(struct svcb *s, struct str value)
{
	size_t from = s->n;
	uint16_t key;

	if (!find_key(s->key, &key))
		return refuse(s, "no parameter has this name");
	if (!unescape(s, value) || !put_number(s, key) || !put_number(s, 0) ||
	    !take_value(s, key, buf_get(s->room)))
		return false;
	put16(s->rdata + from + 2, (unsigned)(s->n - from - HEAD));
	if (key < KINDS &&
	    !check_value(s, key, s->rdata + from + HEAD, s->n - from - HEAD))
		return false;
	return place_param(s, from);
}

/* key, key=value or key="value"; *at is its first token and passes over it. */
static bool next_param(struct svcb *s, const struct token *t, size_t count, size_t *at)
{
	struct str value = t[*at].s;
	bool is_key = !t[*at].quoted && !t[*at].joined;

	s->key = str_cut(&value, '=');
	++*at;
	if (is_key && value.p != NULL && value.n == 0 && *at < count && t[*at].joined)
		value = t[(*at)++].s;
	if (!is_key || s->key.n == 0 || (*at < count && t[*at].joined))
		return refuse(s, "a parameter is key, key=value or key=\"value\"");
	return take_param(s, value);
}

/* RFC 9460 7.1.1 and 8: what one parameter says of others. */
static bool check_together(struct svcb *s)
{
	const uint8_t *first = s->rdata + s->params;

	s->key = (struct str){ NULL, 0 };
	if (has_param(s, NO_DEFAULT_ALPN) && !has_param(s, ALPN))
		return refuse(s, "no-default-alpn is there without alpn");
	if (!has_param(s, MANDATORY))
		return true;
	for (size_t at = HEAD; at < param_size(first); at += 2) {
		unsigned key = get16(first + at);

		if (has_param(s, (uint16_t)key))
			continue;
		return key < KINDS
			   ? refuse(s, "%s is mandatory, but not there", kinds[key].name)
			   : refuse(s, "key%u is mandatory, but not there", key);
	}
	return true;
}

bool svcb_read(struct svcb *s, const struct token *t, size_t count)
{
	uint8_t target[NAME_WIRE];
	uint64_t priority;
	size_t len, at = 2;

	s->n = 0;
	s->key = (struct str){ NULL, 0 };
	if (count < 2)
		return refuse(s, "a priority and a target are needed");
	if (!str_to_u64(t[0].s, &priority) || priority > UINT16_MAX)
		return refuse(s, "the priority '%.*s' is no number up to 65535",
			      STR_ARG(t[0].s));
	if (!zone_name(t[1].s, s->origin, target, &len))
		return refuse(s, "the target '%.*s' is no name", STR_ARG(t[1].s));
	if (!put_number(s, (unsigned)priority) || !put(s, target, len))
		return false;
	s->params = s->n;
	while (at < count)
		if (!next_param(s, t, count, &at))
			return false;
	return check_together(s);
}
