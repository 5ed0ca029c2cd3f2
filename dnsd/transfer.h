/* transfer.h -- giving a zone away: AXFR (RFC 5936) and IXFR (RFC 1995), message by
 * message as the client takes them, signed if the question was. A transfer holds its
 * version of the zone until it ends. */
#ifndef DNSD_TRANSFER_H
#define DNSD_TRANSFER_H

#include "dnsd/answer.h"
#include "dnsd/tsig.h"

enum { TRANSFER_MESSAGE = 16384 + TSIG_ROOM }; /* the largest it writes */

struct transfer;

struct transfer_question {
	const struct snapshot *snapshot;
	const struct client *client;
	uint8_t *p; /* changed in place if it is signed */
	size_t n;
};

/* Is this a question for AXFR or IXFR? Looks at nothing else. */
bool transfer_wanted(const uint8_t *p, size_t n);
/* NULL: refused, or done already: *ret_n octets of answer are in out, which has room for
 * TRANSFER_MESSAGE; 0: say nothing. */
struct transfer *transfer_begin(const struct transfer_question *q, uint8_t *out,
				size_t *ret_n);
/* The next message; 0: there is none, and the transfer is to be ended. */
size_t transfer_next(struct transfer *t, struct seen *seen, uint32_t now_s, uint8_t *out);
void transfer_end(struct transfer *t); /* NULL is fine */

#endif
