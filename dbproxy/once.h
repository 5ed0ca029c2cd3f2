/* once.h -- the SQL around a write that makes it happen exactly once: its key is stored
 * in the same transaction, with what was answered.
 *
 * Two forms behind one seam. MariaDB prepares a compound statement, so a single write
 * with its key is one round trip. Everywhere else, and for several statements in one
 * message, the same is done by plain statements in one transaction (run.c). */
#ifndef DBPROXY_ONCE_H
#define DBPROXY_ONCE_H

#include "dbproxy/db.h"

enum once_plain { ONCE_TAKE, ONCE_RECALL, ONCE_STORE, ONCE_TRIM, ONCE_PLAIN_COUNT };

struct once;

/* Wraps every write in the table. NULL: out of memory. */
struct once *once_new(void);
void once_free(struct once *o);

/* Of statements[at], a write: values are its key, then its own. Row: affected, insert id.
 */
const struct db_statement *once_wrapped(const struct once *o, size_t at);
/* TAKE(key): a duplicate says that it is done already. RECALL(key): affected, insert id,
 * answer. STORE(answer, key). TRIM(time): a thousand older keys. */
const struct db_statement *once_plain(const struct once *o, enum once_plain which);
/* The statement itself, unwrapped. */
const struct db_statement *once_bare(const struct once *o, size_t at);
/* How many ids db_statement.id may have. */
unsigned once_ids(void);

#endif
