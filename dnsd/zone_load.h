/* zone_load.h -- a zone file read into records.
 *
 * Our own tokenizer stands in front of ldns, because ldns cannot $INCLUDE, gives no file
 * names and stumbles over some parentheses; ldns turns each record's text into wire form
 * (SVCB and HTTPS: see svcb.h). */
#ifndef DNSD_ZONE_LOAD_H
#define DNSD_ZONE_LOAD_H

#include "common/buf.h"
#include "dnsd/records.h"

/* Adds all records of the file. `apex` is the zone's name, the first $ORIGIN. False: it
 * says why, one "file:line: what" a line, in *errors. */
bool zone_load(const char *path, const uint8_t *apex, struct records *ret,
	       struct buf *errors) __attribute__((warn_unused_result));

/* The same, for complaints and for $INCLUDE as if it were the file `called`. */
bool zone_load_as(const char *path, const char *called, const uint8_t *apex,
		  struct records *ret, struct buf *errors)
    __attribute__((warn_unused_result));

/* The same of text that is in memory already; path is for complaints, and its folder is
 * where $INCLUDE looks. */
bool zone_load_text(struct str text, const char *path, const uint8_t *apex,
		    struct records *ret, struct buf *errors)
    __attribute__((warn_unused_result));

/* A name in a master file's notation; origin is put behind one without a final dot (NULL:
 * the root). */
bool zone_name(struct str text, const uint8_t *origin, uint8_t ret[NAME_WIRE],
	       size_t *ret_len) __attribute__((warn_unused_result));

/* One octet of a text, perhaps escaped; moves *at, which is within it, past it. */
bool zone_octet(struct str text, size_t *at, uint8_t *ret)
    __attribute__((warn_unused_result));

/* "3600", "1h30m"; false if it is no time. */
bool zone_ttl(struct str text, uint32_t *ret) __attribute__((warn_unused_result));

#endif
