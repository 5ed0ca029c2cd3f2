/* position.h -- how far a server has come: MariaDB's GTIDs, "domain-server-sequence" with
 * commas between domains. Pure functions on text from outside. */
#ifndef DBPROXY_POSITION_H
#define DBPROXY_POSITION_H

#include "common/str.h"

enum { POSITION_SIZE = 256 };

/* Whoever is at `have` has everything that `want` says. What cannot be read is not
 * covered; nothing wanted always is. */
bool position_covers(struct str have, struct str want);

#endif
