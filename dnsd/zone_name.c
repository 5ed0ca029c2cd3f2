/* zone_name.c -- names and times in the notation of master files; see zone_load.h. */
#include "dnsd/zone_load.h"

enum { LABEL_MAX = 63 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool zone_octet(struct str text, size_t *at, uint8_t *ret)
{
	const char *p = text.p + *at;
	size_t left = text.n - *at;

	if (p[0] != '\\') {
		*ret = (uint8_t)p[0];
		*at += 1;
		return true;
	}
	if (left >= 4 && is_digit(p[1]) && is_digit(p[2]) && is_digit(p[3])) {
		unsigned v = (unsigned)(p[1] - '0') * 100 + (unsigned)(p[2] - '0') * 10 +
			     (unsigned)(p[3] - '0');

		*ret = (uint8_t)v;
		*at += 4;
		return v <= 255;
	}
	if (left < 2 || is_digit(p[1]))
		return false;
	*ret = (uint8_t)p[1];
	*at += 2;
	return true;
}

/* Labels up to the end of text, without the root's zero. */
static bool take_labels(struct str text, uint8_t ret[NAME_WIRE], size_t *ret_n,
			bool *ret_absolute)
{
	size_t n = 0, label = SIZE_MAX; /* where the open label's length goes */

	*ret_absolute = false;
	for (size_t at = 0; at < text.n;) {
		uint8_t c;

		if (text.p[at] == '.') {
			if (label == SIZE_MAX)
				return false;
			ret[label] = (uint8_t)(n - label - 1);
			label = SIZE_MAX;
			*ret_absolute = ++at == text.n;
			continue;
		}
		if (!zone_octet(text, &at, &c))
			return false;
		if (label == SIZE_MAX)
			label = n++;
		if (n - label > LABEL_MAX || n >= NAME_WIRE - 1)
			return false;
		ret[n++] = c;
	}
	if (label != SIZE_MAX)
		ret[label] = (uint8_t)(n - label - 1);
	*ret_n = n;
	return true;
}

bool zone_name(struct str text, const uint8_t *origin, uint8_t ret[NAME_WIRE],
	       size_t *ret_len)
{
	static const uint8_t root[] = { 0 };
	bool absolute = false;
	size_t n = 0, more;

	if (text.n == 0)
		return false;
	if (str_eq(text, STR(".")))
		absolute = true;
	else if (!str_eq(text, STR("@")) && !take_labels(text, ret, &n, &absolute))
		return false;
	if (absolute || origin == NULL)
		origin = root;
	more = name_length(origin, NAME_WIRE);
	if (more == 0 || n + more > NAME_WIRE)
		return false;
	memcpy(ret + n, origin, more);
	*ret_len = n + more;
	return true;
}

static uint32_t unit_of(char c)
{
	switch (c | 0x20) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	case 'w':
		return 604800;
	}
	return 0;
}

bool zone_ttl(struct str text, uint32_t *ret)
{
	uint64_t sum = 0;
	size_t at = 0;

	if (text.n == 0 || !is_digit(text.p[0]))
		return false;
	while (at < text.n) {
		uint64_t v = 0;
		uint32_t unit = 1;

		if (!is_digit(text.p[at]))
			return false;
		for (; at < text.n && is_digit(text.p[at]) && v <= INT32_MAX; at++)
			v = v * 10 + (uint64_t)(text.p[at] - '0');
		if (at < text.n && (unit = unit_of(text.p[at++])) == 0)
			return false;
		sum += v * unit;
		if (v > INT32_MAX || sum > INT32_MAX)
			return false;
	}
	*ret = (uint32_t)sum;
	return true;
}
