/* ratelimit.h -- response rate limiting: whoever is sent more answers of one kind than it
 * can have asked for is likely the victim of somebody who forges its address.
 *
 * One table for all threads of an instance, of atomic words; under contention it may lose
 * a count, never its memory. Clients are taken by network (IPv4 /24, IPv6 /56), answers
 * by kind: data, no data, no such name, error. */
#ifndef DNSD_RATELIMIT_H
#define DNSD_RATELIMIT_H

#include "dnsd/answer.h"

struct ratelimit;

enum ratelimit_verdict {
	RATELIMIT_SEND,
	RATELIMIT_DROP,
	RATELIMIT_SLIP, /* send it empty with TC, so that a real client comes over TCP */
};

struct ratelimit *ratelimit_new(void); /* NULL: out of memory */
void ratelimit_free(struct ratelimit *r);

/* For an answer over UDP to this client. */
enum ratelimit_verdict ratelimit_judge(struct ratelimit *r, const struct asked *a,
				       const uint8_t *answer);
/* Cuts the answer down to its question, with TC; its new size. */
size_t ratelimit_slip(uint8_t *answer, const struct query *q);

#endif
