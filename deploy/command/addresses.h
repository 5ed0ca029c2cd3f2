/* addresses.h -- what dnsd says of the addresses in [dnsd] health. */
#ifndef DEPLOY_COMMAND_ADDRESSES_H
#define DEPLOY_COMMAND_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ADDRESSES_MAX = 32 };

struct addresses {
	struct address {
		char text[64]; /* with the port that is asked */
		bool is_up;
		int64_t seconds; /* for how long that has been so */
	} list[ADDRESSES_MAX];
	size_t count, up;
};

/* None, where [dnsd] health names none or no dnsd answers. */
void addresses_get(const char *state, struct addresses *ret);

/* "alive", "dead, left out of answers", or what else became of it. */
const char *addresses_word(const struct addresses *all, const struct address *a);

#endif
