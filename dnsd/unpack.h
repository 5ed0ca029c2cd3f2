/* unpack.h -- records out of somebody else's message, their names uncompressed. Every
 * length is checked against the message; pointers go backwards only. Pure. */
#ifndef DNSD_UNPACK_H
#define DNSD_UNPACK_H

#include "dnsd/query.h"
#include "dnsd/records.h"

enum { UNPACK_RDATA = 65535 + NAME_WIRE };

struct unpacked {
	struct record record; /* points into the two below */
	uint16_t class;
	uint8_t owner[NAME_WIRE];
	uint8_t rdata[UNPACK_RDATA];
};

/* Octets that the name at *at has when uncompressed, moving *at past it; 0: it is none.
 */
size_t unpack_name(const uint8_t *p, size_t n, size_t *at, uint8_t ret[NAME_WIRE]);
/* The record at *at, moving past it. False: it is none, or not of the form of its type.
 */
bool unpack_record(const uint8_t *p, size_t n, size_t *at, struct unpacked *ret)
    __attribute__((warn_unused_result));

#endif
