/* doh.h -- questions that came over HTTPS: webd hands them on as MSG_DNS (RFC 8484).
 *
 *     request: the client's address (4 or 16 octets), the DNS message
 *     reply:   the answer, and for how many seconds it may be cached */
#ifndef DNSD_DOH_H
#define DNSD_DOH_H

#include "common/wire.h"
#include "dnsd/answer.h"

/* out: room for DNS_MAX. False: the request is no such request, or gets no answer. */
bool doh_answer(const struct asked *a, struct str request, uint8_t *out,
		struct buf *reply) __attribute__((warn_unused_result));

#endif
