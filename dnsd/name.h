/* name.h -- domain names in wire form: labels with their lengths, the root's zero last.
 *
 * A struct name_key is a name taken apart for looking things up: lower case, where each
 * label begins, and a hash of every suffix. It is made once per question. */
#ifndef DNSD_NAME_H
#define DNSD_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAME_WIRE = 255, NAME_LABELS = 127, NAME_TEXT = 1024 };

struct name_key {
	uint8_t lower[NAME_WIRE + 1];
	uint8_t len, labels;
	uint8_t at[NAME_LABELS + 1];    /* at[labels] is the root's zero */
	uint64_t hash[NAME_LABELS + 1]; /* of the suffix that begins at the same index */
};

/* Octets of the uncompressed name at p, its zero included; 0 if there is none within n.
 */
size_t name_length(const uint8_t *p, size_t n);

/* Reads one uncompressed name; false if there is none within n octets. Hashes are left
 * to name_hash. */
bool name_read(const uint8_t *p, size_t n, struct name_key *ret)
    __attribute__((warn_unused_result));
void name_hash(struct name_key *k, uint64_t seed);

/* ret may be p. */
void name_lower(uint8_t *ret, const uint8_t *p, size_t len);
unsigned name_labels(const uint8_t *wire);
/* The order of RFC 4034 6.1, of two names in lower case. */
int name_order(const uint8_t *a, const uint8_t *b);
/* Both in lower case: is `name` the other name, or under it? */
bool name_is_under(const uint8_t *name, size_t len, const uint8_t *top, size_t top_len);

/* The way people write it, escaped, without a final dot (the root is "."); returns ret.
 */
const char *name_text(const uint8_t *wire, char ret[NAME_TEXT]);

#endif
