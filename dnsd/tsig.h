/* tsig.h -- messages signed with a shared key (RFC 8945), for transfers and NOTIFY, and
 * for whoever else signs a question.
 *
 * The order of checks is that of section 5.2: key, then MAC, then time; the algorithm
 * belongs to the key. */
#ifndef DNSD_TSIG_H
#define DNSD_TSIG_H

#include "common/conf.h"
#include "dnsd/query.h"

enum {
	TSIG_MAC_MAX = 64,
	TSIG_KEYS_MAX = 64,
	TSIG_ROOM = 2 * NAME_WIRE + 26 + TSIG_MAC_MAX + 6
};

enum tsig_error {
	TSIG_OK = 0,
	TSIG_BADSIG = 16,
	TSIG_BADKEY = 17,
	TSIG_BADTIME = 18,
	TSIG_BADTRUNC = 22
};

struct tsig_key {
	uint8_t name[NAME_WIRE], name_len; /* in lower case */
	uint8_t secret[128];
	size_t secret_len;
	const struct tsig_algorithm *algorithm;
};

struct tsig_keys {
	struct tsig_key list[TSIG_KEYS_MAX];
	size_t count;
};

/* Of one exchange: who signed, and what the next signature stands on. */
struct tsig {
	const struct tsig_key *key; /* NULL: not signed, or by nobody we know */
	enum tsig_error error;
	uint16_t original_id, fudge;
	uint64_t time_s;           /* when it was signed */
	uint8_t mac[TSIG_MAC_MAX]; /* of the message before: the question's, at first */
	size_t mac_len;
	struct buf
	    *deferred; /* unsigned messages that the next signature covers; or NULL */
	bool later;    /* a message of a stream that is not its first */
	/* of an unknown key: what to repeat in the refusal */
	uint8_t name[NAME_WIRE], algorithm[NAME_WIRE];
};

enum tsig_state {
	TSIG_NONE, /* the message is not signed */
	TSIG_FORM, /* a TSIG that is none, or is not at the end */
	TSIG_GOOD,
	TSIG_WRONG, /* ret->error says how */
};

/* Every [key NAME]; false: it said why. */
bool tsig_read_keys(const struct conf *c, struct tsig_keys *ret, struct buf *why)
    __attribute__((warn_unused_result));
const struct tsig_key *tsig_find(const struct tsig_keys *keys, const uint8_t *name);

/* Checks and takes off the TSIG: *n shrinks, ARCOUNT in p as well. What was signed before
 * (a request, an earlier message of the stream) is in *t, which must be zeroed for a
 * question. */
enum tsig_state tsig_check(const struct tsig_keys *keys, uint8_t *p, size_t *n,
			   uint64_t now_s, struct tsig *t);
/* In a stream, a message without a signature: the next one is to cover it. False: out of
 * memory. tsig_fini then, at the end. */
bool tsig_defer(struct tsig *t, const uint8_t *p, size_t n)
    __attribute__((warn_unused_result));
void tsig_fini(struct tsig *t);
/* Appends a TSIG to the message of n octets, which has TSIG_ROOM behind it; the new size.
 * 0: it could not be signed. */
size_t tsig_sign(struct tsig *t, uint8_t *p, size_t n, uint64_t now_s);

#endif
