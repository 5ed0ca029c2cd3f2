/* zone_edit.h -- a record set in the text of a zone file, its serial raised, everything
 * else (comments, order, blanks) as it was. Pure; knows the notation, not the types. */
#ifndef DEPLOY_COMMAND_ZONE_EDIT_H
#define DEPLOY_COMMAND_ZONE_EDIT_H

#include "common/buf.h"

struct zone_change {
	struct str zone, name, type; /* name: relative to the zone, or in it; "@" */
	char **data;                 /* words */
	size_t words;
};

/* Appends the new text to *ret. NULL, or what is wrong. */
const char *zone_edit(struct str text, const struct zone_change *c, struct buf *ret);

#endif
