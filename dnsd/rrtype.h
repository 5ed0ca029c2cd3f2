/* rrtype.h -- what is known of each record type, from rrtype.def. */
#ifndef DNSD_RRTYPE_H
#define DNSD_RRTYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rrtype_number {
#define RRTYPE(name, number, text, layout, target) name = number,
#include "dnsd/rrtype.def"
#undef RRTYPE
};

struct rrtype {
	uint16_t number;
	const char *text, *layout;
	int target; /* octets before the name for the additional section; -1: none */
};

/* Of an unknown type: one row whose layout is any octets. */
const struct rrtype *rrtype_of(uint16_t number);

enum { RRTYPE_TEXT = 16 };
/* "A", or "TYPE65280"; returns ret. */
const char *rrtype_text(uint16_t number, char ret[RRTYPE_TEXT]);

struct rdata_name {
	uint16_t at;
	uint8_t len;
	bool compress;
};

/* The names within rdata, in order, *ret_count of them (at most 2). False if the rdata
 * does not have the form of its type. */
bool rrtype_names(uint16_t type, const uint8_t *rdata, size_t n, struct rdata_name ret[2],
		  unsigned *ret_count) __attribute__((warn_unused_result));

#endif
