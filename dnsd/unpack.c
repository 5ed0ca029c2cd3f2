/* unpack.c -- see unpack.h. */
#include "dnsd/unpack.h"

#include <string.h>

#include "dnsd/rrtype.h"

size_t unpack_name(const uint8_t *p, size_t n, size_t *at, uint8_t ret[NAME_WIRE])
{
	size_t from = *at, len = 0, lowest = *at;
	bool jumped = false;

	while (from < n && p[from] != 0) {
		size_t label = p[from];

		if (label >= 0xc0) {
			size_t to;

			if (n - from < 2)
				return 0;
			to = get16(p + from) & 0x3fff;
			if (!jumped)
				*at = from + 2;
			jumped = true;
			if (to >= lowest)
				return 0;
			from = lowest = to;
			continue;
		}
		if (label > 63 || n - from <= label || len + label + 2 > NAME_WIRE)
			return 0;
		memcpy(ret + len, p + from, label + 1);
		len += label + 1;
		from += label + 1;
	}
	if (from >= n)
		return 0;
	if (!jumped)
		*at = from + 1;
	ret[len] = 0;
	return len + 1;
}

/* Rdata from *at to end, its names uncompressed. The length; UNPACK_RDATA: it is wrong.
 */
static size_t unpack_rdata(const uint8_t *p, size_t at, size_t end, uint16_t type,
			   uint8_t *ret)
{
	size_t n = 0;

	for (const char *f = rrtype_of(type)->layout; *f != '\0'; f++) {
		size_t field;

		if (*f == '*' || *f == 'S') {
			memcpy(ret + n, p + at, end - at);
			return n + (end - at);
		}
		if (*f == 'N' || *f == 'n') {
			field = unpack_name(p, end, &at, ret + n);
			if (field == 0 || at > end)
				return UNPACK_RDATA;
			n += field;
			continue;
		}
		if (*f == 's')
			field = at < end ? 1u + p[at] : SIZE_MAX;
		else
			field = *f == 'x' ? 16 : (size_t)(*f - '0');
		if (field > end - at)
			return UNPACK_RDATA;
		memcpy(ret + n, p + at, field);
		n += field;
		at += field;
	}
	return at == end ? n : UNPACK_RDATA;
}

bool unpack_record(const uint8_t *p, size_t n, size_t *at, struct unpacked *ret)
{
	struct rdata_name names[2];
	size_t owner = unpack_name(p, n, at, ret->owner), end, rdlen;
	unsigned count;

	if (owner == 0 || n - *at < 10)
		return false;
	ret->record = (struct record){
		.owner = ret->owner,
		.owner_len = (uint8_t)owner,
		.rdata = ret->rdata,
		.type = get16(p + *at),
		.ttl = get32(p + *at + 4),
	};
	ret->class = get16(p + *at + 2);
	end = *at + 10 + get16(p + *at + 8);
	if (end > n)
		return false;
	rdlen = unpack_rdata(p, *at + 10, end, ret->record.type, ret->rdata);
	if (rdlen > 65535)
		return false;
	ret->record.rdlen = (uint16_t)rdlen;
	*at = end;
	return rrtype_names(ret->record.type, ret->rdata, rdlen, names, &count);
}
