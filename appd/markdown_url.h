/* markdown_url.h -- may this address stand in a link, and how is it written there?
 *
 * Whatever no scheme can hold (a slash, a blank, a control character) is either kept as
 * it is or percent-encoded, never dropped, so that browsers see no scheme either.
 *
 * An address comes in pieces, some of them entities (&amp; &#106; &colon;). Its scheme
 * must be known to be fine before the first entity that has a name, for we know no names:
 * whatever such an entity stands for comes too late to change where the link leads. */
#ifndef APPD_MARKDOWN_URL_H
#define APPD_MARKDOWN_URL_H

#include "common/buf.h"

struct markdown_url {
	char scheme[16]; /* as far as it was read */
	size_t n;
	enum { URL_OPEN, URL_FINE, URL_REFUSED } verdict;
};

/* Of each piece in turn, from a zeroed struct. */
void markdown_url_look(struct markdown_url *u, bool entity, struct str piece);
bool markdown_url_ok(const struct markdown_url *u);

/* Into an attribute: escaped, and percent-encoded where an address may not have it. */
void markdown_url_put(struct buf *out, bool entity, struct str piece);

#endif
