/* answer.h -- the heart: a question's octets in, the answer's octets out.
 *
 * answer() is pure: it reads a snapshot and writes to `out` and `scratch`
 * only; no allocation, no lock, no system call, no ldns. The fuzzer and the unit tests
 * call it as the answering threads do. */
#ifndef DNSD_ANSWER_H
#define DNSD_ANSWER_H

#include "dnsd/query.h"
#include "dnsd/reply.h"
#include "dnsd/snapshot.h"
#include "dnsd/steer.h"

enum { CHAIN_MAX = 16 }; /* aliases followed in one answer */

/* Memory that answer() works in; one for each thread. Zeroed at first. */
struct scratch {
	struct query query;
	bool notified;        /* the message was a primary's NOTIFY for query.name */
	unsigned questions;   /* so far; for the query log */
	struct name_key name; /* an alias's target, looked for next */
	struct seen seen;
	uint8_t chain[CHAIN_MAX + 1][NAME_WIRE]; /* names looked for so far */
	struct steered steered;
};

enum transport { TRANSPORT_UDP, TRANSPORT_TCP, TRANSPORT_HTTPS };

struct client {
	enum transport transport;
	const uint8_t *address; /* 4 or 16 octets */
	size_t address_len;
	uint32_t now_s;     /* since 1970 */
	int64_t since_us;   /* when this turn began, by the monotonic clock */
	size_t reserve;     /* octets to leave free behind the answer */
	enum rcode refusal; /* if not RCODE_NOERROR, what to say to any question */
	uint16_t keepalive; /* tenths of a second that a silent TCP client may stay */
};

/* What an answer depends on beside the question. */
struct asked {
	const struct snapshot *snapshot;
	struct scratch *scratch;
	const struct client *client;
};

/* Octets written to out, which has room for DNS_MAX; 0: no answer. */
size_t answer(const struct asked *a, const uint8_t *question, size_t n, uint8_t *out);

/* Works out the whole answers of a zone ahead (see struct prepared). Part of building:
 * allocates in the zone's arena. False: out of memory. */
bool answer_prepare(struct zone *z) __attribute__((warn_unused_result));

#endif
