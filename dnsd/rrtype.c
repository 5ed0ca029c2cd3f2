/* rrtype.c -- see rrtype.h. */
#include "dnsd/rrtype.h"

#include <stdio.h>

#include "dnsd/name.h"

enum { DIRECT = 260 }; /* numbers below this are found by index */

static const struct rrtype table[DIRECT] = {
#define RRTYPE(name, number, text, layout, target)                                       \
	[number] = { number, text, layout, target },
#include "dnsd/rrtype.def"
#undef RRTYPE
};

static const struct rrtype unknown = { 0, NULL, "*", -1 };

const struct rrtype *rrtype_of(uint16_t number)
{
	return number < DIRECT && table[number].text != NULL ? &table[number] : &unknown;
}

const char *rrtype_text(uint16_t number, char ret[RRTYPE_TEXT])
{
	const struct rrtype *t = rrtype_of(number);

	if (t->text != NULL)
		return t->text;
	snprintf(ret, RRTYPE_TEXT, "TYPE%u", (unsigned)number);
	return ret;
}

/* Passes over character strings; at least one. */
static bool skip_strings(const uint8_t *rdata, size_t n, size_t *at)
{
	if (*at >= n)
		return false;
	while (*at < n)
		*at += 1u + rdata[*at];
	return *at == n;
}

static size_t fixed_size(char field)
{
	return field == 'x' ? 16 : (size_t)(field - '0');
}

bool rrtype_names(uint16_t type, const uint8_t *rdata, size_t n, struct rdata_name ret[2],
		  unsigned *ret_count)
{
	unsigned count = 0;
	size_t at = 0;

	for (const char *f = rrtype_of(type)->layout; *f != '\0'; f++) {
		size_t len;

		switch (*f) {
		case '*':
			*ret_count = count;
			return true;
		case 'S':
			if (!skip_strings(rdata, n, &at))
				return false;
			break;
		case 's':
			if (at >= n)
				return false;
			at += 1u + rdata[at];
			break;
		case 'N':
		case 'n':
			len = name_length(rdata + at, n - at);
			if (len == 0)
				return false;
			ret[count++] =
			    (struct rdata_name){ (uint16_t)at, (uint8_t)len, *f == 'N' };
			at += len;
			break;
		default:
			at += fixed_size(*f);
		}
		if (at > n)
			return false;
	}
	*ret_count = count;
	return at == n;
}
