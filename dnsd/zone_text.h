/* zone_text.h -- a master file (RFC 1035 5) taken apart into entries of tokens.
 *
 * Knows quotes, escapes, comments and parentheses, and nothing of what they mean. Tokens
 * borrow from the text and keep their escapes. */
#ifndef DNSD_ZONE_TEXT_H
#define DNSD_ZONE_TEXT_H

#include "common/str.h"

struct token {
	struct str s; /* of a quoted one: what is between the quotes */
	bool quoted;
	bool joined; /* nothing is between it and the one before: key="value" */
};

struct zone_text {
	struct str text;
	size_t at;
	unsigned line;
	const char *wrong; /* why zone_text_next said -1 */

	/* the entry */
	unsigned entry_line;
	bool starts_blank; /* so it has the owner of the one before */
	struct token *tokens;
	size_t count, cap;
};

void zone_text_init(struct zone_text *t, struct str text);
void zone_text_fini(struct zone_text *t);
/* 1: an entry with at least one token; 0: the end; -1: wrong, at line entry_line. */
int zone_text_next(struct zone_text *t) __attribute__((warn_unused_result));

#endif
