/* records.h -- a zone as a plain list of records in wire form: what a zone file or a
 * transfer gives, and what zone_build makes a zone of. Owns its bytes. */
#ifndef DNSD_RECORDS_H
#define DNSD_RECORDS_H

#include "common/arena.h"
#include "dnsd/name.h"

struct record {
	const uint8_t *owner; /* as written, not lower-cased */
	const uint8_t *rdata; /* names in it uncompressed */
	const char *file;     /* where it came from, for complaints; NULL: not a file */
	uint32_t line, ttl;
	uint16_t type, rdlen;
	uint8_t owner_len;
};

struct records {
	struct record *list;
	size_t count, cap, limit; /* limit: most records it may hold */
	struct arena bytes;
	char *room; /* what is left of the last piece taken from bytes */
	size_t room_left;
};

void records_init(struct records *r, size_t limit);
void records_fini(struct records *r);
/* Copies owner and rdata, not file. False: past the limit, or out of memory. */
bool records_add(struct records *r, const struct record *record)
    __attribute__((warn_unused_result));
/* Of an SOA. */
static inline uint32_t records_serial(const struct record *soa)
{
	const uint8_t *p = soa->rdata + soa->rdlen - 20;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* A copy that lives as long as r; NULL if out of memory. */
uint8_t *records_keep(struct records *r, const void *bytes, size_t n);

#endif
