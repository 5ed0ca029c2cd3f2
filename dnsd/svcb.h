/* svcb.h -- the text of an SVCB or HTTPS record (RFC 9460) made into wire form.
 *
 * ldns reads these records too, but takes a key that is there twice and a mandatory one
 * that is not there, reads the escapes of an alpn in another way than the RFC's examples
 * and does not know the younger keys. */
#ifndef DNSD_SVCB_H
#define DNSD_SVCB_H

#include "common/buf.h"
#include "dnsd/zone_text.h"

enum { SVCB_MAX = 65535, SVCB_WHY = 200 };

struct svcb {
	const uint8_t *origin; /* behind a target without a final dot */
	struct buf *room;      /* where values are unescaped; its limit is theirs */
	uint8_t *rdata;        /* room for SVCB_MAX octets */
	size_t n;              /* how many there are */
	char why[SVCB_WHY];    /* it was refused */

	size_t params;  /* where they begin within rdata */
	struct str key; /* of the one being read */
};

/* The tokens behind the record's type. The caller has set origin, room and rdata. */
bool svcb_read(struct svcb *s, const struct token *t, size_t count)
    __attribute__((warn_unused_result));

#endif
