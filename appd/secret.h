/* secret.h -- the key that this site's tokens are signed with: 32 random bytes in
 * <state>/secret/appd.key, made by whichever instance comes first, and never in the
 * database, so that a dump of it signs nothing. Lose the file and everybody signs in
 * again. */
#ifndef APPD_SECRET_H
#define APPD_SECRET_H

#include <stdint.h>

#include "common/str.h"

enum { SECRET_SIZE = 32, SECRET_DIGEST_SIZE = 16 };

struct secret {
	uint8_t key[SECRET_SIZE];
};

/* Reads it, or makes it. False with errno. */
bool secret_load(struct secret *s, const char *state_dir)
    __attribute__((warn_unused_result));

/* A keyed hash, for things that must be found again but not read: `what` keeps the kinds
 * apart. */
void secret_digest(const struct secret *s, const char *what, struct str of,
		   uint8_t ret[SECRET_DIGEST_SIZE]);

#endif
