/* token.h -- what an API client shows to say who it is: a JWT with HS256, and only that.
 *
 * It names the user and the user's epoch; a token of an earlier epoch is void, which is
 * how all of them are revoked at once. There is one header that we write and accept, so
 * no algorithm can be confused for another. */
#ifndef APPD_TOKEN_H
#define APPD_TOKEN_H

#include "appd/secret.h"

enum { TOKEN_SIZE = 256, TOKEN_LIFE_S = 60 * 24 * 3600 };

struct token {
	int64_t user, epoch;
	int64_t expires_s; /* since 1970 */
};

enum token_result { TOKEN_OK, TOKEN_INVALID, TOKEN_EXPIRED };

/* Returns ret. */
char *token_make(const struct secret *s, const struct token *t, char ret[TOKEN_SIZE]);
enum token_result token_read(const struct secret *s, struct str text, int64_t now_s,
			     struct token *ret) __attribute__((warn_unused_result));

#endif
