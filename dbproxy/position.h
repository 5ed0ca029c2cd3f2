/* position.h -- how far a server has come: MariaDB's GTIDs, "domain-server-sequence" with
 * commas between domains. Pure functions on text from outside. */
#ifndef DBPROXY_POSITION_H
#define DBPROXY_POSITION_H

#include "common/str.h"

enum { POSITION_SIZE = 256 };

/* Whoever is at `have` has everything that `want` says. What cannot be read is not
 * covered; nothing wanted always is. */
bool position_covers(struct str have, struct str want);
/* Was `position` once where the server with this history is now? A history names the last
 * of every server that wrote (gtid_binlog_state): "0-1-103" is in "0-1-105,0-2-200", and
 * "0-1-106" is not, though the sequence went further. */
bool position_in_history(struct str position, struct str history);

#endif
